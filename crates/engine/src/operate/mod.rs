//! What operators tell the house: checked against the log, previewed against the books, then appended.
//! A change that would alter booked sales is refused unless it says it means to (MONEY.md section 5).

mod adopt;
mod preview;
mod reach;

pub use adopt::{Adopt, Adopted, adopt};
pub use preview::Change;

use kernel::UnixMs;
use kernel::operator::{Action, CodeMapping, Handle, Logged, Pay};
use rules::registry::OperatorError;
use store::Tx;
use thiserror::Error;

use crate::house::{EngineError, House};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub actor: String,
    /// `None`: by the rule of the action (open to the past if it is the first of its kind, else now).
    pub effective_at: Option<UnixMs>,
    pub action: Action,
    /// The operator has seen what changes and means it.
    pub retroactive: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub seq: i64,
    /// Booked sales it altered.
    pub changes: Vec<Change>,
}

#[derive(Debug, Error)]
pub enum OperateError {
    #[error(transparent)]
    Refused(#[from] OperatorError),
    #[error("this would change {} booked sale(s); look at them, then repeat with --retroactive to do it, or give --from with a later time", .0.len())]
    WouldChange(Vec<Change>),
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<store::StoreError> for OperateError {
    fn from(why: store::StoreError) -> Self {
        Self::Engine(why.into())
    }
}

/// Checks, previews and appends one action. The whole decision is made under the log's lock.
pub fn operate(house: &House, request: &Request, now: UnixMs) -> Result<Outcome, OperateError> {
    house.db().work(|tx| operate_in(tx, house, request, now))
}

/// The same within a transaction that writes more than this line. The house remembers the log it reads, so
/// nothing may have been appended in this transaction before.
pub(crate) fn operate_in(
    tx: &mut Tx<'_>,
    house: &House,
    request: &Request,
    now: UnixMs,
) -> Result<Outcome, OperateError> {
    store::operator::head_locked(tx)?;
    let registry = house.registry(tx)?;
    registry.check(&request.action, request.effective_at)?;
    let logged = Logged {
        seq: registry.seq() + 1,
        actor: request.actor.clone(),
        effective_at: request.effective_at,
        recorded_at: now,
        action: request.action.clone(),
    };
    let mut next = (*registry).clone();
    next.apply(&logged);
    let changes = preview::changes(tx, &registry, &next, &request.action)?;
    if !changes.is_empty() && !request.retroactive {
        return Err(OperateError::WouldChange(changes));
    }
    store::operator::append(tx, &logged.actor, logged.effective_at, now, &logged.action)?;
    people_tables(tx, &logged, &next)?;
    let books = match book_of(&request.action) {
        Some(book) => vec![store::book::id(tx, book)?],
        None => store::book::all(tx)?.into_iter().map(|(id, _)| id).collect(),
    };
    for book in books {
        // The log's head is held: whoever makes the first subject after this reads the new line.
        if !store::subject::any(tx, book)? {
            continue;
        }
        store::mark::range_insert(tx, book, store::mark::LAYERS, "*", 0)?;
    }
    Ok(Outcome { seq: logged.seq, changes })
}

/// Appends lines of another house's log as they are, where no event has been read yet. Whoever calls it holds the
/// log's head and has checked that they continue it.
pub(crate) fn carry_over(tx: &mut Tx<'_>, house: &House, lines: &[Logged]) -> Result<(), EngineError> {
    let mut registry = (*house.registry(tx)?).clone();
    for logged in lines {
        let Logged { actor, effective_at, recorded_at, action, .. } = logged;
        store::operator::append(tx, actor, *effective_at, *recorded_at, action)?;
        registry.apply(logged);
        people_tables(tx, logged, &registry)?;
        crate::parked::remember(tx, logged)?;
    }
    Ok(())
}

const fn book_of(action: &Action) -> Option<&kernel::Book> {
    match action {
        Action::CodeMap(mapping) | Action::CodeEnd(mapping) => Some(&mapping.book),
        Action::ProgramStart { book, .. } | Action::Manual { book, .. } => Some(book),
        _ => None,
    }
}

/// Keeps the rows that people and analysts read in step with the log.
fn people_tables(tx: &mut Tx<'_>, logged: &Logged, registry: &rules::Registry) -> Result<(), EngineError> {
    match &logged.action {
        Action::PartnerAdd { handle, .. }
        | Action::PartnerStatus { handle, .. }
        | Action::TermsSet { handle, .. } => partner_row(tx, logged.recorded_at, handle, registry),
        Action::CodeMap(mapping) | Action::CodeEnd(mapping) => mapping_rows(tx, mapping, registry),
        Action::ProgramStart { .. }
        | Action::Manual { .. }
        | Action::EventsDiscard { .. }
        | Action::EventsRetry { .. }
        | Action::BodyShown { .. } => Ok(()),
    }
}

fn partner_row(
    tx: &mut Tx<'_>,
    now: UnixMs,
    handle: &Handle,
    registry: &rules::Registry,
) -> Result<(), EngineError> {
    let Some(partner) = registry.partner(handle) else { return Ok(()) };
    let terms = registry.terms_at(handle, now, now).map(|(_, terms)| &terms.pay);
    let row = store::people::PartnerRow {
        handle: handle.to_string(),
        partner_ref: partner.id.clone(),
        name: partner.name.clone(),
        email: partner.email.clone(),
        active: partner.is_active(now),
        rate_bps: match terms {
            Some(Pay::RateBps(bps)) => Some(*bps),
            _ => None,
        },
        created_at: partner.added_at,
    };
    Ok(store::people::write_partner(tx, &row)?)
}

/// Mappings of the same keys may have ended through a newer one: all of them are written again.
fn mapping_rows(tx: &mut Tx<'_>, about: &CodeMapping, registry: &rules::Registry) -> Result<(), EngineError> {
    let book = store::book::id(tx, &about.book)?;
    for mapping in registry.mappings().filter(|mapping| mapping.book == about.book) {
        let row = store::people::MappingRow {
            seq: mapping.seq,
            book,
            partner_handle: mapping.partner.to_string(),
            public_code: mapping.code.clone(),
            stripe_promo_ref: mapping.promotion_code.as_ref().map(ToString::to_string),
            stripe_coupon_ref: mapping.coupon.as_ref().map(ToString::to_string),
            effective_at: mapping.from,
            ended_at: mapping.until,
        };
        store::people::write_mapping(tx, &row)?;
    }
    Ok(())
}

/// A mapping by text, promotion code and coupon, in the words of an error.
pub(crate) fn mapping_words(mapping: &CodeMapping) -> String {
    let parts = [
        mapping.code.clone(),
        mapping.promotion_code.as_ref().map(ToString::to_string),
        mapping.coupon.as_ref().map(ToString::to_string),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" / ")
}
