//! Inbox rows become facts, links, notes and marks: pure inserts, so two projectors never conflict over
//! them; the cursor's compare-and-set decides whose insert counts (invariants I8, I9).

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::Normalised;
use kernel::time::SECOND_MS;
use kernel::{Book, Kind, ObjectKey, UnixMs};
use store::inbox::InboxRow;
use store::work::{State, WorkRow};
use store::{Source, StoreError, Tx};

use super::{retry, thin};
use crate::address;
use crate::depends::needs_mark;
use crate::house::{EngineError, House};
use crate::trace;

/// Applies up to `limit` rows behind the cursor, and rows whose retry is due. Returns how many.
pub(crate) fn apply(house: &House, now: UnixMs, limit: i64) -> Result<usize, EngineError> {
    let (from, due) = house.db().read(|read| -> Result<_, EngineError> {
        Ok((store::work::projected(read)?, store::work::due(read, now, limit)?))
    })?;
    let retried = retry_rows(house, now, &due)?;
    let mut rows = house.inbox().read(from, limit)?;
    let Some(to) = rows.last().map(|last| last.seq) else { return Ok(retried) };
    let _span = trace::apply(&rows).entered();
    let passed = rows.len();
    rows.retain(|row| house.applies(row.received_at));
    let given_up = house.db().read(|read| store::discarded::unread_within(read, from, to))?;
    let reading_of = |row: &InboxRow| match given_up.contains(&(row.seq, row.event_ref.to_string())) {
        true => Reading::GivenUp,
        false => reading(row),
    };
    let mut read: Vec<Reading> = rows.iter().map(reading_of).collect();
    let key = address::key(house)?;
    let said = |(row, reading): (&InboxRow, &Reading)| match reading {
        Reading::Said(_) => address::said(&key, row),
        _ => Vec::new(),
    };
    let addresses: Vec<address::Said> = rows.iter().zip(&read).map(said).collect();
    let thin = rows.iter().zip(&mut read).filter_map(|(row, reading)| Some((row, reading.noted()?)));
    thin::look_for_answers(house, thin)?;
    let advanced = house.db().work(|tx| -> Result<bool, EngineError> {
        if !store::work::advance(tx, from, to)? {
            return Ok(false);
        }
        write(tx, &rows, &read, &addresses, now)?;
        Ok(true)
    })?;
    if advanced {
        rows.iter().zip(&read).for_each(tell_parked);
    }
    // Another projector was faster: its facts are the same ones.
    Ok(retried + if advanced { passed } else { 0 })
}

