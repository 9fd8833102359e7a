//! The discounts of a sale or a subscription, with the codes and coupons behind them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{self, Body, Session};
use kernel::{Kind, ObjectKey, Observed, Ref};
use rules::view::DiscountBook;

use super::Known;

impl Known {
    fn coupon_of(&self, code: &Ref) -> Option<Ref> {
        self.promotion_code(&ObjectKey::new(Kind::PromotionCode, code.clone()))?.coupon
    }

    pub(super) fn discount_book(
        &self,
        named: BTreeSet<ObjectKey>,
        sessions: &[(Ref, Session)],
    ) -> DiscountBook {
        let discounts: BTreeMap<Ref, Option<fact::Discount>> =
            named.into_iter().map(|key| (key.id.clone(), self.discount(&key))).collect();
        let from_discounts =
            discounts.values().flatten().filter_map(|discount| discount.promotion_code.clone());
        let from_sessions = sessions.iter().flat_map(|(_, session)| {
            session.discounts.iter().filter_map(|(promotion_code, _)| promotion_code.clone())
        });
        let of_discounts =
            discounts.values().flatten().map(|it| (it.promotion_code.as_ref(), it.coupon.as_ref()));
        let of_sessions = sessions.iter().flat_map(|(_, session)| session.discounts.iter());
        let of_sessions = of_sessions.map(|(code, coupon)| (code.as_ref(), coupon.as_ref()));
        let shared = of_discounts.chain(of_sessions).filter_map(|(code, coupon)| {
            let coupon = coupon.cloned().or_else(|| self.coupon_of(code?))?;
            (code.is_none() || self.mapped.contains(&coupon)).then_some(coupon)
        });
        let siblings = shared
            .flat_map(|id| self.graph.naming(&ObjectKey::new(Kind::Coupon, id), Kind::PromotionCode))
            .map(|key| key.id)
            .collect::<Vec<_>>();
        let promotion_codes = from_discounts
            .chain(from_sessions)
            .chain(siblings)
            .map(|id| {
                let state = self.promotion_code(&ObjectKey::new(Kind::PromotionCode, id.clone()));
                (id, state)
            })
            .collect();
        DiscountBook { discounts, promotion_codes }
    }
}

/// Coupons that loaded discounts, sessions and promotion codes name: those applied without a code, and
/// those named beside one, or by the mirror.
pub(crate) fn coupons_named(
    state: &BTreeMap<ObjectKey, Observed>,
) -> (BTreeSet<ObjectKey>, BTreeSet<ObjectKey>) {
    let (mut bare, mut with_code) = (BTreeSet::new(), BTreeSet::new());
    let mut add = |has_code: bool, coupon: &Option<Ref>| {
        let key = coupon.iter().map(|id| ObjectKey::new(Kind::Coupon, id.clone()));
        if has_code { with_code.extend(key) } else { bare.extend(key) }
    };
    for observed in state.values() {
        match &observed.body {
            Body::Discount(discount) => add(discount.promotion_code.is_some(), &discount.coupon),
            Body::Session(session) => {
                session.discounts.iter().for_each(|(code, coupon)| add(code.is_some(), coupon))
            }
            Body::PromotionCode(code) => add(true, &code.coupon),
            _ => {}
        }
    }
    (bare, with_code)
}

/// Promotion codes that loaded discounts and sessions name.
pub(crate) fn promotion_codes_named(state: &BTreeMap<ObjectKey, Observed>) -> BTreeSet<ObjectKey> {
    let mut codes = BTreeSet::new();
    for observed in state.values() {
        match &observed.body {
            Body::Discount(discount) => codes.extend(discount.promotion_code.clone()),
            Body::Session(session) => {
                codes.extend(session.discounts.iter().filter_map(|(code, _)| code.clone()))
            }
            _ => {}
        }
    }
    codes.into_iter().map(|id| ObjectKey::new(Kind::PromotionCode, id)).collect()
}
