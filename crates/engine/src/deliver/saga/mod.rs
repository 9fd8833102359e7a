//! The saga of an intent, pure: which call is next, and what an answer means. Nothing here does anything, so
//! every order of failures, silences and kills can be played through in memory.
//!
//! The rules: a write is marked as tried before it is made; each try of a step has the same key and the same
//! body; where it is unknown whether a write had its effect, either the key answers that (while Stripe keeps
//! it) or a look does; what is found is adopted only if it says that this intent made it. A refusal undoes what
//! was made, unless the mapping is already in the log.

mod next;
mod progress;
mod take;

pub use next::{Line, Next, next, rehearsal};
pub use progress::{Progress, Step, StepName, StepState};
pub use take::{Verdict, take};