/// What one row says, or why it cannot be read by this program.
enum Reading {
    Said(Normalised),
    /// It carries no object.
    Thin(thin::Noted),
    Parked(&'static str),
    /// An operator gave it up unread: it says nothing. Only a rebuild meets such rows.
    GivenUp,
}

impl Reading {
    const fn noted(&mut self) -> Option<&mut thin::Noted> {
        match self {
            Self::Thin(noted) => Some(noted),
            _ => None,
        }
    }
}

/// A defect of this program: somebody should hear of it, once.
fn tell_parked((row, reading): (&InboxRow, &Reading)) {
    if let Reading::Parked(error) = reading {
        let (event, event_type) = (row.event_ref.as_str(), row.event_type.as_str());
        tracing::error!(
            book = row.book.label(),
            event,
            event_type,
            error,
            "an event could not be read and is parked"
        );
    }
}

fn reading(row: &InboxRow) -> Reading {
    let outcome = std::panic::catch_unwind(|| {
        let noted = thin::envelope(row).as_ref().and_then(thin::noted);
        noted.map_or_else(|| Reading::Said(read_row(row)), Reading::Thin)
    });
    outcome.unwrap_or(Reading::Parked(
        "internal: the normaliser panicked; please report this event's type and version",
    ))
}

/// What a row says: an event's, or that of an object which was fetched or listed. Such a row is named after the
/// kind of object and dated by its answer.
pub(crate) fn read_row(row: &InboxRow) -> Normalised {
    match object_kind(row) {
        Some(kind) => facts::normalise_object(
            kind,
            row.api_version.as_deref(),
            row.created_s,
            &row.event_ref,
            &row.body,
        ),
        None => facts::normalise_event(&row.body),
    }
}

pub(crate) fn object_kind(row: &InboxRow) -> Option<Kind> {
    let may_be = matches!(row.source, Source::Fetch | Source::List);
    Kind::ALL.into_iter().find(|kind| may_be && kind.stripe_name() == row.event_type)
}

fn write(
    tx: &mut Tx<'_>,
    rows: &[InboxRow],
    read: &[Reading],
    addresses: &[address::Said],
    now: UnixMs,
) -> Result<(), EngineError> {
    let mut books: BTreeMap<Book, i64> = BTreeMap::new();
    let mut said: BTreeMap<i64, Gathered> = BTreeMap::new();
    for ((row, reading), addresses) in rows.iter().zip(read).zip(addresses) {
        let book = match books.get(&row.book) {
            Some(id) => *id,
            None => {
                let id = store::book::id(tx, &row.book)?;
                books.insert(row.book.clone(), id);
                id
            }
        };
        match reading {
            Reading::Said(normalised) => {
                let gathered = said.entry(book).or_default();
                gathered.add(row, normalised);
                gathered.addresses.extend_from_slice(addresses);
            }
            Reading::Thin(noted) => thin::put(tx, book, row, noted, now)?,
            Reading::GivenUp => {}
            Reading::Parked(reason) => {
                let reason = (*reason).to_owned();
                let parked = WorkRow {
                    seq: row.seq,
                    book,
                    state: State::Parked,
                    reason,
                    attempts: 0,
                    not_before: now,
                };
                store::work::set(tx, &parked)?;
            }
        }
    }
    thin::came(tx, &books, rows)?;
    for (book, gathered) in said {
        gathered.put(tx, book)?;
    }
    count_hours(tx, rows, &books)?;
    count_types(tx, rows, &books)
}

/// Which types in which versions came in; what was asked for is none.
fn count_types(tx: &mut Tx<'_>, rows: &[InboxRow], books: &BTreeMap<Book, i64>) -> Result<(), EngineError> {
    let events = rows.iter().filter(|row| object_kind(row).is_none());
    let seen = events.filter_map(|row| {
        Some(store::seen::Seen {
            book: *books.get(&row.book)?,
            event_type: row.event_type.clone(),
            api_version: row.api_version.clone().unwrap_or_default(),
            events: 1,
            last_at: row.received_at,
        })
    });
    Ok(store::seen::add(tx, &seen.collect::<Vec<_>>())?)
}

/// The rhythm of Stripe's deliveries; what was asked for or imported is none.
fn count_hours(tx: &mut Tx<'_>, rows: &[InboxRow], books: &BTreeMap<Book, i64>) -> Result<(), EngineError> {
    let mut hours: BTreeMap<(i64, i64), (i64, UnixMs)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.source == Source::Webhook) {
        let Some(book) = books.get(&row.book) else { continue };
        let hour = row.received_at.div_euclid(3600 * SECOND_MS);
        let (events, last_at) = hours.entry((*book, hour)).or_default();
        *events += 1;
        *last_at = row.received_at.max(*last_at);
    }
    for ((book, hour), (events, last_at)) in hours {
        store::rhythm::add(tx, &store::rhythm::HourRow { book, hour, events, last_at })?;
    }
    Ok(())
}

/// How far a clock elsewhere may be ahead of ours.
const AHEAD_MAX_S: i64 = 86_400;

/// What an event moves its book's clock to: its own time, but for one from further ahead than any clock is
/// wrong. That one counts as of when it came, or it alone would make everything ripe.
pub(super) fn clock_s(at_s: i64, received_at: UnixMs) -> i64 {
    let received_s = received_at.div_euclid(SECOND_MS);
    if at_s > received_s.saturating_add(AHEAD_MAX_S) { received_s } else { at_s }
}

/// Puts what some rows of one book say, marks included, notes left out: for a transaction that will be rolled back.
pub(crate) fn put_rows(tx: &mut Tx<'_>, book: i64, rows: &[InboxRow]) -> Result<(), EngineError> {
    let mut gathered = Gathered::default();
    for row in rows {
        gathered.add(row, &read_row(row));
    }
    gathered.notes.clear();
    gathered.put(tx, book)
}

/// Everything a batch says about one book, so that it can be put in few statements.
#[derive(Default)]
struct Gathered {
    facts: Vec<kernel::Observed>,
    links: BTreeSet<kernel::fact::Link>,
    marks: BTreeSet<(i64, String, i64)>,
    notes: Vec<(i64, Vec<kernel::Note>)>,
    gone: BTreeSet<ObjectKey>,
    newest_s: i64,
    /// When the newest of what was listed was made.
    listed_s: i64,
    addresses: address::Said,
}

