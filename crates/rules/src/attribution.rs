//! Who a sale itself argues for (MONEY.md section 4): its codes, its sessions, its metadata. The decision
//! between them is [`decide`]'s, in `precedence.rs`. It does not know what the partner then earns.

use kernel::fact::{Hints, Invoice, PartnerHint, Session};
use kernel::{Kind, ObjectKey, Ref, UnixMs};

use crate::applied::{Applied, Mirror, unresolved};
use crate::due::{Candidate, Claim, Rule, SubscriptionAttribution};
use crate::precedence::by_precedence;
use crate::registry::Registry;
use crate::sale::{is_listed, ms, sale_at};
use crate::view::{DiscountBook, SaleView};

pub use crate::precedence::decide;

/// The sale's own candidates, sorted by precedence; those that name nobody carry why.
#[must_use]
pub fn candidates(
    view: &SaleView,
    subscription: Option<&SubscriptionAttribution>,
    registry: &Registry,
) -> Vec<Candidate> {
    let mirror = Mirror { book: &view.book, discounts: &view.discounts, registry };
    let started = started_at(&view.sessions).or_else(|| subscription?.started_at);
    let fallback = started.unwrap_or_else(|| sale_at(view));
    let mut applied = Vec::new();
    let mut found = Vec::new();
    for amount in view.invoice.iter().flat_map(|invoice| &invoice.discounts) {
        match mirror.discount(&amount.discount) {
            Some(discount) => applied.push(Applied {
                source: ObjectKey::new(Kind::Discount, amount.discount.clone()),
                promotion_code: discount.promotion_code.clone(),
                coupon: discount.coupon.clone(),
                discount_minor: amount.amount_minor,
                at: discount.start_s.map_or(fallback, ms),
            }),
            None => found.push(unresolved(&amount.discount, amount.amount_minor, fallback)),
        }
    }
    for (id, session) in &view.sessions {
        // Beside other discounts, a session does not say how much its own took.
        let listed = view.invoice.as_ref().map_or(0, |invoice| invoice.discounts.len());
        let took = if listed > 1 { 0 } else { session.discount_minor };
        let new = session_applied(id, session, &view.discounts, took);
        let fresh = new.into_iter().filter(|one| !applied.iter().any(|known| same_thing(known, one)));
        applied.extend(fresh.collect::<Vec<_>>());
    }
    found.extend(mirror.candidates(applied));
    found.extend(invoice_hint(view, registry, fallback));
    found.extend(view.sessions.iter().flat_map(|(id, session)| session_hints(id, session, registry)));
    found.extend(intent_hints(view, registry, fallback));
    found.sort_by(by_precedence);
    found
}

/// What the subscription's own true-up must know of this sale. `None`: no row, or no subscription.
#[must_use]
pub fn claim(view: &SaleView, registry: &Registry) -> Option<Claim> {
    if view.subscription.is_none() || !is_listed(view).unwrap_or(false) {
        return None;
    }
    let invoice = view.invoice.as_ref();
    Some(Claim {
        sale: view.root.clone(),
        sale_at: sale_at(view),
        made_at: invoice.map_or_else(|| sale_at(view), |invoice| ms(invoice.created_s)),
        lists_discounts: invoice.is_some_and(lists_discounts),
        metadata_snapshot: invoice.is_some_and(|invoice| invoice.metadata_snapshot),
        started_at: started_at(&view.sessions),
        candidates: candidates(view, None, registry),
    })
}

/// Whether an invoice answers by itself which discounts it used. One that lists none says that there was none; but
/// from nothing (a trial's beginning) nothing can be taken, so there an empty list proves nothing. A later one of
/// nothing is no such beginning: what was put on before it, an invoice before it had.
fn lists_discounts(invoice: &Invoice) -> bool {
    let had_some_to_take_from = invoice.subtotal_minor != 0;
    let says_none = invoice.discounts_said && (had_some_to_take_from || !may_begin(invoice));
    !invoice.discounts.is_empty() || says_none
}

/// Whether it may be its subscription's first invoice, paid or not. Before May 2018 the reason was the same for all.
fn may_begin(invoice: &Invoice) -> bool {
    invoice.billing_reason.as_deref().is_none_or(|why| matches!(why, "subscription_create" | "subscription"))
}

