//! Invoices: amounts, times, and what they name. Before basil an invoice names its subscription, intent and
//! charge itself; since then the subscription is under `parent` and payments come on their own. It must not
//! know what a sale is.

use kernel::fact::{Invoice, InvoiceStatus, PartnerHint};
use kernel::{Body, Kind, NoteCode, Ref};

use super::invoice_line::{self, Discounts};
use super::out::Out;
use super::tax::{self, Tax};
use super::{charge, discount, invoice_payment};
use crate::object::{Named, Obj};

/// Rank: 0 draft, 1 open, 2 uncollectible (can still be paid), 3 paid or void.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Invoice, object) else { return };
    if is_no_invoice(&key.id, object, out) {
        return;
    }
    let list = object.list("lines");
    let mut discounts = Discounts::new(key.clone());
    named_discounts(object, &mut discounts, out);
    let lines = invoice_line::read(&list.rows, &mut discounts, out);
    let customer = object.reference("customer");
    let subscription = subscription(object, &list.rows);
    out.link(&key, Kind::Customer, customer.as_ref());
    out.link(&key, Kind::Subscription, subscription.as_ref());
    out.link(&key, Kind::Intent, object.reference("payment_intent").as_ref());
    payments(object, &key.id, out);
    if let Some(latest) = object.named("charge") {
        out.link(&key, Kind::Charge, latest.id().as_ref());
        if let Named::Whole(whole) = &latest {
            charge::within(whole, None, out);
        }
    }
    let Some(currency) = Out::currency(object) else { return };
    let status = status(object);
    let rank = rank(&status);
    let tax = taxes(object, &discounts);
    let discount_minor = discount_total(object, &discounts, tax);
    let (shipping_charged_minor, shipping_net_minor) = shipping(object);
    let (metadata_snapshot, partner_hint) = subscription_metadata(object);
    let discounts_said = says_discounts(object) && !discounts.some_nameless();
    let body = Invoice {
        status,
        currency,
        total_minor: object.amount("total"),
        subtotal_minor: object.amount("subtotal"),
        tax_inclusive_minor: tax.inclusive,
        tax_exclusive_minor: tax.exclusive,
        shipping_charged_minor,
        shipping_net_minor,
        discount_minor,
        discounts: discounts.into_sorted(discount_minor),
        discounts_said,
        amount_paid_minor: amount_paid(object),
        amount_due_minor: object.amount("amount_due"),
        billing_reason: object.text("billing_reason"),
        customer,
        subscription,
        created_s: object.created(),
        paid_at_s: object.object("status_transitions").and_then(|times| times.second("paid_at")),
        partner_hint,
        metadata_snapshot,
        lines,
        lines_truncated: list.truncated,
    };
    out.fact(&key, object, rank, Body::Invoice(Box::new(body)));
}

/// A deleted draft, or a preview under the id that clover gave to previews.
fn is_no_invoice(id: &Ref, object: &Obj<'_>, out: &Out<'_>) -> bool {
    out.is_deleted(object) || id.as_str().starts_with("upcoming_in_")
}

const fn rank(status: &InvoiceStatus) -> u8 {
    match status {
        InvoiceStatus::Draft | InvoiceStatus::Unknown(_) => 0,
        InvoiceStatus::Open => 1,
        InvoiceStatus::Uncollectible => 2,
        InvoiceStatus::Paid | InvoiceStatus::Void => 3,
    }
}

/// Before November 2018 there were only the flags `paid` and `forgiven` (`closed` stopped the collection
/// of an invoice that stayed open).
fn status(object: &Obj<'_>) -> InvoiceStatus {
    match object.text("status").as_deref() {
        Some("draft") => InvoiceStatus::Draft,
        Some("open") => InvoiceStatus::Open,
        Some("paid") => InvoiceStatus::Paid,
        Some("uncollectible") => InvoiceStatus::Uncollectible,
        Some("void") => InvoiceStatus::Void,
        Some(other) => {
            object.note_newer(NoteCode::EnumUnknown, "status", other);
            InvoiceStatus::Unknown(other.to_owned())
        }
        None => match (object.flag("paid"), object.flag("forgiven")) {
            (Some(true), _) => InvoiceStatus::Paid,
            (_, Some(true)) => InvoiceStatus::Uncollectible,
            (Some(false), _) => InvoiceStatus::Open,
            (None, _) => InvoiceStatus::Unknown(String::new()),
        },
    }
}

