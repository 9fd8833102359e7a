//! Who gets a sale (MONEY.md section 4): precedence, stickiness, and what is never silently nobody.

use kernel::fact::Hints;
use rules::Reason::*;
use rules::due::Rule;

use crate::builder::{Sale, day, discount, intent, invoice, promotion_code, r, session, some, subscription};
use crate::check::{House, check, check_with, due, mapping, one_partner, rate, two_partners};

/// Partners `p1` to `p8`; `p3` has promo_3, `p8` the coupon SUMMER.
fn eight() -> House {
    let partners = (1..=8).fold(House::default(), |house, n| house.partner(&format!("p{n}"), rate(2000)));
    partners.code("p3", "promo_3", "").code("p8", "", "SUMMER")
}

/// A sale for which every rule below the manual one argues for another partner.
fn argued_by_all() -> Sale {
    let sale = invoice("in_1", 1, 10_000).took("di_1", ("promo_3", "SUMMER"), 0, 0).pay("pi_1", 1, 10_000);
    let sale = sale.inv(|it| it.partner_hint = Some("p4".into()));
    let sale = sale.by("cs_1", 0, |it| {
        it.partner_hint = Some("prt_5".into());
        it.client_reference_id = Some("P7".into());
    });
    sale.last_payment(|it| it.intent.as_mut().expect("an intent").partner_hint = Some("p6".into()))
}

