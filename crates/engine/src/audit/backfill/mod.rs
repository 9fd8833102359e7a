//! Backfill: everything that Stripe has of an account, listed into the inbox, so that an account never seen before has
//! the books it would have had all along.
//!
//! - [`run`]: kind by kind, page by page, resumable. [`foreseen`]: what it would come to, without keeping anything.
//!
//! It must not know HTTP, nor what an object means.

mod foreseen;
mod run;

pub use foreseen::{Foreseen, Sum, foreseen, needs_start};
pub use run::{Kinds, Listed, backfill};
