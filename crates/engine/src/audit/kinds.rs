//! The kinds of object that are listed, in the order in which that makes most sense: what explains others first. One
//! table for backfill and reconcile; a kind is added by a line here and its path in the `stripe` room.

use kernel::Kind;

/// Discounts are in no list: they come along with what carries them.
pub(crate) const LISTED: [Kind; 12] = [
    Kind::Coupon,
    Kind::PromotionCode,
    Kind::Customer,
    Kind::Subscription,
    Kind::Session,
    Kind::Invoice,
    Kind::InvoicePayment,
    Kind::Intent,
    Kind::Charge,
    Kind::Refund,
    Kind::Dispute,
    Kind::CreditNote,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_books_depend_on_is_listed_once() {
        for kind in Kind::ALL {
            let times = LISTED.iter().filter(|listed| **listed == kind).count();
            assert!(times <= 1, "{kind:?}");
            if crate::depends::needs_mark(kind) {
                assert_eq!(times, usize::from(kind != Kind::Discount), "{kind:?}");
            }
        }
    }
}
