//! One reconciliation of a book: every list, page by page, against what we hold. What is found is written down before
//! it is healed, and healed before the place in the list moves: so a kill at any moment loses no finding, and repeats at
//! most a page. It must not know HTTP, nor what a field means.

use std::collections::BTreeSet;

use kernel::fact::newest;
use kernel::time::SECOND_MS;
use kernel::{Book, Kind, ObjectKey, UnixMs};
use serde::Serialize;
use store::Append;
use store::reconcile::Finding;

use super::cause::Causes;
use super::compare::{fields, may_be_gone};
use super::page::{Looked, extra, look};
use super::report::{Report, report};
use crate::audit::kinds;
use crate::audit::listed::{Item, asked};
use crate::audit::lister::Lister;
use crate::audit::walk::Walk;
use crate::audit::{ListFailure, failed};
use crate::fetch::{FetchFailure, Fetched};
use crate::house::{EngineError, House};
use crate::project;

pub(crate) const PURPOSE: &str = "reconcile";

/// A run that began so long ago is begun anew: what it compared then says nothing of now.
const LEFT_MS: i64 = 7 * 86_400 * SECOND_MS;

/// How a reconciliation is made.
pub struct Ask<'a> {
    /// What differs is taken over from Stripe.
    pub fix: bool,
    pub clock: &'a dyn Fn() -> UnixMs,
    /// Hears of every page.
    pub progress: &'a dyn Fn(&'static str, i64),
}

/// Compares every list with what we hold; goes on with a run that was not finished.
pub fn reconcile(
    house: &House,
    lister: &dyn Lister,
    book: &Book,
    ask: &Ask<'_>,
) -> Result<Report, ListFailure> {
    project::drain(house, (ask.clock)())?;
    let (run, book_id) = house.db().work(|tx| -> Result<_, EngineError> {
        let id = store::book::id(tx, book)?;
        let now = (ask.clock)();
        Ok((store::listing::begin(tx, id, PURPOSE, now, now.saturating_sub(LEFT_MS))?.0, id))
    })?;
    let reconciling = Reconciling { house, lister, book, ask, run: run.id, book_id };
    for kind in kinds::listed(book) {
        if reconciling.kind(kind)? {
            reconciling.extras(kind)?;
        }
    }
    project::drain(house, (ask.clock)())?;
    reconciling.find_causes()?;
    reconciling.look_whether_fixed()?;
    if ask.fix && reconciling.heal_leftovers()? {
        project::drain(house, (ask.clock)())?;
        reconciling.look_whether_fixed()?;
    }
    house.db().work(|tx| -> Result<_, EngineError> {
        store::reconcile::forget_seen(tx, run.id)?;
        Ok(store::listing::finish(tx, run.id, (ask.clock)())?)
    })?;
    Ok(report(house, book, run.id)?)
}

struct Reconciling<'a> {
    house: &'a House,
    lister: &'a dyn Lister,
    book: &'a Book,
    ask: &'a Ask<'a>,
    run: i64,
    book_id: i64,
}

/// What the API answers with when something that can be deleted has been.
#[derive(Serialize)]
struct Tombstone<'a> {
    id: &'a str,
    object: &'static str,
    deleted: bool,
}

