//! Two partners and one customer: who gets it.

use super::Case;
use super::story::Story;
use crate::history::{Bill, Checkout, Sub, currency};
use crate::model::{Customer, Duration, Off, PromotionCode};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![q_and_r(), s_without_code(), s_with_code(), t(), t_tie(), w(), y()];
    cases.extend([
        y_text(),
        y_own_code(),
        shared_unmapped_code(),
        shared_by_codes(),
        shared_by_mapping(),
        shared_with_code(),
    ]);
    cases
}

fn usd_off(minor: i64) -> Off {
    Off::Amount(minor, currency("usd"))
}

/// Anna and Bob, both at 20 %, each with a once code.
fn two(s: &mut Story, anna_off: i64, bob_off: i64) -> (PromotionCode, PromotionCode) {
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let tag = s.h.id("tag").trim_start_matches("tag_").to_uppercase();
    let anna = s.h.code(&format!("ANNA{tag}"), usd_off(anna_off), Duration::Once);
    let bob = s.h.code(&format!("BOB{tag}"), usd_off(bob_off), Duration::Once);
    s.owns("anna", &anna);
    s.owns("bob", &bob);
    (anna, bob)
}

fn of_anna(s: &mut Story, code: &PromotionCode) -> (Customer, Sub, String) {
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let (sub, first) = s.h.subscribe(&Checkout::of(&price).customer(&customer).code(code));
    (customer, sub, first.sale)
}

fn q_and_r() -> Case {
    let about = "B's code at invoice 4 of A's subscription; then the customer's one-off without a code";
    let mut s = Story::new("q_r", about);
    let (anna, bob) = two(&mut s, 1000, 1000);
    let (customer, mut sub, first) = of_anna(&mut s, &anna);
    let mut rows = vec![s.due(&first, "anna", 1800)];
    for date in ["2026-02-05", "2026-03-05"] {
        s.h.at(date);
        let sale = s.h.renew(&mut sub).sale;
        rows.push(s.due(&sale, "anna", 2000));
    }
    s.h.at("2026-04-05");
    s.h.add_code(&mut sub, &bob);
    let fourth = s.h.renew(&mut sub).sale;
    rows.push(s.due(&fourth, "anna", 1800).rejects("bob", "already_attributed"));
    s.expect(rows.clone());
    s.h.at("2026-04-20");
    let price = s.h.price(5000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).customer(&customer));
    rows.push(s.none(&bought.session.id, "nobody"));
    s.expect(rows);
    s.done()
}

fn s_without_code() -> Case {
    let mut s = Story::new("s_without_code", "cancelled; a new subscription without a code is nobody's");
    let (anna, _) = two(&mut s, 1000, 1000);
    let (customer, mut sub, first) = of_anna(&mut s, &anna);
    s.h.at("2026-02-01");
    s.h.cancel(&mut sub);
    s.h.at("2026-03-01");
    let price = sub.price().clone();
    let (_, again) = s.h.subscribe(&Checkout::of(&price).customer(&customer));
    s.expect([s.due(&first, "anna", 1800), s.none(&again.sale, "nobody")]);
    s.done()
}

fn s_with_code() -> Case {
    let mut s = Story::new("s_with_code", "cancelled; a new subscription with B's code is B's");
    let (anna, bob) = two(&mut s, 1000, 1000);
    let (customer, mut sub, first) = of_anna(&mut s, &anna);
    s.h.at("2026-02-01");
    s.h.cancel(&mut sub);
    s.h.at("2026-03-01");
    let price = sub.price().clone();
    let (_, again) = s.h.subscribe(&Checkout::of(&price).customer(&customer).code(&bob));
    s.expect([s.due(&first, "anna", 1800), s.due(&again.sale, "bob", 1800)]);
    s.done()
}

fn t() -> Case {
    let mut s = Story::new("t", "codes of A (-1000) and B (-500) on one sale: the larger discount wins");
    let (anna, bob) = two(&mut s, 1000, 500);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let page = Checkout::of(&price).customer(&customer).code(&bob).code(&anna);
    let (_, paid) = s.h.subscribe(&page);
    let row = s.due(&paid.sale, "anna", 1700).gross(10_000, 1500).sold(8500);
    s.expect([row.rejects("bob", "smaller_discount")]);
    s.done()
}

/// Anna's promotion code was made first, so its id is the smaller one.
fn t_tie() -> Case {
    let mut s = Story::new("t_tie", "equal discounts: the smaller promotion code id wins");
    let (anna, bob) = two(&mut s, 500, 500);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let page = Checkout::of(&price).customer(&customer).code(&bob).code(&anna);
    let (_, paid) = s.h.subscribe(&page);
    s.expect([s.due(&paid.sale, "anna", 1800).sold(9000)]);
    s.done()
}

fn w() -> Case {
    let mut s = Story::new("w", "a code first used at renewal 4 earns from 4 on, never back");
    s.partner("anna", 2000);
    let code = s.h.code("LATE1000", usd_off(1000), Duration::Once);
    s.owns("anna", &code);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let (mut sub, first) = s.h.subscribe(&Checkout::of(&price).customer(&customer));
    let mut rows = vec![s.none(&first.sale, "nobody")];
    for date in ["2026-02-05", "2026-03-05"] {
        s.h.at(date);
        let sale = s.h.renew(&mut sub).sale;
        rows.push(s.none(&sale, "nobody"));
    }
    s.expect(rows.clone());
    s.h.at("2026-04-05");
    s.h.add_code(&mut sub, &code);
    let fourth = s.h.renew(&mut sub).sale;
    rows.push(s.due(&fourth, "anna", 1800).sold(9000));
    s.expect(rows.clone());
    s.h.at("2026-05-05");
    let fifth = s.h.renew(&mut sub).sale;
    rows.push(s.due(&fifth, "anna", 2000));
    s.expect(rows);
    s.done()
}

