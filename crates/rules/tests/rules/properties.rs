//! What must hold for every sale, not only for the ones somebody thought of.

use kernel::fact::{DisputeStatus, RefundStatus};
use kernel::operator::{RATE_BPS_MAX, Terms};
use kernel::{UnixMs, mul_div_floor};
use proptest::prelude::*;
use rules::view::SaleView;

use crate::builder::{Sale, invoice, r};
use crate::check::{House, commission, due, dues, one_partner, rate, two_partners};

/// A paid invoice with tax and discounts of two partners, and one or two payments.
#[derive(Clone, Debug)]
struct Told {
    total: i64,
    tax_part: i64,
    discounts: [i64; 2],
    first_payment: i64,
    refunds: Vec<(u8, i64)>,
    disputes: Vec<(u8, i64)>,
    lines: Vec<i64>,
}

fn told() -> impl Strategy<Value = Told> {
    let few = |max: i64| proptest::collection::vec((0_u8..5, 0..max), 0..4);
    let amounts = (1_i64..1_000_000, 0_i64..10_000, [0_i64..900, 0_i64..900], 0_i64..10_000);
    (amounts, few(200_000), few(200_000), proptest::collection::vec(-500_i64..1000, 0..4)).prop_map(
        |((total, tax_part, discounts, first), refunds, disputes, lines)| Told {
            total,
            tax_part,
            discounts,
            first_payment: total * first / 10_000,
            refunds,
            disputes,
            lines,
        },
    )
}

impl Told {
    fn sale(&self) -> Sale {
        let mut sale = invoice("in_1", 1, self.total).tax(self.total * self.tax_part / 20_000, 0);
        sale = sale.took("di_1", ("promo_a", ""), self.discounts[0], 0);
        sale = sale.took("di_2", ("promo_b", "SUMMER"), self.discounts[1], 0).named("di_3", 1);
        for (n, amount) in self.lines.iter().enumerate() {
            sale = sale.line(&format!("il_{n}"), if n % 2 == 0 { "even" } else { "odd" }, *amount);
        }
        sale = sale.pay("pi_1", 1, self.first_payment).pay("pi_2", 1, self.total - self.first_payment);
        for (status, amount) in &self.refunds {
            sale = sale.refund_as(refund_status(*status), *amount);
        }
        for (status, amount) in &self.disputes {
            sale = sale.dispute(dispute_status(*status), *amount, 2);
        }
        sale.by("cs_1", 0, |it| it.partner_hint = Some("a".into())).by("cs_2", 0, |it| {
            it.client_reference_id = Some("b".into());
            it.discounts = vec![(Some(r("promo_b")), None)];
        })
    }
}

fn refund_status(n: u8) -> RefundStatus {
    let all = [RefundStatus::Succeeded, RefundStatus::Pending, RefundStatus::Failed, RefundStatus::Canceled];
    all.get(usize::from(n)).cloned().unwrap_or(RefundStatus::RequiresAction)
}

fn dispute_status(n: u8) -> DisputeStatus {
    let all = [DisputeStatus::Won, DisputeStatus::Lost, DisputeStatus::Inquiry, DisputeStatus::Prevented];
    all.get(usize::from(n)).cloned().unwrap_or_else(|| DisputeStatus::Open("needs_response".into()))
}

fn terms() -> impl Strategy<Value = Terms> {
    (0..=RATE_BPS_MAX, 0..=RATE_BPS_MAX, any::<bool>()).prop_map(|(general, odd, several)| Terms {
        products: if several { vec![(r("odd"), odd)] } else { Vec::new() },
        ..rate(general)
    })
}

fn house(terms: Terms) -> House {
    let house = House::default().partner("a", terms.clone()).partner("b", terms);
    house.code("a", "promo_a", "").code("b", "promo_b", "").code("a", "", "SUMMER")
}

/// The same facts in another order of every list.
fn turned(mut view: SaleView) -> SaleView {
    for payment in &mut view.payments {
        payment.charges.reverse();
        payment.refunds.reverse();
        payment.disputes.reverse();
        payment.paid_to.reverse();
    }
    view.payments.reverse();
    view.sessions.reverse();
    view.credit_notes.reverse();
    view.invoice_payments.reverse();
    let invoice = view.invoice.as_mut().expect("an invoice");
    invoice.discounts.reverse();
    invoice.lines.reverse();
    view
}