/// What the invoice itself names; its lines name theirs.
fn named_discounts(object: &Obj<'_>, discounts: &mut Discounts, out: &mut Out<'_>) {
    discounts.amounts_known = object.has("total_discount_amounts");
    for row in object.objects("total_discount_amounts") {
        match row.named("discount") {
            Some(named) => discounts.take(&named, row.amount("amount"), out),
            None => discounts.name(None),
        }
    }
    for named in object.names("discounts").iter().chain(object.named("discount").as_ref()) {
        let applied = discount::embedded(named, discounts.owner(), out);
        discounts.name(applied.discount);
    }
}

/// Whether the invoice tells all that was taken off, be it nothing: every version since August 2020 lists it, items'
/// discounts included; before that an invoice had one discount or none.
fn says_discounts(object: &Obj<'_>) -> bool {
    if object.has("discounts") || object.has("total_discount_amounts") {
        return object.is_array("total_discount_amounts");
    }
    object.has("discount")
}

/// Payments that a fetched invoice includes on request.
fn payments(object: &Obj<'_>, invoice: &Ref, out: &mut Out<'_>) {
    for row in &object.list("payments").rows {
        invoice_payment::within(row, Some(invoice), out);
    }
}

fn subscription(object: &Obj<'_>, lines: &[Obj<'_>]) -> Option<Ref> {
    let details = || object.object("parent")?.object("subscription_details")?.reference("subscription");
    let line = || lines.iter().find_map(invoice_line::subscription);
    object.reference("subscription").or_else(details).or_else(line)
}

/// What the subscription's metadata were when the invoice was made, and who they name. Invoices made before
/// June 2023 have no such record.
fn subscription_metadata(object: &Obj<'_>) -> (bool, PartnerHint) {
    let since_basil = || object.object("parent")?.object("subscription_details");
    let details = object.object("subscription_details").or_else(since_basil);
    let recorded = details.filter(|details| details.object("metadata").is_some());
    (recorded.is_some(), recorded.and_then(|details| details.partner_hint()))
}

/// The single `tax` of old versions is on top of the prices, unless the total proves that it is inside:
/// the total is what the lines come to after known discounts.
fn taxes(object: &Obj<'_>, discounts: &Discounts) -> Tax {
    if let Some(tax) = tax::rows(object, "total_tax_amounts", "total_taxes") {
        return tax;
    }
    let single = object.amount("tax");
    let known = discounts.amounts_known || discounts.nothing_named();
    let without = object.amount("subtotal").saturating_sub(discounts.taken());
    if known && single != 0 && object.amount("total") == without {
        return Tax { inclusive: single, exclusive: 0 };
    }
    Tax { inclusive: 0, exclusive: single }
}

/// Without `total_discount_amounts` a discount took what is missing between subtotal and total.
fn discount_total(object: &Obj<'_>, discounts: &Discounts, tax: Tax) -> i64 {
    if discounts.amounts_known || discounts.nothing_named() {
        return discounts.taken();
    }
    let before = object.amount("subtotal").saturating_add(tax.exclusive);
    before.saturating_sub(object.amount("total")).max(0)
}

/// As charged, and net of its own tax.
fn shipping(object: &Obj<'_>) -> (i64, i64) {
    let charged = object.amount("amount_shipping");
    let cost = object.object("shipping_cost");
    let net = |cost: &Obj<'_>| cost.amount("amount_total").saturating_sub(cost.amount("amount_tax"));
    (charged, cost.as_ref().map_or(charged, net))
}

/// Before basil `amount_paid` leaves out what was paid outside Stripe; the flag exists only there.
fn amount_paid(object: &Obj<'_>) -> i64 {
    let paid = object.amount("amount_paid");
    let outside = object.flag("paid_out_of_band") == Some(true);
    if outside { object.amount("amount_due").max(paid) } else { old_paid(object).unwrap_or(paid) }
}

/// The oldest invoices have no `amount_paid`: paid means paid in full.
fn old_paid(object: &Obj<'_>) -> Option<i64> {
    let whole = !object.has("amount_paid") && object.flag("paid") == Some(true);
    whole.then(|| object.amount("amount_due"))
}
