//! How many events Stripe delivered in which hour, per book. What is usual is for others to say.

use kernel::UnixMs;

use crate::db::{Read, Stmt, StoreError, Tx};

/// Events of one book received in one hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HourRow {
    pub book: i64,
    /// Hours since 1970.
    pub hour: i64,
    pub events: i64,
    /// The newest receipt in it.
    pub last_at: UnixMs,
}

/// When a book's deliveries began, and when the last one came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpanRow {
    pub book: i64,
    pub first_hour: i64,
    pub last_at: UnixMs,
}

pub(crate) const ALL: &[&Stmt] = &[&ADD, &SPANS, &HOURS];

const ADD: Stmt = Stmt::new(
    "rhythm.add",
    "INSERT INTO event_hour (book, hour, events, last_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (book, hour) DO UPDATE SET events = event_hour.events + excluded.events, \
     last_at = CASE WHEN excluded.last_at > event_hour.last_at THEN excluded.last_at ELSE event_hour.last_at END",
);
const SPANS: Stmt = Stmt::new(
    "rhythm.spans",
    "SELECT book, min(hour), max(last_at) FROM event_hour GROUP BY book ORDER BY book",
);
const HOURS: Stmt = Stmt::new(
    "rhythm.hours",
    "SELECT book, hour, events, last_at FROM event_hour WHERE book = $1 AND hour >= $2 ORDER BY hour",
);

/// Counts further events of an hour.
pub fn add(tx: &mut Tx<'_>, row: &HourRow) -> Result<(), StoreError> {
    tx.expect(&ADD, &args![row.book, row.hour, row.events, row.last_at], 1)
}

/// Every book that was ever delivered to.
pub fn spans(r: &mut Read<'_>) -> Result<Vec<SpanRow>, StoreError> {
    let rows = r.rows(&SPANS, &[])?;
    rows.iter()
        .map(|row| Ok(SpanRow { book: row.int(0)?, first_hour: row.int(1)?, last_at: row.int(2)? }))
        .collect()
}

/// The hours of a book from one on; those without an event are left out.
pub fn hours(r: &mut Read<'_>, book: i64, from_hour: i64) -> Result<Vec<HourRow>, StoreError> {
    let rows = r.rows(&HOURS, &args![book, from_hour])?;
    rows.iter()
        .map(|row| {
            Ok(HourRow { book: row.int(0)?, hour: row.int(1)?, events: row.int(2)?, last_at: row.int(3)? })
        })
        .collect()
}
