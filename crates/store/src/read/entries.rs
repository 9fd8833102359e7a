//! The journal of a book for readers: entries in the order written, each with its postings.

use std::collections::BTreeMap;

use crate::db::{Read, Stmt, StoreError};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryLine {
    pub id: i64,
    pub sale: String,
    pub rev: i64,
    pub recorded_at: i64,
    pub sale_at: i64,
    pub reason: String,
    pub terms_version: Option<i64>,
    pub postings: Vec<PostingLine>,
}

/// `debit` and `credit` are numbers of the chart of accounts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostingLine {
    pub debit: i64,
    pub credit: i64,
    pub partner: String,
    pub currency: String,
    pub amount_minor: i64,
}

pub(super) const PAGE: Stmt = Stmt::new(
    "read.entries_page",
    "SELECT id, sale, rev, recorded_at, sale_at, reason, terms_version FROM entry
     WHERE book = $1 AND id > $2 ORDER BY id LIMIT $3",
);

pub(super) const POSTINGS: Stmt = Stmt::new(
    "read.entries_postings",
    "SELECT entry, debit, credit, partner, currency, amount_minor FROM posting
     WHERE entry {in:1} ORDER BY entry, line",
);

/// The page behind entry `after`.
pub fn page(read: &mut Read<'_>, book: i64, after: i64, limit: i64) -> Result<Vec<EntryLine>, StoreError> {
    let mut lines = Vec::new();
    for row in read.rows(&PAGE, &args![book, after, limit])? {
        lines.push(EntryLine {
            id: row.int(0)?,
            sale: row.text(1)?,
            rev: row.int(2)?,
            recorded_at: row.int(3)?,
            sale_at: row.int(4)?,
            reason: row.text(5)?,
            terms_version: row.opt_int(6)?,
            postings: Vec::new(),
        });
    }
    let ids: Vec<i64> = lines.iter().map(|line| line.id).collect();
    let mut postings: BTreeMap<i64, Vec<PostingLine>> = BTreeMap::new();
    for row in read.rows(&POSTINGS, &args![ids])? {
        postings.entry(row.int(0)?).or_default().push(PostingLine {
            debit: row.int(1)?,
            credit: row.int(2)?,
            partner: row.text(3)?,
            currency: row.text(4)?,
            amount_minor: row.int(5)?,
        });
    }
    for line in &mut lines {
        line.postings = postings.remove(&line.id).unwrap_or_default();
    }
    Ok(lines)
}
