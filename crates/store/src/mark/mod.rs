//! Dirty marks: "what this key touches must be trued up". Insert-only, so writing one never waits; taken
//! away by the transaction that posts the result. Below [`LAYERS`] a mark's kind is an object's kind, from
//! there on it belongs to the engine's layers. A range mark stands for many and is expanded in pages.

mod range;

use std::collections::BTreeSet;

use kernel::UnixMs;

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, int, text};

pub(crate) use range::ALL as RANGE;
pub use range::{RangeMark, range_advance, range_count, range_done, range_insert, range_next};

/// The first kind that is no object's.
pub const LAYERS: i64 = 100;

/// A mark's key within a book: kind and reference.
pub type Key = (i64, String);

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    pub id: i64,
    pub book: i64,
    pub kind: i64,
    pub ref_: String,
    /// The inbox row that caused it; 0: an operator or another layer.
    pub seq: i64,
    pub attempts: i64,
    pub not_before: UnixMs,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    pub open: i64,
    pub parked: i64,
}

pub(crate) const ALL: &[&Stmt] = &[
    &DUE,
    &IDS,
    &CONSUME,
    &DEFER,
    &PARK,
    &UNPARK,
    &UNPARK_ALL,
    &PARKED,
    &COUNTS,
    &OLDEST,
    &OPEN_UP_TO,
    &PUT_BACK,
    &ANY_OF,
    &UNPARK_SEQS,
    &DISCARD,
    &OF_SEQ,
    &PARKED_LOOSE,
    &CAUSED_BY,
];

const PUT: Put = Put {
    table: "mark",
    cols: &[int("book"), int("kind"), text("ref"), int("seq"), int("attempts"), int("not_before")],
    conflict: Conflict::Fail,
};

const DUE: Stmt = Stmt::new(
    "mark.due",
    "SELECT id, book, kind, ref, seq, attempts, not_before FROM mark WHERE parked IS NULL AND not_before <= $1 \
     ORDER BY not_before, id LIMIT $2 OFFSET $3",
);
const CONSUME: Stmt = Stmt::new(
    "mark.consume",
    "DELETE FROM mark WHERE id {in:1} \
     RETURNING id, book, kind, ref, seq, attempts, not_before",
);
const IDS: Stmt = Stmt::new("mark.ids", "SELECT f.id FROM {of_keys:mark kind ref}");
const DEFER: Stmt = Stmt::new(
    "mark.defer",
    "UPDATE mark SET not_before = $3, attempts = $4 WHERE book = $1 AND (kind, ref) {in_keys:2} AND parked IS NULL",
);
const PARK: Stmt = Stmt::new(
    "mark.park",
    "UPDATE mark SET parked = $3 WHERE book = $1 AND (kind, ref) {in_keys:2} AND parked IS NULL",
);
const UNPARK: Stmt = Stmt::new(
    "mark.unpark",
    "UPDATE mark SET parked = NULL, attempts = 0, not_before = 0 \
     WHERE book = $1 AND (kind, ref) {in_keys:2} AND parked IS NOT NULL",
);
const UNPARK_ALL: Stmt = Stmt::new(
    "mark.unpark_all",
    "UPDATE mark SET parked = NULL, attempts = 0, not_before = 0 WHERE parked IS NOT NULL",
);
const PARKED: Stmt = Stmt::new(
    "mark.parked",
    "SELECT id, book, kind, ref, seq, attempts, not_before, parked FROM mark WHERE parked IS NOT NULL ORDER BY id LIMIT $1",
);
const COUNTS: Stmt = Stmt::new(
    "mark.counts",
    "SELECT count(*), coalesce(sum(CASE WHEN parked IS NULL THEN 0 ELSE 1 END), 0) FROM mark",
);
const OLDEST: Stmt = Stmt::new("mark.oldest", "SELECT min(id) FROM mark WHERE parked IS NULL");
const OPEN_UP_TO: Stmt = Stmt::new(
    "mark.open_up_to",
    "SELECT count(*) FROM (SELECT id FROM mark WHERE parked IS NULL LIMIT $1) AS few",
);

const PUT_BACK: Stmt = Stmt::new(
    "mark.put_back",
    "INSERT INTO mark (book, kind, ref, seq, attempts, not_before, parked) VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const ANY_OF: Stmt = Stmt::new(
    "mark.any_of",
    "SELECT count(*) FROM (SELECT 1 FROM mark WHERE book = $1 AND (kind, ref) {in_keys:2} AND parked IS NULL LIMIT 1) AS a",
);
const UNPARK_SEQS: Stmt = Stmt::new(
    "mark.unpark_seqs",
    "UPDATE mark SET parked = NULL, attempts = 0, not_before = 0 WHERE seq {in:1} AND parked IS NOT NULL",
);
const OF_SEQ: Stmt = Stmt::new(
    "mark.of_seq",
    "SELECT kind, ref, attempts, parked FROM mark WHERE seq = $1 ORDER BY kind, ref LIMIT $2",
);
const DISCARD: Stmt =
    Stmt::new("mark.discard", "DELETE FROM mark WHERE seq {in:1} AND parked IS NOT NULL RETURNING seq");
const PARKED_LOOSE: Stmt = Stmt::new(
    "mark.parked_loose",
    "SELECT parked, count(*) FROM mark WHERE seq = 0 AND parked IS NOT NULL GROUP BY parked ORDER BY 2 DESC, 1",
);

const CAUSED_BY: Stmt =
    Stmt::new("mark.caused_by", "SELECT DISTINCT seq FROM mark WHERE seq {in:1} ORDER BY seq");

