//! Writes intents down. What is asked for twice is one intent: by the caller's own key, or because the same is
//! still under way or still holds. Nothing is called here, except to read what a rotation copies.

use kernel::operator::{Action, CodeMapping, Handle};
use kernel::{Book, UnixMs};
use rules::registry::{Mapping, OperatorError};
use store::Tx;
use store::intent::{IntentRow, NewIntent, State};
use thiserror::Error;

use super::ask::Asked;
use super::plan::{self, CodePlan, CouponPlan, For, Plan};
use super::saga::Progress;
use super::stripe::{Call, CodeSeen, Failure, Reply, Stripe};
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

fn whose(house: &House, partner: &Handle) -> Result<For, BeginError> {
    let registry = house.current_registry()?;
    let known = registry.partner(partner).ok_or_else(|| BeginError::NoPartner(partner.clone()))?;
    Ok(For { partner: partner.clone(), partner_ref: known.id.clone() })
}

/// A code's mapping that holds now, by text or by the id of a promotion code.
pub fn held(house: &House, text: &str, book: Option<&Book>, now: UnixMs) -> Result<Mapping, BeginError> {
    let registry = house.current_registry()?;
    let named = |mapping: &&Mapping| {
        let id = mapping.promotion_code.as_ref().is_some_and(|id| id.as_str() == text);
        let by_text = mapping.code.as_ref().is_some_and(|code| same_text(code, text));
        (id || by_text)
            && !super::run::is_over(mapping.until, now)
            && book.is_none_or(|book| mapping.book == *book)
    };
    let found: Vec<&Mapping> = registry.mappings().filter(named).collect();
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(BeginError::Conflict(format!(
            "no partner has the code {text} now; see: countinghouse code list"
        ))),
        _ => Err(BeginError::Unclear(format!(
            "{text} is mapped {} times; name the book with --book, or the promotion code's id instead of its text",
            found.len()
        ))),
    }
}

/// The promotion code at Stripe that a mapping means.
pub fn seen(stripe: &dyn Stripe, mapping: &Mapping) -> Result<Option<CodeSeen>, BeginError> {
    stripe.ready(&mapping.book).map_err(BeginError::NoKey)?;
    let asked = |call: &Call| match stripe.call(&mapping.book, call, None) {
        Ok(reply) => Ok(Some(reply)),
        Err(Failure::Missing) => Ok(None),
        Err(failure) => Err(BeginError::Unreachable(super::run::words(&failure))),
    };
    match (&mapping.promotion_code, &mapping.code) {
        (Some(id), _) => match asked(&Call::Code(id.clone()))? {
            Some(Reply::Code(code)) => Ok(Some(code)),
            _ => Ok(None),
        },
        (None, Some(text)) => match asked(&Call::CodesOfText(text.clone()))? {
            Some(Reply::Codes(codes)) => {
                Ok(codes.into_iter().find(|code| code.active && code.limits.customer.is_none()))
            }
            _ => Ok(None),
        },
        (None, None) => Ok(None),
    }
}

/// A new code with the old one's coupon and terms, in its place. Asked again, it is the same rotation, also when
/// the old code is gone by now.
pub fn rotate(
    house: &House,
    stripe: &dyn Stripe,
    old: &str,
    text: &str,
    book: Option<&Book>,
    asking: &Asking,
) -> Result<Begun, BeginError> {
    let text = &super::ask::read_text(Some(text)).map_err(BeginError::Unclear)?;
    let old = match held(house, old, book, asking.now) {
        Ok(mapping) => mapping,
        Err(BeginError::Conflict(why)) => {
            let rotated = rotated(house, old, text, book)?.ok_or(BeginError::Conflict(why))?;
            return Ok(Begun { intent: rotated, fresh: false });
        }
        Err(why) => return Err(why),
    };
    let same = |plan: &Plan| matches!(plan, Plan::Rotate { ends, .. } if *ends == mapping_keys(&old));
    if let Some(intent) = under_way(house, &old.book, text, same)? {
        return Ok(Begun { intent, fresh: false });
    }
    let Some(code) = seen(stripe, &old)? else {
        return Err(BeginError::Conflict(
            "Stripe has no active code to rotate; make a new one with: code create".into(),
        ));
    };
    let plan = rotation(house, &code, &old, text, asking.now)?;
    begin(house, &old.book, &plan, asking)
}

