//! What is the same money and what is not: intents, invoices, sessions and their order of arrival.

use super::Case;
use super::story::Story;
use crate::history::{Bill, Checkout, currency};
use crate::model::{Charge, Conversion, ModelEvent, Object};
use crate::render::Version;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![i(), j(), k(), k2(), p(), invoice_first(), session_first()];
    cases.extend([intent_alone(), intent_unlinked(), one_off_invoiced()]);
    cases
}

fn i() -> Case {
    let mut s = Story::new("i", "invoice, intent and charge that do not name each other: one row");
    s.only(Version::basil);
    s.partner("anna", 2000);
    let paid = s.sale("anna", Bill::of(10_000, currency("usd")));
    s.h.without("invoice_payment.paid");
    s.expect([s.due(&paid.sale, "anna", 2000)]);
    s.done()
}

fn j() -> Case {
    let mut s = Story::new("j", "one intent of 15000 pays two invoices; a refund of 6000 is spread");
    s.only(Version::basil);
    let usd = currency("usd");
    s.partner("anna", 2000);
    let sub = s.sub(Some("anna"), 10_000, "usd");
    let first = s.h.invoice(&sub.on(Bill::of(10_000, usd), "subscription_create"));
    let second = s.h.invoice(&sub.on(Bill::of(5000, usd), "manual"));
    let mut both = [first, second];
    let paid = s.h.pay_together(&mut both);
    let [first, second] = both.map(|invoice| invoice.id);
    s.expect([s.due(&first, "anna", 2000), s.due(&second, "anna", 1000)]);
    s.h.at("2026-01-09");
    if let Some(mut paid) = paid {
        s.h.refund(&mut paid, 6000);
    }
    s.expect([s.due(&first, "anna", 1200), s.due(&second, "anna", 600)]);
    s.done()
}

fn k() -> Case {
    let mut s = Story::new("k", "10000 authorised, 6000 captured");
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    let mut page = Checkout::of(&price).reference("anna");
    page.manual_capture = true;
    let mut bought = s.h.buy(&page);
    let sale = bought.session.id.clone();
    s.expect([s.due(&sale, "anna", 0)]);
    s.h.at("2026-01-07");
    s.h.captured(&mut bought, 6000);
    s.expect([s.due(&sale, "anna", 1200)]);
    s.done()
}

/// Stripe books what was authorised and never captured as refunded; then 2000 really go back.
fn k2() -> Case {
    let mut s = Story::new("k2", "10000 authorised, 6000 captured, the charge says 4000 were refunded");
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    let mut page = Checkout::of(&price).reference("anna");
    page.manual_capture = true;
    let mut bought = s.h.buy(&page);
    let sale = bought.session.id.clone();
    s.h.at("2026-01-07");
    s.h.captured(&mut bought, 6000);
    let released = bought.payment.charge.clone().map(|charge| Charge { amount: 10_000, ..charge });
    if let Some(charge) = &released {
        s.h.later(60);
        s.h.charge_says_refunded(charge, "charge.captured", 4000);
    }
    s.expect([s.due(&sale, "anna", 1200)]);
    s.h.at("2026-01-09");
    s.h.refund_made(&bought.payment, 2000, "succeeded");
    if let Some(charge) = &released {
        s.h.charge_says_refunded(charge, "charge.refunded", 6000);
    }
    s.expect([s.due(&sale, "anna", 800)]);
    s.done()
}

/// Only the session is told: what currency its intent had then, no source of ours says.
fn p() -> Case {
    let mut s = Story::new("p", "old adaptive pricing: the buyer saw 9200 eur, the merchant sold 10000 usd");
    s.only(|version| !version.basil());
    s.partner("anna", 2000);
    let price = s.h.price(9200, currency("eur"), None);
    let mut bought = s.h.buy(&Checkout::of(&price).reference("anna"));
    for kind in ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"] {
        s.h.without(kind);
    }
    bought.session.conversion = Some(Conversion {
        source_currency: currency("usd"),
        source_subtotal: 10_000,
        source_total: 10_000,
        fx_rate: "0.92",
    });
    let sale = bought.session.id.clone();
    s.h.emit("checkout.session.completed", Object::from(bought.session));
    s.expect([s.due(&sale, "anna", 2000).currency("usd").gross(10_000, 0)]);
    s.done()
}

fn split(events: Vec<ModelEvent>, first: impl Fn(&ModelEvent) -> bool) -> (Vec<ModelEvent>, Vec<ModelEvent>) {
    events.into_iter().partition(|event| first(event))
}

fn invoice_first() -> Case {
    let mut s = Story::new("invoice_before_session", "the session that names the partner arrives last");
    s.partner("anna", 2000);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let (_, paid) = s.h.subscribe(&Checkout::of(&price).customer(&customer).reference("anna"));
    let (session, others) = split(s.h.take(), |event| event.kind == "checkout.session.completed");
    s.expect_after(others, [s.none(&paid.sale, "nobody")]);
    s.expect_after(session, [s.due(&paid.sale, "anna", 2000).reason("client_reference_id")]);
    s.done()
}

fn session_first() -> Case {
    let mut s = Story::new("session_before_invoice", "the session arrives first and is no sale by itself");
    s.partner("anna", 2000);
    let customer = s.h.customer();
    let price = s.h.price(10_000, currency("usd"), Some("month"));
    let (_, paid) = s.h.subscribe(&Checkout::of(&price).customer(&customer).reference("anna"));
    let (session, others) = split(s.h.take(), |event| event.kind == "checkout.session.completed");
    s.expect_after(session, []);
    s.expect_after(others, [s.due(&paid.sale, "anna", 2000).reason("client_reference_id")]);
    s.done()
}

fn intent_alone() -> Case {
    let mut s = Story::new("intent_alone", "an intent that names a partner itself is a sale");
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    let mut page = Checkout::of(&price);
    page.intent_metadata = vec![("partner_ref".into(), "anna".into())];
    let bought = s.h.buy(&page);
    s.h.without("checkout.session.completed");
    let intent = bought.payment.intent.map(|intent| intent.id).unwrap_or_default();
    s.expect([s.due(&intent, "anna", 2000).reason("partner_ref")]);
    s.h.later(5);
    s.h.emit("checkout.session.completed", Object::from(bought.session.clone()));
    s.expect([s.due(&bought.session.id, "anna", 2000).reason("partner_ref")]);
    s.done()
}

fn intent_unlinked() -> Case {
    let mut s = Story::new("intent_unlinked", "an intent that names nobody is listed, never a sale");
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    s.h.buy(&Checkout::of(&price));
    s.h.without("checkout.session.completed");
    s.expect([]);
    s.done()
}

fn one_off_invoiced() -> Case {
    let mut s = Story::new("one_off_invoiced", "a one-off with an invoice: the session only attributes");
    s.partner("anna", 2000);
    let customer = s.h.customer();
    let price = s.h.price(5000, currency("usd"), None);
    let mut page = Checkout::of(&price).customer(&customer).reference("anna");
    page.with_invoice = true;
    let bought = s.h.buy(&page);
    s.expect([s.due(&bought.payment.sale, "anna", 1000).reason("client_reference_id")]);
    s.done()
}