proptest! {
    #[test]
    fn a_commission_lies_between_nothing_and_what_was_sold_net_i24(told in told(), terms in terms()) {
        let found = due(&house(terms), &told.sale());
        let earned = commission(&found);
        prop_assert!(0 <= earned && earned <= found.amounts.base_minor);
        prop_assert!(found.amounts.base_minor <= found.amounts.net_sold_minor);
        prop_assert!(found.amounts.net_sold_minor <= found.amounts.net_total_minor.max(0));
        prop_assert!((0..=found.amounts.paid_minor).contains(&found.amounts.remaining_minor));
    }

    #[test]
    fn at_most_one_partner_is_credited_and_shares_stay_within_the_whole_i25(told in told(), terms in terms()) {
        let found = due(&house(terms), &told.sale());
        prop_assert!(found.shares.len() == 1);
        prop_assert!(found.shares.iter().map(|share| share.share_bps).sum::<i64>() <= 10_000);
        let winners = found.attribution.candidates.iter().filter(|it| it.rejected.is_none()).count();
        prop_assert_eq!(winners, 1, "everybody else carries a reason");
    }

    #[test]
    fn a_refund_never_earns_anything_and_a_full_one_leaves_nothing_i26(
        told in told(), bps in 0..=RATE_BPS_MAX, more in 0_i64..100_000,
    ) {
        let house = two_partners_at(bps);
        let before = commission(&due(&house, &told.sale()));
        let after = commission(&due(&house, &told.sale().refund(more)));
        prop_assert!(after <= before);
        prop_assert_eq!(commission(&due(&house, &told.sale().refund(told.total))), 0);
    }

    #[test]
    fn a_commission_after_refunds_is_the_one_on_what_remains_i26(total in 1_i64..1_000_000, back in 0_i64..1_000_000, bps in 0..=RATE_BPS_MAX) {
        let sale = invoice("in_1", 1, total).took("di_1", ("promo_a", ""), 0, 0).pay("pi_1", 1, total).refund(back);
        let remains = (total - back).max(0);
        let expected = mul_div_floor(remains, bps, RATE_BPS_MAX).expect("small");
        prop_assert_eq!(commission(&due(&one_partner(rate(bps)), &sale)), expected);
    }

    #[test]
    fn the_order_of_what_is_known_changes_nothing_i11(told in told(), terms in terms()) {
        let (house, sale) = (house(terms), told.sale());
        prop_assert_eq!(due(&house, &Sale(turned(sale.0.clone()))), due(&house, &sale));
    }

    #[test]
    fn the_order_of_the_sales_of_a_subscription_changes_nothing_i11(codes in proptest::collection::vec(0_u8..3, 1..6)) {
        let mut views: Vec<SaleView> = codes.iter().enumerate().map(|(n, code)| {
            let at = i64::try_from(n).expect("few") * 30;
            let sale = invoice(&format!("in_{n}"), at, 1000).of("sub_1");
            match code {
                0 => sale.0,
                1 => sale.took("di_1", ("promo_a", ""), 1, at).0,
                _ => sale.took("di_2", ("promo_b", ""), 1, at).0,
            }
        }).collect();
        let forward = dues(&two_partners(), &views, &[]);
        views.reverse();
        prop_assert_eq!(&dues(&two_partners(), &views, &[]), &forward);
        let partners: Vec<_> = forward.values().map(|due| due.attribution.partner.clone()).collect();
        let first = codes.iter().position(|code| *code != 0).unwrap_or(codes.len());
        prop_assert!(partners[..first].iter().all(Option::is_none), "never back");
        prop_assert!(partners[first..].windows(2).all(|pair| pair[0] == pair[1]), "and it sticks");
    }

    #[test]
    fn the_rate_used_is_the_newest_that_binds_and_later_changes_touch_nothing_i28(
        rates in proptest::collection::vec(0..=RATE_BPS_MAX, 1..6), at in 0_i64..60,
    ) {
        let first = one_partner(rate(rates[0]));
        let (mut house, mut expected) = (first, rates[0]);
        for (n, bps) in rates.iter().enumerate().skip(1) {
            let from = i64::try_from(n).expect("few") * 10;
            house = house.terms("a", from, rate(*bps), kernel::operator::Binds::All);
            expected = if from <= at { *bps } else { expected };
        }
        let found = due(&house, &invoice("in_1", at, 10_000).took("di_1", ("promo_a", ""), 0, 0));
        prop_assert_eq!((found.rate_bps, commission(&found)), (Some(expected), expected));
        let sale_at: UnixMs = crate::builder::day(at);
        prop_assert_eq!(found.sale_at, sale_at);
    }
}

fn two_partners_at(bps: i64) -> House {
    House::default()
        .partner("a", rate(bps))
        .partner("b", rate(bps))
        .code("a", "promo_a", "")
        .code("b", "promo_b", "")
}
