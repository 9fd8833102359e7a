//! Every case of MONEY.md section 7, by its letter. 20 % unless said; the sales are attributed by a
//! promotion code unless the case is about attribution.

use kernel::fact::{DisputeStatus, InvoiceStatus, RefundStatus};
use kernel::operator::Binds;
use rules::Reason::{self, *};

use crate::builder::{Sale, currency, day, intent, invoice, session};
use crate::check::{House, check, check_with, due, earns, mapping, one_partner, rate, two_partners};

/// A paid invoice that `a`'s code brought; the discount took nothing that matters here.
fn sold(id: &str, total: i64) -> Sale {
    invoice(id, 1, total).took("di_1", ("promo_a", ""), 0, 0)
}

#[test]
fn a_and_b_inclusive_tax_and_refunds_one_by_one() {
    let a = || sold("in_1", 2900).tax(483, 0).pay("pi_1", 1, 2900);
    let b = || sold("in_1", 10_000).tax(1667, 0).pay("pi_1", 1, 10_000);
    for (case, bps, sale, commission) in [
        ("a", 3000, a(), 725),
        ("a refunded 1000", 3000, a().refund(1000), 474),
        ("b", 1500, b(), 1249),
        ("b once", 1500, b().refund(3333), 833),
        ("b twice", 1500, b().refund(3333).refund(3333), 416),
        ("b all", 1500, b().refund(3333).refund(3333).refund(3334), 0),
    ] {
        assert_eq!(earns(&one_partner(rate(bps)), &sale), commission, "{case}");
    }
}

#[test]
fn c_and_d_credit_reaches_the_partner_through_smaller_cash() {
    let house = one_partner(rate(2000));
    let next = |id: &str, at: i64, total: i64, cash: i64| {
        invoice(id, at, total).cash(cash).of("sub_1").took("di_1", ("promo_a", ""), 0, 0)
    };
    let c = [next("in_1", 1, 10_000, 10_000).credit_note(2000, 0), next("in_2", 31, 10_000, 8000)];
    check(&house, &c, &[("in_1", "a", 2000, PromotionCode), ("in_2", "a", 1600, ExistingAttribution)]);
    let d = [
        next("in_1", 1, 9000, 9000),
        next("in_2", 2, -6000, 0).line("il_1", "p", -9000).line("il_2", "p", 3000),
        next("in_3", 31, 5000, 0),
        next("in_4", 61, 5000, 4000),
    ];
    check(
        &house,
        &d,
        &[
            ("in_1", "a", 1800, PromotionCode),
            ("in_2", "a", 0, ExistingAttribution),
            ("in_3", "a", 0, ExistingAttribution),
            ("in_4", "a", 800, ExistingAttribution),
        ],
    );
}

#[test]
fn e_and_f_out_of_band_and_parts() {
    let house = one_partner(rate(2000));
    let twelve = || sold("in_1", 12_000).tax(0, 2000);
    // Before basil `facts` reads the amount due of an invoice paid out of band, from basil on amount_paid.
    assert_eq!(earns(&house, &twelve().cash(12_000)), 2000, "e");
    let part = twelve().cash(0).part("inpay_1", 1, 4000).inv(|it| {
        (it.status, it.paid_at_s) = (InvoiceStatus::Open, None);
    });
    assert_eq!((earns(&house, &part), due(&house, &part).partly_paid), (666, true), "f, the first part");
    let whole = twelve().cash(0).part("inpay_1", 1, 4000).part("inpay_2", 9, 8000);
    assert_eq!((earns(&house, &whole), due(&house, &whole).partly_paid), (2000, false), "f, both parts");
}

#[test]
fn g_and_h_discounts_exclusive_tax_and_shipping() {
    let g = invoice("in_1", 1, 19_440).tax(0, 3240);
    let g = g.took("di_1", ("promo_a", ""), 2000, 0).took("di_2", ("promo_a", ""), 1800, 0);
    let found = due(&one_partner(rate(2000)), &g);
    let amounts = (found.amounts.gross_minor, found.amounts.discount_minor, found.amounts.net_sold_minor);
    assert_eq!((amounts, found.shares[0].commission_minor), ((20_000, 3800, 16_200), 3240), "g");

    let h = || {
        let sale = sold("in_1", 10_500).tax(1750, 0).pay("pi_1", 1, 10_500);
        sale.inv(|it| (it.shipping_charged_minor, it.shipping_net_minor) = (500, 417))
    };
    for (case, sale, expected) in [("h", h(), (8333, 1249)), ("h refunded", h().refund(500), (7936, 1190))] {
        let found = due(&one_partner(rate(1500)), &sale);
        assert_eq!((found.amounts.base_minor, found.shares[0].commission_minor), expected, "{case}");
        assert_eq!(found.amounts.gross_minor, 10_000, "{case}: the shipping is no goods");
    }
}

