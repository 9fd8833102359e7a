//! A credit note: one `refund` until acacia, `refunds` rows from basil.

use super::{Frame, finish, line, tax};
use crate::json::Obj;
use crate::model::{CreditLine, CreditNote};

pub(super) fn render(note: &CreditNote, frame: Frame) -> String {
    let version = frame.version;
    let url = format!("/v1/credit_notes/{}/lines", note.id);
    let pdf = format!("https://pay.stripe.com/credit_notes/{}/pdf", note.id);
    let lines: Vec<String> = note.lines.iter().map(|row| credit_line(row, frame)).collect();
    let discounts = note.discount_rows();
    let discount: i64 = discounts.iter().map(|(_, amount)| amount).sum();
    let object = Obj::resource("credit_note", &note.id)
        .int("amount", note.total)
        .int("amount_shipping", 0)
        .int("created", note.created_s)
        .str("currency", note.currency.as_str())
        .str("customer", &note.customer)
        .when(version.dahlia(), |object| object.nulls("customer_account"))
        .opt_str("customer_balance_transaction", note.balance.as_ref().map(|(id, _)| id.as_str()))
        .int("discount_amount", discount)
        .array("discount_amounts", discounts.iter().map(|(id, amount)| line::discount_amount(id, *amount)))
        .int("effective_at", note.created_s)
        .str("invoice", &note.invoice)
        .list("lines", &url, &lines)
        .bool("livemode", frame.livemode)
        .opt_str("memo", note.memo.as_deref())
        .map("metadata", &note.metadata)
        .str("number", &note.number)
        .opt_int("out_of_band_amount", (note.out_of_band > 0).then_some(note.out_of_band))
        .str("pdf", &pdf)
        .opt_str("reason", note.reason)
        .nulls("shipping_cost")
        .str("status", note.status)
        .int("subtotal", note.subtotal())
        .int("subtotal_excluding_tax", note.total - note.tax)
        .int("total", note.total)
        .int("total_excluding_tax", note.total - note.tax)
        .str("type", kind(note, frame))
        .opt_int("voided_at", note.voided_s);
    let object = if version.basil() { new(object, note, frame) } else { old(object, note) };
    finish(object, frame)
}

/// `mixed` came with clover; before, what made an open invoice due less decided.
fn kind(note: &CreditNote, frame: Frame) -> &'static str {
    match note.before_payment {
        0 => "post_payment",
        part if part < note.total && frame.version.clover() => "mixed",
        _ => "pre_payment",
    }
}

fn old(object: Obj, note: &CreditNote) -> Obj {
    object
        .opt_str("refund", note.refund.as_ref().map(|(id, _)| id.as_str()))
        .array("tax_amounts", note.tax_rows().iter().map(tax::old))
}

fn new(object: Obj, note: &CreditNote, frame: Frame) -> Obj {
    let refund = note.refund.as_ref().map(|(refund, amount)| {
        Obj::new()
            .int("amount_refunded", *amount)
            .when(frame.version.dahlia(), |row| row.nulls("payment_record_refund"))
            .str("refund", refund)
            .when(frame.version.dahlia(), |row| row.str("type", "refund"))
            .close()
    });
    let discounts = note.discount_rows();
    let pretax = line::pretax_credits(discounts.iter().map(|(id, amount)| (id.as_str(), *amount)));
    object
        .when(frame.version.clover(), |object| {
            let after = note.total - note.before_payment;
            object.int("post_payment_amount", after).int("pre_payment_amount", note.before_payment)
        })
        .array("pretax_credit_amounts", pretax)
        .array("refunds", refund)
        .array("total_taxes", note.tax_rows().iter().map(tax::new))
}

pub(crate) fn credit_line(row: &CreditLine, frame: Frame) -> String {
    let unit = row.amount.checked_div(row.quantity.unwrap_or(1)).unwrap_or(row.amount);
    let discounts = || row.discounts.iter().map(|(id, amount)| line::discount_amount(id, *amount));
    let object = Obj::resource("credit_note_line_item", &row.id)
        .int("amount", row.amount)
        .str("description", &row.description)
        .int("discount_amount", row.discount())
        .array("discount_amounts", discounts())
        .when(row.invoice_line.is_some(), |object| {
            object.opt_str("invoice_line_item", row.invoice_line.as_deref())
        })
        .bool("livemode", frame.livemode)
        .opt_int("quantity", row.quantity)
        .empties("tax_rates")
        .str("type", if row.invoice_line.is_some() { "invoice_line_item" } else { "custom_line_item" })
        .int("unit_amount", unit)
        .str("unit_amount_decimal", &unit.to_string());
    let object = if frame.version.basil() {
        let pretax = line::pretax_credits(row.discounts.iter().map(|(id, amount)| (id.as_str(), *amount)));
        object
            .array("pretax_credit_amounts", pretax)
            .array("taxes", row.taxes.iter().map(tax::new))
            .when(frame.version.dahlia(), |object| object.map("metadata", &[]))
    } else {
        let within: i64 = row.taxes.iter().filter(|tax| tax.inclusive).map(|tax| tax.amount).sum();
        let net = row.amount - within;
        let unit_net = net.checked_div(row.quantity.unwrap_or(1)).unwrap_or(net);
        object
            .int("amount_excluding_tax", net)
            .array("tax_amounts", row.taxes.iter().map(tax::old))
            .str("unit_amount_excluding_tax", &unit_net.to_string())
    };
    finish(object, frame)
}
