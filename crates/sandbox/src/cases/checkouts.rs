//! Checkout in all its forms: codes once and for ever, trials, free, slow methods, guests.

use super::Case;
use super::story::Story;
use crate::history::{Checkout, OneOff, currency};
use crate::model::{Duration, Off, PromotionCode};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![one_off_with_code(), once_and_twelve_renewals(), trial_then_paid()];
    cases.extend([free_then_paid(), stacked_of_one_partner(), code_deactivated()]);
    cases.extend([async_succeeds(), async_fails(), guest(), code_by_text(), one_off_invoiced_with_code()]);
    cases
}

/// Anna at 20 % with a code of 1000 off.
fn anna(s: &mut Story, code: &str, off: Off, duration: Duration) -> PromotionCode {
    s.partner("anna", 2000);
    let code = s.h.code(code, off, duration);
    s.owns("anna", &code);
    code
}

fn usd_off(minor: i64) -> Off {
    Off::Amount(minor, currency("usd"))
}

fn one_off_with_code() -> Case {
    let mut s = Story::new("one_off_with_code", "5000 - 20 % = 4000 through a code");
    let code = anna(&mut s, "ONEOFF20", Off::PercentBps(2000), Duration::Once);
    let customer = s.h.customer();
    let price = s.h.price(5000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).customer(&customer).code(&code));
    let row = s.due(&bought.session.id, "anna", 800).gross(5000, 1000).sold(4000);
    s.expect([row.reason("promotion_code")]);
    s.done()
}

fn once_and_twelve_renewals() -> Case {
    let mut s =
        Story::new("once_and_twelve_renewals", "a once code attributes the subscription, not one invoice");
    let code = anna(&mut s, "FIRST2000", usd_off(2000), Duration::Once);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let (mut sub, first) = s.h.subscribe(&Checkout::of(&price).customer(&customer).code(&code));
    let mut rows = vec![s.due(&first.sale, "anna", 1600).reason("promotion_code")];
    for _ in 0..12 {
        s.h.later(30 * 86_400);
        let sale = s.h.renew(&mut sub).sale;
        rows.push(s.due(&sale, "anna", 2000).reason("existing_attribution"));
    }
    s.expect(rows);
    s.done()
}

fn trial_then_paid() -> Case {
    let mut s = Story::new("trial_then_paid", "the trial's invoice of zero attributes; money comes later");
    let code = anna(&mut s, "TRIAL1000", usd_off(1000), Duration::Once);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let (mut sub, trial) = s.h.subscribe(&Checkout::of(&price).customer(&customer).code(&code).trial(14));
    s.expect([s.due(&trial.sale, "anna", 0).status("none")]);
    s.h.at("2026-01-19");
    let first = s.h.renew(&mut sub).sale;
    s.h.at("2026-02-18");
    let second = s.h.renew(&mut sub).sale;
    s.expect([s.due(&trial.sale, "anna", 0), s.due(&first, "anna", 1800), s.due(&second, "anna", 2000)]);
    s.done()
}

fn free_then_paid() -> Case {
    let mut s = Story::new("free_then_paid", "100 % off once, then full price");
    let code = anna(&mut s, "FREEMONTH", Off::PercentBps(10_000), Duration::Once);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let (mut sub, free) = s.h.subscribe(&Checkout::of(&price).customer(&customer).code(&code));
    let row = s.due(&free.sale, "anna", 0).gross(10_000, 10_000).reason("promotion_code");
    s.expect([row.clone()]);
    s.h.at("2026-02-05");
    let paid = s.h.renew(&mut sub).sale;
    s.expect([row, s.due(&paid, "anna", 2000).reason("existing_attribution")]);
    s.done()
}

fn stacked_of_one_partner() -> Case {
    let mut s = Story::new("stacked_of_one_partner", "two codes of one partner: one row");
    let code = anna(&mut s, "STACK1000", usd_off(1000), Duration::Once);
    let more = s.h.code("STACK500", usd_off(500), Duration::Once);
    s.owns("anna", &more);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let page = Checkout::of(&price).customer(&customer).code(&code).code(&more);
    let (_, paid) = s.h.subscribe(&page);
    s.expect([s.due(&paid.sale, "anna", 1700).gross(10_000, 1500)]);
    s.done()
}

fn code_deactivated() -> Case {
    let mut s = Story::new("code_deactivated", "the code is switched off before the sale's events arrive");
    let mut code = anna(&mut s, "GONE1000", usd_off(1000), Duration::Once);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    s.expect([]);
    let (_, paid) = s.h.subscribe(&Checkout::of(&price).customer(&customer).code(&code));
    let sale = s.h.take();
    s.h.later(3600);
    s.h.deactivate(&mut code);
    s.expect([]);
    s.expect_after(sale, [s.due(&paid.sale, "anna", 1800)]);
    s.done()
}

fn slow(s: &mut Story) -> OneOff {
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("eur"), None);
    let mut page = Checkout::of(&price).reference("anna");
    page.asynchronous = true;
    s.h.buy(&page)
}

fn async_succeeds() -> Case {
    let mut s = Story::new("async_succeeds", "completed unpaid, paid five days later");
    let mut bought = slow(&mut s);
    let sale = bought.session.id.clone();
    s.expect([s.due(&sale, "anna", 0).status("none")]);
    s.h.at("2026-01-10");
    s.h.async_succeeds(&mut bought);
    s.expect([s.due(&sale, "anna", 2000).currency("eur")]);
    s.done()
}

fn async_fails() -> Case {
    let mut s = Story::new("async_fails", "completed unpaid, and never paid");
    let mut bought = slow(&mut s);
    let sale = bought.session.id.clone();
    s.h.at("2026-01-10");
    s.h.async_fails(&mut bought);
    s.expect([s.due(&sale, "anna", 0).status("none")]);
    s.done()
}

fn guest() -> Case {
    let mut s = Story::new("guest", "no customer object at all, only an e-mail address");
    let code = anna(&mut s, "GUEST1000", usd_off(1000), Duration::Once);
    let price = s.h.price(5000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).code(&code));
    s.expect([s.due(&bought.session.id, "anna", 800).sold(4000)]);
    s.done()
}

/// The mirror knows the text from `promotion_code.created`; the mapping knows only the text.
fn code_by_text() -> Case {
    let mut s = Story::new("code_by_text", "a code adopted by its text, in another case");
    s.partner("anna", 2000);
    let code = s.h.code("ByText1000", usd_off(1000), Duration::Once);
    s.owns_text("anna", "BYTEXT1000");
    let price = s.h.price(10_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).code(&code));
    s.expect([s.due(&bought.session.id, "anna", 1800).reason("promotion_code")]);
    s.done()
}

fn one_off_invoiced_with_code() -> Case {
    let mut s = Story::new(
        "one_off_invoiced_with_code",
        "the code is named by the session, the money by the invoice",
    );
    let code = anna(&mut s, "INVOICED10", Off::PercentBps(1000), Duration::Once);
    let customer = s.h.customer();
    let price = s.h.price(5000, currency("usd"), None);
    let mut page = Checkout::of(&price).customer(&customer).code(&code);
    page.with_invoice = true;
    let bought = s.h.buy(&page);
    s.expect([s.due(&bought.payment.sale, "anna", 900).gross(5000, 500)]);
    s.done()
}