#[test]
fn i_an_invoice_with_its_own_intent_and_charge_is_one_row() {
    let house = one_partner(rate(2000));
    let charge_only = intent("pi_1", 1, 10_000, None);
    check(&house, &[sold("in_1", 10_000), charge_only], &[("in_1", "a", 2000, PromotionCode)]);
}

#[test]
fn j_one_intent_that_paid_two_invoices_gives_back_to_both() {
    let paid = |id: &str, total: i64| {
        sold(id, total).pay("pi_1", 1, 15_000).paid_to(&[("in_1", 10_000), ("in_2", 5000)])
    };
    let house = one_partner(rate(2000));
    let rows = |first, second| [("in_1", "a", first, PromotionCode), ("in_2", "a", second, PromotionCode)];
    check(&house, &[paid("in_1", 10_000), paid("in_2", 5000)], &rows(2000, 1000));
    let refunded = [paid("in_1", 10_000).refund(6000), paid("in_2", 5000).refund(6000)];
    check(&house, &refunded, &rows(1200, 600));
}

#[test]
fn k_and_p_a_session_earns_on_what_came_in_in_its_own_currency() {
    let house = one_partner(rate(2000));
    let sold = |total| {
        session("cs_1", 1, total).ses(|it| it.discounts = vec![(crate::builder::some("promo_a"), None)])
    };
    assert_eq!(earns(&house, &sold(10_000).pay("pi_1", 1, 6000)), 1200, "k");
    let p =
        || sold(10_000).ses(|it| it.presented = Some((currency("eur"), 9200))).pay_in("eur", "pi_1", 1, 9200);
    for (case, sale, commission) in
        [("p", p(), 2000), ("p half", p().refund(4600), 1000), ("p all", p().refund(9200), 0)]
    {
        let found = due(&house, &sale);
        assert_eq!(
            (found.amounts.currency, found.shares[0].commission_minor),
            (currency("usd"), commission),
            "{case}"
        );
    }
}

#[test]
fn l_and_m_refund_objects_and_what_the_charge_says() {
    let house = one_partner(rate(2000));
    let paid = || sold("in_1", 10_000).pay("pi_1", 1, 10_000);
    for (case, sale, commission) in [
        ("l", paid().refund_as(RefundStatus::Failed, 1000).charge_says(1000), 2000),
        ("m, the charge alone", paid().charge_says(5000), 1000),
        ("m, one refund known", paid().charge_says(5000).refund(2000), 1000),
        ("m, both known", paid().charge_says(5000).refund(2000).refund(3000), 1000),
        ("pending counts", paid().refund_as(RefundStatus::Pending, 5000), 1000),
        ("requires_action counts", paid().refund_as(RefundStatus::RequiresAction, 5000), 1000),
        ("canceled does not", paid().refund_as(RefundStatus::Canceled, 5000), 2000),
    ] {
        assert_eq!(earns(&house, &sale), commission, "{case}");
    }
}

#[test]
fn n_lost_disputes_remove_what_remains_and_no_more() {
    let house = one_partner(rate(2000));
    let paid = || sold("in_1", 10_000).pay("pi_1", 1, 10_000).refund(3000);
    for (case, sale, commission, disputed) in [
        ("n whole", paid().dispute(DisputeStatus::Lost, 10_000, 5), 0, 7000),
        ("n part", paid().dispute(DisputeStatus::Lost, 4000, 5), 600, 4000),
        ("in another currency all of it", paid().dispute_in("eur", DisputeStatus::Lost, 1, 5), 0, 7000),
    ] {
        let found = due(&house, &sale);
        assert_eq!(
            (found.shares[0].commission_minor, found.amounts.disputed_minor),
            (commission, disputed),
            "{case}"
        );
    }
}

