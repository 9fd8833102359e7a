//! One backfill of a book: what every list says, into the inbox. A page is there before the place in its list moves, so a
//! kill repeats at most a page, which is harmless: the same object said again.

use kernel::fact::Body;
use kernel::time::SECOND_MS;
use kernel::{Book, Kind, UnixMs};
use serde::Serialize;
use store::listing::Place;

use crate::audit::ListFailure;
use crate::audit::kinds;
use crate::audit::listed::Item;
use crate::audit::lister::Lister;
use crate::audit::walk::Walk;
use crate::house::{EngineError, House};

/// How many objects of each kind there are, so far.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Listed {
    pub kind: &'static str,
    pub listed: i64,
    pub done: bool,
    /// Why they could not be listed, or not all; the books do not depend on them.
    pub problem: Option<String>,
}

/// A run's kinds in their order.
pub type Kinds = Vec<Listed>;

pub(crate) const PURPOSE: &str = "backfill";

/// A run that began so long ago is begun anew: what has changed since in what it had listed is in the events that
/// Stripe lists, and it lists them for thirty days.
const LEFT_MS: i64 = 29 * 86_400 * SECOND_MS;

/// Lists every kind of the book into the inbox; goes on with a run that was not finished. `progress` hears of every
/// page.
pub fn backfill(
    house: &House,
    lister: &dyn Lister,
    book: &Book,
    clock: &dyn Fn() -> UnixMs,
    progress: &mut dyn FnMut(&Listed),
) -> Result<Kinds, ListFailure> {
    let run = house.db().work(|tx| -> Result<_, EngineError> {
        let book = store::book::id(tx, book)?;
        let now = clock();
        Ok(store::listing::begin(tx, book, PURPOSE, now, now.saturating_sub(LEFT_MS))?.0)
    })?;
    let walk = Walk { house, lister, book, run: run.id, clock };
    let mut kinds = Vec::new();
    for kind in kinds::listed(book) {
        let mut keep = |items: Vec<Item>| -> Result<(), ListFailure> {
            let rows: Vec<store::Append> = items.into_iter().filter(says).map(|item| item.row).collect();
            house.inbox().append(&rows).map_err(EngineError::from)?;
            Ok(())
        };
        let place = walk.kind(kind, &mut keep, &mut |place| progress(&shown(kind, place)))?;
        kinds.push(shown(kind, &place));
    }
    house.db().work(|tx| -> Result<_, EngineError> {
        store::reconcile::forget_seen(tx, run.id)?;
        Ok(store::listing::finish(tx, run.id, clock())?)
    })?;
    Ok(kinds)
}

fn shown(kind: Kind, place: &Place) -> Listed {
    let problem = Some(place.problem.clone()).filter(|problem| !problem.is_empty());
    Listed { kind: kind.stripe_name(), listed: place.listed, done: place.done, problem }
}

/// Every customer has a summary of entitlements, of most of them empty: of those nobody has ever told.
fn says(item: &Item) -> bool {
    if item.object.kind != Kind::Entitlements {
        return true;
    }
    let row = &item.row;
    let version = row.api_version.as_deref();
    let said = facts::normalise_object(item.object.kind, version, row.created_s, &row.event_ref, &row.body);
    !said.facts.iter().all(|fact| matches!(&fact.body, Body::Entitlements(none) if none.active.is_empty()))
}
