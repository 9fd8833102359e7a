//! Payments that belong to no known sale: listed with their age, never paid on.

use kernel::UnixMs;

use crate::db::{Read, Stmt, StoreError, Tx};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnlinkedRow {
    pub subject: i64,
    pub book: i64,
    pub ref_: String,
    pub currency: String,
    pub amount_minor: i64,
    pub created_at: UnixMs,
}

pub(crate) const ALL: &[&Stmt] = &[&SET, &CLEAR, &LIST, &COUNT];

const SET: Stmt = Stmt::new(
    "unlinked.set",
    "INSERT INTO unlinked_payment (subject, book, ref, currency, amount_minor, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (subject) DO UPDATE \
     SET currency = excluded.currency, amount_minor = excluded.amount_minor, created_at = excluded.created_at",
);
const CLEAR: Stmt = Stmt::new("unlinked.clear", "DELETE FROM unlinked_payment WHERE subject = $1");
const LIST: Stmt = Stmt::new(
    "unlinked.list",
    "SELECT subject, book, ref, currency, amount_minor, created_at FROM unlinked_payment \
     ORDER BY created_at, book, ref LIMIT $1",
);
const COUNT: Stmt = Stmt::new("unlinked.count", "SELECT count(*) FROM unlinked_payment");

pub fn set(tx: &mut Tx<'_>, row: &UnlinkedRow) -> Result<(), StoreError> {
    let args = args![row.subject, row.book, &row.ref_, &row.currency, row.amount_minor, row.created_at];
    tx.expect(&SET, &args, 1)
}

/// Says whether it was listed.
pub fn clear(tx: &mut Tx<'_>, subject: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&CLEAR, &args![subject])? > 0)
}

/// Oldest first.
pub fn list(r: &mut Read<'_>, limit: i64) -> Result<Vec<UnlinkedRow>, StoreError> {
    let rows = r.rows(&LIST, &args![limit])?;
    rows.iter()
        .map(|row| {
            Ok(UnlinkedRow {
                subject: row.int(0)?,
                book: row.int(1)?,
                ref_: row.text(2)?,
                currency: row.text(3)?,
                amount_minor: row.int(4)?,
                created_at: row.int(5)?,
            })
        })
        .collect()
}

pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}
