//! Range marks: one row that stands for everything a code, coupon, partner or term reaches, expanded page
//! by page so that no transaction is long.

use crate::db::{Read, Stmt, StoreError, Tx};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RangeMark {
    pub id: i64,
    /// 0: every book.
    pub book: i64,
    pub kind: i64,
    pub ref_: String,
    /// How far it has been expanded; 0 and '' at first.
    pub after_kind: i64,
    pub after_ref: String,
    /// The inbox row that caused it; 0: an operator.
    pub seq: i64,
}

pub(crate) const ALL: &[&Stmt] = &[&INSERT, &NEXT, &ADVANCE, &DONE, &COUNT];

const INSERT: Stmt = Stmt::new(
    "range_mark.insert",
    "INSERT INTO range_mark (book, kind, ref, seq, after_kind, after_ref) VALUES ($1, $2, $3, $4, 0, '')",
);
const NEXT: Stmt = Stmt::new(
    "range_mark.next",
    "SELECT id, book, kind, ref, after_kind, after_ref, seq FROM range_mark ORDER BY id LIMIT 1 {for_update}",
);
const ADVANCE: Stmt =
    Stmt::new("range_mark.advance", "UPDATE range_mark SET after_kind = $2, after_ref = $3 WHERE id = $1");
const DONE: Stmt = Stmt::new("range_mark.done", "DELETE FROM range_mark WHERE id = $1");
const COUNT: Stmt = Stmt::new("range_mark.count", "SELECT count(*) FROM range_mark");

/// `seq`: the inbox row that caused it, passed on to every mark it becomes; 0 for an operator.
pub fn range_insert(
    tx: &mut Tx<'_>,
    book: i64,
    kind: i64,
    reference: &str,
    seq: i64,
) -> Result<(), StoreError> {
    tx.expect(&INSERT, &args![book, kind, reference, seq], 1)
}

/// The oldest one, locked: whoever else expands waits, then sees how far it got.
pub fn range_next(tx: &mut Tx<'_>) -> Result<Option<RangeMark>, StoreError> {
    let Some(row) = tx.one(&NEXT, &[])? else { return Ok(None) };
    Ok(Some(RangeMark {
        id: row.int(0)?,
        book: row.int(1)?,
        kind: row.int(2)?,
        ref_: row.text(3)?,
        after_kind: row.int(4)?,
        after_ref: row.text(5)?,
        seq: row.int(6)?,
    }))
}

pub fn range_advance(tx: &mut Tx<'_>, id: i64, after_kind: i64, after_ref: &str) -> Result<(), StoreError> {
    tx.expect(&ADVANCE, &args![id, after_kind, after_ref], 1)
}

pub fn range_done(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.expect(&DONE, &args![id], 1)
}

pub fn range_count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}
