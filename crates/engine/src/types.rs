//! The event types that are handled, from the registry, with what of them has come in: how often, when last, in which versions,
//! and how many are parked. It must not know how a type is read.

use std::collections::BTreeMap;

use kernel::time::rfc3339;
use kernel::{Book, UnixMs};
use serde::Serialize;

use crate::house::{EngineError, House};

/// One event type.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TypeRow {
    #[serde(rename = "type")]
    pub event_type: String,
    /// Stripe's name of the object that is read; `None` of a type that is only kept.
    pub object: Option<&'static str>,
    /// What it says, or why it is only kept.
    pub does: String,
    /// An endpoint made by `webhooks setup` gets it.
    pub subscribed: bool,
    /// How many came in.
    pub received: i64,
    pub last_received_at: Option<String>,
    /// In which versions of the API.
    pub versions: Vec<String>,
    pub parked: i64,
}

/// Looked at for the count of parked ones.
const PARKED_MAX: i64 = 10_000;

#[derive(Default)]
struct Come {
    received: i64,
    last_at: UnixMs,
    versions: Vec<String>,
    parked: i64,
}

/// Every type that is handled, and every other that has come in to this book; sorted by name.
pub fn types(house: &House, book: &Book) -> Result<Vec<TypeRow>, EngineError> {
    let mut come = come(house, book)?;
    let subscribed: Vec<&str> = facts::subscribed().collect();
    let mut rows: Vec<TypeRow> = Vec::new();
    for row in facts::snapshot_rows() {
        let found = come.remove(row.event_type);
        let object = match row.means {
            facts::Means::Read(kind) => Some(kind.stripe_name()),
            facts::Means::Stored(_) => None,
        };
        if object.is_some() || found.is_some() {
            rows.push(shown(row.event_type, Some(row), object, &subscribed, found.unwrap_or_default()));
        }
    }
    for (event_type, found) in come {
        let row = facts::thin_row(&event_type);
        let object = row.and_then(|row| match row.means {
            facts::Means::Read(kind) => Some(kind.stripe_name()),
            facts::Means::Stored(_) => None,
        });
        rows.push(shown(&event_type, row, object, &subscribed, found));
    }
    rows.sort_by(|left, right| left.event_type.cmp(&right.event_type));
    Ok(rows)
}

fn shown(
    event_type: &str,
    row: Option<&facts::Row>,
    object: Option<&'static str>,
    subscribed: &[&str],
    come: Come,
) -> TypeRow {
    let does = match row.map(|row| row.means) {
        Some(facts::Means::Read(_)) => row.map_or("", |row| row.does).to_owned(),
        Some(facts::Means::Stored(why)) => format!("Only kept: {why}."),
        None => "Only kept: newer than this program.".to_owned(),
    };
    TypeRow {
        event_type: event_type.to_owned(),
        object,
        does,
        subscribed: subscribed.contains(&event_type),
        received: come.received,
        last_received_at: (come.last_at > 0).then(|| rfc3339(come.last_at)),
        versions: come.versions,
        parked: come.parked,
    }
}

fn come(house: &House, book: &Book) -> Result<BTreeMap<String, Come>, EngineError> {
    let (seen, parked) = house.db().read(|read| -> Result<_, EngineError> {
        let Some(id) = store::book::known(read, book)? else { return Ok((Vec::new(), Vec::new())) };
        let parked: Vec<i64> = store::work::parked(read, PARKED_MAX)?
            .into_iter()
            .filter(|row| row.book == id)
            .map(|row| row.seq)
            .collect();
        Ok((store::seen::of_book(read, id)?, parked))
    })?;
    let mut come: BTreeMap<String, Come> = BTreeMap::new();
    for row in seen {
        let of_type = come.entry(row.event_type).or_default();
        of_type.received += row.events;
        of_type.last_at = of_type.last_at.max(row.last_at);
        of_type.versions.extend(Some(row.api_version).filter(|version| !version.is_empty()));
    }
    for line in house.inbox().lines(&parked)? {
        come.entry(line.event_type).or_default().parked += 1;
    }
    Ok(come)
}
