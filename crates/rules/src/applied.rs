//! From discounts as applied to candidates: whose is the code, whose the coupon, and what is not known
//! yet. One candidate per promotion code and one per coupon, however many lines a discount touched.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{Discount, PromotionCode};
use kernel::operator::Handle;
use kernel::{Book, Kind, ObjectKey, Ref, UnixMs};

use crate::due::{Candidate, Reason, Rule};
use crate::registry::{CodeOn, Registry};
use crate::sale::ms;
use crate::view::DiscountBook;

/// Something said: this code or coupon was applied here, at that time, and took so much.
#[derive(Clone)]
pub(crate) struct Applied {
    pub(crate) source: ObjectKey,
    pub(crate) promotion_code: Option<Ref>,
    pub(crate) coupon: Option<Ref>,
    pub(crate) discount_minor: i64,
    pub(crate) at: UnixMs,
}

/// Where to look things up.
#[derive(Clone, Copy)]
pub(crate) struct Mirror<'a> {
    pub(crate) book: &'a Book,
    pub(crate) discounts: &'a DiscountBook,
    pub(crate) registry: &'a Registry,
}

impl<'a> Mirror<'a> {
    /// A discount by its `di_` id, when something has explained it.
    pub(crate) fn discount(&self, id: &Ref) -> Option<&'a Discount> {
        let discount = self.discounts.discounts.get(id)?.as_ref()?;
        (discount.promotion_code.is_some() || discount.coupon.is_some()).then_some(discount)
    }

    fn promotion_code(&self, id: &Ref) -> Option<&'a PromotionCode> {
        self.discounts.promotion_codes.get(id)?.as_ref()
    }

    /// The candidates of everything applied, each code and coupon once: with the sum of what it took, its
    /// earliest time, and the smallest source of that time.
    pub(crate) fn candidates(&self, applied: impl IntoIterator<Item = Applied>) -> Vec<Candidate> {
        let mut codes: BTreeMap<Ref, Applied> = BTreeMap::new();
        let mut coupons: BTreeMap<Ref, Applied> = BTreeMap::new();
        for mut one in applied {
            let mirrored = one.promotion_code.as_ref().and_then(|promo| self.promotion_code(promo));
            one.coupon = one.coupon.or_else(|| mirrored.and_then(|promo| promo.coupon.clone()));
            if let Some(coupon) = one.coupon.clone() {
                merge(&mut coupons, coupon, &one);
            }
            if let Some(promo) = one.promotion_code.clone() {
                merge(&mut codes, promo, &one);
            }
        }
        let codes = codes.into_iter().map(|(promo, one)| self.by_code(promo, one));
        codes.chain(coupons.into_iter().map(|(coupon, one)| self.by_coupon(coupon, one))).collect()
    }

    fn by_code(&self, promo: Ref, one: Applied) -> Candidate {
        let mirrored = self.promotion_code(&promo);
        let text = mirrored.map(|promo| promo.code.as_str());
        let mapping = self.registry.mapping_of_promotion_code(self.book, &promo, text, one.at);
        // Its text, or the coupon behind it, may still turn out to be one that somebody adopted.
        let open = || {
            self.registry.has_unbound_text(self.book)
                || (one.coupon.is_none() && self.registry.has_coupon(self.book))
        };
        let rejected = match mapping {
            Some(_) => None,
            None if mirrored.is_none() && open() => Some(Reason::DiscountUnresolved),
            None => Some(Reason::CodeUnmapped),
        };
        Candidate {
            rule: Rule::PromotionCode,
            partner: mapping.map(|mapping| mapping.partner.clone()),
            source: one.source,
            promotion_code: Some(promo),
            coupon: one.coupon,
            code: text.map(str::to_owned).or_else(|| mapping.and_then(|mapping| mapping.code.clone())),
            discount_minor: one.discount_minor,
            at: one.at,
            rejected,
        }
    }

    /// A coupon belongs to whom it was mapped to, and to the owners of the codes the mirror shows on it.
    /// Codes alone make it theirs only where it was applied without a code: whoever used another code of
    /// a shared coupon did not come from them.
    fn by_coupon(&self, coupon: Ref, one: Applied) -> Candidate {
        let found = self.registry.owners_of_coupon(self.book, &coupon, &self.codes_on(&coupon), one.at);
        let speaks = !found.named.is_empty() || one.promotion_code.is_none();
        let owners: BTreeSet<Handle> = found.named.into_iter().chain(found.by_codes).collect();
        let mut owners = owners.into_iter();
        let (partner, rejected) = match (owners.next(), owners.next()) {
            (Some(owner), None) if speaks => (Some(owner), None),
            (Some(_), Some(_)) => (None, Some(Reason::CouponAmbiguous)),
            (Some(_) | None, _) => (None, Some(Reason::NotOwned)),
        };
        Candidate {
            rule: Rule::Coupon,
            partner,
            source: one.source,
            promotion_code: None,
            coupon: Some(coupon),
            code: None,
            discount_minor: one.discount_minor,
            at: one.at,
            rejected,
        }
    }
}

impl Mirror<'_> {
    /// The mirrored promotion codes of a coupon. The view carries the codes it names, and as many others
    /// as the engine looked up.
    fn codes_on(&self, coupon: &Ref) -> Vec<CodeOn<'_>> {
        let known = self.discounts.promotion_codes.iter().filter_map(|(id, code)| Some((id, code.as_ref()?)));
        let on_coupon = known.filter(|(_, code)| code.coupon.as_ref() == Some(coupon));
        let said = |created_s: i64| (created_s > 0).then(|| ms(created_s));
        on_coupon
            .map(|(id, code)| CodeOn { id, text: &code.code, created_at: said(code.created_s) })
            .collect()
    }
}

/// A discount known by its id alone: nobody may be named by it yet, and that is said.
pub(crate) fn unresolved(discount: &Ref, discount_minor: i64, at: UnixMs) -> Candidate {
    Candidate {
        rule: Rule::PromotionCode,
        partner: None,
        source: ObjectKey::new(Kind::Discount, discount.clone()),
        promotion_code: None,
        coupon: None,
        code: None,
        discount_minor,
        at,
        rejected: Some(Reason::DiscountUnresolved),
    }
}

fn merge(known: &mut BTreeMap<Ref, Applied>, key: Ref, one: &Applied) {
    match known.get_mut(&key) {
        None => {
            known.insert(key, one.clone());
        }
        Some(first) => {
            let taken = first.discount_minor.saturating_add(one.discount_minor);
            if (one.at, &one.source) < (first.at, &first.source) {
                *first = Applied { coupon: first.coupon.clone().or(one.coupon.clone()), ..one.clone() };
            }
            first.discount_minor = taken;
        }
    }
}