/// Adds marks: `(book, kind, ref, seq)`.
pub fn insert(tx: &mut Tx<'_>, marks: &[(i64, i64, String, i64)]) -> Result<(), StoreError> {
    let row = |(book, kind, reference, seq): &(i64, i64, String, i64)| {
        args![*book, *kind, reference, *seq, 0_i64, 0_i64].to_vec()
    };
    tx.put(&PUT, marks.iter().map(row).collect()).map(drop)
}

/// What is to be done now, oldest first, but for the first `passed_over`; deferred marks take their place by time.
pub fn due(r: &mut Read<'_>, now: UnixMs, limit: i64, passed_over: i64) -> Result<Vec<Mark>, StoreError> {
    r.rows(&DUE, &args![now, limit, passed_over])?.iter().map(read).collect()
}

/// Takes away every mark of these keys, deferred and parked ones too: what is trued up now is level,
/// whatever went wrong before. Call it before the facts are loaded.
pub fn consume(tx: &mut Tx<'_>, book: i64, keys: &[Key]) -> Result<Vec<Mark>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> =
        tx.rows(&IDS, &args![book, keys])?.iter().map(|row| row.int(0)).collect::<Result<_, StoreError>>()?;
    tx.rows(&CONSUME, &args![ids])?.iter().map(read).collect()
}

/// Not before then; `attempts` have failed so far.
pub fn defer(
    tx: &mut Tx<'_>,
    book: i64,
    keys: &[Key],
    not_before: UnixMs,
    attempts: i64,
) -> Result<u64, StoreError> {
    tx.exec(&DEFER, &args![book, keys, not_before, attempts])
}

/// Gives these keys up until somebody unparks them or something new is said about them.
pub fn park(tx: &mut Tx<'_>, book: i64, keys: &[Key], reason: &str) -> Result<u64, StoreError> {
    tx.exec(&PARK, &args![book, keys, reason])
}

pub fn unpark(tx: &mut Tx<'_>, book: i64, keys: &[Key]) -> Result<u64, StoreError> {
    tx.exec(&UNPARK, &args![book, keys])
}

pub fn unpark_all(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    tx.exec(&UNPARK_ALL, &[])
}

/// Parked marks with their reasons, oldest first.
pub fn parked(r: &mut Read<'_>, limit: i64) -> Result<Vec<(Mark, String)>, StoreError> {
    r.rows(&PARKED, &args![limit])?.iter().map(|row| Ok((read(row)?, row.text(7)?))).collect()
}

pub fn counts(r: &mut Read<'_>) -> Result<Counts, StoreError> {
    let Some(row) = r.one(&COUNTS, &[])? else { return Ok(Counts::default()) };
    let (all, parked) = (row.int(0)?, row.int(1)?);
    Ok(Counts { open: all - parked, parked })
}

/// Whether anything is still to be done: cheap however long the queue is.
pub fn is_level(r: &mut Read<'_>) -> Result<bool, StoreError> {
    Ok(r.one_int(&OPEN_UP_TO, &args![1_i64])? == 0 && range_count(r)? == 0)
}

/// The number of the oldest open mark.
pub fn oldest(r: &mut Read<'_>) -> Result<Option<i64>, StoreError> {
    Ok(r.one(&OLDEST, &[])?.map(|row| row.opt_int(0)).transpose()?.flatten())
}

fn read(row: &Row) -> Result<Mark, StoreError> {
    Ok(Mark {
        id: row.int(0)?,
        book: row.int(1)?,
        kind: row.int(2)?,
        ref_: row.text(3)?,
        seq: row.int(4)?,
        attempts: row.int(5)?,
        not_before: row.int(6)?,
    })
}

/// A mark that was consumed comes back parked: its subject could not be trued up.
pub fn put_back(tx: &mut Tx<'_>, mark: &Mark, parked: &str) -> Result<(), StoreError> {
    let Mark { book, kind, ref_, seq, attempts, not_before, .. } = mark;
    let parked = parked.replace('\0', "\u{fffd}");
    tx.expect(&PUT_BACK, &args![*book, *kind, ref_, *seq, *attempts, *not_before, parked], 1)
}

/// What is still to be done because of an inbox row: the object, how often it was tried, and why no more is.
pub fn of_seq(
    r: &mut Read<'_>,
    seq: i64,
    limit: i64,
) -> Result<Vec<(kernel::ObjectKey, i64, Option<String>)>, StoreError> {
    let rows = r.rows(&OF_SEQ, &args![seq, limit])?;
    rows.iter().map(|row| Ok((row.object(0)?, row.int(2)?, row.opt_text(3)?))).collect()
}

/// Whether something is still to be done about one of these keys.
pub fn any_of(r: &mut Read<'_>, book: i64, keys: &[kernel::ObjectKey]) -> Result<bool, StoreError> {
    Ok(!keys.is_empty() && r.one_int(&ANY_OF, &args![book, keys])? > 0)
}

/// Parked marks that these inbox rows caused may be tried again at once.
pub fn unpark_seqs(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<u64, StoreError> {
    tx.exec(&UNPARK_SEQS, &args![seqs])
}

/// Takes away the parked marks that these inbox rows caused; gives back which of the rows had any.
pub fn discard(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<BTreeSet<i64>, StoreError> {
    tx.rows(&DISCARD, &args![seqs])?.iter().map(|row| row.int(0)).collect()
}

/// Reasons of parked marks that no event caused (an operator did, or another layer), with their numbers.
pub fn parked_loose(r: &mut Read<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    r.rows(&PARKED_LOOSE, &[])?.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// Those of these inbox rows that caused a mark which is still there, open or parked.
pub fn caused_by(r: &mut Read<'_>, seqs: &[i64]) -> Result<Vec<i64>, StoreError> {
    r.rows(&CAUSED_BY, &args![seqs])?.iter().map(|row| row.int(0)).collect()
}