fn y() -> Case {
    let mut s = Story::new("y", "B adopts a code on the coupon that made A's sales: they stay A's");
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let coupon = s.h.coupon("LAUNCHY", usd_off(1000), Duration::Forever);
    s.owns_coupon("anna", &coupon);
    let customer = s.h.customer();
    let price = s.h.price(11_000, currency("usd"), Some("month"));
    let (mut sub, first) = s.h.subscribe(&Checkout::of(&price).customer(&customer).coupon(&coupon));
    s.h.at("2026-02-02");
    let single = s.h.price(6000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&single).coupon(&coupon));
    let mut rows = vec![s.due(&first.sale, "anna", 2000), s.due(&bought.session.id, "anna", 1000)];
    rows.iter_mut().for_each(|row| row.reason = Some("coupon"));
    s.expect(rows.clone());
    s.h.at("2026-03-01");
    let code = s.h.promotion_code("BOBY", &coupon);
    s.owns_from("bob", &code, "2026-03-01");
    s.expect(rows.clone());
    s.h.at("2026-03-05");
    let renewed = s.h.renew(&mut sub).sale;
    rows.push(s.due(&renewed, "anna", 2000).reason("existing_attribution"));
    s.expect(rows);
    s.done()
}

/// Bob's code is on the coupon all along; he takes it, open to the past, after Anna's sale.
fn y_later(s: &mut Story, coupon: &crate::model::Coupon) {
    s.h.promotion_code("BOBLATER", coupon);
    let price = s.h.price(11_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).coupon(coupon));
    let row = s.due(&bought.session.id, "anna", 2000).reason("coupon");
    s.expect([row.clone()]);
    s.owns_text("bob", "boblater");
    s.expect([row]);
}

fn y_text() -> Case {
    let mut s = Story::new("y_text", "B adopts the text of a code on the coupon that made A's sales");
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let coupon = s.h.coupon("YTEXT", usd_off(1000), Duration::Forever);
    s.owns_coupon("anna", &coupon);
    y_later(&mut s, &coupon);
    s.done()
}

fn y_own_code() -> Case {
    let mut s =
        Story::new("y_own_code", "A's coupon sale is by her code on it; with B's code on it, it is nobody's");
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let coupon = s.h.coupon("YOWN", usd_off(1000), Duration::Forever);
    let code = s.h.promotion_code("ANNAOWN", &coupon);
    s.owns("anna", &code);
    let other = s.h.promotion_code("BOBLATER", &coupon);
    let price = s.h.price(11_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).coupon(&coupon));
    let row = s.due(&bought.session.id, "anna", 2000).reason("coupon");
    s.expect([row]);
    s.owns("bob", &other);
    s.expect([s.none(&bought.session.id, "coupon_ambiguous")]);
    s.done()
}

fn shared_unmapped_code() -> Case {
    let about = "A owns the coupon, B a code on it; a third code on it that nobody owns is nobody's";
    let mut s = Story::new("shared_unmapped_code", about);
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let coupon = s.h.coupon("SHAREDTHIRD", usd_off(1000), Duration::Once);
    let bob = s.h.promotion_code("THIRDBOB", &coupon);
    let other = s.h.promotion_code("THIRDNOBODY", &coupon);
    s.owns_coupon("anna", &coupon);
    s.owns_from("bob", &bob, "2026-01-01");
    let price = s.h.price(11_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).code(&other));
    s.expect([s.none(&bought.session.id, "coupon_ambiguous")]);
    s.done()
}

/// A sale by a coupon that is on codes of both partners since before it, applied without a code.
fn shared(s: &mut Story, with_coupon: bool) {
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let tag = s.h.id("tag").trim_start_matches("tag_").to_uppercase();
    let coupon = s.h.coupon(&format!("SHARED{tag}"), usd_off(1000), Duration::Once);
    for (name, text) in [("anna", format!("A{tag}")), ("bob", format!("B{tag}"))] {
        let code = s.h.promotion_code(&text, &coupon);
        if with_coupon {
            s.owns_with_coupon(name, &code, "2026-01-01");
        } else {
            s.owns(name, &code);
        }
    }
    let price = s.h.price(10_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).coupon(&coupon));
    s.expect([s.none(&bought.session.id, "coupon_ambiguous")]);
}

fn shared_by_codes() -> Case {
    let mut s =
        Story::new("shared_coupon_by_codes", "two partners' codes are on one coupon, the mirror says");
    shared(&mut s, false);
    s.done()
}

fn shared_by_mapping() -> Case {
    let mut s = Story::new("shared_coupon_by_mapping", "two partners' mappings name one coupon");
    shared(&mut s, true);
    s.done()
}

fn shared_with_code() -> Case {
    let mut s = Story::new("shared_coupon_with_code", "a shared coupon through B's code is B's");
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let coupon = s.h.coupon("SHAREDWITHCODE", usd_off(1000), Duration::Once);
    let anna = s.h.promotion_code("SWCANNA", &coupon);
    let bob = s.h.promotion_code("SWCBOB", &coupon);
    s.owns("anna", &anna);
    s.owns("bob", &bob);
    let sub = s.sub(None, 10_000, "usd");
    let customer = sub.customer.clone();
    let price = s.h.price(10_000, currency("usd"), None);
    let mut page = Checkout::of(&price).code(&bob);
    page.customer = customer;
    let bought = s.h.buy(&page);
    let other = s.h.invoice(&sub.on(Bill::of(10_000, currency("usd")), "subscription_create"));
    let other = s.h.pay(other);
    s.expect([s.due(&bought.session.id, "bob", 1800), s.none(&other.sale, "nobody")]);
    s.done()
}
