//! Payments that belong to no known sale: listed with their age, never paid on.

use kernel::UnixMs;

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, int, text};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnlinkedRow {
    pub subject: i64,
    pub book: i64,
    pub ref_: String,
    pub currency: String,
    pub amount_minor: i64,
    pub created_at: UnixMs,
}

pub(crate) const ALL: &[&Stmt] = &[&CLEAR, &OF_SUBJECTS, &LIST, &COUNT];

const PUT: Put = Put {
    table: "unlinked_payment",
    cols: &[
        int("subject"),
        int("book"),
        text("ref"),
        text("currency"),
        int("amount_minor"),
        int("created_at"),
    ],
    conflict: Conflict::Update { keys: 1, set: &["currency", "amount_minor", "created_at"] },
};
const CLEAR: Stmt = Stmt::new("unlinked.clear", "DELETE FROM unlinked_payment WHERE subject {in:1}");
const OF_SUBJECTS: Stmt = Stmt::new(
    "unlinked.of_subjects",
    "SELECT subject, book, ref, currency, amount_minor, created_at FROM unlinked_payment WHERE subject {in:1}",
);
const LIST: Stmt = Stmt::new(
    "unlinked.list",
    "SELECT subject, book, ref, currency, amount_minor, created_at FROM unlinked_payment \
     ORDER BY created_at, book, ref LIMIT $1",
);
const COUNT: Stmt = Stmt::new("unlinked.count", "SELECT count(*) FROM unlinked_payment");

pub fn set(tx: &mut Tx<'_>, rows: &[UnlinkedRow]) -> Result<(), StoreError> {
    let row = |row: &UnlinkedRow| {
        args![row.subject, row.book, &row.ref_, &row.currency, row.amount_minor, row.created_at].to_vec()
    };
    tx.put(&PUT, rows.iter().map(row).collect()).map(drop)
}

/// Takes these subjects off the list.
pub fn clear(tx: &mut Tx<'_>, subjects: &[i64]) -> Result<(), StoreError> {
    if subjects.is_empty() { Ok(()) } else { tx.exec(&CLEAR, &args![subjects]).map(drop) }
}

pub fn of_subjects(r: &mut Read<'_>, subjects: &[i64]) -> Result<Vec<UnlinkedRow>, StoreError> {
    r.rows(&OF_SUBJECTS, &args![subjects])?.iter().map(read).collect()
}

/// Oldest first.
pub fn list(r: &mut Read<'_>, limit: i64) -> Result<Vec<UnlinkedRow>, StoreError> {
    r.rows(&LIST, &args![limit])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<UnlinkedRow, StoreError> {
    Ok(UnlinkedRow {
        subject: row.int(0)?,
        book: row.int(1)?,
        ref_: row.text(2)?,
        currency: row.text(3)?,
        amount_minor: row.int(4)?,
        created_at: row.int(5)?,
    })
}

pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}
