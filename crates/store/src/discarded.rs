//! Parked events that an operator gave up. The operator log says it; these rows answer quickly.

use std::collections::BTreeSet;

use kernel::UnixMs;

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, int, text};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiscardedRow {
    pub seq: i64,
    pub event_ref: String,
    /// Nothing of it had been read into the books.
    pub unread: bool,
    /// What it had been parked for.
    pub reason: String,
    /// The operator's words.
    pub why: String,
    pub actor: String,
    pub discarded_at: UnixMs,
}

pub(crate) const ALL: &[&Stmt] = &[&OF, &UNREAD_WITHIN, &PAGE, &COUNT];

const PUT: Put = Put {
    table: "discarded_event",
    cols: &[
        int("seq"),
        text("event_ref"),
        int("unread"),
        text("reason"),
        text("why"),
        text("actor"),
        int("discarded_at"),
    ],
    conflict: Conflict::Ignore,
};
const OF: Stmt = Stmt::new(
    "discarded.of",
    "SELECT seq, event_ref, unread, reason, why, actor, discarded_at FROM discarded_event WHERE seq {in:1} ORDER BY seq",
);
const UNREAD_WITHIN: Stmt = Stmt::new(
    "discarded.unread_within",
    "SELECT seq, event_ref FROM discarded_event WHERE seq > $1 AND seq <= $2 AND unread = 1",
);
const PAGE: Stmt =
    Stmt::new("discarded.page", "SELECT seq FROM discarded_event WHERE seq < $1 ORDER BY seq DESC LIMIT $2");
const COUNT: Stmt = Stmt::new("discarded.count", "SELECT count(*) FROM discarded_event");

/// Remembers them; the first word about an event stays.
pub fn put(tx: &mut Tx<'_>, rows: &[DiscardedRow]) -> Result<(), StoreError> {
    let values = |row: &DiscardedRow| {
        let DiscardedRow { seq, event_ref, unread, reason, why, actor, discarded_at } = row;
        args![*seq, event_ref, *unread, reason, why, actor, *discarded_at].to_vec()
    };
    tx.put(&PUT, rows.iter().map(values).collect()).map(drop)
}

/// Those of these inbox rows that were given up.
pub fn of(r: &mut Read<'_>, seqs: &[i64]) -> Result<Vec<DiscardedRow>, StoreError> {
    r.rows(&OF, &args![seqs])?.iter().map(read).collect()
}

/// Rows after one and up to another that are not to be read at all, with their events' ids.
pub fn unread_within(
    r: &mut Read<'_>,
    after_seq: i64,
    to_seq: i64,
) -> Result<BTreeSet<(i64, String)>, StoreError> {
    let rows = r.rows(&UNREAD_WITHIN, &args![after_seq, to_seq])?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
}

/// Their numbers before one, newest first.
pub fn page(r: &mut Read<'_>, before_seq: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    r.rows(&PAGE, &args![before_seq, limit])?.iter().map(|row| row.int(0)).collect()
}

pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}

fn read(row: &Row) -> Result<DiscardedRow, StoreError> {
    Ok(DiscardedRow {
        seq: row.int(0)?,
        event_ref: row.text(1)?,
        unread: row.flag(2)?,
        reason: row.text(3)?,
        why: row.text(4)?,
        actor: row.text(5)?,
        discarded_at: row.int(6)?,
    })
}
