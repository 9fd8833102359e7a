//! The auditors: [`verify`] checks the books against their own rules, [`replay`] rebuilds them from the inputs and
//! compares, [`catch_up`] compares what was delivered with what Stripe lists, [`backfill`] lists what was there before
//! us, [`reconcile`] compares what we hold with what Stripe has, [`money`] adds movements up to payouts, [`past`] rebuilds
//! the books of an earlier instant, [`again`] says what one event would change. None changes the books but by what it appends to the inbox.

pub mod again;
pub mod backfill;
pub mod catch_up;
mod changes;
mod failure;
mod fields;
mod kinds;
mod listed;
mod lister;
pub mod money;
pub mod past;
pub mod reconcile;
mod replay;
mod verify;
mod walk;

pub use changes::{Change, Field};
pub use failure::ListFailure;
pub(crate) use failure::failed;
pub use lister::{Lister, Page};
pub use replay::{Replayed, rebuild, replay};
pub use verify::{Finding, Report, verify};
