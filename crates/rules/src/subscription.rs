//! Who a subscription belongs to first, and by which sale (MONEY.md section 4): the attribution every
//! later sale of the subscription inherits. What an operator decided by hand is looked up per sale.

use kernel::fact::Discount;
use kernel::{Kind, ObjectKey};

use crate::applied::{Applied, Mirror, unresolved};
use crate::attribution::{hinted, session_applied, session_hints, started_at, words};
use crate::due::{Candidate, Claim, FirstAttribution, Rule, SubscriptionAttribution};
use crate::precedence::{by_precedence, heard};
use crate::registry::Registry;
use crate::sale::ms;
use crate::view::SubscriptionView;

/// Walks the sales in the order of their times and stops at the first that somebody can have.
#[must_use]
pub fn attribute(view: &SubscriptionView, claims: &[Claim], registry: &Registry) -> SubscriptionAttribution {
    let started_at = subscribed_at(view);
    let mut claims: Vec<&Claim> = claims.iter().collect();
    claims.sort_by(|left, right| (left.sale_at, &left.sale).cmp(&(right.sale_at, &right.sale)));
    let earliest = claims.first().copied();
    let base = base(view, earliest, registry);
    let first = claims.into_iter().find_map(|claim| {
        let own: Vec<Candidate> = claim.candidates.iter().map(|one| dated(one, claim, started_at)).collect();
        let is_first = earliest.is_some_and(|earliest| earliest.sale == claim.sale);
        let heard = heard(&base, &own, is_first, claim.metadata_snapshot);
        let eligible = own.iter().chain(heard).filter(|one| one.rejected.is_none());
        let candidate = eligible.min_by(|left, right| by_precedence(left, right))?.clone();
        Some(FirstAttribution { sale: claim.sale.clone(), sale_at: claim.sale_at, candidate })
    });
    let first_sale = earliest.map(|claim| claim.sale.clone());
    SubscriptionAttribution { base, first_sale, first, started_at }
}

/// A claim is made without knowing the subscription; what has no time of its own gets it here.
fn dated(one: &Candidate, claim: &Claim, started_at: Option<kernel::UnixMs>) -> Candidate {
    let undated = matches!(one.rule, Rule::SubscriptionMetadata | Rule::IntentMetadata);
    let at = claim.started_at.or(started_at).filter(|_| undated).unwrap_or(one.at);
    Candidate { at, ..one.clone() }
}

/// Whether a discount of the subscription was there for its first sale, which does not say what it used: by their
/// times, to the second. Where the sale does say, nobody asks this.
fn was_used(discount: &Discount, first: &Claim) -> bool {
    let begun = discount.start_s.is_none_or(|start| ms(start) <= first.made_at);
    begun && discount.end_s.is_none_or(|end| ms(end) > first.made_at)
}

/// The first session's creation, else the subscription's own.
fn subscribed_at(view: &SubscriptionView) -> Option<kernel::UnixMs> {
    started_at(&view.sessions).or_else(|| view.subscription.as_ref().map(|found| ms(found.created_s)))
}

/// Candidates of the subscription itself, of the sessions that made it and of the discounts it was given.
fn base(view: &SubscriptionView, first: Option<&Claim>, registry: &Registry) -> Vec<Candidate> {
    let mirror = Mirror { book: &view.book, discounts: &view.discounts, registry };
    let fallback = subscribed_at(view).unwrap_or_default();
    let mut applied = Vec::new();
    let mut found = Vec::new();
    let first = first.filter(|claim| !claim.lists_discounts);
    for id in view.own_discounts.iter().filter(|_| first.is_some()) {
        match mirror.discount(id) {
            Some(discount) if first.is_some_and(|first| !was_used(discount, first)) => {}
            Some(discount) => applied.push(Applied {
                source: ObjectKey::new(Kind::Discount, id.clone()),
                promotion_code: discount.promotion_code.clone(),
                coupon: discount.coupon.clone(),
                discount_minor: 0,
                at: discount.start_s.map_or(fallback, ms),
            }),
            None => found.push(unresolved(id, 0, fallback)),
        }
    }
    found.extend(mirror.candidates(applied));
    let sessions = || view.sessions.iter();
    let by_session = sessions().flat_map(|(id, session)| session_applied(id, session, &view.discounts, 0));
    found.extend(mirror.candidates(by_session));
    found.extend(sessions().flat_map(|(id, session)| session_hints(id, session, registry)));
    let hint = view.subscription.iter().flat_map(|subscription| words(&subscription.partner_hint));
    let source = ObjectKey::new(Kind::Subscription, view.id.clone());
    found.extend(hinted(Rule::SubscriptionMetadata, source, hint, fallback, registry));
    found.sort_by(by_precedence);
    found
}