#[test]
fn o_the_commission_follows_the_state_of_the_dispute() {
    let house = one_partner(rate(2000));
    let open = |word: &str| DisputeStatus::Open(word.into());
    for (case, status, expected) in [
        ("inquiry", DisputeStatus::Inquiry, (2000, false)),
        ("prevented", DisputeStatus::Prevented, (2000, false)),
        ("escalated", open("needs_response"), (2000, true)),
        ("won", DisputeStatus::Won, (2000, false)),
        ("appeal opened", open("under_appeal"), (2000, true)),
        ("lost", DisputeStatus::Lost, (0, false)),
    ] {
        let sale = sold("in_1", 10_000).pay("pi_1", 1, 10_000).dispute(status.clone(), 10_000, 40);
        let found = due(&house, &sale);
        assert_eq!((found.shares[0].commission_minor, found.held), expected, "{case}");
        let available = if status == DisputeStatus::Won { day(40) } else { day(31) };
        assert_eq!(found.available_at, Some(available), "{case}: a won dispute delays to its closing");
    }
}

#[test]
fn a_won_dispute_lets_go_when_its_money_came_back_or_an_appeal_ended() {
    let house = one_partner(rate(2000));
    for (what, said, back, open, available) in [
        ("only the status is known", 40, None, None, 40),
        ("its money came back", 42, Some(40), None, 40),
        ("and was open before", 42, Some(40), Some(20), 40),
        ("an appeal since, and no money again", 60, Some(40), Some(50), 60),
        ("an appeal since, and its own money", 62, Some(60), Some(50), 60),
        ("before the hold is over", 20, Some(20), Some(10), 31),
    ] {
        let sale = sold("in_1", 10_000).pay("pi_1", 1, 10_000).dispute(DisputeStatus::Won, 10_000, said);
        let sale = sale.last_payment(|payment| {
            payment.disputes[0].dispute.reinstated_at_s = back.map(|at: i64| day(at) / 1000);
            payment.disputes[0].open_s = open.map(|at: i64| day(at) / 1000);
        });
        assert_eq!(due(&house, &sale).available_at, Some(day(available)), "{what}");
    }
}

#[test]
fn q_another_partners_code_on_an_attributed_subscription_is_rejected() {
    let first = invoice("in_1", 1, 10_000).of("sub_1").took("di_1", ("promo_a", ""), 0, 0);
    let fourth = invoice("in_4", 91, 9000).of("sub_1").took("di_4", ("promo_b", ""), 1000, 90);
    let rows = [("in_1", "a", 2000, PromotionCode), ("in_4", "a", 1800, ExistingAttribution)];
    check(&two_partners(), &[first.clone(), fourth.clone()], &rows);
    let found = crate::check::dues(&two_partners(), &[first.0, fourth.0], &[]);
    let rejected: Vec<Option<Reason>> =
        found["in_4"].attribution.candidates.iter().map(|it| it.rejected).collect();
    assert_eq!(rejected, [None, Some(AlreadyAttributed)]);
}

#[test]
fn r_and_s_one_offs_and_new_subscriptions_start_from_nothing() {
    let first = invoice("in_1", 1, 10_000).of("sub_1").took("di_1", ("promo_a", ""), 0, 0);
    let sales = [
        first,
        invoice("in_2", 10, 5000),
        invoice("in_3", 20, 10_000).of("sub_2"),
        invoice("in_4", 30, 10_000).of("sub_3").took("di_4", ("promo_b", ""), 0, 30),
    ];
    let rows = [
        ("in_1", "a", 2000, PromotionCode),
        ("in_2", "", 0, Nobody),
        ("in_3", "", 0, Nobody),
        ("in_4", "b", 2000, PromotionCode),
    ];
    check(&two_partners(), &sales, &rows);
}

#[test]
fn t_of_two_codes_the_larger_discount_wins_then_the_smaller_id() {
    for (case, discounts, winner) in
        [("t", (1000, 500), "a"), ("the other", (500, 1000), "b"), ("tie", (7, 7), "a")]
    {
        let sale = invoice("in_1", 1, 8500).took("di_1", ("promo_a", ""), discounts.0, 0);
        let sale = sale.took("di_2", ("promo_b", ""), discounts.1, 0);
        let found = due(&two_partners(), &sale);
        assert_eq!(found.attribution.partner.as_ref().map(|it| it.as_str()), Some(winner), "{case}");
        assert_eq!(found.shares.len(), 1, "{case}: one partner (I25)");
        assert_eq!(found.shares[0].commission_minor, 1700, "{case}");
        assert_eq!(found.attribution.candidates[1].rejected, Some(SmallerDiscount), "{case}");
    }
}

