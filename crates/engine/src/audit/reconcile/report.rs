//! What a reconciliation found, for people and programs, now or later: it is read from what was written down. It must
//! not know how it was found.

use kernel::Book;
use kernel::time::rfc3339;
use serde::Serialize;
use store::reconcile::Finding;

use super::cause::Cause;
use super::run::PURPOSE;
use crate::house::{EngineError, House};

/// A difference between what we hold and what Stripe says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Difference {
    /// Stripe's name of the kind: `invoice`, `checkout.session`, ...
    pub object: String,
    pub id: String,
    /// `missing` (ours lacks it), `extra` (Stripe lacks it) or `different`.
    pub what: String,
    /// The field of our fact, as `lines.0.amount_minor`; `None` when the whole object is meant.
    pub path: Option<String>,
    pub ours: Option<String>,
    pub stripes: Option<String>,
    pub cause: String,
    /// The cause for a person.
    pub why: &'static str,
    /// The event that did not come.
    pub event: Option<String>,
    /// What Stripe says is in the books now.
    pub fixed: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Compared {
    pub object: &'static str,
    pub listed: i64,
    /// Why they could not be listed, or not all; the books do not depend on them.
    pub problem: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    pub book: String,
    pub started_at: String,
    pub finished_at: Option<String>,
    pub compared: Vec<Compared>,
    pub missing: usize,
    pub extra: usize,
    pub different: usize,
    pub fixed: usize,
    pub differences: Vec<Difference>,
}

/// How reconciling a book stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct State {
    /// When a run began that has not come to its end.
    pub open_since: Option<String>,
    /// The last one that did.
    pub last: Option<Report>,
}

/// The run that is open and the last that is over, if there are such.
pub fn stands(house: &House, book: &Book) -> Result<State, EngineError> {
    let open = house.db().read(|read| -> Result<_, EngineError> {
        let Some(id) = store::book::known(read, book)? else { return Ok(None) };
        Ok(store::listing::open(read, id, PURPOSE)?)
    })?;
    Ok(State { open_since: open.map(|run| rfc3339(run.started_at)), last: last(house, book)? })
}

/// The last reconciliation that came to its end, if there was one.
pub fn last(house: &House, book: &Book) -> Result<Option<Report>, EngineError> {
    let run = house.db().read(|read| -> Result<_, EngineError> {
        let Some(id) = store::book::known(read, book)? else { return Ok(None) };
        Ok(store::listing::last(read, id, PURPOSE)?)
    })?;
    run.map(|run| report(house, book, run.id)).transpose()
}

pub(super) fn report(house: &House, book: &Book, run: i64) -> Result<Report, EngineError> {
    house.db().read(|read| {
        let found = store::listing::get(read, run)?;
        let places = store::listing::places(read, run)?;
        let differences: Vec<Difference> =
            store::reconcile::findings(read, run)?.into_iter().map(shown).collect();
        let count = |what: &str| differences.iter().filter(|one| one.what == what).count();
        Ok(Report {
            book: book.label(),
            started_at: rfc3339(found.started_at),
            finished_at: found.finished_at.map(rfc3339),
            compared: places
                .into_iter()
                .map(|(kind, place)| Compared {
                    object: kind.stripe_name(),
                    listed: place.listed,
                    problem: Some(place.problem).filter(|problem| !problem.is_empty()),
                })
                .collect(),
            missing: count("missing"),
            extra: count("extra"),
            different: count("different"),
            fixed: differences.iter().filter(|one| one.fixed).count(),
            differences,
        })
    })
}

fn shown(found: Finding) -> Difference {
    let cause = Cause::ALL.into_iter().find(|cause| cause.name() == found.cause).unwrap_or(Cause::Unknown);
    let whole = found.path.is_empty();
    Difference {
        object: found.object.kind.stripe_name().to_owned(),
        id: found.object.id.to_string(),
        what: found.what,
        path: (!whole).then_some(found.path),
        ours: (!whole).then_some(found.ours),
        stripes: (!whole).then_some(found.stripes),
        cause: cause.name().to_owned(),
        why: cause.words(),
        event: found.event_ref.map(|event| event.to_string()),
        fixed: found.fixed,
    }
}
