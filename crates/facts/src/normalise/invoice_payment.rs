//! Invoice payments (basil and later): since basil the only thing that says which intent paid which
//! invoice. It must not know the invoice's own amounts.

use kernel::fact::InvoicePayment;
use kernel::{Body, Kind, ObjectKey, Ref};

use super::out::Out;
use crate::object::Obj;

/// Rank: 2 paid or canceled, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    within(object, None, out);
}

/// A payment inside a fetched invoice.
pub(crate) fn within(object: &Obj<'_>, invoice: Option<&Ref>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::InvoicePayment, object) else { return };
    let invoice = object.reference("invoice").or_else(|| invoice.cloned());
    let payment = object.object("payment");
    let intent = payment.as_ref().and_then(|payment| payment.reference("payment_intent"));
    let charge = payment.as_ref().and_then(|payment| payment.reference("charge"));
    out.link(&key, Kind::Invoice, invoice.as_ref());
    out.link(&key, Kind::Intent, intent.as_ref());
    out.link(&key, Kind::Charge, charge.as_ref());
    fact(&key, object, [invoice, intent, charge], out);
}

fn fact(key: &ObjectKey, object: &Obj<'_>, links: [Option<Ref>; 3], out: &mut Out<'_>) {
    let Some(currency) = Out::currency(object) else { return };
    let [invoice, intent, charge] = links;
    let status = object.text("status").unwrap_or_default();
    let rank = if matches!(status.as_str(), "paid" | "canceled") { 2 } else { 0 };
    let paid_at_s = object.object("status_transitions").and_then(|times| times.second("paid_at"));
    let amount_paid_minor = object.amount("amount_paid");
    let body = InvoicePayment { invoice, status, currency, amount_paid_minor, intent, charge, paid_at_s };
    out.fact(key, object, rank, Body::InvoicePayment(body));
}
