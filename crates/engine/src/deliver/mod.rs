//! What leaves the house: calls to Stripe, each written down as an *intent* and committed before it is first
//! made (RELIABILITY.md I34). Whatever is killed, lost or answered late, an intent makes each of its objects
//! once, or ends refused with nothing left behind.
//!
//! - [`ask`]: reads what was asked for. [`plan`]: what an intent is. [`saga`]: its steps, pure.
//! - [`begin`]: writes an intent down; [`change`]: one about a code that exists.
//! - [`run`]: carries one out under a lease. [`courier`]: does so unasked.
//! - [`drift`]: our codes against Stripe's. [`mend`]: what is done about differences.
//!
//! It must not know HTTP, Stripe's JSON, or what a code earns; it never calls the other wings.

pub mod ask;
pub mod begin;
pub mod change;
pub mod courier;
pub mod drift;
pub mod mend;
pub mod plan;
pub mod run;
pub mod saga;
pub mod stripe;
mod view;

pub use ask::CodeAsk;
pub use plan::{Intent, Plan};
pub use saga::{Progress, StepName, StepState};
pub use stripe::{Call, Failure, NoKey, Reply, Stripe};
pub use view::{IntentView, StepView, list, view};
