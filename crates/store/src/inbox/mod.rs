//! The letter box: append-only, behind append, read and find. Nothing joins it, so on SQLite it lives in
//! a file of its own and the gate's commits never wait for the books.

mod append;
mod at_once;
mod away;
mod carry;
mod checkpoint;
mod codec;
mod dictionary;
mod listed;
mod quarantine;
mod read;
mod redelivery;
mod writer;

pub use append::{Append, Appended, Source};
pub use away::{Archive, Place, Returned, Wanted};
pub use carry::{Kept, Skeleton};
pub use listed::Listed;
pub use quarantine::{ALL as QUARANTINE, QuarantineRow, Quarantined};
pub use read::{EventLine, InboxRow, Minute, Stats};
pub use redelivery::{Deliveries, REPEATS_KEPT_MAX, Repeat};
pub use writer::{Answer, BATCH_BYTES_MAX, BATCH_EVENTS_MAX, InboxWriter};

use std::sync::Arc;

use crate::db::{Engine, Stmt};

/// Every statement of the letter box but the quarantine's.
pub(crate) const ALL: &[&Stmt] = &[
    &append::HEAD_LOCKED,
    &append::KEYS,
    &listed::KNOWN_BY,
    &read::HEAD,
    &away::OLD,
    &away::TAKE,
    &away::RETURN,
    &away::OF,
    &carry::SKELETONS,
    &carry::KEPT,
    &carry::BODIES_AWAY,
    &read::AFTER,
    &read::BY_REF,
    &read::BY_BOOK_AND_REF,
    &read::KNOWN,
    &read::TYPES,
    &read::ANSWER,
    &read::BY_SEQ,
    &read::NUMBERS,
    &read::PAGE,
    &read::PAGE_OF_TYPE,
    &read::MINUTES,
    &read::LAST,
    &read::COUNT_UNTIL,
    &read::FIRST,
    &read::SHAPE,
    &redelivery::OF,
    &redelivery::ODD,
];

#[derive(Clone)]
pub struct Inbox {
    engine: Engine,
    archive: Option<Arc<dyn Archive>>,
}

impl Inbox {
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { engine, archive: None }
    }

    /// The same letter box; bodies that are away are read from there.
    #[must_use]
    pub fn with_archive(&self, archive: Arc<dyn Archive>) -> Self {
        Self { archive: Some(archive), ..self.clone() }
    }

    /// Gives space that is not used any more back to the file system, as far as the engine can do that beside others:
    /// SQLite writes the file anew, and whoever appends meanwhile waits; PostgreSQL frees it for rows to come.
    pub fn shrink(&self) -> Result<(), crate::db::StoreError> {
        match &self.engine {
            Engine::Sqlite(file) => file.vacuum(),
            Engine::Postgres(pool) => pool.vacuum("inbox"),
        }
    }

    /// Whether commits go into a log that has to be copied back (SQLite).
    const fn keeps_log(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(_))
    }

    fn checkpoint(&self) -> Result<(), crate::db::StoreError> {
        match &self.engine {
            Engine::Sqlite(file) => file.checkpoint(),
            Engine::Postgres(_) => Ok(()),
        }
    }
}

/// The own account is the empty text.
fn account(book: &kernel::Book) -> &str {
    book.account.as_ref().map_or("", kernel::Ref::as_str)
}

fn book(account: &str, livemode: bool) -> kernel::Book {
    kernel::Book { account: kernel::Ref::parse(account), livemode }
}

#[cfg(test)]
pub(crate) fn sample() -> Append {
    Append {
        book: kernel::Book::own(true),
        event_ref: kernel::Ref::parse("evt_1").expect("a reference"),
        event_type: "invoice.paid".into(),
        api_version: None,
        created_s: 0,
        received_at: 0,
        source: Source::Webhook,
        headers: "{}".into(),
        body: vec![b'x'],
        body_hash: [0; 32],
    }
}
