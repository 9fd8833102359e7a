//! Catch-up: Stripe's list of events against the inbox. What was not delivered is kept as if it had been (source
//! `list`), and how much had been is counted: the delivery rate, which nobody can know from deliveries alone.
//!
//! - [`round`]: one book, page by page, from where the last round ended. [`report`]: what it found, in words.
//! - [`worker`]: the thread that makes rounds at start, after silence and on a schedule.
//!
//! Resumable at every page, and any number may be at it: the inbox keeps an event once, and a page counts for who
//! moves the round's position. It must not know HTTP, nor what an event means.

mod report;
mod round;
mod worker;

pub use report::{Healed, Rate, Report, history, latest};
pub use round::{Ask, catch_up};
pub use worker::{CatchUpWorker, Plan};

pub(super) use round::should_come;

/// Stripe lists events for so long.
pub const LISTED_S: i64 = 30 * 86_400;

/// So much is looked at again each time: an event may show up in the list after younger ones.
pub const OVERLAP_S: i64 = 6 * 3_600;
