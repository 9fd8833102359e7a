//! Reconcile: what Stripe has against what we hold, object by object and field by field. Events can fail to be made, to
//! be delivered, or to be understood; the objects themselves are the last word.
//!
//! - [`run`]: list by list, resumable. [`page`]: one page against our facts. [`compare`]: two versions, field by field.
//! - [`cause`]: why they are likely to differ. [`report`]: what was found, as it was written down.
//!
//! It must not know HTTP, nor what a field means. What is healed is healed by what Stripe says, through the inbox.

mod cause;
mod compare;
mod page;
mod report;
mod run;

pub use report::{Compared, Difference, Report, State, last, stands};
pub use run::{Ask, reconcile};
