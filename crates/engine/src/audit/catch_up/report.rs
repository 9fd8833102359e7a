//! What a round of catch-up found, for people and programs. It must not know how it was found.

use kernel::time::{SECOND_MS, rfc3339};
use kernel::{Book, Ref};
use serde::Serialize;
use store::Append;
use store::catch_up::{Counts, Run};

use crate::house::{EngineError, House};

/// How much of what was listed had come by push.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Rate {
    pub listed: i64,
    pub received: i64,
    pub missing: i64,
    /// Was here in another way: imported.
    pub known: i64,
    /// `received` of `listed` in basis points, rounded down; `None` of nothing.
    pub delivery_rate_bps: Option<i64>,
}

impl From<Counts> for Rate {
    fn from(counts: Counts) -> Self {
        let Counts { listed, received, missing, known } = counts;
        let bps = || i64::try_from(i128::from(received) * 10_000 / i128::from(listed)).ok();
        Self { listed, received, missing, known, delivery_rate_bps: if listed > 0 { bps() } else { None } }
    }
}

/// An event that had not come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Healed {
    pub id: String,
    #[serde(rename = "type")]
    pub event_type: String,
    pub created_at: String,
}

impl Healed {
    pub(super) fn new(event: &Append) -> Self {
        Self {
            id: event.event_ref.to_string(),
            event_type: event.event_type.clone(),
            created_at: second(event.created_s),
        }
    }
}

/// A time of which Stripe lists nothing any more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Gap {
    pub from: String,
    pub to: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    pub book: String,
    /// Why the round was made.
    pub reason: String,
    #[serde(flatten)]
    pub rate: Rate,
    pub started_at: String,
    pub finished_at: Option<String>,
    /// The newest event that Stripe lists.
    pub newest: Option<String>,
    pub newest_at: Option<String>,
    /// Stripe lists events for 30 days: what happened in this time can only be found by `reconcile`.
    pub gap: Option<Gap>,
    /// Nothing was asked before: what is older than Stripe's list needs a backfill.
    pub first: bool,
    /// Newest first; at most a thousand are named.
    pub healed: Vec<Healed>,
}

impl Report {
    pub(super) fn new(book: &Book, run: &Run, healed: Vec<Healed>) -> Self {
        let newest = Ref::parse(&run.newest_ref);
        Self {
            book: book.label(),
            reason: run.reason.clone(),
            rate: run.counts.into(),
            started_at: rfc3339(run.started_at),
            finished_at: run.finished_at.map(rfc3339),
            newest_at: newest.is_some().then(|| second(run.newest_s)),
            newest: newest.map(|id| id.to_string()),
            gap: run.gap_s.map(|(from_s, to_s)| Gap { from: second(from_s), to: second(to_s) }),
            first: run.before_ref.is_empty(),
            healed,
        }
    }
}

fn second(at_s: i64) -> String {
    rfc3339(at_s.saturating_mul(SECOND_MS))
}

/// The last rounds of a book, newest first: the history of its delivery rate.
pub fn history(house: &House, book: &Book, limit: i64) -> Result<Vec<Report>, EngineError> {
    house.db().read(|read| {
        let Some(id) = store::book::known(read, book)? else { return Ok(Vec::new()) };
        let runs = store::catch_up::history(read, id, limit)?;
        Ok(runs.iter().map(|run| Report::new(book, run, Vec::new())).collect())
    })
}

/// The last round of each book that had one.
pub fn latest(house: &House) -> Result<Vec<(Book, Report)>, EngineError> {
    house.db().read(|read| {
        let mut reports = Vec::new();
        for (id, book) in store::book::all(read)? {
            if let Some(run) = store::catch_up::last(read, id)? {
                let report = Report::new(&book, &run, Vec::new());
                reports.push((book, report));
            }
        }
        Ok(reports)
    })
}
