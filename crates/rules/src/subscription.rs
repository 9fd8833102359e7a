//! Who a subscription belongs to first, and by which sale (MONEY.md section 4): the attribution every
//! later sale of the subscription inherits. What an operator decided by hand is looked up per sale.

use kernel::{Kind, ObjectKey};

use crate::applied::{Applied, Mirror, unresolved};
use crate::attribution::{hinted, session_applied, session_hints, started_at};
use crate::due::{Candidate, Claim, FirstAttribution, Rule, SubscriptionAttribution};
use crate::precedence::{by_precedence, speaks_at};
use crate::registry::Registry;
use crate::sale::ms;
use crate::view::SubscriptionView;

/// Walks the sales in the order of their times and stops at the first that somebody can have.
#[must_use]
pub fn attribute(view: &SubscriptionView, claims: &[Claim], registry: &Registry) -> SubscriptionAttribution {
    let base = base(view, registry);
    let mut claims: Vec<&Claim> = claims.iter().collect();
    claims.sort_by(|left, right| (left.sale_at, &left.sale).cmp(&(right.sale_at, &right.sale)));
    let first = claims.into_iter().find_map(|claim| {
        let base = base.iter().filter(|one| speaks_at(one, claim.sale_at));
        let eligible = claim.candidates.iter().chain(base).filter(|one| one.rejected.is_none());
        let best = eligible.min_by(|left, right| by_precedence(left, right))?;
        Some(FirstAttribution { sale: claim.sale.clone(), sale_at: claim.sale_at, candidate: best.clone() })
    });
    SubscriptionAttribution { base, first, started_at: subscribed_at(view) }
}

/// The first session's creation, else the subscription's own.
fn subscribed_at(view: &SubscriptionView) -> Option<kernel::UnixMs> {
    started_at(&view.sessions).or_else(|| view.subscription.as_ref().map(|found| ms(found.created_s)))
}

/// Candidates of the subscription itself, of the sessions that made it and of the discounts it was given.
fn base(view: &SubscriptionView, registry: &Registry) -> Vec<Candidate> {
    let mirror = Mirror { book: &view.book, discounts: &view.discounts, registry };
    let fallback = subscribed_at(view).unwrap_or_default();
    let mut applied = Vec::new();
    let mut found = Vec::new();
    for id in &view.own_discounts {
        match mirror.discount(id) {
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
    let by_session = sessions().flat_map(|(id, session)| session_applied(id, session, &view.discounts));
    found.extend(mirror.candidates(by_session));
    found.extend(sessions().flat_map(|(id, session)| session_hints(id, session, registry)));
    let hint = view.subscription.as_ref().and_then(|subscription| subscription.partner_hint.as_ref());
    let source = ObjectKey::new(Kind::Subscription, view.id.clone());
    found.extend(hinted(Rule::SubscriptionMetadata, source, hint, fallback, registry));
    found.sort_by(by_precedence);
    found
}
