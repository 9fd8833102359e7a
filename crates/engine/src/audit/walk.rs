//! Through all lists of one kind from where a run is. A page is kept before the place moves, so a kill repeats at most a
//! page, or what belongs to one object. It must not know what a run does with what it is given.

use facts::Listing;
use kernel::{Book, Kind, ObjectKey, Ref, UnixMs};
use store::listing::Place;

use super::listed::{Item, asked, items};
use super::lister::Lister;
use super::{ListFailure, failed};
use crate::fetch::FetchFailure;
use crate::house::{EngineError, House};

/// A place behind this sign and an id: of the lists that belong to single objects, those of all up to that one are done.
const OF: char = '>';

/// How often one list is begun anew before somebody is told that it changes too fast.
const ANEW_MAX: usize = 3;

/// A run, and whom it asks.
pub(crate) struct Walk<'a> {
    pub(crate) house: &'a House,
    pub(crate) lister: &'a dyn Lister,
    pub(crate) book: &'a Book,
    pub(crate) run: i64,
    pub(crate) clock: &'a dyn Fn() -> UnixMs,
}

/// What was listed is durable when it returns.
pub(crate) type Keep<'a> = &'a mut dyn FnMut(Vec<Item>) -> Result<(), ListFailure>;

impl Walk<'_> {
    /// To the end of the kind's lists. A list that cannot be had ends the run if the books depend on it; else the place
    /// says why, and is done.
    pub(crate) fn kind(
        &self,
        kind: Kind,
        keep: Keep<'_>,
        moved: &mut dyn FnMut(&Place),
    ) -> Result<Place, ListFailure> {
        let (mut place, mut anew) = (self.here(kind)?, 0);
        while !place.done {
            let to = match self.step(kind, &place, keep) {
                Err(ListFailure::Refused { why, .. }) if !crate::depends::needs_mark(kind) => {
                    Place { done: true, problem: why, ..place.clone() }
                }
                to => to?,
            };
            anew += usize::from(to == Place::default());
            if anew > ANEW_MAX {
                let why = format!("the list of {} changes faster than it is read", kind.stripe_name());
                return Err(ListFailure::Later { book: self.book.label(), why });
            }
            self.house.db().work(|tx| -> Result<_, EngineError> {
                Ok(store::listing::advance(tx, self.run, kind, &place, &to)?)
            })?;
            // Another process may be at the same run and further on.
            place = self.here(kind)?;
            moved(&place);
        }
        Ok(place)
    }

    fn here(&self, kind: Kind) -> Result<Place, EngineError> {
        self.house.db().work(|tx| Ok(store::listing::place(tx, self.run, kind)?))
    }

    /// One page, or what belongs to one object.
    fn step(&self, kind: Kind, place: &Place, keep: Keep<'_>) -> Result<Place, ListFailure> {
        let listing = facts::listing(kind);
        if let Some(behind) = place.position.strip_prefix(OF) {
            return self.of_one(kind, listing, behind, place, keep);
        }
        match listing {
            Listing::One | Listing::OneAndClocks | Listing::OneInTestMode => {
                let clocks = listing == Listing::OneAndClocks && !self.book.livemode;
                self.page(kind, place, clocks, keep)
            }
            Listing::Of(_) | Listing::Each(_) => Ok(Place { position: OF.to_string(), ..place.clone() }),
            Listing::Nowhere(_) => Ok(Place { done: true, ..place.clone() }),
        }
    }

    fn page(&self, kind: Kind, place: &Place, clocks: bool, keep: Keep<'_>) -> Result<Place, ListFailure> {
        let after = Ref::parse(&place.position);
        let page = match self.lister.objects(self.book, kind, after.as_ref()) {
            // The object that the place names was deleted meanwhile: from the beginning. What is said again does no
            // harm.
            Err(FetchFailure::Missing) if after.is_some() => return Ok(Place::default()),
            page => page.map_err(|why| failed(self.book, why))?,
        };
        let items = items(self.lister, self.book, kind, &page, (self.clock)())?;
        let last = items.last().map(|item| item.object.id.to_string());
        let place = self.kept(kind, place, items, keep)?;
        let position = last.unwrap_or_else(|| place.position.clone());
        // Without progress the same page would come for ever.
        let done = !page.more || position == place.position;
        Ok(match (done, clocks) {
            (true, true) => Place { position: OF.to_string(), ..place },
            _ => Place { position, done, ..place },
        })
    }

    /// What belongs to the next object behind `behind`.
    fn of_one(
        &self,
        kind: Kind,
        listing: Listing,
        behind: &str,
        place: &Place,
        keep: Keep<'_>,
    ) -> Result<Place, ListFailure> {
        let done = Place { done: true, ..place.clone() };
        let Some(parent) = listing.parent() else { return Ok(done) };
        let next = self.house.db().read(|read| -> Result<_, EngineError> {
            Ok(store::reconcile::next_seen(read, self.run, parent, behind)?)
        })?;
        let Some(of) = next else { return Ok(done) };
        let found = match listing {
            Listing::Each(_) => self.each(kind, &of)?,
            _ => self.all_of(kind, &of)?,
        };
        let place = self.kept(kind, place, found, keep)?;
        Ok(Place { position: format!("{OF}{}", of.id), ..place })
    }

    /// Every page of what belongs to one object; nothing when that one is gone by now.
    fn all_of(&self, kind: Kind, of: &ObjectKey) -> Result<Vec<Item>, ListFailure> {
        let (mut found, mut after, mut anew) = (Vec::new(), None, 0);
        loop {
            let page = match self.lister.objects_of(self.book, kind, of, after.as_ref()) {
                // Either it is gone itself, or the last of the page before is.
                Err(FetchFailure::Missing) if after.is_some() && anew < ANEW_MAX => {
                    (found, after, anew) = (Vec::new(), None, anew + 1);
                    continue;
                }
                Err(FetchFailure::Missing) => return Ok(found),
                page => page.map_err(|why| failed(self.book, why))?,
            };
            let items = items(self.lister, self.book, kind, &page, (self.clock)())?;
            let last = page.items.last().and_then(|body| facts::Stub::parse(body)).map(|stub| stub.id);
            found.extend(items);
            if !page.more || last.is_none() || last == after {
                return Ok(found);
            }
            after = last;
        }
    }

    fn each(&self, kind: Kind, of: &ObjectKey) -> Result<Vec<Item>, ListFailure> {
        let object = ObjectKey::new(kind, of.id.clone());
        match self.lister.object(self.book, &object) {
            Err(FetchFailure::Missing) => Ok(Vec::new()),
            fetched => {
                let fetched = fetched.map_err(|why| failed(self.book, why))?;
                Ok(vec![asked(self.book, object, fetched, (self.clock)())])
            }
        }
    }

    /// Remembers what others are listed by, and hands over.
    fn kept(
        &self,
        kind: Kind,
        place: &Place,
        items: Vec<Item>,
        keep: Keep<'_>,
    ) -> Result<Place, ListFailure> {
        if is_parent(kind) {
            let objects: Vec<ObjectKey> = items.iter().map(|item| item.object.clone()).collect();
            self.house.db().work(|tx| -> Result<_, EngineError> {
                Ok(store::reconcile::put_seen(tx, self.run, &objects)?)
            })?;
        }
        let listed = place.listed.saturating_add(i64::try_from(items.len()).unwrap_or(0));
        if !items.is_empty() {
            keep(items)?;
        }
        Ok(Place { listed, ..place.clone() })
    }
}

fn is_parent(kind: Kind) -> bool {
    facts::LISTABLE.iter().any(|row| row.listing.parent() == Some(kind))
}