fn rotation(
    house: &House,
    seen: &CodeSeen,
    old: &Mapping,
    text: &str,
    now: UnixMs,
) -> Result<Plan, BeginError> {
    let refuse = |why: &str| {
        Err(BeginError::Conflict(format!("{} {why}; make a new one with: code create", seen.text)))
    };
    let Some(coupon) = seen.coupon.clone() else { return refuse("promotes no coupon") };
    if !seen.active {
        return refuse("is not active in Stripe any more");
    }
    if same_text(&seen.text, text) {
        return Err(BeginError::Unclear("the new code is the old one; give another text".into()));
    }
    let mut limits = seen.limits.clone();
    // What is left of a cap, so that both together stay within what was meant.
    limits.max_redemptions = limits.max_redemptions.map(|most| most - seen.times_redeemed);
    if limits.max_redemptions.is_some_and(|left| left < 1)
        || limits.expires_at_s.is_some_and(|at| at * 1000 <= now)
    {
        return refuse("is used up or expired");
    }
    let ends = mapping_keys(old);
    Ok(Plan::Rotate {
        whose: whose(house, &old.partner)?,
        code: CodePlan { text: text.to_owned(), coupon: CouponPlan::There(coupon), limits },
        old: seen.id.clone(),
        ends,
    })
}

/// An intent about this text that is not finished and says the same. What it found at Stripe when it was written
/// may have changed since, by itself.
fn under_way(
    house: &House,
    book: &Book,
    text: &str,
    same: impl Fn(&Plan) -> bool,
) -> Result<Option<IntentView>, BeginError> {
    let row = house.db().read(|read| -> Result<_, EngineError> {
        let Some(book_id) = store::book::known(read, book)? else { return Ok(None) };
        Ok(store::intent::of_subject(read, book_id, &text.to_lowercase())?)
    })?;
    let Some(row) = row else { return Ok(None) };
    let plan: Plan = serde_json::from_str(&row.params).map_err(EngineError::unreadable("plan"))?;
    if same(&plan) { Ok(Some(view(&row, book)?)) } else { Ok(None) }
}

/// A rotation between these two that was carried out.
fn rotated(
    house: &House,
    old: &str,
    text: &str,
    book: Option<&Book>,
) -> Result<Option<IntentView>, BeginError> {
    let made = house.db().read(|read| -> Result<_, EngineError> {
        let mut made = Vec::new();
        for (id, of) in store::book::all(read)? {
            if book.is_none_or(|book| *book == of) {
                made.extend(store::intent::made(read, id)?.into_iter().map(|row| (row, of.clone())));
            }
        }
        Ok(made)
    })?;
    for (row, of) in made.iter().rev().filter(|(row, _)| row.state == State::Done) {
        let plan: Plan = serde_json::from_str(&row.params).map_err(EngineError::unreadable("plan"))?;
        let Plan::Rotate { code, ends, old: id, .. } = &plan else { continue };
        let was = id.as_str() == old || ends.code.as_ref().is_some_and(|code| same_text(code, old));
        if was && same_text(&code.text, text) {
            return Ok(Some(view(row, of)?));
        }
    }
    Ok(None)
}

/// Ends a code: inactive at Stripe, then nobody's in the log.
pub fn deactivate(
    house: &House,
    stripe: &dyn Stripe,
    mapping: &Mapping,
    asking: &Asking,
) -> Result<Begun, BeginError> {
    let keys = mapping_keys(mapping);
    let same = |plan: &Plan| matches!(plan, Plan::Deactivate { ends: Some(ends), .. } if *ends == keys);
    if let Some(intent) = under_way(house, &mapping.book, mapping.code.as_deref().unwrap_or_default(), same)?
    {
        return Ok(Begun { intent, fresh: false });
    }
    let code = seen(stripe, mapping)?;
    let text = mapping.code.clone().or_else(|| code.as_ref().map(|code| code.text.clone()));
    let plan = Plan::Deactivate {
        text: text.unwrap_or_else(|| "coupon".to_owned()),
        code: code.map(|code| code.id),
        ends: Some(keys),
    };
    begin(house, &mapping.book, &plan, asking)
}

#[must_use]
pub(crate) fn mapping_keys(mapping: &Mapping) -> CodeMapping {
    CodeMapping {
        partner: mapping.partner.clone(),
        book: mapping.book.clone(),
        code: mapping.code.clone(),
        promotion_code: mapping.promotion_code.clone(),
        coupon: mapping.coupon.clone(),
    }
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
    if let Some(row) = store::intent::of_subject(tx, book_id, &plan.text().to_lowercase())? {
        if row.digest == digest {
            return Ok(Some(row));
        }
        return Err(BeginError::Conflict(format!(
            "{} is being worked on already ({}, {}); see: countinghouse code intents",
            plan.text(),
            row.kind,
            row.id
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
                "{partner} has the code {text} already, with other terms or by hand; to replace it: \
                 countinghouse code rotate {text} --code NEW"
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
