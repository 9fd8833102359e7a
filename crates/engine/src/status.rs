//! How far the books are behind Stripe, honestly (invariant I42).

use kernel::{UnixMs, time};
use serde::Serialize;

use crate::house::{EngineError, House};

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Status {
    /// Inbox rows whose facts are not in the books yet.
    pub pending: i64,
    pub parked: i64,
    pub quarantined: i64,
    /// Dirty marks and ranges still to be worked off.
    pub marks: i64,
    pub marks_parked: i64,
    /// Nothing is pending: every figure says what the facts say.
    pub level: bool,
    pub inbox_seq: i64,
    pub projected_seq: i64,
    /// Age of the oldest event that is not projected, in milliseconds.
    pub lag_ms: i64,
    pub last_received_at: Option<String>,
    pub events_last_minute: i64,
    pub discount_unresolved: i64,
    pub unlinked_payments: i64,
    /// Events without an object, whose object has not been fetched yet.
    pub waiting: i64,
}

/// One reading of the house's state at `now`.
pub fn status(house: &House, now: UnixMs) -> Result<Status, EngineError> {
    let minute = 60 * time::SECOND_MS;
    let inbox = house.inbox().stats(now - minute)?;
    let quarantined = house.inbox().quarantined_count()?;
    let projected = house.db().read(store::work::projected)?;
    // Before the books are opened: on PostgreSQL a question within a question takes a second connection of
    // the same pool, and enough askers at once would wait for each other.
    let waiting = if inbox.total > projected { house.inbox().lines(&[projected + 1])? } else { Vec::new() };
    house.db().read(|read| -> Result<_, EngineError> {
        let projected = store::work::projected(read)?;
        let work = store::work::counts(read)?;
        let marks = store::mark::counts(read)?;
        let pending = (inbox.total - projected).max(0) + work.pending;
        let level = pending == 0 && store::mark::is_level(read)?;
        Ok(Status {
            pending,
            parked: work.parked,
            quarantined,
            marks: marks.open,
            marks_parked: marks.parked,
            level,
            inbox_seq: inbox.total,
            projected_seq: projected,
            lag_ms: waiting
                .first()
                .filter(|_| inbox.total > projected)
                .map_or(0, |line| (now - line.received_at).max(0)),
            last_received_at: inbox.last_received_at.map(time::rfc3339),
            events_last_minute: inbox.minutes.iter().map(|minute| minute.events).sum(),
            discount_unresolved: store::sale::count_reason(read, "discount_unresolved")?,
            unlinked_payments: store::unlinked::count(read)?,
            waiting: store::thin::count(read)?,
        })
    })
}

/// Whether books and inbox can be read at all; as cheap as can be, for whoever asks every second.
pub fn ready(house: &House) -> Result<(), EngineError> {
    house.db().read(store::work::projected)?;
    house.inbox().head()?;
    Ok(())
}

/// Every book that an event belongs to; those that only an operator has named are left out.
pub fn books(house: &House) -> Result<Vec<kernel::Book>, EngineError> {
    house.db().read(|read| {
        let mut books = Vec::new();
        for (id, book) in store::book::all(read)? {
            if store::book::clock(read, id)? > 0 {
                books.push(book);
            }
        }
        Ok(books)
    })
}
