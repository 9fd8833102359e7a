//! Discounts that are gone before their subscription's first sale: used up by an invoice that nobody paid, or taken
//! off again. What no sale used brings nobody; what a completed checkout names brings whoever completed it.

use super::Case;
use super::story::Story;
use crate::history::{Bill, Checkout, Sub, currency};
use crate::model::{Discount, Duration, Invoice, Off, PromotionCode};
use crate::render::Version;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![voided(), uncollectible_then_paid(), lasting(), taken_off(), swapped()];
    cases.extend([
        used_up_before_zero(),
        taken_off_before_zero(),
        debit_failed(),
        debit_failed_before_zero(),
    ]);
    cases
}

/// Anna at 20 % with a code of 1000 off, and a monthly subscription of 10000 made without a checkout.
fn begin(s: &mut Story, duration: Duration) -> (PromotionCode, Sub) {
    let code = code_of(s, "anna", duration);
    let sub = s.sub(None, 10_000, "usd");
    (code, sub)
}

fn code_of(s: &mut Story, name: &str, duration: Duration) -> PromotionCode {
    s.partner(name, 2000);
    let tag = s.h.id("tag").trim_start_matches("tag_").to_uppercase();
    let code = s.h.code(&format!("GONE{tag}"), Off::Amount(1000, currency("usd")), duration);
    s.owns(name, &code);
    code
}

/// The first invoice, which uses the code, and is not paid.
fn first_unpaid(s: &mut Story, sub: &mut Sub, discount: &Discount) -> Invoice {
    sub.uses.fill(1);
    let bill = Bill::of(10_000, currency("usd")).discount(discount, 1000);
    s.h.invoice(&sub.on(bill, "subscription_create"))
}

/// An invoice of nothing for a change of the subscription: paid at once.
fn zero(s: &mut Story, sub: &Sub) -> String {
    let invoice = s.h.invoice(&sub.on(Bill::of(0, currency("usd")), "subscription_update"));
    s.h.pay(invoice).sale
}

fn voided() -> Case {
    let mut s =
        Story::new("code_of_void_invoice", "the invoice that used the code up was voided: no sale used it");
    let (code, mut sub) = begin(&mut s, Duration::Once);
    let discount = s.h.add_code(&mut sub, &code);
    let mut invoice = first_unpaid(&mut s, &mut sub, &discount);
    s.expect([]);
    s.h.at("2026-01-20");
    s.h.void(&mut invoice);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    s.expect([s.none(&second, "nobody").sold(10_000)]);
    s.done()
}

/// Sale times decide what is first: an old invoice that is paid late is a late sale.
fn uncollectible_then_paid() -> Case {
    let about = "the invoice that used the code up was given up: nobody's, until it is paid after all";
    let mut s = Story::new("code_of_uncollectible_invoice", about);
    let (code, mut sub) = begin(&mut s, Duration::Once);
    let discount = s.h.add_code(&mut sub, &code);
    let mut invoice = first_unpaid(&mut s, &mut sub, &discount);
    s.h.at("2026-01-20");
    s.h.uncollectible(&mut invoice);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    let mut rows = vec![s.none(&second, "nobody").sold(10_000)];
    s.expect(rows.clone());
    s.h.at("2026-02-20");
    let late = s.h.pay_out_of_band(invoice).sale;
    rows.push(s.due(&late, "anna", 1800).reason("promotion_code"));
    s.expect(rows.clone());
    s.h.at("2026-03-05");
    let third = s.h.renew(&mut sub).sale;
    rows.push(s.due(&third, "anna", 2000).reason("existing_attribution"));
    s.expect(rows);
    s.done()
}

fn lasting() -> Case {
    let mut s = Story::new(
        "lasting_code_of_void_invoice",
        "a code that lasts is used by the invoice after the void one",
    );
    let (code, mut sub) = begin(&mut s, Duration::Forever);
    let discount = s.h.add_code(&mut sub, &code);
    let mut invoice = first_unpaid(&mut s, &mut sub, &discount);
    s.h.void(&mut invoice);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    s.expect([s.due(&second, "anna", 1800).reason("promotion_code")]);
    s.done()
}

