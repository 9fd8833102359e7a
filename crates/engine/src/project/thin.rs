//! Events that carry no object: noted when they are applied, answered by their snapshot or by a fetch of what they are
//! about, whichever comes first. Until then they wait, with the reason in plain sight.
//!
//! It must not know who fetches.

use std::collections::BTreeMap;

use facts::{Envelope, Payload};
use kernel::time::SECOND_MS;
use kernel::{Book, ObjectKey, Ref, UnixMs};
use store::Tx;
use store::inbox::InboxRow;
use store::thin::Thin;
use store::want::Target;

use super::apply::{clock_s, object_kind};
use crate::house::{EngineError, House};

/// Where a snapshot comes too, it is given so long to come before the object is fetched.
const GRACE_MS: i64 = 15 * SECOND_MS;

/// What a thin event wants, found out before the transaction in which it is written down.
pub(crate) struct Noted {
    /// When Stripe made the event, which of one that was asked for is not when it was answered.
    created_s: i64,
    snapshot: Option<Ref>,
    /// The snapshot is in the inbox.
    arrived: bool,
    /// What was asked for because of it is in the inbox, as in one that was imported.
    fetched: Option<Ref>,
    about: facts::Thin,
}

/// What thin events call themselves.
const THIN_OBJECT: &str = "v2.core.event";

/// The envelope of a thin event. Hardly any event is one, and reading the envelope of each once more costs as
/// much as half the rest.
pub(crate) fn envelope(row: &InboxRow) -> Option<Envelope> {
    if std::str::from_utf8(&row.body).is_ok_and(|text| !text.contains(THIN_OBJECT)) {
        return None;
    }
    let envelope = Envelope::parse(&row.body).ok()?;
    matches!(envelope.payload, Payload::Thin { .. }).then_some(envelope)
}

/// What a thin event wants; `None` of one that is only kept.
pub(crate) fn noted(envelope: &Envelope) -> Option<Noted> {
    let Payload::Thin { snapshot_event, .. } = &envelope.payload else { return None };
    let about = facts::thin(envelope)?;
    let matters = matches!(about, facts::Thin::Object(_) | facts::Thin::Event);
    let created_s = envelope.created_s;
    matters.then(|| Noted {
        created_s,
        snapshot: snapshot_event.clone(),
        arrived: false,
        fetched: None,
        about,
    })
}

/// Looks which snapshots and which answers are in the inbox: those that come later are applied later, and look back.
/// An answer of the event's own second may be older than what the event tells.
pub(crate) fn look_for_answers<'a>(
    house: &House,
    noted: impl Iterator<Item = (&'a InboxRow, &'a mut Noted)>,
) -> Result<(), EngineError> {
    for (row, noted) in noted {
        if let Some(snapshot) = &noted.snapshot {
            noted.arrived = house.inbox().missing(&row.book, std::slice::from_ref(snapshot))?.is_empty();
        }
        if !noted.arrived {
            let id = match &noted.about {
                facts::Thin::Object(key) => &key.id,
                _ => &row.event_ref,
            };
            noted.fetched = house.inbox().answer(&row.book, id, noted.created_s, row.seq)?;
        }
    }
    Ok(())
}

/// Writes one down, and asks for its object unless its snapshot is there.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    book: i64,
    row: &InboxRow,
    noted: &Noted,
    now: UnixMs,
) -> Result<(), EngineError> {
    // An event that was asked for and still names no object has nothing more to say.
    let asked = row.source == store::Source::Fetch;
    let (object, target, words) = match &noted.about {
        facts::Thin::Object(key) => (Some(key.clone()), Some(Target::Object(key.clone())), key.to_string()),
        _ if asked => (None, None, String::new()),
        _ => (None, Some(Target::Event(row.event_ref.clone())), format!("event {}", row.event_ref)),
    };
    let waiting = !noted.arrived && noted.fetched.is_none() && target.is_some();
    let answer = match (noted.arrived, &target, &noted.fetched) {
        (true, ..) => "snapshot".to_owned(),
        (false, None, _) => "says nothing more".to_owned(),
        (false, Some(_), Some(answer)) => format!("fetched: {answer}"),
        (false, Some(_), None) => words,
    };
    let snapshot = noted.snapshot.clone();
    let thin = Thin { seq: row.seq, book, created_s: noted.created_s, snapshot, object, waiting, answer };
    store::thin::put(tx, &thin)?;
    if !asked {
        // It is news of Stripe's, whenever its object comes: a book may be told by such events alone.
        store::book::clock_advance(tx, book, clock_s(row.created_s, row.received_at))?;
    }
    if let Some(target) = target.filter(|_| waiting) {
        let grace = if thin.snapshot.is_some() { GRACE_MS } else { 0 };
        store::want::again(tx, book, &target, now + grace)?;
    }
    Ok(())
}

/// These rows have come: thin events that wait for one of them, as their snapshot or as what was fetched of their
/// object, are answered.
pub(crate) fn came(
    tx: &mut Tx<'_>,
    books: &BTreeMap<Book, i64>,
    rows: &[InboxRow],
) -> Result<(), EngineError> {
    let mut refs: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for row in rows {
        let book = books.get(&row.book).copied().unwrap_or(0);
        refs.entry(book).or_default().push(row.event_ref.to_string());
        let Some(target) = fetched(row) else { continue };
        let words = format!("fetched: {}", row.event_ref);
        match &target {
            Target::Object(object) => store::thin::answer_by_object(tx, book, object, &words)?,
            Target::Event(event) => store::thin::answer_by_event(tx, book, event, &words)?,
        }
    }
    for (book, refs) in refs {
        store::thin::answer_by_snapshot(tx, book, &refs)?;
    }
    Ok(())
}

/// What the row is the answer about, of one that was asked for.
fn fetched(row: &InboxRow) -> Option<Target> {
    let (id, _) = row.event_ref.as_str().rsplit_once('@')?;
    let id = Ref::parse(id)?;
    match object_kind(row) {
        Some(kind) => Some(Target::Object(ObjectKey::new(kind, id))),
        None => (row.source == store::Source::Fetch).then_some(Target::Event(id)),
    }
}