#[test]
fn u_new_terms_bind_new_attributions_or_all_sales() {
    let sale = |id: &str, at: i64, sub: &str, start: i64| {
        invoice(id, at, 10_000).of(sub).took(&format!("di_{id}"), ("promo_a", ""), 0, start)
    };
    let sales = [sale("in_1", 1, "sub_1", 1), sale("in_2", 31, "sub_1", 1), sale("in_3", 35, "sub_2", 35)];
    for (binds, second) in [(Binds::New, 2000), (Binds::All, 1000)] {
        let house = one_partner(rate(2000)).terms("a", 15, rate(1000), binds);
        let rows = [
            ("in_1", "a", 2000, PromotionCode),
            ("in_2", "a", second, ExistingAttribution),
            ("in_3", "a", 1000, PromotionCode),
        ];
        check(&house, &sales, &rows);
    }
}

#[test]
fn v_an_inactive_partner_earns_nothing_and_resumes_without_arrears() {
    let house = one_partner(rate(2000)).active("a", 85, false).active("a", 145, true);
    let sales: Vec<Sale> = (1..=6)
        .map(|n| {
            invoice(&format!("in_{n}"), n * 30 - 29, 10_000).of("sub_1").took("di_1", ("promo_a", ""), 0, 0)
        })
        .collect();
    let rows = [
        ("in_1", "a", 2000, PromotionCode),
        ("in_2", "a", 2000, ExistingAttribution),
        ("in_3", "a", 2000, ExistingAttribution),
        ("in_4", "a", 0, PartnerInactive),
        ("in_5", "a", 0, PartnerInactive),
        ("in_6", "a", 2000, ExistingAttribution),
    ];
    check(&house, &sales, &rows);
}

#[test]
fn w_a_code_first_used_at_renewal_four_earns_from_there_and_never_back() {
    let plain = |id: &str, at: i64, total: i64| invoice(id, at, total).of("sub_1");
    let sales = [
        plain("in_1", 1, 10_000),
        plain("in_2", 31, 10_000),
        plain("in_3", 61, 10_000),
        plain("in_4", 91, 9000).took("di_1", ("promo_a", ""), 1000, 90),
        plain("in_5", 121, 10_000),
    ];
    let rows = [
        ("in_1", "", 0, Nobody),
        ("in_2", "", 0, Nobody),
        ("in_3", "", 0, Nobody),
        ("in_4", "a", 1800, PromotionCode),
        ("in_5", "a", 2000, ExistingAttribution),
    ];
    check(&one_partner(rate(2000)), &sales, &rows);
    // The same when the discount is linked to the subscription itself.
    let mut subscription = crate::builder::subscription("sub_1", 0);
    let id = crate::builder::r("di_1");
    subscription.own_discounts.push(id.clone());
    subscription.discounts.discounts.insert(id, Some(crate::builder::discount("promo_a", "", 90)));
    check_with(&one_partner(rate(2000)), &sales, &[subscription], &rows);
}

#[test]
fn x_one_coupon_belongs_to_different_partners_in_two_books() {
    let mut test = mapping("b", "", "", "SUMMER");
    test.book.livemode = false;
    let house = House::default().partner("a", rate(2000)).partner("b", rate(2000));
    let house = house.code("a", "", "SUMMER").map(900, None, test);
    let sale = |id: &str, live: bool| {
        invoice(id, 1, 10_000).took("di_1", ("", "SUMMER"), 0, 0).with(|view| view.book.livemode = live)
    };
    check(&house, &[sale("in_1", true)], &[("in_1", "a", 2000, Coupon)]);
    check(&house, &[sale("in_1", false)], &[("in_1", "b", 2000, Coupon)]);
}

#[test]
fn y_a_second_code_on_a_coupon_leaves_what_was_booked_alone() {
    let house =
        House::default().partner("a", rate(2000)).partner("b", rate(2000)).code("a", "promo_a", "SUMMER");
    let house = house.map(50, None, mapping("b", "", "promo_b", "SUMMER"));
    let by_coupon = |id: &str, at: i64| invoice(id, at, 10_000).took("di_1", ("", "SUMMER"), 0, at);
    let sales = [
        by_coupon("in_1", 1),
        by_coupon("in_2", 60),
        invoice("in_3", 61, 10_000).took("di_3", ("promo_b", "SUMMER"), 0, 61),
    ];
    let rows =
        [("in_1", "a", 2000, Coupon), ("in_2", "", 0, CouponAmbiguous), ("in_3", "b", 2000, PromotionCode)];
    check(&house, &sales, &rows);
}
