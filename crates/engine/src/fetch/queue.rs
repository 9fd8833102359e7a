//! The queue of objects that are wanted: claimed, fetched, appended to the inbox, and the thin events that waited for
//! them answered. However many ask for one object, it is fetched once; what is asked for meanwhile, once more.

use kernel::time::SECOND_MS;
use kernel::{Book, ObjectKey, Ref, UnixMs};
use store::Append;
use store::want::{Target, Want, Why};

use super::round::{ATTEMPTS_MAX, LEASE_MS, as_delivery, backoff_ms, of_this_book, stamped};
use super::{FetchFailure, Fetched, Fetcher, Looked};
use crate::house::{EngineError, House};
use crate::trace;

/// Objects of one round.
const PAGE: i64 = 20;

/// How long something that Stripe refuses rests.
const REFUSED_MS: i64 = 60 * 60 * SECOND_MS;

/// Longer than a thin event leaves its snapshot to come.
const SOON_MS: i64 = 20 * SECOND_MS;

/// How many wants are looked through for one that was not tried yet.
const SOON_MAX: i64 = 1000;

/// Whether something that a key reaches, and nobody has asked for yet, may be asked for soon: whoever wants all there
/// is waits for it.
pub fn soon(house: &House, fetcher: &dyn Fetcher, now: UnixMs) -> Result<bool, EngineError> {
    house.db().read(|read| {
        let books = reached(read, fetcher)?;
        Ok(due(read, &books, now + SOON_MS, SOON_MAX)?.iter().any(|want| want.attempts == 0))
    })
}

fn reached(read: &mut store::Read<'_>, fetcher: &dyn Fetcher) -> Result<Vec<(i64, Book)>, EngineError> {
    let mut books = store::book::all(read)?;
    books.retain(|(_, book)| fetcher.reaches(book));
    Ok(books)
}

fn due(
    read: &mut store::Read<'_>,
    books: &[(i64, Book)],
    by: UnixMs,
    most: i64,
) -> Result<Vec<Want>, EngineError> {
    let ids: Vec<i64> = books.iter().map(|(id, _)| *id).collect();
    Ok(if ids.is_empty() { Vec::new() } else { store::want::due(read, &ids, by, most)? })
}

/// Fetches some of what is due. What no key reaches is left where it is, and is due as soon as one does.
pub(super) fn round(
    house: &House,
    fetcher: &dyn Fetcher,
    clock: &dyn Fn() -> UnixMs,
) -> Result<Looked, EngineError> {
    let now = clock();
    let (books, due) = house.db().read(|read| -> Result<_, EngineError> {
        let books = reached(read, fetcher)?;
        let due = due(read, &books, now, PAGE)?;
        Ok((books, due))
    })?;
    let mut looked = Looked { waiting: due.len(), ..Looked::default() };
    for want in due {
        let Some((_, book)) = books.iter().find(|(id, _)| *id == want.book) else { continue };
        match answer(house, fetcher, book, &want, clock)? {
            Some(true) => looked.fetched += 1,
            Some(false) => looked.failed += 1,
            None => {}
        }
    }
    Ok(looked)
}

/// `None`: somebody else was faster. `Some(false)`: it failed.
fn answer(
    house: &House,
    fetcher: &dyn Fetcher,
    book: &Book,
    want: &Want,
    clock: &dyn Fn() -> UnixMs,
) -> Result<Option<bool>, EngineError> {
    let until = clock() + LEASE_MS;
    if !house.db().work(|tx| store::want::claim(tx, want, until))? {
        return Ok(None);
    }
    let span = trace::fetch(book);
    let outcome = span.in_scope(|| match &want.target {
        Target::Object(object) => fetcher.fetch(book, object),
        Target::Event(id) => fetcher.event(book, id),
    });
    let now = clock();
    let attempts = want.attempts + 1;
    match outcome.and_then(|fetched| of_this_book(book, fetched)) {
        Ok(fetched) => {
            let row = delivery(book, want, fetched, now);
            let name = row.event_ref.to_string();
            house.inbox().append(&[row])?;
            span.record("event", name.as_str()).record("result", "fetched");
            house.db().work(|tx| came(tx, want, attempts, now, &name))?;
            return Ok(Some(true));
        }
        Err(FetchFailure::Missing) => {
            house.db().work(|tx| -> Result<(), store::StoreError> {
                if store::want::answered(tx, want)? {
                    answered(tx, want, "Stripe has no such object")?;
                }
                Ok(())
            })?;
        }
        Err(why) => {
            let (attempts, wait) = match why {
                FetchFailure::Closing => (want.attempts, 0),
                FetchFailure::Refused(_) => (attempts, REFUSED_MS),
                _ => (attempts, backoff_ms(attempts.min(ATTEMPTS_MAX))),
            };
            let problem = super::words(&why);
            span.record("error", problem.as_str());
            let what = match &want.target {
                Target::Object(object) => &object.id,
                Target::Event(id) => id,
            };
            tracing::warn!(object = %what, book = book.label(), error = problem, "not fetched");
            house.db().work(|tx| store::want::failed(tx, want, attempts, now + wait, &problem))?;
        }
    }
    Ok(Some(false))
}

/// It is in the inbox. What an order or a list is wanted for is settled by whoever finds it settled, so that what
/// stays open is asked for again, ever more rarely.
fn came(
    tx: &mut store::Tx<'_>,
    want: &Want,
    attempts: i64,
    now: UnixMs,
    name: &str,
) -> Result<(), store::StoreError> {
    if want.why != Why::Thin {
        return store::want::rests(tx, want, attempts, now + backoff_ms(attempts.min(ATTEMPTS_MAX)));
    }
    if store::want::answered(tx, want)? {
        answered(tx, want, &format!("fetched: {name}"))?;
    }
    Ok(())
}

fn answered(tx: &mut store::Tx<'_>, want: &Want, words: &str) -> Result<(), store::StoreError> {
    match &want.target {
        Target::Object(object) => store::thin::answer_by_object(tx, want.book, object, words),
        Target::Event(id) => store::thin::answer_by_event(tx, want.book, id, words),
    }
}

fn delivery(book: &Book, want: &Want, fetched: Fetched, now: UnixMs) -> Append {
    match &want.target {
        Target::Object(object) => as_delivery(book, object, fetched, now),
        Target::Event(id) => event(book, id, fetched, now),
    }
}

/// An event that was asked for, as a row: of its own type, so that it is read as the event that it is.
fn event(book: &Book, id: &Ref, fetched: Fetched, now: UnixMs) -> Append {
    let event_type = facts::Envelope::parse(&fetched.body).map(|envelope| envelope.event_type);
    // Any kind will do: the row is named after the event.
    let object = ObjectKey::new(kernel::Kind::Account, id.clone());
    let at_s = fetched.answered_at_s.unwrap_or_else(|| now.div_euclid(SECOND_MS));
    let row = as_delivery(book, &object, fetched, now);
    Append {
        event_ref: stamped(id, at_s),
        event_type: event_type.unwrap_or_default(),
        api_version: None,
        ..row
    }
}