#[test]
fn the_rules_argue_in_the_order_of_the_page() {
    type Step = (fn(Sale) -> Sale, &'static str, rules::Reason);
    let steps: [Step; 6] = [
        (|sale| sale, "p3", PromotionCode),
        (|sale| sale.inv(|it| it.discounts.clear()).took("di_2", ("", "SUMMER"), 0, 0), "p4", PartnerRef),
        (|sale| sale.inv(|it| it.partner_hint = None), "p5", PartnerRef),
        (|sale| sale.ses(|it| it.partner_hint = None), "p6", PartnerRef),
        (|sale| sale.last_payment(|it| it.intent = None), "p7", ClientReferenceId),
        (|sale| sale.ses(|it| it.client_reference_id = None), "p8", Coupon),
    ];
    let mut sale = argued_by_all();
    for (weaken, partner, reason) in steps {
        sale = weaken(sale);
        check(&eight(), &[sale.clone()], &[("in_1", partner, 2000, reason)]);
    }
}

#[test]
fn an_operators_word_is_above_every_rule_and_may_say_nobody() {
    check(&eight().manual("in_1", None, Some("p1")), &[argued_by_all()], &[("in_1", "p1", 2000, Manual)]);
    check(&eight().manual("in_1", None, None), &[argued_by_all()], &[("in_1", "", 0, Manual)]);
    let elsewhere = eight().manual("in_2", None, Some("p1"));
    check(&elsewhere, &[argued_by_all()], &[("in_1", "p3", 2000, PromotionCode)]);
}

#[test]
fn a_manual_subscription_binds_its_sales_from_its_time_on() {
    let sale = |id: &str, at: i64| invoice(id, at, 1000).of("sub_1").took("di_1", ("promo_a", ""), 0, 0);
    let house = two_partners().manual("sub_1", Some(20), Some("b"));
    let rows = [("in_1", "a", 200, PromotionCode), ("in_2", "b", 200, Manual)];
    check(&house, &[sale("in_1", 1), sale("in_2", 31)], &rows);
}

#[test]
fn every_candidate_that_lost_says_why() {
    let found = due(&eight(), &argued_by_all());
    let fates: Vec<_> = found.attribution.candidates.iter().map(|it| (it.rule, it.rejected)).collect();
    let lower = Some(LowerPrecedence);
    let expected = [
        (Rule::PromotionCode, None),
        (Rule::SubscriptionMetadata, lower),
        (Rule::SessionMetadata, lower),
        (Rule::IntentMetadata, lower),
        (Rule::ClientReferenceId, lower),
        (Rule::Coupon, lower),
    ];
    assert_eq!(fates, expected);
}

#[test]
fn words_that_name_no_partner_are_ignored() {
    let sale = invoice("in_1", 1, 1000).inv(|it| it.partner_hint = Some("somebody".into()));
    let sale = sale.by("cs_1", 0, |it| it.client_reference_id = Some("order 4711".into()));
    assert!(due(&two_partners(), &sale).attribution.candidates.is_empty());
    check(&two_partners(), &[sale], &[("in_1", "", 0, Nobody)]);
}

#[test]
fn a_word_that_names_nobody_hides_no_other() {
    for (words, owner) in [(&["junk", "b"], "b"), (&["a", "b"], "a"), (&["junk", "prt_5"], "")] {
        let hint = || Hints::of(words.iter().map(|word| (*word).to_owned()));
        let reason = if owner.is_empty() { Nobody } else { PartnerRef };
        let commission = if owner.is_empty() { 0 } else { 200 };
        for sale in [
            invoice("in_1", 1, 1000).inv(|it| it.partner_hint = hint()),
            invoice("in_1", 1, 1000).by("cs_1", 0, |it| it.partner_hint = hint()),
        ] {
            check(&two_partners(), &[sale], &[("in_1", owner, commission, reason)]);
        }
    }
    let sale = invoice("in_1", 1, 1000).by("cs_1", 0, |it| {
        (it.partner_hint, it.client_reference_id) = (Some("junk".into()), Some("b".into()));
    });
    check(&two_partners(), &[sale], &[("in_1", "b", 200, ClientReferenceId)]);
}

#[test]
fn what_is_not_known_yet_is_never_nobody() {
    let coupons = two_partners().code("a", "promo_1", "SHARED").code("b", "promo_2", "SHARED");
    // The second mapping of a coupon takes effect when made; both sales are later.
    let shared = |id: &str| invoice(id, 901, 1000).took("di_s", ("", "SHARED"), 0, 901);
    let unmapped = |id: &str| invoice(id, 901, 1000).took("di_u", ("promo_x", "OTHER"), 0, 901);
    for (sale, reason) in [
        (shared("in_1"), CouponAmbiguous),
        (unmapped("in_1"), CodeUnmapped),
        (shared("in_1").took("di_u", ("promo_x", "OTHER"), 0, 901), CouponAmbiguous),
        (shared("in_1").named("di_new", 5), DiscountUnresolved),
        (invoice("in_1", 901, 1000).named("di_new", 0), DiscountUnresolved),
        (invoice("in_1", 901, 1000).took("di_o", ("", "OTHER"), 0, 901), Nobody),
    ] {
        check(&coupons, &[sale], &[("in_1", "", 0, reason)]);
    }
    let other = invoice("in_1", 901, 1000)
        .named("di_new", 5)
        .by("cs_1", 900, |it| it.partner_hint = Some("a".into()));
    check(&coupons, &[other], &[("in_1", "a", 200, PartnerRef)]);
}

#[test]
fn a_code_adopted_by_its_text_waits_for_the_mirror() {
    let house = House::default().partner("a", rate(2000)).map(900, None, mapping("a", "Save10", "", ""));
    let sale = || invoice("in_1", 1, 1000).took("di_1", ("promo_1", ""), 0, 0);
    check(&house, &[sale()], &[("in_1", "", 0, DiscountUnresolved)]);
    check(&house, &[sale().mirrored("promo_1", "SAVE10", "")], &[("in_1", "a", 200, PromotionCode)]);
    check(&house, &[sale().mirrored("promo_1", "SAVE20", "")], &[("in_1", "", 0, CodeUnmapped)]);
    let found = due(&house, &sale().mirrored("promo_1", "SAVE10", ""));
    assert_eq!(found.attribution.code.as_deref(), Some("SAVE10"), "as Stripe spells it");
}

#[test]
fn a_codes_coupon_is_learnt_from_the_mirror() {
    let house = House::default().partner("a", rate(2000)).code("a", "", "SUMMER");
    let sale =
        invoice("in_1", 1, 1000).took("di_1", ("promo_9", ""), 0, 0).mirrored("promo_9", "NINE", "SUMMER");
    check(&house, &[sale], &[("in_1", "a", 200, Coupon)]);
}

#[test]
fn codes_the_mirror_shows_on_a_coupon_share_it() {
    // Codes alone share their coupon whichever was adopted first, and for the past too.
    let by_coupon =
        |at: i64| invoice("in_1", at, 1000).took("di_1", ("", "C"), 0, at).mirrored("promo_a", "A", "C");
    let other_code = by_coupon(901).inv(|it| it.discounts.clear()).took("di_2", ("promo_x", "C"), 0, 901);
    for (sale, row) in [
        (by_coupon(901), ("in_1", "a", 200, Coupon)),
        (by_coupon(901).mirrored("promo_b", "B", "C"), ("in_1", "", 0, CouponAmbiguous)),
        (by_coupon(899).mirrored("promo_b", "B", "C"), ("in_1", "", 0, CouponAmbiguous)),
        (other_code.mirrored("promo_x", "X", "C"), ("in_1", "", 0, CodeUnmapped)),
    ] {
        check(&two_partners(), &[sale], &[row]);
    }
}

#[test]
fn a_later_share_in_a_coupon_takes_nothing_back() {
    let partners = || House::default().partner("a", rate(2000)).partner("b", rate(2000));
    let by_coupon = || partners().code("a", "", "C");
    let by_code = || partners().code("a", "promo_a", "");
    let sale = |at: i64| {
        let sale = invoice("in_1", at, 1000).took("di_1", ("", "C"), 0, at);
        sale.mirrored("promo_a", "A", "C").mirrored("promo_b", "B", "C")
    };
    for (case, house) in [
        ("a text after a coupon", by_coupon().map(901, None, mapping("b", "b", "", ""))),
        ("an id after a coupon", by_coupon().map(901, None, mapping("b", "", "promo_b", ""))),
        ("both after a coupon", by_coupon().map(901, None, mapping("b", "", "promo_b", "C"))),
        ("a coupon after a code", by_code().map(901, None, mapping("b", "", "", "C"))),
    ] {
        let due_of = |at: i64| due(&house, &sale(at)).attribution;
        assert_eq!(due_of(5).partner.as_ref().map(|it| it.as_str()), Some("a"), "{case}, before");
        assert_eq!(due_of(902).reason, CouponAmbiguous, "{case}, after");
    }
}

#[test]
fn a_code_made_later_takes_no_earlier_sale() {
    // b holds a text that no code has yet; a's coupon is mapped after it, and sells before the code is made.
    let house = House::default().partner("a", rate(2000)).partner("b", rate(2000));
    let house = house.map(1, None, mapping("b", "LATE", "", "")).map(2, None, mapping("a", "", "", "C"));
    let sale = |at: i64| {
        let sale = invoice("in_1", at, 1000).took("di_1", ("", "C"), 0, at).mirrored("promo_b", "LATE", "C");
        sale.with(|view| {
            let code = view.discounts.promotion_codes.get_mut(&r("promo_b")).and_then(Option::as_mut);
            code.expect("mirrored").created_s = day(20) / 1000;
        })
    };
    check(&house, &[sale(10)], &[("in_1", "a", 200, Coupon)]);
    check(&house, &[sale(1)], &[("in_1", "a", 200, Coupon)]);
    check(&house, &[sale(21)], &[("in_1", "", 0, CouponAmbiguous)]);
}

#[test]
fn a_code_nobody_owns_on_a_shared_coupon_is_ambiguous() {
    let house = House::default().partner("a", rate(2000)).partner("b", rate(2000));
    let house = house.code("a", "", "C").code("b", "promo_b", "");
    let sale =
        invoice("in_1", 901, 1000).took("di_1", ("promo_x", "C"), 0, 901).mirrored("promo_x", "X", "C");
    check(&house, std::slice::from_ref(&sale), &[("in_1", "a", 200, Coupon)]);
    check(&house, &[sale.mirrored("promo_b", "B", "C")], &[("in_1", "", 0, CouponAmbiguous)]);
}

#[test]
fn trials_and_free_sales_attribute() {
    let trial = invoice("in_1", 1, 0).of("sub_1").took("di_1", ("promo_a", ""), 0, 1);
    let free = invoice("in_2", 31, 0).of("sub_1").took("di_1", ("promo_a", ""), 5000, 1);
    let first = invoice("in_3", 61, 5000).of("sub_1");
    let rows = [
        ("in_1", "a", 0, PromotionCode),
        ("in_2", "a", 0, ExistingAttribution),
        ("in_3", "a", 1000, ExistingAttribution),
    ];
    check(&one_partner(rate(2000)), &[trial, free, first], &rows);
}

#[test]
fn a_subscriptions_session_attributes_every_sale_of_it() {
    for (hint, client, promo, reason) in [
        (Some("a"), None, "", PartnerRef),
        (None, Some("a"), "", ClientReferenceId),
        (None, None, "promo_a", PromotionCode),
    ] {
        let mut view = subscription("sub_1", 0);
        let mut made = crate::builder::a_session(0, 0);
        made.partner_hint = hint.map(Into::into);
        made.client_reference_id = client.map(Into::into);
        made.discounts.extend(some(promo).map(|promo| (Some(promo), None)));
        view.sessions.push((r("cs_1"), made));
        let sales = [invoice("in_1", 1, 1000).of("sub_1"), invoice("in_2", 31, 1000).of("sub_1")];
        let rows = [("in_1", "a", 200, reason), ("in_2", "a", 200, ExistingAttribution)];
        check_with(&two_partners(), &sales, &[view], &rows);
    }
}

#[test]
fn a_subscriptions_metadata_attributes_at_its_creation() {
    let mut view = subscription("sub_1", 3);
    view.subscription.as_mut().expect("known").partner_hint = Some("a".into());
    let sale = invoice("in_1", 5, 1000).of("sub_1");
    let found = crate::check::dues(&two_partners(), &[sale.0], &[view]);
    assert_eq!(found["in_1"].attribution.at, day(3));
}

#[test]
fn what_the_sale_and_its_subscription_both_say_is_said_once() {
    let mut view = subscription("sub_1", 0);
    for (id, fact) in [("di_1", Some(discount("promo_a", "C", 0))), ("di_9", None)] {
        view.own_discounts.push(r(id));
        view.discounts.discounts.insert(r(id), fact);
    }
    let sale = invoice("in_1", 1, 1000).of("sub_1").took("di_1", ("promo_a", "C"), 10, 0).named("di_9", 0);
    let found = crate::check::dues(&two_partners(), &[sale.0], &[view]);
    let fates: Vec<_> =
        found["in_1"].attribution.candidates.iter().map(|it| (it.rule, it.rejected)).collect();
    let unresolved = (Rule::PromotionCode, Some(DiscountUnresolved));
    assert_eq!(fates, [(Rule::PromotionCode, None), unresolved, (Rule::Coupon, Some(NotOwned))]);
}

#[test]
fn an_unresolved_discount_of_the_subscription_is_said_on_its_sales() {
    let mut view = subscription("sub_1", 0);
    view.own_discounts.push(r("di_9"));
    view.discounts.discounts.insert(r("di_9"), None);
    let sale = invoice("in_1", 5, 1000).of("sub_1");
    check_with(&two_partners(), &[sale], &[view], &[("in_1", "", 0, DiscountUnresolved)]);
}

#[test]
fn attribution_time_is_the_discounts_start_else_the_sessions_creation() {
    let house = one_partner(rate(2000));
    let named = |start: Option<i64>| {
        let sale = session("cs_1", 4, 1000).ses(|it| it.discounts = vec![(some("promo_a"), None)]);
        sale.pay("pi_1", 6, 1000).with(|view| {
            let mut fact = discount("promo_a", "", start.unwrap_or(0));
            fact.session = some("cs_1");
            fact.start_s = fact.start_s.filter(|_| start.is_some());
            view.discounts.discounts.insert(r("di_1"), Some(fact));
            view.discounts.promotion_codes.insert(r("promo_a"), Some(promotion_code("ALICE", "")));
        })
    };
    for (start, at) in [(Some(3), 3), (None, 4)] {
        let found = due(&house, &named(start)).attribution;
        assert_eq!((found.at, found.code.as_deref()), (day(at), Some("ALICE")));
    }
}

#[test]
fn who_owned_the_code_then_gets_the_sale_whatever_stripe_says_of_it_now() {
    let house = two_partners().end(10, Some(10), mapping("a", "", "promo_a", ""));
    let house = house.map(10, Some(10), mapping("b", "", "promo_a", ""));
    let sale = |id: &str, start: i64| invoice(id, 20, 1000).took("di_1", ("promo_a", ""), 0, start);
    let rows = [("in_1", "a", 200, PromotionCode), ("in_2", "b", 200, PromotionCode)];
    check(&house, &[sale("in_1", 9), sale("in_2", 10)], &rows);
}

#[test]
fn item_discounts_of_one_code_are_counted_together() {
    let sale =
        invoice("in_1", 1, 1000).took("di_1", ("promo_a", ""), 30, 0).took("di_2", ("promo_b", ""), 50, 0);
    let sale = sale.took("di_3", ("promo_a", ""), 30, 0);
    check(&two_partners(), &[sale], &[("in_1", "a", 200, PromotionCode)]);
}

#[test]
fn a_session_that_brought_a_discount_does_not_count_it_again() {
    let sale =
        invoice("in_1", 1, 1000).took("di_1", ("promo_a", ""), 60, 0).took("di_2", ("promo_b", ""), 50, 0);
    let sale = sale.by("cs_1", 0, |it| {
        it.discounts = vec![(some("promo_b"), None)];
        it.discount_minor = 50;
    });
    check(&two_partners(), &[sale], &[("in_1", "a", 200, PromotionCode)]);
}

#[test]
fn a_promotion_code_the_mirror_does_not_know_may_still_bring_its_coupon() {
    let house = House::default().partner("a", rate(2000)).code("a", "", "SUMMER");
    let named = || session("cs_1", 4, 1000).ses(|it| it.discounts = vec![(some("promo_9"), None)]);
    check(&house, &[named()], &[("cs_1", "", 0, DiscountUnresolved)]);
    check(&house, &[named().mirrored("promo_9", "NINE", "SUMMER")], &[("cs_1", "a", 200, Coupon)]);
    check(&house, &[named().mirrored("promo_9", "NINE", "OTHER")], &[("cs_1", "", 0, CodeUnmapped)]);
}

#[test]
fn an_intent_nothing_names_is_a_sale_of_whom_its_metadata_names() {
    let sales = [intent("pi_1", 1, 1000, Some("prt_1")), intent("pi_2", 1, 1000, Some("nobody we know"))];
    let rows = [("pi_1", "a", 200, PartnerRef), ("pi_2", "", 0, Nobody)];
    check(&two_partners(), &sales, &rows);
}

#[test]
fn a_session_beside_two_discounts_does_not_outweigh_the_larger() {
    let named = |it: &mut kernel::fact::Session| {
        it.discounts = vec![(some("promo_b"), None)];
        it.discount_minor = 150;
    };
    let mut view = subscription("sub_1", 0);
    let mut made = crate::builder::a_session(0, 0);
    named(&mut made);
    view.sessions.push((r("cs_1"), made));
    let bare = || invoice("in_1", 1, 1000).of("sub_1");
    let sale = || bare().took("di_1", ("promo_a", "CA"), 100, 0).took("di_2", ("promo_b", "CB"), 50, 0);
    let rows = [("in_1", "a", 200, PromotionCode)];
    check_with(&two_partners(), &[sale()], &[view.clone()], &rows);
    check_with(&two_partners(), &[sale().by("cs_1", 0, named)], &[view.clone()], &rows);
    let unresolved = bare().took("di_1", ("promo_a", "CA"), 100, 0).named("di_2", 50).by("cs_1", 0, named);
    check_with(&two_partners(), &[unresolved], &[view], &rows);
}

#[test]
fn a_subscriptions_discount_is_worth_what_its_invoices_say() {
    let with = |start: i64, end: Option<i64>| {
        let mut view = subscription("sub_1", 0);
        let mut fact = discount("promo_a", "", start);
        fact.end_s = end.map(|end| day(end) / 1000);
        view.own_discounts.push(r("di_1"));
        view.discounts.discounts.insert(r("di_1"), Some(fact));
        view
    };
    let made = |id: &str, made: i64, paid: i64| {
        invoice(id, paid, 1000).of("sub_1").inv(|it| it.created_s = day(made) / 1000)
    };
    let nobody = ("in_1", "", 0, Nobody);
    let first = ("in_1", "a", 200, PromotionCode);
    let house = two_partners();
    // The first sale names no discount.
    check_with(&house, &[made("in_1", 1, 1)], &[with(0, None)], &[first]);
    check_with(&house, &[made("in_1", 1, 9)], &[with(5, None)], &[nobody]);
    check_with(&house, &[made("in_1", 9, 9)], &[with(1, Some(5))], &[nobody]);
    // It says that there was none: whatever the times are. From nothing, nothing can be taken.
    let said = |sale: Sale| sale.inv(|it| it.discounts_said = true);
    let zero = |sale: Sale| sale.inv(|it| (it.total_minor, it.subtotal_minor) = (0, 0)).cash(0);
    check_with(&house, &[said(made("in_1", 1, 1))], &[with(0, None)], &[nobody]);
    check_with(&house, &[said(made("in_1", 1, 1))], &[with(1, None)], &[nobody]);
    check_with(&house, &[made("in_1", 1, 1)], &[with(1, None)], &[first]);
    let trial = ("in_1", "a", 0, PromotionCode);
    check_with(&house, &[said(zero(made("in_1", 1, 1)))], &[with(1, None)], &[trial]);
    check_with(&house, &[said(zero(made("in_1", 1, 1)))], &[with(2, None)], &[nobody]);
    // Only what begins a subscription may leave out what it began with.
    let because = |why: &str| said(zero(made("in_1", 1, 1))).inv(|it| it.billing_reason = Some(why.into()));
    check_with(&house, &[because("subscription_create")], &[with(1, None)], &[trial]);
    check_with(&house, &[because("subscription_update")], &[with(1, None)], &[nobody]);
    check_with(&house, &[because("subscription_cycle")], &[with(0, None)], &[nobody]);
    let named = said(zero(made("in_1", 1, 1))).took("di_1", ("promo_a", ""), 0, 1);
    check_with(&house, &[named], &[with(1, None)], &[trial]);
    // It names another one.
    let other = made("in_1", 1, 1).took("di_o", ("", "OTHER"), 1, 0);
    check_with(&house, &[other], &[with(0, None)], &[nobody]);
    // Put on later: only the sale that names it, and those after it.
    let sales = [
        made("in_1", 1, 1),
        made("in_2", 31, 40),
        made("in_3", 61, 61).took("di_1", ("promo_a", ""), 5, 35),
        made("in_4", 91, 91),
    ];
    let rows = [
        nobody,
        ("in_2", "", 0, Nobody),
        ("in_3", "a", 200, PromotionCode),
        ("in_4", "a", 200, ExistingAttribution),
    ];
    check_with(&house, &sales, &[with(35, None)], &rows);
}

#[test]
fn metadata_count_as_the_invoice_recorded_them() {
    let mut view = subscription("sub_1", 0);
    view.subscription.as_mut().expect("known").partner_hint = Some("a".into());
    let sale = |id: &str, at: i64, recorded: bool, hint: Option<&str>| {
        invoice(id, at, 1000).of("sub_1").inv(|it| {
            (it.metadata_snapshot, it.partner_hint) = (recorded, hint.map(Into::into));
        })
    };
    let sales =
        [sale("in_1", 1, true, None), sale("in_2", 31, true, Some("a")), sale("in_3", 61, true, None)];
    let rows =
        [("in_1", "", 0, Nobody), ("in_2", "a", 200, PartnerRef), ("in_3", "a", 200, ExistingAttribution)];
    check_with(&two_partners(), &sales, &[view.clone()], &rows);
    let old = [sale("in_1", 1, false, None)];
    check_with(&two_partners(), &old, &[view], &[("in_1", "a", 200, PartnerRef)]);
}

#[test]
fn words_of_a_subscriptions_sale_count_from_the_subscriptions_beginning() {
    let by_invoice = |sale: Sale| sale.inv(|it| it.partner_hint = Some("a".into()));
    let by_intent = |sale: Sale| {
        let sale = sale.pay("pi_1", 31, 1000);
        sale.last_payment(|it| it.intent.as_mut().expect("an intent").partner_hint = Some("a".into()))
    };
    for change in [by_invoice as fn(Sale) -> Sale, by_intent] {
        let sales =
            [change(invoice("in_1", 31, 1000).of("sub_1")).0, invoice("in_2", 61, 1000).of("sub_1").0];
        let found = crate::check::dues(&two_partners(), &sales, &[subscription("sub_1", 3)]);
        assert_eq!((found["in_1"].attribution.at, found["in_2"].attribution.at), (day(3), day(3)));
    }
}

#[test]
fn an_operators_word_about_another_name_of_the_sale_holds() {
    let sale = || invoice("in_1", 1, 1000).by("cs_1", 0, |_| {}).pay("pi_1", 1, 1000);
    for (house, partner) in [
        (two_partners().manual("cs_1", None, Some("a")), "a"),
        (two_partners().manual("pi_1", None, Some("b")), "b"),
        (two_partners().manual("pi_1", None, Some("b")).manual("in_1", None, Some("a")), "a"),
    ] {
        check(&house, &[sale()], &[("in_1", partner, 200, Manual)]);
    }
}
