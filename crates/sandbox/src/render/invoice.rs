//! An invoice. Until acacia: `subscription`, `discount`, `tax`, `payment_intent`, `paid`; from basil:
//! `parent`, discount ids only, `total_taxes`, and out-of-band money within `amount_paid`.

use super::payment_method::address;
use super::{Frame, automatic_tax_is, discount, finish, line, tax, tax_rate};
use crate::json::Obj;
use crate::model::{Address, Invoice, InvoiceStatus, Shipping};

pub(super) fn render(invoice: &Invoice, frame: Frame) -> String {
    // A preview has no id before clover: `null` until acacia, none in basil.
    let unnamed = invoice.billing_reason == "upcoming" && !frame.version.clover();
    let named = || Obj::resource("invoice", &invoice.id);
    let bare =
        || Obj::new().when(!frame.version.basil(), |object| object.nulls("id")).str("object", "invoice");
    let object = if unnamed { bare() } else { named() };
    let object = object
        .str("account_country", "US")
        .str("account_name", "Example Software Inc.")
        .nulls("account_tax_ids");
    let object = amounts(object, invoice, frame);
    let object = who(object, invoice, frame);
    let object = fixed(object, invoice, frame);
    let object = what(object, invoice, frame);
    let object = if frame.version.basil() { new(object, invoice) } else { old(object, invoice, frame) };
    finish(object, frame)
}

fn amounts(object: Obj, invoice: &Invoice, frame: Frame) -> Obj {
    let paid = shown_paid(invoice, frame);
    let (due, total) = (invoice.amount_due(), invoice.total());
    let settled = invoice.status != InvoiceStatus::Draft;
    object
        .int("amount_due", due)
        .when(frame.version.basil(), |object| object.int("amount_overpaid", 0))
        .int("amount_paid", paid)
        .int("amount_remaining", due - paid)
        .int("amount_shipping", invoice.shipping_amount())
        .opt_int("ending_balance", settled.then(|| invoice.ending_balance()))
        .int("post_payment_credit_notes_amount", invoice.credited)
        .int("pre_payment_credit_notes_amount", invoice.credited_before)
        .int("starting_balance", invoice.starting_balance)
        .int("subtotal", invoice.subtotal())
        .int("subtotal_excluding_tax", invoice.subtotal() - invoice.tax(true))
        .int("total", total)
        .int("total_excluding_tax", invoice.total_excluding_tax())
}

/// Out-of-band money counts as paid only from basil on.
fn shown_paid(invoice: &Invoice, frame: Frame) -> i64 {
    if invoice.out_of_band && !frame.version.basil() { 0 } else { invoice.paid }
}

fn who(object: Obj, invoice: &Invoice, frame: Frame) -> Obj {
    object
        .opt_str("customer", invoice.customer.as_deref())
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .obj("customer_address", address(&Address::example("US")))
        .str("customer_email", &invoice.email)
        .str("customer_name", &invoice.name)
        .nulls("customer_phone customer_shipping")
        .str("customer_tax_exempt", invoice.tax_exempt)
        .empties("customer_tax_ids")
}

fn fixed(object: Obj, invoice: &Invoice, frame: Frame) -> Obj {
    let located = invoice.finalization_error.is_none() && invoice.finalized_s.is_some();
    let found = if located { "complete" } else { "requires_location_inputs" };
    let tax = automatic_tax_is(frame, invoice.automatic_tax, Some(invoice.automatic_tax.then_some(found)));
    let tax = tax.when(frame.version.basil(), |tax| tax.nulls("disabled_reason"));
    let settings = Obj::new().nulls("default_mandate payment_method_options payment_method_types");
    let hosted = format!("https://invoice.stripe.com/i/acct_1Sandbox/{}", invoice.id);
    let rates = invoice.default_tax_rates.iter().map(|rate| tax_rate::render(rate, frame));
    let issued = invoice.finalized_s.is_some();
    let nothing_due = invoice.status == InvoiceStatus::Paid && invoice.amount_due() == 0;
    object
        .nulls("application")
        .int("attempt_count", invoice.attempts)
        .bool("attempted", invoice.attempts > 0 || nothing_due)
        .bool("auto_advance", invoice.auto_advance)
        .obj("automatic_tax", tax)
        .opt_int("automatically_finalizes_at", invoice.finalizes_s)
        .str("collection_method", invoice.collection.as_str())
        .nulls("custom_fields")
        .opt_str("default_payment_method", invoice.default_payment_method.as_deref())
        .nulls("default_source")
        .array("default_tax_rates", rates)
        .opt_str("description", invoice.description.as_deref())
        .opt_int("due_date", invoice.due_s)
        .opt_int("effective_at", invoice.finalized_s)
        .opt_str("footer", invoice.footer.as_deref())
        .nulls("from_invoice")
        .opt_str("hosted_invoice_url", issued.then_some(hosted.as_str()))
        .opt_str("invoice_pdf", issued.then(|| format!("{hosted}/pdf")).as_deref())
        .obj("issuer", Obj::new().str("type", "self"))
        .opt_raw("last_finalization_error", invoice.finalization_error.map(error))
        .nulls("latest_revision")
        .opt_int("next_payment_attempt", invoice.next_attempt_s)
        .nulls("on_behalf_of")
        .obj("payment_settings", settings)
        .nulls("receipt_number rendering shipping_details statement_descriptor")
        .opt_str("test_clock", invoice.test_clock.as_deref())
        .opt_int("webhooks_delivered_at", invoice.finalized_s)
}