/// When the first of the sessions was created: the attribution time of everything without one of its own.
pub(crate) fn started_at(sessions: &[(Ref, Session)]) -> Option<UnixMs> {
    sessions.iter().map(|(_, session)| ms(session.created_s)).min()
}

/// The codes and coupons a session names, at the discount's start where the mirror knows that discount.
pub(crate) fn session_applied(id: &Ref, session: &Session, known: &DiscountBook, took: i64) -> Vec<Applied> {
    let alone = session.discounts.len() == 1;
    let applied = session.discounts.iter().filter(|(promo, coupon)| promo.is_some() || coupon.is_some());
    applied
        .map(|(promo, coupon)| Applied {
            source: ObjectKey::new(Kind::Session, id.clone()),
            promotion_code: promo.clone(),
            coupon: coupon.clone(),
            // Of two discounts a session does not say how much each took.
            discount_minor: if alone { took } else { 0 },
            at: ms(discount_start(id, session, promo, coupon, known).unwrap_or(session.created_s)),
        })
        .collect()
}

fn discount_start(
    id: &Ref,
    session: &Session,
    promo: &Option<Ref>,
    coupon: &Option<Ref>,
    known: &DiscountBook,
) -> Option<i64> {
    let discounts = known.discounts.values().flatten();
    let of_session = discounts.filter(|discount| {
        let named = discount.session.as_ref() == Some(id)
            || (session.subscription.is_some() && discount.subscription == session.subscription);
        let same = match promo {
            Some(_) => discount.promotion_code == *promo,
            None => discount.promotion_code.is_none() && discount.coupon == *coupon,
        };
        named && same
    });
    of_session.filter_map(|discount| discount.start_s).min()
}

/// Whether two sources speak of one applied discount. A discount of the invoice says more about it than
/// the session that brought it.
fn same_thing(left: &Applied, right: &Applied) -> bool {
    match (&left.promotion_code, &right.promotion_code) {
        (Some(left), Some(right)) => left == right,
        _ => left.coupon.is_some() && left.coupon == right.coupon,
    }
}

/// A candidate of something that names a partner in words: the first word that does. Words that name nobody
/// are ignored (MONEY.md section 4), so they hide no later one and are no candidates.
pub(crate) fn hinted<'a>(
    rule: Rule,
    source: ObjectKey,
    words: impl IntoIterator<Item = &'a str>,
    at: UnixMs,
    registry: &Registry,
) -> Option<Candidate> {
    let partner = words.into_iter().find_map(|word| registry.partner_by_hint(word))?.clone();
    Some(Candidate {
        rule,
        partner: Some(partner),
        source,
        promotion_code: None,
        coupon: None,
        code: None,
        discount_minor: 0,
        at,
        rejected: None,
    })
}

pub(crate) fn words(hint: &PartnerHint) -> impl Iterator<Item = &str> {
    hint.iter().flat_map(Hints::words)
}

/// Metadata and client reference of a session.
pub(crate) fn session_hints(id: &Ref, session: &Session, registry: &Registry) -> Vec<Candidate> {
    let source = || ObjectKey::new(Kind::Session, id.clone());
    let at = ms(session.created_s);
    let metadata = hinted(Rule::SessionMetadata, source(), words(&session.partner_hint), at, registry);
    let reference = session.client_reference_id.as_deref();
    let reference = hinted(Rule::ClientReferenceId, source(), reference, at, registry);
    metadata.into_iter().chain(reference).collect()
}

/// The metadata on an invoice is the subscription's, as it was when the invoice was made.
fn invoice_hint(view: &SaleView, registry: &Registry, at: UnixMs) -> Option<Candidate> {
    let hint = &view.invoice.as_ref()?.partner_hint;
    hinted(Rule::SubscriptionMetadata, view.root.clone(), words(hint), at, registry)
}

fn intent_hints(view: &SaleView, registry: &Registry, at: UnixMs) -> Vec<Candidate> {
    let hint = |payment: &crate::view::PaymentView| {
        let hint = &payment.intent.as_ref()?.partner_hint;
        hinted(Rule::IntentMetadata, payment.key.clone(), words(hint), at, registry)
    };
    view.payments.iter().filter_map(hint).collect()
}
