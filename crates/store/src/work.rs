//! How far the projector is, and the inbox rows that are neither pending nor done: being retried, or
//! parked with a reason. They live with the books and commit with them.

use kernel::UnixMs;

use crate::db::{Read, Row, Stmt, StoreError, Tx};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Pending,
    Parked,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkRow {
    pub seq: i64,
    pub book: i64,
    pub state: State,
    pub reason: String,
    pub attempts: i64,
    pub not_before: UnixMs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Being retried.
    pub pending: i64,
    pub parked: i64,
}

/// Parked rows that have one reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParkedGroup {
    pub reason: String,
    pub rows: i64,
    pub oldest_seq: i64,
    pub newest_seq: i64,
}

pub(crate) const ALL: &[&Stmt] = &[
    &PROJECTED,
    &ADVANCE,
    &SET,
    &CLEAR,
    &DUE,
    &PARKED,
    &OF,
    &UNPARK,
    &COUNTS,
    &CLEAR_PARKED,
    &PARKED_PAGE,
    &PARKED_GROUPS,
    &PARKED_FOR,
    &DISCARD,
];

const PROJECTED: Stmt = Stmt::new("work.projected", "SELECT value FROM cursor WHERE name = 'projected'");
const ADVANCE: Stmt =
    Stmt::new("work.advance", "UPDATE cursor SET value = $2 WHERE name = 'projected' AND value = $1");
const SET: Stmt = Stmt::new(
    "work.set",
    "INSERT INTO work (seq, book, state, reason, attempts, not_before) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (seq) DO UPDATE SET state = excluded.state, reason = excluded.reason, \
     attempts = excluded.attempts, not_before = excluded.not_before",
);
const CLEAR: Stmt = Stmt::new("work.clear", "DELETE FROM work WHERE seq = $1");
const DUE: Stmt = Stmt::new(
    "work.due",
    "SELECT seq, book, state, reason, attempts, not_before FROM work WHERE state = 'pending' AND not_before <= $1 \
     ORDER BY not_before, seq LIMIT $2",
);
const PARKED: Stmt = Stmt::new(
    "work.parked",
    "SELECT seq, book, state, reason, attempts, not_before FROM work WHERE state = 'parked' ORDER BY seq LIMIT $1",
);
const OF: Stmt = Stmt::new(
    "work.of",
    "SELECT seq, book, state, reason, attempts, not_before FROM work WHERE seq {in:1} ORDER BY seq",
);
const UNPARK: Stmt = Stmt::new(
    "work.unpark",
    "UPDATE work SET state = 'pending', attempts = 0, not_before = 0 WHERE seq {in:1} AND state = 'parked'",
);
const CLEAR_PARKED: Stmt =
    Stmt::new("work.clear_parked", "DELETE FROM work WHERE seq {in:1} AND state = 'parked'");
const PARKED_PAGE: Stmt = Stmt::new(
    "work.parked_page",
    "SELECT seq FROM work WHERE state = 'parked' AND seq < $1 ORDER BY seq DESC LIMIT $2",
);
const PARKED_GROUPS: Stmt = Stmt::new(
    "work.parked_groups",
    "SELECT reason, count(*), min(seq), max(seq) FROM work WHERE state = 'parked' GROUP BY reason ORDER BY 2 DESC, 1",
);
const PARKED_FOR: Stmt = Stmt::new(
    "work.parked_for",
    "SELECT seq FROM work WHERE state = 'parked' AND reason {in:1} AND seq > $2 ORDER BY seq LIMIT $3",
);
const DISCARD: Stmt =
    Stmt::new("work.discard", "DELETE FROM work WHERE seq {in:1} AND state = 'parked' RETURNING seq, reason");
const COUNTS: Stmt =
    Stmt::new("work.counts", "SELECT state, count(*) FROM work GROUP BY state ORDER BY state");