impl Gathered {
    fn add(&mut self, row: &InboxRow, normalised: &Normalised) {
        let seq = row.seq;
        // An object that we asked for is no news of Stripe's: it does not move the book's clock.
        let is_news = object_kind(row).is_none();
        if !is_news && row.source == Source::List {
            let made_s = facts::Stub::parse(&row.body).and_then(|stub| stub.created_s).unwrap_or(0);
            self.listed_s = self.listed_s.max(clock_s(made_s, row.received_at));
        }
        for fact in &normalised.facts {
            if is_news {
                self.newest_s = self.newest_s.max(clock_s(fact.at_s, row.received_at));
            }
            if needs_mark(fact.object.kind) {
                self.marks.insert((i64::from(fact.object.kind.code()), fact.object.id.to_string(), seq));
            }
        }
        // The object a fact is about need not be an end of its links (owner -> discount comes with the
        // discount), so the naming end is marked too. The model test's control without this loses work.
        for link in normalised.links.iter().filter(|link| needs_mark(link.from.kind)) {
            self.marks.insert((i64::from(link.from.kind.code()), link.from.id.to_string(), seq));
        }
        self.facts.extend(normalised.facts.iter().cloned());
        self.links.extend(normalised.links.iter().cloned());
        self.gone.extend(normalised.gone.iter().cloned());
        if !normalised.notes.is_empty() {
            self.notes.push((seq, normalised.notes.clone()));
        }
    }

    fn put(self, tx: &mut Tx<'_>, book: i64) -> Result<(), EngineError> {
        let mut objects: BTreeSet<ObjectKey> = self.facts.iter().map(|fact| fact.object.clone()).collect();
        objects.extend(self.gone.iter().cloned());
        let named = self.links.iter().map(|link| link.to.clone()).collect();
        store::mirror::errand::put(tx, book, &objects, &named)?;
        let gone: Vec<ObjectKey> = self.gone.into_iter().collect();
        store::mirror::put_gone(tx, book, &gone)?;
        address::put(tx, book, &self.addresses, &gone)?;
        store::fact::put(tx, book, &self.facts)?;
        let links: Vec<_> = self.links.into_iter().collect();
        store::link::put(tx, book, &links)?;
        let marks: Vec<_> = self.marks.into_iter().map(|(kind, id, seq)| (book, kind, id, seq)).collect();
        store::mark::insert(tx, &marks)?;
        store::note::put_all(tx, book, &self.notes)?;
        store::book::clock_advance(tx, book, self.newest_s)?;
        if self.listed_s > 0 {
            store::book::listed_advance(tx, book, self.listed_s)?;
        }
        Ok(())
    }
}

/// Rows an operator asked to try again (`events retry`), or whose backoff has passed.
fn retry_rows(house: &House, now: UnixMs, due: &[WorkRow]) -> Result<usize, EngineError> {
    let key = address::key(house)?;
    let mut count = 0;
    for item in due {
        let row = match house.inbox().rows(&[item.seq]) {
            Ok(mut rows) => rows.pop(),
            Err(StoreError::Archived(why)) => {
                let why = format!("archived: {why}");
                house.db().work(|tx| retry::row_failed(tx, item, &why, now))?;
                None
            }
            Err(other) => return Err(other.into()),
        };
        let Some(row) = row else { continue };
        let mut read = reading(&row);
        thin::look_for_answers(house, read.noted().map(|noted| (&row, noted)).into_iter())?;
        house.db().work(|tx| -> Result<(), EngineError> {
            match &read {
                Reading::Said(normalised) => {
                    let mut gathered = Gathered::default();
                    gathered.add(&row, normalised);
                    gathered.addresses = address::said(&key, &row);
                    gathered.put(tx, item.book)?;
                    store::work::clear(tx, row.seq)?;
                }
                Reading::Thin(noted) => {
                    thin::put(tx, item.book, &row, noted, now)?;
                    store::work::clear(tx, row.seq)?;
                }
                Reading::Parked(reason) => retry::row_failed(tx, item, reason, now)?,
                Reading::GivenUp => {}
            }
            Ok(())
        })?;
        count += 1;
    }
    Ok(count)
}
