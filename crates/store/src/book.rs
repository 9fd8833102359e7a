//! Books and their numbers: inside, every key begins with a book's number; outside, a book is a name.

use kernel::{Book, Ref};

use crate::db::{Read, Stmt, StoreError, Tx};

pub(crate) const ALL: &[&Stmt] = &[&ID, &ADD, &LIST, &GET, &CLOCK, &CLOCK_ADVANCE, &LISTED_ADVANCE];

const ID: Stmt = Stmt::new("book.id", "SELECT id FROM book WHERE account = $1 AND livemode = $2");
const ADD: Stmt =
    Stmt::new("book.add", "INSERT INTO book (account, livemode) VALUES ($1, $2) ON CONFLICT DO NOTHING");
const LIST: Stmt =
    Stmt::new("book.list", "SELECT id, account, livemode FROM book ORDER BY account, livemode DESC");

const GET: Stmt = Stmt::new("book.get", "SELECT account, livemode FROM book WHERE id = $1");
const CLOCK: Stmt = Stmt::new(
    "book.clock",
    "SELECT CASE WHEN newest_s > 0 THEN newest_s ELSE listed_s END FROM book WHERE id = $1",
);
const CLOCK_ADVANCE: Stmt =
    Stmt::new("book.clock_advance", "UPDATE book SET newest_s = $2 WHERE id = $1 AND newest_s < $2");

const LISTED_ADVANCE: Stmt =
    Stmt::new("book.listed_advance", "UPDATE book SET listed_s = $2 WHERE id = $1 AND listed_s < $2");

/// The book's number, given on first sight. Two who see it first at once get the same.
pub fn id(tx: &mut Tx<'_>, book: &Book) -> Result<i64, StoreError> {
    if let Some(id) = known(tx, book)? {
        return Ok(id);
    }
    let account = book.account.as_ref().map_or("", Ref::as_str);
    tx.exec(&ADD, &args![account, book.livemode])?;
    known(tx, book)?.ok_or(StoreError::Conflict)
}

/// The book's number if it has one.
pub fn known(r: &mut Read<'_>, book: &Book) -> Result<Option<i64>, StoreError> {
    let account = book.account.as_ref().map_or("", Ref::as_str);
    r.one(&ID, &args![account, book.livemode])?.map(|row| row.int(0)).transpose()
}

/// Every book: the own account's first, live before test.
pub fn all(r: &mut Read<'_>) -> Result<Vec<(i64, Book)>, StoreError> {
    let rows = r.rows(&LIST, &[])?;
    rows.iter()
        .map(|row| {
            let account = Ref::parse(row.str(1)?);
            Ok((row.int(0)?, Book { account, livemode: row.flag(2)? }))
        })
        .collect()
}

/// The book with this number.
pub fn get(r: &mut Read<'_>, id: i64) -> Result<Book, StoreError> {
    let row =
        r.one(&GET, &args![id])?.ok_or_else(|| StoreError::Unreadable(format!("there is no book {id}")))?;
    Ok(Book { account: Ref::parse(row.str(0)?), livemode: row.flag(1)? })
}

/// The second of the book's newest event; of a book that was only listed, when the newest of that was made. 0 before
/// either.
pub fn clock(r: &mut Read<'_>, id: i64) -> Result<i64, StoreError> {
    r.one_int(&CLOCK, &args![id])
}

/// Something that was made in this second was listed: the clock of a book that has seen no event.
pub fn listed_advance(tx: &mut Tx<'_>, id: i64, at_s: i64) -> Result<(), StoreError> {
    tx.exec(&LISTED_ADVANCE, &args![id, at_s]).map(drop)
}

/// An event of this second was seen. The clock never goes back.
pub fn clock_advance(tx: &mut Tx<'_>, id: i64, at_s: i64) -> Result<(), StoreError> {
    tx.exec(&CLOCK_ADVANCE, &args![id, at_s]).map(drop)
}
