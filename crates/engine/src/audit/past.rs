//! The books of an earlier instant, rebuilt beside the live ones from what had been recorded by then: events received
//! and operator's lines written. What was *known* then, not what is known of then today. It must not change anything.

use kernel::UnixMs;
use serde::Serialize;

use super::changes::{Change, changes};
use super::rebuild;
use crate::explain::{Explanation, explain};
use crate::export::{ExportOptions, ExportRow, export};
use crate::house::{EngineError, House};

/// Rows of the canonical export as they stood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Past {
    /// Events that had been received, and lines written.
    pub events: i64,
    pub rows: Vec<ExportRow>,
}

/// Gives `look` the house as it was at `at`; it is gone afterwards.
fn look_back<T>(
    house: &House,
    at: UnixMs,
    now: UnixMs,
    progress: &mut dyn FnMut(i64, i64),
    look: impl FnOnce(&House) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    let scratch_db = house.db().scratch_like()?;
    let scratch = house.with_db((*scratch_db).clone()).until(at);
    rebuild(house, &scratch, now, progress)?;
    look(&scratch)
}

/// Every row as it stood at `at`, in canonical order; buckets as of the newest fact of each book, as ever.
pub fn books_at(
    house: &House,
    at: UnixMs,
    options: &ExportOptions,
    now: UnixMs,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Past, EngineError> {
    let events = house.inbox().count_until(at)?;
    let rows = look_back(house, at, now, progress, |then| Ok(export(then, options)?.rows))?;
    Ok(Past { events, rows })
}

/// Why a sale stood as it did at `at`.
pub fn subject_at(
    house: &House,
    at: UnixMs,
    book: Option<&kernel::Book>,
    id: &str,
    now: UnixMs,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Vec<Explanation>, EngineError> {
    look_back(house, at, now, progress, |then| explain(then, book, id))
}

/// What changed in the books between two instants.
pub fn diff(
    house: &House,
    (from, to): (UnixMs, UnixMs),
    options: &ExportOptions,
    now: UnixMs,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Vec<Change>, EngineError> {
    let before = books_at(house, from, options, now, progress)?;
    let after = books_at(house, to, options, now, progress)?;
    changes(&before.rows, &after.rows)
}
