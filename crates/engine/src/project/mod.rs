//! From the inbox to true books, in steps that anybody may interrupt:
//! [`apply`] turns inbox rows into facts and marks, [`expand`] turns marks on many into marks on each,
//! [`true_up`] makes the books say what the facts say, [`mirror`] shows them as tables. Each step is one transaction.

pub(crate) mod apply;
mod attribute;
pub(crate) mod expand;
mod lanes;
pub(crate) mod load;
pub(crate) mod mirror;
pub(crate) mod post;
pub(crate) mod retry;
mod thin;
pub mod true_up;
mod wake;
pub(crate) mod walk;

pub(crate) use lanes::Lanes;

use kernel::UnixMs;

use crate::house::{EngineError, House};

/// What one call of [`step`] moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Inbox rows whose facts are now in the books.
    pub applied: usize,
    /// Subjects made true.
    pub trued_up: usize,
    /// Marks expanded from marks on many.
    pub expanded: usize,
    /// Objects whose readable row was written anew.
    pub mirrored: usize,
}

impl Progress {
    #[must_use]
    pub const fn idle(&self) -> bool {
        self.applied == 0 && self.trued_up == 0 && self.expanded == 0 && self.mirrored == 0
    }
}

/// Inbox rows per transaction, and marks per transaction. Large enough to share a commit, small enough
/// that SQLite's writer is free again within some ten milliseconds.
pub const BATCH: i64 = 1024;

/// One round: apply a batch, true up a batch, and when both are idle expand a page; the mirror when nothing else is left.
/// Of several projectors of one process one applies while others true up, each a batch of its own; the first does the rest.
pub fn step(house: &House, now: UnixMs) -> Result<Progress, EngineError> {
    let turn = house.lanes().turn();
    let has_turn = turn.is_some();
    let applied = if has_turn { apply::apply(house, now, BATCH)? } else { 0 };
    drop(turn);
    let lane = house.lanes().take();
    let trued_up = true_up::true_up(house, now, BATCH, lane.number)?;
    let is_last = has_turn && lane.number == 0 && applied == 0 && trued_up == 0;
    let expanded = if is_last { expand::expand(house, BATCH)? } else { 0 };
    let mirrored = if is_last && expanded == 0 { mirror::mirror(house)? } else { 0 };
    Ok(Progress { applied, trued_up, expanded, mirrored })
}

/// Whether every object's readable row says what its facts say. No money depends on it, so a house may be level without.
pub fn mirror_level(house: &House) -> Result<bool, EngineError> {
    Ok(!house.db().read(store::mirror::errand::any)?)
}

/// Steps until nothing is left to do at `now`. Work that is waiting for its next attempt is left alone.
pub fn drain(house: &House, now: UnixMs) -> Result<Progress, EngineError> {
    let mut total = Progress::default();
    loop {
        let progress = step(house, now)?;
        if progress.idle() {
            return Ok(total);
        }
        total.applied += progress.applied;
        total.trued_up += progress.trued_up;
        total.expanded += progress.expanded;
        total.mirrored += progress.mirrored;
    }
}
