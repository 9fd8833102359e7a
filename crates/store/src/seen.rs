//! How many events of which type and version came in, per book. It must not know what a type means.

use std::collections::BTreeMap;

use kernel::UnixMs;

use crate::db::{Conflict, Put, Read, Stmt, StoreError, Tx, int, text};

/// Events of one type and version in one book.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Seen {
    pub book: i64,
    pub event_type: String,
    /// Empty where the event does not say.
    pub api_version: String,
    pub events: i64,
    /// The newest receipt.
    pub last_at: UnixMs,
}

pub(crate) const ALL: &[&Stmt] = &[&OF_TYPES, &OF_BOOK];

const PUT: Put = Put {
    table: "event_seen",
    cols: &[int("book"), text("event_type"), text("api_version"), int("events"), int("last_at")],
    conflict: Conflict::Update { keys: 3, set: &["events", "last_at"] },
};

const OF_TYPES: Stmt = Stmt::new(
    "seen.of_types",
    "SELECT book, event_type, api_version, events, last_at FROM event_seen WHERE event_type {in:1}",
);
const OF_BOOK: Stmt = Stmt::new(
    "seen.of_book",
    "SELECT book, event_type, api_version, events, last_at FROM event_seen WHERE book = $1 \
     ORDER BY event_type, api_version",
);

/// Names are keys here, and a key has to fit into an index: of a longer one the beginning counts.
const NAME_BYTES_MAX: usize = 200;

fn name(text: &str) -> String {
    text[..text.floor_char_boundary(NAME_BYTES_MAX)].to_owned()
}

/// Counts further events. The caller holds the projector's cursor, so nobody else counts meanwhile.
pub fn add(tx: &mut Tx<'_>, news: &[Seen]) -> Result<(), StoreError> {
    if news.is_empty() {
        return Ok(());
    }
    let named = |row: &Seen| Seen {
        event_type: name(&row.event_type),
        api_version: name(&row.api_version),
        ..row.clone()
    };
    let news: Vec<Seen> = news.iter().map(named).collect();
    let types: Vec<String> = news.iter().map(|row| row.event_type.clone()).collect();
    let mut sums: BTreeMap<(i64, String, String), (i64, UnixMs)> = BTreeMap::new();
    let known = read(tx, &OF_TYPES, &args![types])?;
    for row in known.iter().chain(&news) {
        let key = (row.book, row.event_type.clone(), row.api_version.clone());
        let (events, last_at) = sums.entry(key).or_default();
        *events += row.events;
        *last_at = row.last_at.max(*last_at);
    }
    let rows = sums.into_iter().map(|((book, event_type, version), (events, last_at))| {
        args![book, event_type, version, events, last_at].to_vec()
    });
    tx.put(&PUT, rows.collect()).map(drop)
}

/// Everything that a book has seen, by type and version.
pub fn of_book(r: &mut Read<'_>, book: i64) -> Result<Vec<Seen>, StoreError> {
    read(r, &OF_BOOK, &args![book])
}

fn read(r: &mut Read<'_>, stmt: &'static Stmt, args: &[crate::db::Value]) -> Result<Vec<Seen>, StoreError> {
    let rows = r.rows(stmt, args)?;
    rows.iter()
        .map(|row| {
            Ok(Seen {
                book: row.int(0)?,
                event_type: row.text(1)?,
                api_version: row.text(2)?,
                events: row.int(3)?,
                last_at: row.int(4)?,
            })
        })
        .collect()
}