impl Reconciling<'_> {
    /// `false`: it could not be listed whole, so nothing is known of what is in no list.
    fn kind(&self, kind: Kind) -> Result<bool, ListFailure> {
        let mut keep = |items: Vec<Item>| -> Result<(), ListFailure> {
            let Looked { objects, findings, heals } = look(self.house, self.book_id, items)?;
            self.write_down(&objects, &findings)?;
            self.heal(&heals)
        };
        let mut moved = |place: &store::listing::Place| (self.ask.progress)(kind.stripe_name(), place.listed);
        let (house, lister, book, run) = (self.house, self.lister, self.book, self.run);
        let walk = Walk { house, lister, book, run, clock: self.ask.clock };
        Ok(walk.kind(kind, &mut keep, &mut moved)?.problem.is_empty())
    }

    fn write_down(&self, seen: &[ObjectKey], findings: &[Finding]) -> Result<(), ListFailure> {
        self.house.db().work(|tx| -> Result<_, EngineError> {
            store::reconcile::put_seen(tx, self.run, seen)?;
            store::reconcile::put(tx, self.run, findings)?;
            Ok(())
        })?;
        Ok(())
    }

    fn heal(&self, rows: &[Append]) -> Result<(), ListFailure> {
        if self.ask.fix {
            self.house.inbox().append(rows).map_err(EngineError::from)?;
        }
        Ok(())
    }

    /// What is ours and was in no page is asked for by its id: it may have been made since the list was asked for.
    fn extras(&self, kind: Kind) -> Result<(), ListFailure> {
        let mut after = String::new();
        loop {
            let page = self.house.db().read(|read| -> Result<_, EngineError> {
                let keys = store::reconcile::unseen(read, self.run, self.book_id, kind, &after, 200)?;
                let held = store::fact::newest_second(read, self.book_id, &keys)?;
                Ok((keys.last().map(|last| last.id.to_string()), held))
            })?;
            let (Some(last), held) = page else { return Ok(()) };
            after = last;
            for (object, versions) in held {
                let Some(held) = newest(&versions).filter(|held| !may_be_gone(&held.body)) else { continue };
                let fetched = match self.lister.object(self.book, &object) {
                    Ok(fetched) if !is_deleted(&fetched) => continue,
                    Ok(fetched) => Some(fetched),
                    Err(FetchFailure::Missing) => tombstone(&object, self.lister.api_version(self.book)),
                    Err(why) => return Err(failed(self.book, why)),
                };
                self.write_down(&[], &[extra(held)])?;
                let row = |fetched| asked(self.book, object.clone(), fetched, (self.ask.clock)()).row;
                self.heal(&fetched.map(row).into_iter().collect::<Vec<_>>())?;
            }
        }
    }

    /// A run that did not heal may have found them and been killed: what still differs is asked for once more, by its
    /// id. Whether there was anything.
    fn heal_leftovers(&self) -> Result<bool, ListFailure> {
        let open = self.findings()?.into_iter().filter(|found| !found.fixed);
        let objects: BTreeSet<ObjectKey> = open.map(|found| found.object).collect();
        let mut any = false;
        for object in objects {
            let fetched = match self.lister.object(self.book, &object) {
                Ok(fetched) => Some(fetched),
                Err(FetchFailure::Missing) => tombstone(&object, self.lister.api_version(self.book)),
                // It has no address of its own: a whole run brings it along with what carries it.
                Err(FetchFailure::Refused(_)) => None,
                Err(why) => return Err(failed(self.book, why)),
            };
            let Some(fetched) = fetched else { continue };
            self.heal(&[asked(self.book, object, fetched, (self.ask.clock)()).row])?;
            any = true;
        }
        Ok(any)
    }

    fn findings(&self) -> Result<Vec<Finding>, EngineError> {
        self.house.db().read(|read| Ok(store::reconcile::findings(read, self.run)?))
    }

    fn find_causes(&self) -> Result<(), ListFailure> {
        let open: Vec<Finding> =
            self.findings()?.into_iter().filter(|found| found.cause.is_empty()).collect();
        if open.is_empty() {
            return Ok(());
        }
        let causes = Causes::look(self.house, self.lister, self.book, (self.ask.clock)())?;
        self.house.db().work(|tx| -> Result<_, EngineError> {
            for found in &open {
                let (cause, event_ref) = causes.of(found);
                let cause = cause.name().to_owned();
                store::reconcile::set_cause(tx, self.run, &Finding { cause, event_ref, ..found.clone() })?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Not what was tried counts, but what the books hold now.
    fn look_whether_fixed(&self) -> Result<(), ListFailure> {
        let open: Vec<Finding> = self.findings()?.into_iter().filter(|found| !found.fixed).collect();
        let keys: Vec<ObjectKey> = open.iter().map(|found| found.object.clone()).collect();
        if !self.ask.fix || keys.is_empty() {
            return Ok(());
        }
        self.house.db().work(|tx| -> Result<_, EngineError> {
            let held = store::fact::newest_second(tx, self.book_id, &keys)?;
            for found in &open {
                let Some(ours) = held.get(&found.object).and_then(|versions| newest(versions)) else {
                    continue;
                };
                let fixed = match found.what.as_str() {
                    "missing" => true,
                    "extra" => may_be_gone(&ours.body),
                    _ => {
                        fields(&ours.body)?.get(&found.path).map_or("absent", String::as_str) == found.stripes
                    }
                };
                if fixed {
                    store::reconcile::set_fixed(tx, self.run, found)?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }
}

fn is_deleted(fetched: &Fetched) -> bool {
    facts::Stub::parse(&fetched.body).is_some_and(|stub| stub.deleted)
}

/// For what can be deleted; whatever else is gone, a person has to look at.
fn tombstone(object: &ObjectKey, version: Option<String>) -> Option<Fetched> {
    let deletable = matches!(
        object.kind,
        Kind::Coupon
            | Kind::Customer
            | Kind::Product
            | Kind::Price
            | Kind::TaxId
            | Kind::TestClock
            | Kind::Account
    );
    if !deletable {
        return None;
    }
    let said = Tombstone { id: object.id.as_str(), object: object.kind.stripe_name(), deleted: true };
    let body = serde_json::to_vec(&said).ok()?;
    Some(Fetched { body, api_version: version.unwrap_or_default(), answered_at_s: None, livemode: None })
}
