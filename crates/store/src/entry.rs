//! The journal: entries and their postings, append-only. An entry is known by (subject, rev); its number
//! only orders what was written down.

use std::collections::BTreeMap;

use kernel::UnixMs;

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, int, text};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryRow {
    pub book: i64,
    pub subject: i64,
    pub rev: i64,
    pub sale: String,
    pub sale_at: UnixMs,
    /// Of the newest fact behind it.
    pub effective_at: UnixMs,
    pub recorded_at: UnixMs,
    pub reason: String,
    pub terms_version: Option<i64>,
    pub rules_version: i64,
    /// The arithmetic, JSON.
    pub lines: String,
    /// Numbers of the inbox rows that caused it, JSON array.
    pub causes: String,
}

/// One amount moved from one account to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostingRow {
    pub debit: i64,
    pub credit: i64,
    pub partner: String,
    pub currency: String,
    pub amount_minor: i64,
}

/// An entry as it stands in the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub id: i64,
    pub entry: EntryRow,
    pub postings: Vec<PostingRow>,
}

pub(crate) const ALL: &[&Stmt] = &[&NEWEST, &OF_SUBJECTS, &PAGE, &PAGE_ALL, &POSTINGS, &COUNT];

const PUT_ENTRIES: Put = Put {
    table: "entry",
    cols: &[
        int("book"),
        int("subject"),
        int("rev"),
        text("sale"),
        int("sale_at"),
        int("effective_at"),
        int("recorded_at"),
        text("reason"),
        int("terms_version"),
        int("rules_version"),
        text("lines"),
        text("causes"),
    ],
    conflict: Conflict::Fail,
};
const PUT_POSTINGS: Put = Put {
    table: "posting",
    cols: &[
        int("entry"),
        int("line"),
        int("debit"),
        int("credit"),
        text("partner"),
        text("currency"),
        int("amount_minor"),
    ],
    conflict: Conflict::Fail,
};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, book, subject, rev, sale, sale_at, effective_at, recorded_at, reason, terms_version, rules_version, lines, \
             causes FROM entry ",
            $tail
        )
    };
}

const NEWEST: Stmt = Stmt::new("entry.newest", "SELECT id, subject, rev FROM entry WHERE subject {in:1}");
const OF_SUBJECTS: Stmt =
    Stmt::new("entry.of_subjects", select!("WHERE subject {in:1} ORDER BY subject, rev"));
const PAGE: Stmt = Stmt::new("entry.page", select!("WHERE book = $1 AND id > $2 ORDER BY id LIMIT $3"));
const PAGE_ALL: Stmt = Stmt::new("entry.page_all", select!("WHERE id > $1 ORDER BY id LIMIT $2"));
const POSTINGS: Stmt = Stmt::new(
    "entry.postings",
    "SELECT entry, debit, credit, partner, currency, amount_minor FROM posting WHERE entry {in:1} ORDER BY entry, line",
);
const COUNT: Stmt = Stmt::new("entry.count", "SELECT count(*) FROM entry");

/// Writes one entry down and returns its number.
pub fn append(tx: &mut Tx<'_>, entry: &EntryRow, postings: &[PostingRow]) -> Result<i64, StoreError> {
    let ids = append_all(tx, &[(entry.clone(), postings.to_vec())])?;
    ids.first().copied().ok_or(StoreError::Conflict)
}

/// Writes many entries down, in the order given, and returns their numbers.
pub fn append_all(tx: &mut Tx<'_>, entries: &[(EntryRow, Vec<PostingRow>)]) -> Result<Vec<i64>, StoreError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    tx.put(&PUT_ENTRIES, entries.iter().map(|(entry, _)| values(entry)).collect())?;
    let keys: Vec<(i64, i64)> = entries.iter().map(|(entry, _)| (entry.subject, entry.rev)).collect();
    let mut numbers = BTreeMap::new();
    let subjects: Vec<i64> = keys.iter().map(|(subject, _)| *subject).collect();
    for row in tx.rows(&NEWEST, &args![subjects])? {
        numbers.insert((row.int(1)?, row.int(2)?), row.int(0)?);
    }
    let ids: Vec<i64> = keys.iter().filter_map(|key| numbers.get(key).copied()).collect();
    let mut rows = Vec::new();
    for (id, (_, postings)) in ids.iter().zip(entries) {
        for (line, posting) in (0_i64..).zip(postings) {
            let PostingRow { debit, credit, partner, currency, amount_minor } = posting;
            rows.push(args![*id, line, *debit, *credit, partner, currency, *amount_minor].to_vec());
        }
    }
    tx.put(&PUT_POSTINGS, rows)?;
    Ok(ids)
}

/// The history of a subject, oldest first.
pub fn of_subject(r: &mut Read<'_>, subject: i64) -> Result<Vec<Written>, StoreError> {
    of_subjects(r, &[subject])
}

pub fn of_subjects(r: &mut Read<'_>, subjects: &[i64]) -> Result<Vec<Written>, StoreError> {
    let rows = r.rows(&OF_SUBJECTS, &args![subjects])?;
    with_postings(r, &rows)
}

/// A page of a book's journal (`None`: of all books), in the order it was written.
pub fn page(
    r: &mut Read<'_>,
    book: Option<i64>,
    after_id: i64,
    limit: i64,
) -> Result<Vec<Written>, StoreError> {
    let rows = match book {
        Some(book) => r.rows(&PAGE, &args![book, after_id, limit])?,
        None => r.rows(&PAGE_ALL, &args![after_id, limit])?,
    };
    with_postings(r, &rows)
}

pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}

fn with_postings(r: &mut Read<'_>, rows: &[Row]) -> Result<Vec<Written>, StoreError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.int(0)).collect::<Result<_, StoreError>>()?;
    let mut postings: BTreeMap<i64, Vec<PostingRow>> = BTreeMap::new();
    for row in r.rows(&POSTINGS, &args![ids])? {
        let posting = PostingRow {
            debit: row.int(1)?,
            credit: row.int(2)?,
            partner: row.text(3)?,
            currency: row.text(4)?,
            amount_minor: row.int(5)?,
        };
        postings.entry(row.int(0)?).or_default().push(posting);
    }
    rows.iter()
        .map(|row| {
            let id = row.int(0)?;
            Ok(Written { id, entry: read(row)?, postings: postings.remove(&id).unwrap_or_default() })
        })
        .collect()
}

fn values(entry: &EntryRow) -> Vec<crate::db::Value> {
    args![
        entry.book,
        entry.subject,
        entry.rev,
        &entry.sale,
        entry.sale_at,
        entry.effective_at,
        entry.recorded_at,
        &entry.reason,
        entry.terms_version,
        entry.rules_version,
        &entry.lines,
        &entry.causes,
    ]
    .to_vec()
}

fn read(row: &Row) -> Result<EntryRow, StoreError> {
    Ok(EntryRow {
        book: row.int(1)?,
        subject: row.int(2)?,
        rev: row.int(3)?,
        sale: row.text(4)?,
        sale_at: row.int(5)?,
        effective_at: row.int(6)?,
        recorded_at: row.int(7)?,
        reason: row.text(8)?,
        terms_version: row.opt_int(9)?,
        rules_version: row.int(10)?,
        lines: row.text(11)?,
        causes: row.text(12)?,
    })
}
