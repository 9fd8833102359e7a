//! Which of several candidates gets a sale, and why each of the others does not (MONEY.md section 4).

use std::cmp::{Ordering, Reverse};

use kernel::operator::Handle;
use kernel::{Kind, UnixMs};

use crate::attribution::started_at;
use crate::due::{Attribution, Candidate, Reason, Rule, SubscriptionAttribution};
use crate::registry::Registry;
use crate::sale::sale_at;
use crate::view::SaleView;

/// The winner comes first: eligible before rejected, then by rule, then the larger discount, the smaller
/// promotion code id, the smaller coupon id, the earlier time, the smaller source.
pub(crate) fn by_precedence(left: &Candidate, right: &Candidate) -> Ordering {
    fn key(one: &Candidate) -> impl Ord + '_ {
        let (promo, coupon) = (&one.promotion_code, &one.coupon);
        let order = (one.rejected.is_some(), one.rule, Reverse(one.discount_minor));
        (order, promo.is_none(), promo, coupon.is_none(), coupon, one.at, &one.source)
    }
    key(left).cmp(&key(right))
}

/// What of a subscription's argument counts for one of its sales. A discount argues through the invoices that
/// name it; the subscription's own word for it counts for the first sale alone, which may name none (a trial
/// of zero). Metadata count as the invoice recorded them, where it did.
pub(crate) fn heard<'a>(
    base: &'a [Candidate],
    own: &'a [Candidate],
    is_first: bool,
    metadata_snapshot: bool,
) -> impl Iterator<Item = &'a Candidate> {
    let used = move |one: &&Candidate| is_first || one.source.kind != Kind::Discount;
    let current = move |one: &&Candidate| !metadata_snapshot || one.rule != Rule::SubscriptionMetadata;
    base.iter().filter(used).filter(current).filter(|one| !own.iter().any(|known| same_argument(known, one)))
}

/// Whether the subscription only repeats what the sale says itself, and knows better: one code, one coupon, or
/// one source.
fn same_argument(own: &Candidate, base: &Candidate) -> bool {
    let same_code = own.promotion_code.is_some() && own.promotion_code == base.promotion_code;
    let same_coupon = own.rule == Rule::Coupon && own.coupon == base.coupon;
    own.rule == base.rule && (same_code || same_coupon || own.source == base.source)
}

/// Who gets the sale, with the fate of every candidate.
#[must_use]
pub fn decide(
    view: &SaleView,
    own: Vec<Candidate>,
    subscription: Option<&SubscriptionAttribution>,
    registry: &Registry,
) -> Attribution {
    let sold_at = sale_at(view);
    let base = subscription.map_or(&[][..], |found| &found.base);
    let is_first = subscription.is_some_and(|found| found.first_sale.as_ref() == Some(&view.root));
    let metadata_snapshot = view.invoice.as_ref().is_some_and(|invoice| invoice.metadata_snapshot);
    let heard: Vec<Candidate> = heard(base, &own, is_first, metadata_snapshot).cloned().collect();
    let mut pool: Vec<Candidate> = own.into_iter().chain(heard).collect();
    pool.sort_by(by_precedence);
    pool.dedup();
    let above =
        manual(view, subscription, registry, sold_at).or_else(|| existing(view, subscription?, sold_at));
    let winner = above.or_else(|| {
        let first = pool.first().filter(|one| one.rejected.is_none())?.clone();
        pool.remove(0);
        Some(first)
    });
    let Some(winner) = winner else { return nobody(pool, sold_at) };
    for loser in pool.iter_mut().filter(|one| one.rejected.is_none()) {
        loser.rejected = Some(why_not(loser, &winner));
    }
    let reason = earning_reason(view, &winner, registry, sold_at);
    let (partner, code, at) = (winner.partner.clone(), winner.code.clone(), winner.at);
    pool.insert(0, winner);
    Attribution { partner, reason, code, at, candidates: pool }
}

/// An operator's word about this sale, by whichever of its names, or about its subscription.
fn manual(
    view: &SaleView,
    subscription: Option<&SubscriptionAttribution>,
    registry: &Registry,
    sold_at: UnixMs,
) -> Option<Candidate> {
    let sessions = view.sessions.iter().map(|(id, _)| id);
    let names = [&view.root.id].into_iter().chain(sessions).chain(view.payments.iter().map(|it| &it.key.id));
    let partner = registry.manual(&view.book, names, view.subscription.as_ref(), sold_at)?;
    let started = started_at(&view.sessions).or_else(|| subscription.and_then(|found| found.started_at));
    Some(above_all(Rule::Manual, view, partner.cloned(), started.unwrap_or(sold_at)))
}

/// The attribution an earlier sale of the same subscription made.
fn existing(view: &SaleView, subscription: &SubscriptionAttribution, sold_at: UnixMs) -> Option<Candidate> {
    let first = subscription.first.as_ref()?;
    if (first.sale_at, &first.sale) >= (sold_at, &view.root) {
        return None;
    }
    Some(Candidate { rule: Rule::ExistingAttribution, rejected: None, ..first.candidate.clone() })
}

fn above_all(rule: Rule, view: &SaleView, partner: Option<Handle>, at: UnixMs) -> Candidate {
    Candidate {
        rule,
        partner,
        source: view.root.clone(),
        promotion_code: None,
        coupon: None,
        code: None,
        discount_minor: 0,
        at,
        rejected: None,
    }
}

fn nobody(pool: Vec<Candidate>, sold_at: UnixMs) -> Attribution {
    let worst = [Reason::DiscountUnresolved, Reason::CouponAmbiguous, Reason::CodeUnmapped];
    let said = |reason: &Reason| pool.iter().any(|one| one.rejected == Some(*reason));
    let reason = worst.into_iter().find(said).unwrap_or(Reason::Nobody);
    Attribution { partner: None, reason, code: None, at: sold_at, candidates: pool }
}

fn why_not(loser: &Candidate, winner: &Candidate) -> Reason {
    match winner.rule {
        Rule::ExistingAttribution if loser.partner != winner.partner => Reason::AlreadyAttributed,
        rule if rule == loser.rule && matches!(rule, Rule::PromotionCode | Rule::Coupon) => {
            Reason::SmallerDiscount
        }
        _ => Reason::LowerPrecedence,
    }
}

/// The rule that won, or why its partner earns nothing all the same.
fn earning_reason(view: &SaleView, winner: &Candidate, registry: &Registry, sold_at: UnixMs) -> Reason {
    let Some(partner) = &winner.partner else { return reason_of(winner.rule) };
    if registry.program_start(&view.book).is_some_and(|start| sold_at < start) {
        return Reason::BeforeStart;
    }
    if !registry.is_active(partner, sold_at) {
        return Reason::PartnerInactive;
    }
    reason_of(winner.rule)
}

const fn reason_of(rule: Rule) -> Reason {
    match rule {
        Rule::Manual => Reason::Manual,
        Rule::ExistingAttribution => Reason::ExistingAttribution,
        Rule::PromotionCode => Reason::PromotionCode,
        Rule::SubscriptionMetadata | Rule::SessionMetadata | Rule::IntentMetadata => Reason::PartnerRef,
        Rule::ClientReferenceId => Reason::ClientReferenceId,
        Rule::Coupon => Reason::Coupon,
    }
}