fn taken_off() -> Case {
    let mut s = Story::new("code_taken_off", "a code put on and taken off again before the next invoice");
    let (code, mut sub) = begin(&mut s, Duration::Forever);
    let first = s.h.bill_period(&mut sub, "subscription_create").sale;
    s.h.at("2026-01-10");
    let discount = s.h.add_code(&mut sub, &code);
    s.h.at("2026-01-12");
    s.h.remove_code(&mut sub, &discount);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    s.expect([s.none(&first, "nobody"), s.none(&second, "nobody").sold(10_000)]);
    s.done()
}

fn swapped() -> Case {
    let mut s =
        Story::new("code_swapped", "A's code is replaced by B's before the first invoice that is paid");
    let (anna, mut sub) = begin(&mut s, Duration::Forever);
    let bob = code_of(&mut s, "bob", Duration::Once);
    let discount = s.h.add_code(&mut sub, &anna);
    let mut invoice = first_unpaid(&mut s, &mut sub, &discount);
    s.h.at("2026-01-20");
    s.h.void(&mut invoice);
    s.h.remove_code(&mut sub, &discount);
    s.h.add_code(&mut sub, &bob);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    s.expect([s.due(&second, "bob", 1800).reason("promotion_code")]);
    s.done()
}

/// A trial's invoice of nothing may leave out what it began with; a later one of nothing had its discounts before it.
fn used_up_before_zero() -> Case {
    let about = "the code was used up by a void invoice; then an invoice of nothing, which names none";
    let mut s = Story::new("code_used_up_before_zero", about);
    let (code, mut sub) = begin(&mut s, Duration::Once);
    let discount = s.h.add_code(&mut sub, &code);
    let mut invoice = first_unpaid(&mut s, &mut sub, &discount);
    s.h.at("2026-01-20");
    s.h.void(&mut invoice);
    let nothing = zero(&mut s, &sub);
    s.expect([s.none(&nothing, "nobody")]);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    s.expect([s.none(&nothing, "nobody"), s.none(&second, "nobody")]);
    s.done()
}

fn taken_off_before_zero() -> Case {
    let about = "the code was taken off; then an invoice of nothing, which names none, is the first sale";
    let mut s = Story::new("code_taken_off_before_zero", about);
    let (code, mut sub) = begin(&mut s, Duration::Forever);
    let discount = s.h.add_code(&mut sub, &code);
    let mut invoice = first_unpaid(&mut s, &mut sub, &discount);
    s.h.at("2026-01-20");
    s.h.void(&mut invoice);
    s.h.remove_code(&mut sub, &discount);
    s.h.at("2026-01-21");
    let nothing = zero(&mut s, &sub);
    s.expect([s.none(&nothing, "nobody")]);
    s.done()
}

/// The checkout page of a subscription with anna's code, completed with a bank debit that then fails.
fn debit(s: &mut Story) -> Sub {
    // In 2020 a session may leave its code to its invoice.
    s.only(|version| version != Version::V2020_08_27);
    let code = code_of(s, "anna", Duration::Once);
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let customer = s.h.customer();
    let mut page = Checkout::of(&price).customer(&customer).code(&code);
    page.asynchronous = true;
    let (sub, payment) = s.h.subscribe(&page);
    let mut invoice = payment.invoice.expect("a subscription has an invoice");
    s.expect([]);
    s.h.at("2026-01-12");
    s.h.pay_fails(&mut invoice);
    s.h.void(&mut invoice);
    sub
}

fn debit_failed() -> Case {
    let about =
        "a completed checkout names the code, its first invoice was never paid: it still says who came how";
    let mut s = Story::new("code_of_checkout_unpaid", about);
    let mut sub = debit(&mut s);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    s.expect([s.due(&second, "anna", 2000).reason("promotion_code").sold(10_000)]);
    s.done()
}

fn debit_failed_before_zero() -> Case {
    let mut s =
        Story::new("code_of_checkout_before_zero", "the same, and the first sale is an invoice of nothing");
    let mut sub = debit(&mut s);
    let nothing = zero(&mut s, &sub);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    let inherited = s.due(&second, "anna", 2000).reason("existing_attribution");
    s.expect([s.due(&nothing, "anna", 0).reason("promotion_code"), inherited]);
    s.done()
}
