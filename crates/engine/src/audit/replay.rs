//! `replay`: the books again from nothing but the inbox and the operator log, in a store of their own
//! beside the live one (invariants I7, I12). Signatures are not checked again: they were on receipt.

use kernel::UnixMs;
use serde::Serialize;

use crate::export::{ExportOptions, export, to_json};
use crate::house::{EngineError, House};
use crate::project;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Replayed {
    pub events: i64,
    pub rows: usize,
    /// Rows of the canonical export that differ, as `sale partner` with ours and theirs; empty is good.
    pub differences: Vec<String>,
    /// The live books were level when compared; if not, differences may only be work in progress.
    pub level: bool,
}

/// Rebuilds into `scratch` (an empty house that reads the same inbox): operator log first, then events.
pub fn rebuild(
    live: &House,
    scratch: &House,
    now: UnixMs,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<i64, EngineError> {
    let mut log = live.db().read(|read| store::operator::since(read, 0))?;
    log.retain(|line| scratch.applies(line.recorded_at));
    scratch.db().work(|tx| -> Result<(), EngineError> {
        for logged in &log {
            store::operator::append(
                tx,
                &logged.actor,
                logged.effective_at,
                logged.recorded_at,
                &logged.action,
            )?;
            crate::parked::remember(tx, logged)?;
        }
        Ok(())
    })?;
    let head = live.inbox().head()?;
    loop {
        let step = project::step(scratch, now)?;
        let done = scratch.db().read(store::work::projected)?;
        progress(done, head);
        if step.idle() {
            return Ok(done);
        }
    }
}

/// Rebuilds beside the live books and compares the canonical exports row by row.
pub fn replay(
    house: &House,
    now: UnixMs,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Replayed, EngineError> {
    let scratch_db = house.db().scratch_like()?;
    let scratch = house.with_db((*scratch_db).clone());
    let events = rebuild(house, &scratch, now, progress)?;
    let ours = export(house, &ExportOptions::default())?;
    let theirs = export(&scratch, &ExportOptions::default())?;
    let left = to_json(&ours.rows)?;
    let right = to_json(&theirs.rows)?;
    let mut differences = Vec::new();
    if left != right {
        let mine: std::collections::BTreeSet<&str> =
            left.lines().map(|line| line.trim_end_matches(',')).collect();
        let other: std::collections::BTreeSet<&str> =
            right.lines().map(|line| line.trim_end_matches(',')).collect();
        differences.extend(mine.difference(&other).map(|line| format!("books:  {line}")));
        differences.extend(other.difference(&mine).map(|line| format!("replay: {line}")));
    }
    Ok(Replayed { events, rows: theirs.rows.len(), differences, level: ours.level })
}
