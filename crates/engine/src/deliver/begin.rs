//! Writes intents down, and makes those of new codes. What is asked for twice is one intent: by the caller's own
//! key, or because the same is still under way or still holds. Nothing is called here.

use kernel::operator::{Action, CodeMapping, Handle};
use kernel::{Book, UnixMs};
use rules::registry::{Mapping, OperatorError};
use store::Tx;
use store::intent::{IntentRow, NewIntent, State};
use thiserror::Error;

use super::ask::Asked;
use super::change::mapping_keys;
use super::plan::{self, For, Plan};
use super::run::is_over;
use super::saga::Progress;
use super::stripe::Stripe;
use super::view::{IntentView, view};
use crate::house::{EngineError, House};

/// Who asks, and under which key of his own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asking {
    pub actor: String,
    pub request_key: Option<String>,
    pub now: UnixMs,
}

/// An intent that is written down now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    pub intent: IntentView,
    /// It was not there before.
    pub fresh: bool,
}

#[derive(Debug, Error)]
pub enum BeginError {
    /// What was asked for cannot be, whatever is on record.
    #[error("{0}")]
    Unclear(String),
    /// It contradicts what is on record.
    #[error("{0}")]
    Conflict(String),
    /// The same key was used for something else.
    #[error("this idempotency key was used for another request ({0}); use a new one")]
    KeyReused(String),
    #[error("there is no partner {0}")]
    NoPartner(Handle),
    /// No key for this book.
    #[error("{0}")]
    NoKey(String),
    /// Stripe could not be asked.
    #[error("{0}")]
    Unreachable(String),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<store::StoreError> for BeginError {
    fn from(why: store::StoreError) -> Self {
        Self::Engine(why.into())
    }
}

/// The book a code is made in: the one named, the only one there is, or the only one with a key.
pub fn book(house: &House, stripe: &dyn Stripe, named: Option<&Book>) -> Result<Book, BeginError> {
    let book = match (named, crate::status::books(house)?.as_slice()) {
        (Some(named), _) => named.clone(),
        (None, [only]) => only.clone(),
        (None, several) => {
            let keyed: Vec<Book> =
                [false, true].map(Book::own).into_iter().filter(|book| stripe.ready(book).is_ok()).collect();
            match keyed.as_slice() {
                [only] if several.is_empty() => only.clone(),
                _ => {
                    let hint =
                        "say in which book the code is to be made: --book live, or --book test to try it";
                    return Err(BeginError::Unclear(hint.to_owned()));
                }
            }
        }
    };
    stripe.ready(&book).map_err(BeginError::NoKey)?;
    Ok(book)
}

/// A new code for a partner.
pub fn create(
    house: &House,
    partner: &Handle,
    asked: &Asked,
    book: &Book,
    asking: &Asking,
) -> Result<Begun, BeginError> {
    let whose = whose(house, partner)?;
    let plan = Plan::Create { whose, code: asked.code.clone(), from: asked.from };
    begin(house, book, &plan, asking)
}

/// What `create` would write down, and nothing is.
pub fn rehearse(
    house: &House,
    partner: &Handle,
    asked: &Asked,
    book: &Book,
) -> Result<plan::Intent, BeginError> {
    let plan = Plan::Create { whose: whose(house, partner)?, code: asked.code.clone(), from: asked.from };
    let digest = plan::digest(book, &plan).map_err(EngineError::unreadable("plan"))?;
    house.db().read(|read| {
        let book_id = store::book::known(read, book)?;
        let before = match book_id {
            Some(_) => store::intent::of_digest(read, &digest)?.len(),
            None => 0,
        };
        let registry = house.registry(read)?;
        check_text(&registry, book, partner, &asked.code.text)?;
        let id = plan::id(&digest, before);
        Ok(plan::Intent {
            id,
            book: book.clone(),
            plan: plan.clone(),
            made_by: String::new(),
            recorded_at: 0,
        })
    })
}

pub(super) fn whose(house: &House, partner: &Handle) -> Result<For, BeginError> {
    let registry = house.current_registry()?;
    let known = registry.partner(partner).ok_or_else(|| BeginError::NoPartner(partner.clone()))?;
    Ok(For { partner: partner.clone(), partner_ref: known.id.clone() })
}

/// Writes an intent down, or finds the one that asks for the same.
pub(crate) fn begin(house: &House, book: &Book, plan: &Plan, asking: &Asking) -> Result<Begun, BeginError> {
    let digest = plan::digest(book, plan).map_err(EngineError::unreadable("plan"))?;
    house.db().work(|tx| {
        // One at a time, and with a log that stands still.
        store::operator::head_locked(tx)?;
        let registry = house.registry(tx)?;
        let book_id = store::book::id(tx, book)?;
        if let Some(row) = there(tx, &registry, book_id, &digest, plan, asking)? {
            return Ok(Begun { intent: view(&row, book)?, fresh: false });
        }
        if let Some(ends) = plan.ends() {
            check_held(&registry, ends, asking.now)?;
        }
        if let (Some(partner), Some(code)) = (plan.partner(), plan.code()) {
            check_text(&registry, book, partner, &code.text)?;
        }
        let before = store::intent::of_digest(tx, &digest)?.len();
        let new = NewIntent {
            id: plan::id(&digest, before),
            book: book_id,
            kind: plan.kind(),
            subject: plan.text().to_lowercase(),
            partner: plan.partner().map(ToString::to_string),
            digest: digest.clone(),
            request_key: asking.request_key.clone(),
            params: serde_json::to_string(plan).map_err(EngineError::unreadable("plan"))?,
            progress: serde_json::to_string(&Progress::new(plan))
                .map_err(EngineError::unreadable("progress"))?,
            made_by: asking.actor.clone(),
            recorded_at: asking.now,
        };
        store::intent::add(tx, &new)?;
        let row = store::intent::one(tx, &new.id)?.ok_or(store::StoreError::Conflict)?;
        Ok(Begun { intent: view(&row, book)?, fresh: true })
    })
}

/// An intent that already asks for the same; an error if one asks for something else of the same code or key.
fn there(
    tx: &mut Tx<'_>,
    registry: &rules::Registry,
    book_id: i64,
    digest: &str,
    plan: &Plan,
    asking: &Asking,
) -> Result<Option<IntentRow>, BeginError> {
    if let Some(key) = &asking.request_key
        && let Some(row) = store::intent::of_request(tx, key)?
    {
        return if row.digest == digest { Ok(Some(row)) } else { Err(BeginError::KeyReused(row.id)) };
    }
    if let Some((code, row)) = working(tx, book_id, plan)? {
        if row.digest == digest {
            return Ok(Some(row));
        }
        return Err(BeginError::Conflict(format!(
            "{code} is being worked on already ({}, {}); see: countinghouse code intents",
            row.kind, row.id
        )));
    }
    for id in store::intent::of_digest(tx, digest)?.into_iter().rev() {
        let Some(row) = store::intent::one(tx, &id)? else { continue };
        if row.state == State::Done && still_holds(registry, &row, plan)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// An intent that is not finished and holds a code that this plan would hold too, and which code that is.
fn working(tx: &mut Tx<'_>, book_id: i64, plan: &Plan) -> Result<Option<(String, IntentRow)>, BeginError> {
    let wanted = plan.holds();
    if let Some(row) = store::intent::of_subject(tx, book_id, &plan.text().to_lowercase())? {
        return Ok(Some((plan.text().to_owned(), row)));
    }
    for code in &wanted {
        if let Some(row) = store::intent::of_subject(tx, book_id, code)? {
            return Ok(Some((code.clone(), row)));
        }
    }
    // What one holds beside its subject is in its plan alone; few change codes at one time.
    for row in store::intent::changes(tx, book_id)? {
        let other: Plan = serde_json::from_str(&row.params).map_err(EngineError::unreadable("plan"))?;
        // By its text rather than by its id, for whoever reads it.
        if let Some(shared) = other.holds().intersection(&wanted).min_by_key(|code| code.contains('_')) {
            return Ok(Some((shared.clone(), row)));
        }
    }
    Ok(None)
}

/// What a plan ends was looked up before this transaction: another may have ended it since.
fn check_held(registry: &rules::Registry, ends: &CodeMapping, now: UnixMs) -> Result<(), BeginError> {
    let held = |mapping: &Mapping| mapping_keys(mapping) == *ends && !is_over(mapping.until, now);
    if registry.mappings().any(held) {
        return Ok(());
    }
    let id = ends.promotion_code.as_ref().or(ends.coupon.as_ref()).map(ToString::to_string);
    let name = ends.code.clone().or(id).unwrap_or_default();
    Err(BeginError::Conflict(format!(
        "{name} is not {}'s any more: it was ended meanwhile; see: countinghouse code list",
        ends.partner
    )))
}

/// Whether what a finished intent made is still the partner's.
fn still_holds(registry: &rules::Registry, row: &IntentRow, plan: &Plan) -> Result<bool, BeginError> {
    let progress: Progress =
        serde_json::from_str(&row.progress).map_err(EngineError::unreadable("progress"))?;
    let (Some(made), Some(partner)) = (progress.object(super::StepName::PromotionCode), plan.partner())
    else {
        return Ok(false);
    };
    Ok(registry.mappings().any(|mapping| {
        mapping.until.is_none()
            && mapping.promotion_code.as_ref() == Some(made)
            && mapping.partner == *partner
    }))
}

/// A text that a partner holds is not made again, neither for him nor for somebody else.
fn check_text(
    registry: &rules::Registry,
    book: &Book,
    partner: &Handle,
    text: &str,
) -> Result<(), BeginError> {
    let held = registry.mappings().find(|mapping| {
        mapping.book == *book
            && mapping.until.is_none()
            && mapping.code.as_ref().is_some_and(|code| same_text(code, text))
    });
    match held {
        None => {}
        Some(mapping) if mapping.partner == *partner => {
            return Err(BeginError::Conflict(format!(
                "{partner} has the code {text} already, with other terms or by hand, and Stripe changes no coupon's \
                 terms (code rotate keeps them too): make one of another text, or end this one first: countinghouse \
                 code deactivate {text} --book {}",
                book.label()
            )));
        }
        Some(mapping) => {
            return Err(BeginError::Conflict(format!(
                "the code {text} belongs to {}; end it first: countinghouse code deactivate {text} --book {}",
                mapping.partner,
                book.label()
            )));
        }
    }
    // The log's own rules too, with everything but the id that Stripe will give.
    let mapping = CodeMapping {
        partner: partner.clone(),
        book: book.clone(),
        code: Some(text.to_owned()),
        promotion_code: None,
        coupon: None,
    };
    registry.check(&Action::CodeMap(mapping), None).map_err(|why| match why {
        OperatorError::HandleUnknown { handle } => BeginError::NoPartner(handle),
        other => BeginError::Conflict(other.to_string()),
    })
}

pub(crate) fn same_text(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}
