//! What was odd in an event, for people.

use kernel::Note;

use crate::db::value::to_json;
use crate::db::{Conflict, Put, Read, Stmt, StoreError, Tx, int, text};

pub(crate) const ALL: &[&Stmt] = &[&OF, &COUNTS];

const PUT: Put = Put {
    table: "note",
    cols: &[int("book"), int("seq"), int("line"), text("code"), text("path"), text("detail")],
    conflict: Conflict::Ignore,
};
const OF: Stmt =
    Stmt::new("note.of", "SELECT code, path, detail FROM note WHERE seq = $1 ORDER BY book, line");
const COUNTS: Stmt =
    Stmt::new("note.counts", "SELECT code, count(*) FROM note WHERE seq > $1 GROUP BY code ORDER BY code");

/// Keeps the notes of one event; again is harmless.
pub fn put(tx: &mut Tx<'_>, book: i64, seq: i64, notes: &[Note]) -> Result<(), StoreError> {
    put_all(tx, book, &[(seq, notes.to_vec())])
}

/// The notes of many events, by their numbers, in one statement.
pub fn put_all(tx: &mut Tx<'_>, book: i64, events: &[(i64, Vec<Note>)]) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(events.len());
    for (seq, notes) in events {
        for (line, note) in (0_i64..).zip(notes) {
            rows.push(args![book, *seq, line, to_json(&note.code)?, &note.path, &note.detail].to_vec());
        }
    }
    tx.put(&PUT, rows).map(drop)
}

pub fn of(r: &mut Read<'_>, seq: i64) -> Result<Vec<Note>, StoreError> {
    let rows = r.rows(&OF, &args![seq])?;
    rows.iter().map(|row| Ok(Note { code: row.json(0)?, path: row.text(1)?, detail: row.text(2)? })).collect()
}

/// How often each code was noted for events after `seq`, by its wire name.
pub fn counts(r: &mut Read<'_>, after_seq: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = r.rows(&COUNTS, &args![after_seq])?;
    rows.iter().map(|row| Ok((row.str(0)?.trim_matches('"').to_owned(), row.int(1)?))).collect()
}
