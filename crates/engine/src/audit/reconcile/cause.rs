//! The likely cause of a difference, from a closed list: looked up in Stripe's list of events and among what is parked
//! here. It must not know what differs.

use std::collections::{BTreeMap, BTreeSet};

use kernel::time::SECOND_MS;
use kernel::{Book, ObjectKey, Ref, UnixMs};
use store::reconcile::Finding;

use crate::audit::catch_up::{LISTED_S, should_come};
use crate::audit::lister::Lister;
use crate::audit::{ListFailure, failed};
use crate::house::{EngineError, House};
use crate::project::apply::read_row;

/// So many pages of events are looked through, 100 each.
const PAGES_MAX: usize = 1_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// Stripe lists an event about it that never came.
    EventNotDelivered,
    /// What came about it is parked here.
    Parked,
    /// Every event about it that Stripe lists has come, and none says this.
    ChangedSilently,
    /// Not heard of for longer than Stripe lists events: silently, or by an event that is listed no more.
    LongAgo,
    Unknown,
}

impl Cause {
    pub(super) const ALL: [Self; 5] =
        [Self::EventNotDelivered, Self::Parked, Self::ChangedSilently, Self::LongAgo, Self::Unknown];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::EventNotDelivered => "event_not_delivered",
            Self::Parked => "parked",
            Self::ChangedSilently => "changed_silently",
            Self::LongAgo => "long_ago",
            Self::Unknown => "unknown",
        }
    }

    /// For a person.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::EventNotDelivered => "an event about it never came",
            Self::Parked => "an event about it is parked here",
            Self::ChangedSilently => "changed without an event",
            Self::LongAgo => "changed without an event, or more than 30 days ago",
            Self::Unknown => "unknown",
        }
    }
}

/// What is known of events that are not in the books.
pub(super) struct Causes {
    /// The newest event about an object that never came.
    not_delivered: BTreeMap<ObjectKey, Ref>,
    parked: BTreeSet<ObjectKey>,
    /// Every listed event was looked at.
    complete: bool,
    oldest_s: i64,
}

impl Causes {
    pub(super) fn look(
        house: &House,
        lister: &dyn Lister,
        book: &Book,
        now: UnixMs,
    ) -> Result<Self, ListFailure> {
        let mut causes = Self {
            not_delivered: BTreeMap::new(),
            parked: parked(house, book)?,
            complete: false,
            oldest_s: now.div_euclid(SECOND_MS) - LISTED_S,
        };
        let mut after = None;
        for _ in 0..PAGES_MAX {
            let page = lister.events(book, 0, after.as_ref()).map_err(|why| failed(book, why))?;
            if let Some(answered_at_s) = page.answered_at_s {
                causes.oldest_s = answered_at_s - LISTED_S;
            }
            let bodies: BTreeMap<Ref, &Vec<u8>> =
                page.items.iter().filter_map(|body| Some((facts::Stub::parse(body)?.id, body))).collect();
            let refs: Vec<Ref> = bodies.keys().cloned().collect();
            for missing in house.inbox().missing(book, &refs).map_err(EngineError::from)? {
                let Some(body) = bodies.get(&missing) else { continue };
                // An event of a type that nobody subscribes to did not come for a good reason.
                if !facts::Envelope::parse(body).is_ok_and(|envelope| should_come(&envelope.event_type)) {
                    continue;
                }
                let said = facts::normalise_event(body);
                for fact in said.facts {
                    causes.not_delivered.entry(fact.object).or_insert_with(|| missing.clone());
                }
            }
            let last = page.items.last().and_then(|body| facts::Stub::parse(body)).map(|stub| stub.id);
            if !page.more || last.is_none() || last == after {
                causes.complete = true;
                break;
            }
            after = last;
        }
        Ok(causes)
    }

    pub(super) fn of(&self, found: &Finding) -> (Cause, Option<Ref>) {
        if let Some(event) = self.not_delivered.get(&found.object) {
            return (Cause::EventNotDelivered, Some(event.clone()));
        }
        let cause = if self.parked.contains(&found.object) {
            Cause::Parked
        } else if !self.complete {
            Cause::Unknown
        } else if found.ours_at_s >= self.oldest_s {
            Cause::ChangedSilently
        } else {
            Cause::LongAgo
        };
        (cause, None)
    }
}

/// The objects that parked rows of the inbox are about.
fn parked(house: &House, book: &Book) -> Result<BTreeSet<ObjectKey>, EngineError> {
    let seqs: Vec<i64> = house.db().read(|read| -> Result<_, EngineError> {
        let rows = store::work::parked(read, 1_000)?;
        Ok(rows.into_iter().map(|row| row.seq).collect())
    })?;
    let rows = house.inbox().rows(&seqs)?;
    let of_book = rows.iter().filter(|row| row.book == *book);
    Ok(of_book.flat_map(|row| read_row(row).facts).map(|fact| fact.object).collect())
}