fn what(object: Obj, invoice: &Invoice, frame: Frame) -> Obj {
    let url = format!("/v1/invoices/{}/lines", invoice.id);
    let lines: Vec<String> = invoice.lines.iter().map(|row| line::render(row, invoice, frame)).collect();
    let transitions = Obj::new()
        .opt_int("finalized_at", invoice.finalized_s)
        .opt_int("marked_uncollectible_at", invoice.uncollectible_s)
        .opt_int("paid_at", invoice.paid_s)
        .opt_int("voided_at", invoice.voided_s);
    let taken = taken(invoice).map(|(discount, amount)| line::discount_amount(discount, amount));
    object
        .str("billing_reason", invoice.billing_reason)
        .int("created", invoice.created_s)
        .str("currency", invoice.currency.as_str())
        .strs("discounts", invoice_level(invoice))
        .list("lines", &url, &lines)
        .bool("livemode", frame.livemode)
        .map("metadata", &invoice.metadata)
        .opt_str("number", invoice.finalized_s.map(|_| invoice.number.as_str()))
        .int("period_end", invoice.period_s.1)
        .int("period_start", invoice.period_s.0)
        .opt_raw("shipping_cost", invoice.shipping.as_ref().map(shipping_cost))
        .str("status", invoice.status.as_str())
        .obj("status_transitions", transitions)
        .array("total_discount_amounts", taken)
}

/// Discounts of the invoice itself; those of items are named by their lines.
fn invoice_level(invoice: &Invoice) -> impl Iterator<Item = &str> {
    let of_item = |id: &str| {
        let mut applied = invoice.lines.iter().flat_map(|row| &row.discounts);
        applied.any(|applied| applied.item && applied.discount == id)
    };
    invoice.discounts.iter().map(|discount| discount.id.as_str()).filter(move |id| !of_item(id))
}

/// Every discount with what it took, items' included.
fn taken(invoice: &Invoice) -> impl Iterator<Item = (&str, i64)> {
    invoice.discounts.iter().map(|discount| (discount.id.as_str(), invoice.taken_by(&discount.id)))
}

fn shipping_cost(shipping: &Shipping) -> String {
    let tax = shipping.tax.as_ref().map_or(0, |tax| tax.amount);
    let on_top = shipping.tax.as_ref().filter(|tax| !tax.inclusive).map_or(0, |tax| tax.amount);
    Obj::new()
        .int("amount_subtotal", shipping.amount)
        .int("amount_tax", tax)
        .int("amount_total", shipping.amount + on_top)
        .str("shipping_rate", &shipping.rate)
        .close()
}

fn old(object: Obj, invoice: &Invoice, frame: Frame) -> Obj {
    let details = Obj::new().map("metadata", &invoice.subscription_metadata).close();
    let tax = invoice.tax(true) + invoice.tax(false);
    let rows = invoice.tax_rows();
    let paid = invoice.status == InvoiceStatus::Paid;
    object
        .nulls("application_fee_amount")
        .opt_str("charge", invoice.charge.as_deref())
        .opt_raw("discount", only_discount(invoice, frame))
        .bool("paid", paid)
        .bool("paid_out_of_band", paid && invoice.out_of_band)
        .opt_str("payment_intent", invoice.intent.as_deref())
        .nulls("quote")
        .opt_str("subscription", invoice.subscription.as_deref())
        .opt_raw("subscription_details", invoice.subscription.as_ref().map(|_| details))
        .when(invoice.subscription_proration_date_s.is_some(), |object| {
            object.opt_int("subscription_proration_date", invoice.subscription_proration_date_s)
        })
        .opt_int("tax", (!rows.is_empty()).then_some(tax))
        .array("total_tax_amounts", rows.iter().map(tax::old))
        .nulls("transfer_data")
}

/// "Not populated if there are multiple", and only of the invoice itself.
fn only_discount(invoice: &Invoice, frame: Frame) -> Option<String> {
    let mut own = invoice_level(invoice);
    let first = own.next().filter(|_| own.next().is_none())?;
    let whole = invoice.discounts.iter().find(|discount| discount.id == first)?;
    Some(discount::render(whole, frame))
}

fn new(object: Obj, invoice: &Invoice) -> Obj {
    let parent = invoice.subscription.as_ref().map(|subscription| {
        let details = Obj::new()
            .map("metadata", &invoice.subscription_metadata)
            .str("subscription", subscription)
            .when(invoice.subscription_proration_date_s.is_some(), |details| {
                details.opt_int("subscription_proration_date", invoice.subscription_proration_date_s)
            });
        Obj::new()
            .nulls("quote_details")
            .obj("subscription_details", details)
            .str("type", "subscription_details")
            .close()
    });
    object
        .opt_raw("parent", parent)
        .array("total_pretax_credit_amounts", line::pretax_credits(taken(invoice)))
        .array("total_taxes", invoice.tax_rows().iter().map(tax::new))
}

/// An error as objects keep it.
fn error((code, message): (&str, &str)) -> String {
    let error = Obj::new().str("code", code).str("message", message);
    error.str("type", "invalid_request_error").close()
}
