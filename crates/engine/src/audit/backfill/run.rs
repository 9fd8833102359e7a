//! One backfill of a book. A page is in the inbox before the place in its list moves, so a kill repeats at most a page,
//! which is harmless: the same object said again. It must not know what an object means.

use kernel::{Book, Kind, Ref, UnixMs};
use serde::Serialize;
use store::listing::Place;

use crate::audit::kinds::LISTED;
use crate::audit::listed::items;
use crate::audit::lister::{Lister, Page};
use crate::audit::{ListFailure, failed};
use crate::house::{EngineError, House};

/// How many objects of each kind there are, so far.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Listed {
    pub kind: &'static str,
    pub listed: i64,
    pub done: bool,
}

/// A run's kinds in their order.
pub type Kinds = Vec<Listed>;

pub(crate) const PURPOSE: &str = "backfill";

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
        Ok(store::listing::begin(tx, book, PURPOSE, clock())?.0)
    })?;
    let mut kinds = Vec::new();
    for kind in LISTED {
        let mut keep = |page: &Page| -> Result<(), ListFailure> {
            let rows: Vec<store::Append> =
                items(lister, book, kind, page, clock())?.into_iter().map(|item| item.row).collect();
            house.inbox().append(&rows).map_err(EngineError::from)?;
            Ok(())
        };
        let place = walk(house, lister, book, (run.id, kind), &mut keep, &mut |place| {
            progress(&shown(kind, place));
        })?;
        kinds.push(shown(kind, &place));
    }
    house.db().work(|tx| -> Result<_, EngineError> { Ok(store::listing::finish(tx, run.id, clock())?) })?;
    Ok(kinds)
}

fn shown(kind: Kind, place: &Place) -> Listed {
    Listed { kind: kind.stripe_name(), listed: place.listed, done: place.done }
}

/// Through one kind's list from where the run is. What `keep` does with a page is durable when it returns.
pub(crate) fn walk(
    house: &House,
    lister: &dyn Lister,
    book: &Book,
    (run, kind): (i64, Kind),
    keep: &mut dyn FnMut(&Page) -> Result<(), ListFailure>,
    moved: &mut dyn FnMut(&Place),
) -> Result<Place, ListFailure> {
    let here = || -> Result<Place, EngineError> {
        house.db().work(|tx| -> Result<_, EngineError> { Ok(store::listing::place(tx, run, kind)?) })
    };
    let mut place = here()?;
    while !place.done {
        let after = Ref::parse(&place.position);
        let page = lister.objects(book, kind, after.as_ref()).map_err(|why| failed(book, why))?;
        keep(&page)?;
        let last = page.items.last().and_then(|body| facts::Stub::parse(body));
        let position = last.map_or_else(|| place.position.clone(), |stub| stub.id.to_string());
        let listed = place.listed.saturating_add(i64::try_from(page.items.len()).unwrap_or(0));
        // Without progress the same page would come for ever.
        let done = !page.more || position == place.position;
        let to = Place { position, done, listed };
        house.db().work(|tx| -> Result<_, EngineError> {
            Ok(store::listing::advance(tx, run, kind, &place, &to)?)
        })?;
        // Another process may be at the same run and further on.
        place = here()?;
        moved(&place);
    }
    Ok(place)
}