/// The last inbox row whose facts are in the books (or that is in [`parked`] or [`due`]).
pub fn projected(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&PROJECTED, &[])
}

/// Compare-and-set, the projector's fence: `false` means somebody else was faster; roll back.
pub fn advance(tx: &mut Tx<'_>, from: i64, to: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&ADVANCE, &args![from, to])? == 1)
}

/// Remembers that a row is to be retried or is parked.
pub fn set(tx: &mut Tx<'_>, row: &WorkRow) -> Result<(), StoreError> {
    let state = match row.state {
        State::Pending => "pending",
        State::Parked => "parked",
    };
    tx.expect(&SET, &args![row.seq, row.book, state, &row.reason, row.attempts, row.not_before], 1)
}

/// The row is done; says whether it was waiting.
pub fn clear(tx: &mut Tx<'_>, seq: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&CLEAR, &args![seq])? > 0)
}

/// Rows whose retry is due.
pub fn due(r: &mut Read<'_>, now: UnixMs, limit: i64) -> Result<Vec<WorkRow>, StoreError> {
    r.rows(&DUE, &args![now, limit])?.iter().map(read).collect()
}

pub fn parked(r: &mut Read<'_>, limit: i64) -> Result<Vec<WorkRow>, StoreError> {
    r.rows(&PARKED, &args![limit])?.iter().map(read).collect()
}

/// What is known about these inbox rows; those done or not yet reached are left out.
pub fn of(r: &mut Read<'_>, seqs: &[i64]) -> Result<Vec<WorkRow>, StoreError> {
    r.rows(&OF, &args![seqs])?.iter().map(read).collect()
}

/// Lets parked rows be tried again at once.
pub fn unpark(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<u64, StoreError> {
    tx.exec(&UNPARK, &args![seqs])
}

pub fn counts(r: &mut Read<'_>) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    for row in r.rows(&COUNTS, &[])? {
        match row.str(0)? {
            "parked" => counts.parked = row.int(1)?,
            _ => counts.pending = row.int(1)?,
        }
    }
    Ok(counts)
}

fn read(row: &Row) -> Result<WorkRow, StoreError> {
    let state = if row.str(2)? == "parked" { State::Parked } else { State::Pending };
    Ok(WorkRow {
        seq: row.int(0)?,
        book: row.int(1)?,
        state,
        reason: row.text(3)?,
        attempts: row.int(4)?,
        not_before: row.int(5)?,
    })
}

/// What these rows were parked for is mended: their subjects were trued up after all.
pub fn clear_parked(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<(), StoreError> {
    if seqs.is_empty() { Ok(()) } else { tx.exec(&CLEAR_PARKED, &args![seqs]).map(drop) }
}

/// Numbers of parked rows before one, newest first.
pub fn parked_page(r: &mut Read<'_>, before_seq: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    r.rows(&PARKED_PAGE, &args![before_seq, limit])?.iter().map(|row| row.int(0)).collect()
}

/// Every reason that something is parked for, the most frequent first.
pub fn parked_groups(r: &mut Read<'_>) -> Result<Vec<ParkedGroup>, StoreError> {
    let group = |row: &Row| {
        let (rows, oldest_seq, newest_seq) = (row.int(1)?, row.int(2)?, row.int(3)?);
        Ok(ParkedGroup { reason: row.text(0)?, rows, oldest_seq, newest_seq })
    };
    r.rows(&PARKED_GROUPS, &[])?.iter().map(group).collect()
}

/// Numbers of rows parked for one of these reasons, after one, oldest first.
pub fn parked_for(
    r: &mut Read<'_>,
    reasons: &[String],
    after_seq: i64,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let rows = r.rows(&PARKED_FOR, &args![reasons.to_vec(), after_seq, limit])?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// Forgets that these were parked; gives back those that still were, with their reasons. Take the marks they
/// caused away first: a true-up takes marks before rows too.
pub fn discard(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    tx.rows(&DISCARD, &args![seqs])?.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
}
