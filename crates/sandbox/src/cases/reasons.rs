//! The closed list of reasons: how a sale can name its partner, and why it may have none.

use kernel::Ref;
use kernel::operator::{Action, ManualScope};

use super::Case;
use super::story::{Story, handle};
use crate::history::{Bill, Checkout, currency};
use crate::model::{Duration, Object, Off};
use crate::render::Version;

pub(super) fn cases() -> Vec<Case> {
    vec![
        discount_unresolved(),
        code_unmapped(),
        reference_unknown(),
        session_partner_ref(),
        junk_beside_handle(),
        junk_on_subscription(),
        manual_wins(),
        manual_nobody(),
        code_beats_reference(),
    ]
}

fn usd_off(minor: i64) -> Off {
    Off::Amount(minor, currency("usd"))
}

/// From basil on an invoice names its discounts by id only.
fn discount_unresolved() -> Case {
    let mut s = Story::new("discount_unresolved", "a discount known by its id only, explained later");
    s.only(Version::basil);
    s.partner("anna", 2000);
    let code = s.h.code("UNRESOLVED", usd_off(1000), Duration::Once);
    s.owns("anna", &code);
    let sub = s.sub(None, 10_000, "usd");
    let mut discount = s.h.discount(&code, sub.customer.as_ref());
    discount.subscription = Some(sub.subscription.id.clone());
    let bill = Bill::of(10_000, currency("usd")).discount(&discount, 1000);
    let invoice = s.h.invoice(&sub.on(bill, "subscription_create"));
    let paid = s.h.pay(invoice);
    s.expect([s.none(&paid.sale, "discount_unresolved")]);
    s.h.later(60);
    s.h.emit("customer.discount.created", Object::from(discount));
    s.expect([s.due(&paid.sale, "anna", 1800).reason("promotion_code")]);
    s.done()
}

fn code_unmapped() -> Case {
    let mut s = Story::new("code_unmapped", "a code that is nobody's yet; adopted later, open to the past");
    s.partner("anna", 2000);
    let code = s.h.code("UNMAPPED", usd_off(1000), Duration::Once);
    let price = s.h.price(10_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).code(&code));
    s.expect([s.none(&bought.session.id, "code_unmapped")]);
    s.owns("anna", &code);
    s.expect([s.due(&bought.session.id, "anna", 1800).reason("promotion_code")]);
    s.done()
}

fn reference_unknown() -> Case {
    let mut s = Story::new("reference_unknown", "a client reference that is no partner's is ignored");
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).reference("user_4711"));
    s.expect([s.none(&bought.session.id, "nobody")]);
    s.done()
}

fn session_partner_ref() -> Case {
    let mut s =
        Story::new("session_partner_ref", "`partner_handle` in the session's metadata, before a reference");
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    let mut page = Checkout::of(&price).reference("bob");
    page.session_metadata = vec![("partner_handle".into(), "anna".into())];
    let bought = s.h.buy(&page);
    let row = s.due(&bought.session.id, "anna", 2000).reason("partner_ref");
    s.expect([row.rejects("bob", "lower_precedence")]);
    s.done()
}

fn junk_beside_handle() -> Case {
    let about =
        "a `partner_ref` that is nobody's hides neither the `partner_handle` beside it nor the reference";
    let mut s = Story::new("junk_beside_handle", about);
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    let mut page = Checkout::of(&price).reference("bob");
    let junk = || ("partner_ref".to_owned(), "junk".to_owned());
    page.session_metadata = vec![junk(), ("partner_handle".into(), "anna".into())];
    let first = s.h.buy(&page);
    page.session_metadata = vec![junk(), ("partner_handle".into(), "junk".into())];
    let second = s.h.buy(&page);
    let row = s.due(&first.session.id, "anna", 2000).reason("partner_ref");
    let other = s.due(&second.session.id, "bob", 2000).reason("client_reference_id");
    s.expect([row.rejects("bob", "lower_precedence"), other]);
    s.done()
}

fn junk_on_subscription() -> Case {
    let mut s = Story::new("junk_on_subscription", "the same in a subscription's metadata, and its renewal");
    s.partner("anna", 2000);
    let mut sub = s.sub(None, 10_000, "usd");
    let words = [("partner_ref", "junk"), ("partner_handle", "anna")];
    sub.subscription.metadata = words.map(|(key, word)| (key.to_owned(), word.to_owned())).to_vec();
    s.h.emit("customer.subscription.updated", Object::from(sub.subscription.clone()));
    let mut rows = Vec::new();
    for (date, reason, next) in [
        ("2026-01-05", "subscription_create", "partner_ref"),
        ("2026-02-05", "subscription_cycle", "existing_attribution"),
    ] {
        s.h.at(date);
        let invoice = s.h.invoice(&sub.on(Bill::of(10_000, currency("usd")), reason));
        let paid = s.h.pay(invoice);
        rows.push(s.due(&paid.sale, "anna", 2000).reason(next));
        s.expect(rows.clone());
    }
    s.done()
}

fn manual_wins() -> Case {
    let mut s = Story::new("manual_wins", "the operator gives a subscription to B although A's code made it");
    s.partner("anna", 2000);
    s.partner("bob", 1000);
    let code = s.h.code("MANUAL1000", usd_off(1000), Duration::Once);
    s.owns("anna", &code);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let (sub, paid) = s.h.subscribe(&Checkout::of(&price).customer(&customer).code(&code));
    s.expect([s.due(&paid.sale, "anna", 1800)]);
    let scope = ManualScope::Subscription(Ref::parse(&sub.subscription.id).expect("a generated id"));
    s.set(Action::Manual { book: kernel::Book::own(false), scope, partner: Some(handle("bob")) }, None);
    s.expect([s.due(&paid.sale, "bob", 900).reason("manual")]);
    s.done()
}

fn manual_nobody() -> Case {
    let mut s = Story::new("manual_nobody", "the operator takes one sale away from A");
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).reference("anna"));
    let scope = ManualScope::Sale(Ref::parse(&bought.session.id).expect("a generated id"));
    s.set(Action::Manual { book: kernel::Book::own(false), scope, partner: None }, None);
    s.expect([s.none(&bought.session.id, "manual")]);
    s.done()
}

fn code_beats_reference() -> Case {
    let mut s = Story::new("code_beats_reference", "A's code on a page that B's link opened");
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let code = s.h.code("BEATS1000", usd_off(1000), Duration::Once);
    s.owns("anna", &code);
    let price = s.h.price(10_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).code(&code).reference("bob"));
    let row = s.due(&bought.session.id, "anna", 1800).reason("promotion_code");
    s.expect([row.rejects("bob", "lower_precedence")]);
    s.done()
}
