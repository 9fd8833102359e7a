//! The quiet study: pure rules that say what the books should say. No I/O, no clock, no randomness, no
//! SQL, no JSON, no Stripe shapes: facts and the operator log in, `Due` out, with its whole reasoning.
//!
//! One file per capability: [`registry`] (the operator log as a question-answering fold), [`sale`] (what a
//! sale is and its amounts), [`attribution`] (who gets it), [`subscription`] (who got it first),
//! [`commission`] (how much), [`reversal`] (what refunds, disputes and credit notes take away), [`status`]
//! (how far a commission has come).

mod applied;
pub mod attribution;
pub mod commission;
pub mod due;
mod explain;
mod precedence;
mod products;
pub mod registry;
pub mod reversal;
pub mod sale;
pub mod status;
pub mod subscription;
pub mod view;

pub use due::{Attribution, Candidate, Claim, Due, Reason, Share, SubscriptionAttribution};
pub use registry::{OperatorError, Registry};
pub use status::{Buckets, Standing, Status};
pub use view::{PaymentView, SaleView, SubscriptionView};

/// The meaning of the rules, stored beside what they decided. Raised when the same facts would be
/// booked differently; a newer program shows the difference before it accepts it (DESIGN.md 2a.8).
pub const RULES_VERSION: i64 = 1;
