//! The money cases: MONEY.md section 7 and more, each a history with what is due after every step. The
//! numbers were worked out by hand from MONEY.md; nothing here computes a commission. One function per
//! case, one file per theme, one line in `all`.

mod amounts;
mod balance;
mod begins;
mod books;
mod checkouts;
mod closings;
mod gone;
mod links;
mod owners;
mod reasons;
mod returns;
mod story;
mod terms;

use kernel::operator::Action;
use kernel::{Book, UnixMs};

use crate::model::ModelEvent;
use crate::render::Version;

/// One line for the operator log. `effective_at: None` is open to the past.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setup {
    pub action: Action,
    pub effective_at: Option<UnixMs>,
}

/// First the operator acts, then events arrive, then the books must say this.
#[derive(Clone, Debug)]
pub struct Step {
    pub setup: Vec<Setup>,
    pub events: Vec<ModelEvent>,
    /// All rows of the canonical export after this step: these and no others.
    pub expect: Vec<Expected>,
}

/// A row of the canonical export. `None` in an optional field: the case does not care.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    pub book: Book,
    pub sale: String,
    pub partner: Option<&'static str>,
    pub commission_minor: i64,
    /// `held`, `pending`, ...
    pub status: Option<&'static str>,
    pub reason: Option<&'static str>,
    pub currency: Option<&'static str>,
    pub gross_minor: Option<i64>,
    pub discount_minor: Option<i64>,
    pub net_sold_minor: Option<i64>,
    /// The commission base after reversals.
    pub net_minor: Option<i64>,
    pub available_at: Option<UnixMs>,
    /// Candidates that must be in the trace as rejected: (partner, reason).
    pub rejected: Vec<(&'static str, &'static str)>,
}

#[derive(Clone, Debug)]
pub struct Case {
    /// MONEY.md's letter, or a name.
    pub name: &'static str,
    pub about: &'static str,
    pub steps: Vec<Step>,
    /// The version families that can express it.
    pub versions: Vec<Version>,
}

/// Every case. Each wants a house of its own: they all have partners called anna and bob.
#[must_use]
pub fn all() -> Vec<Case> {
    [
        amounts::cases(),
        balance::cases(),
        returns::cases(),
        closings::cases(),
        links::cases(),
        checkouts::cases(),
        owners::cases(),
        begins::cases(),
        gone::cases(),
        reasons::cases(),
        terms::cases(),
        books::cases(),
    ]
    .concat()
}

/// The case of that name.
#[must_use]
pub fn named(name: &str) -> Option<Case> {
    all().into_iter().find(|case| case.name == name)
}
