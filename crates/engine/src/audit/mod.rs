//! The auditors: [`verify`] checks the books against their own rules, [`replay`] rebuilds them from the inputs and
//! compares, [`catch_up`] compares what was delivered with what Stripe lists, [`backfill`] lists what was there before
//! us, [`reconcile`] compares what we hold with what Stripe has. None changes the books but by what it appends to the inbox.

pub mod backfill;
pub mod catch_up;
mod failure;
mod kinds;
mod listed;
mod lister;
pub mod reconcile;
mod replay;
mod verify;

pub use failure::ListFailure;
pub(crate) use failure::failed;
pub use lister::{Lister, Page};
pub use replay::{Replayed, rebuild, replay};
pub use verify::{Finding, Report, verify};
