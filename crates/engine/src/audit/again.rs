//! One event applied again: what would change, found out in a transaction that is rolled back; and, if it is meant,
//! done. For an event that was parked, or that this program reads otherwise than the one before. It must not know what
//! the event means.

use kernel::{Book, Ref, UnixMs};
use store::Tx;
use store::inbox::InboxRow;

use super::changes::{Change, changes};
use crate::export::ExportRow;
use crate::house::{EngineError, House};
use crate::project::{self, apply};
use crate::rehearse::{rehearse, settle};

/// What applying these bodies of the event again would change; `None` when no such event was received.
pub fn replay_event(house: &House, id: &Ref, now: UnixMs) -> Result<Option<Vec<Change>>, EngineError> {
    let rows = house.inbox().find(id)?;
    let mut books: Vec<Book> = rows.iter().map(|row| row.book.clone()).collect();
    books.dedup();
    let mut found = Vec::new();
    for book in &books {
        let of_book: Vec<InboxRow> = rows.iter().filter(|row| row.book == *book).cloned().collect();
        found.extend(foreseen(house, book, &of_book, now)?);
    }
    Ok((!rows.is_empty()).then_some(found))
}

/// Applies them again, and says what changed.
pub fn apply_event(house: &House, id: &Ref, now: UnixMs) -> Result<Option<Vec<Change>>, EngineError> {
    let changed = replay_event(house, id, now)?;
    let rows = house.inbox().find(id)?;
    house.db().work(|tx| -> Result<(), EngineError> {
        for row in &rows {
            let book = store::book::id(tx, &row.book)?;
            apply::put_rows(tx, book, std::slice::from_ref(row))?;
        }
        Ok(())
    })?;
    project::drain(house, now)?;
    Ok(changed)
}

fn foreseen(house: &House, book: &Book, rows: &[InboxRow], now: UnixMs) -> Result<Vec<Change>, EngineError> {
    rehearse(house, |tx, wider| {
        let id = store::book::id(tx, book)?;
        let before = exported(tx, id, book)?;
        apply::put_rows(tx, id, rows)?;
        settle(house, tx, now, wider)?;
        changes(&before, &exported(tx, id, book)?)
    })
}

/// The book's rows, with buckets as of now and before alike: applying moves no time.
fn exported(tx: &mut Tx<'_>, id: i64, book: &Book) -> Result<Vec<ExportRow>, EngineError> {
    let as_of = store::book::clock(tx, id)?.saturating_mul(kernel::time::SECOND_MS);
    let mut rows = Vec::new();
    store::sale::export(tx, Some(id), &mut |sale| {
        rows.push(ExportRow::new(book, &sale, as_of));
        Ok(())
    })?;
    Ok(rows)
}
