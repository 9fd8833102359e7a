//! Rounds over Stripe's list of events: where each has come to, and what it counted. At most one round of a book is
//! open; whoever finds it open goes on with it, and a page counts for whoever moves the position first.

use kernel::UnixMs;

use crate::db::{Read, Row, Stmt, StoreError, Tx};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    pub listed: i64,
    /// Of the listed: had come by push.
    pub received: i64,
    /// Of the listed: had not come, and is kept now.
    pub missing: i64,
    /// Of the listed: was here in another way.
    pub known: i64,
}

/// One round, as far as it has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    pub id: i64,
    pub book: i64,
    pub reason: String,
    pub started_at: UnixMs,
    pub finished_at: Option<UnixMs>,
    /// Stripe's time of the first page; 0 before it.
    pub asked_s: i64,
    /// Nothing older was asked for; 0: everything Stripe has.
    pub from_s: i64,
    /// The newest event of the run before: from there on all was counted then. Empty for the first run.
    pub before_ref: String,
    pub newest_ref: String,
    pub newest_s: i64,
    /// The last event of the last page that is kept.
    pub position: String,
    /// What follows was counted by the run before.
    pub counted: bool,
    pub counts: Counts,
    /// From when until when Stripe no longer lists what happened.
    pub gap_s: Option<(i64, i64)>,
}

pub(crate) const ALL: &[&Stmt] = &[&OPEN, &LAST, &BEGIN, &MOVE, &HISTORY];

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, book, reason, started_at, finished_at, asked_s, from_s, before_ref, newest_ref, newest_s, \
             position, counted, listed, received, missing, known, gap_from_s, gap_to_s FROM catch_up_run ",
            $tail
        )
    };
}

const OPEN: Stmt = Stmt::new("catch_up.open", select!("WHERE book = $1 AND finished_at IS NULL"));
const LAST: Stmt = Stmt::new(
    "catch_up.last",
    select!("WHERE book = $1 AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1"),
);
const HISTORY: Stmt = Stmt::new(
    "catch_up.history",
    select!("WHERE book = $1 AND finished_at IS NOT NULL ORDER BY id DESC LIMIT $2"),
);
const BEGIN: Stmt = Stmt::new(
    "catch_up.begin",
    "INSERT INTO catch_up_run (book, reason, started_at, finished_at, asked_s, from_s, before_ref, newest_ref, \
     newest_s, position, counted, listed, received, missing, known, gap_from_s, gap_to_s) \
     VALUES ($1, $2, $3, NULL, 0, $4, $5, $5, $6, '', 0, 0, 0, 0, 0, NULL, NULL) ON CONFLICT DO NOTHING",
);
/// The position is the fence: of two who listed the same page one counts it.
const MOVE: Stmt = Stmt::new(
    "catch_up.move",
    "UPDATE catch_up_run SET finished_at = $3, asked_s = $4, newest_ref = $5, newest_s = $6, position = $7, \
     counted = $8, listed = $9, received = $10, missing = $11, known = $12, gap_from_s = $13, gap_to_s = $14 \
     WHERE id = $1 AND position = $2 AND finished_at IS NULL",
);

/// The round that is open, or a new one that begins where the last one's events end, `overlap_s` earlier.
pub fn begin(
    tx: &mut Tx<'_>,
    book: i64,
    reason: &str,
    now: UnixMs,
    overlap_s: i64,
) -> Result<Run, StoreError> {
    if let Some(open) = open(tx, book)? {
        return Ok(open);
    }
    let last = last(tx, book)?;
    let (newest_ref, newest_s) = last.map(|run| (run.newest_ref, run.newest_s)).unwrap_or_default();
    let from_s = newest_s.saturating_sub(overlap_s).max(0);
    tx.exec(&BEGIN, &args![book, reason, now, from_s, newest_ref, newest_s])?;
    // Somebody may have begun one meanwhile.
    open(tx, book)?.ok_or(StoreError::Conflict)
}

/// Writes down where the round has come to; `false` when somebody else moved it from `position` already.
pub fn advance(tx: &mut Tx<'_>, position: &str, to: &Run) -> Result<bool, StoreError> {
    let Counts { listed, received, missing, known } = to.counts;
    let args = args![
        to.id,
        position,
        to.finished_at,
        to.asked_s,
        &to.newest_ref,
        to.newest_s,
        &to.position,
        to.counted,
        listed,
        received,
        missing,
        known,
        to.gap_s.map(|gap| gap.0),
        to.gap_s.map(|gap| gap.1),
    ];
    Ok(tx.exec(&MOVE, &args)? == 1)
}

pub fn open(r: &mut Read<'_>, book: i64) -> Result<Option<Run>, StoreError> {
    r.one(&OPEN, &args![book])?.as_ref().map(read).transpose()
}

/// The newest round that came to its end.
pub fn last(r: &mut Read<'_>, book: i64) -> Result<Option<Run>, StoreError> {
    r.one(&LAST, &args![book])?.as_ref().map(read).transpose()
}

/// Rounds that came to their end, newest first.
pub fn history(r: &mut Read<'_>, book: i64, limit: i64) -> Result<Vec<Run>, StoreError> {
    r.rows(&HISTORY, &args![book, limit])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.int(0)?,
        book: row.int(1)?,
        reason: row.text(2)?,
        started_at: row.int(3)?,
        finished_at: row.opt_int(4)?,
        asked_s: row.int(5)?,
        from_s: row.int(6)?,
        before_ref: row.text(7)?,
        newest_ref: row.text(8)?,
        newest_s: row.int(9)?,
        position: row.text(10)?,
        counted: row.flag(11)?,
        counts: Counts {
            listed: row.int(12)?,
            received: row.int(13)?,
            missing: row.int(14)?,
            known: row.int(15)?,
        },
        gap_s: row.opt_int(16)?.zip(row.opt_int(17)?),
    })
}
