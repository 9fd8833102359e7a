//! A credit note: one `refund` until acacia, `refunds` rows from basil. All of ours are post-payment.

use super::{Frame, finish, tax};
use crate::json::Obj;
use crate::model::{CreditNote, Tax};

pub(super) fn render(note: &CreditNote, frame: Frame) -> String {
    let version = frame.version;
    let url = format!("/v1/credit_notes/{}/lines", note.id);
    let pdf = format!("https://pay.stripe.com/credit_notes/{}/pdf", note.id);
    let object = Obj::resource("credit_note", &note.id)
        .int("amount", note.total)
        .int("amount_shipping", 0)
        .int("created", note.created_s)
        .str("currency", note.currency.as_str())
        .str("customer", &note.customer)
        .when(version.dahlia(), |object| object.nulls("customer_account"))
        .opt_str("customer_balance_transaction", note.balance.as_ref().map(|(id, _)| id.as_str()))
        .int("discount_amount", 0)
        .empties("discount_amounts")
        .int("effective_at", note.created_s)
        .str("invoice", &note.invoice)
        .list("lines", &url, &[line(note, frame)])
        .bool("livemode", frame.livemode)
        .nulls("memo")
        .map("metadata", &[])
        .str("number", &note.number)
        .opt_int("out_of_band_amount", (note.out_of_band > 0).then_some(note.out_of_band))
        .str("pdf", &pdf)
        .str("reason", "product_unsatisfactory")
        .nulls("shipping_cost")
        .str("status", "issued")
        .int("subtotal", note.total - note.tax)
        .int("subtotal_excluding_tax", note.total - note.tax)
        .int("total", note.total)
        .int("total_excluding_tax", note.total - note.tax)
        .str("type", "post_payment")
        .nulls("voided_at");
    let object = if version.basil() { new(object, note, frame) } else { old(object, note) };
    finish(object, frame)
}

fn taxes(note: &CreditNote) -> Vec<Tax> {
    let row = Tax {
        rate: "txr_sandbox".into(),
        amount: note.tax,
        inclusive: false,
        taxable: note.total - note.tax,
    };
    if note.tax == 0 { Vec::new() } else { vec![row] }
}

fn old(object: Obj, note: &CreditNote) -> Obj {
    object.opt_str("refund", note.refund.as_deref()).array("tax_amounts", taxes(note).iter().map(tax::old))
}

fn new(object: Obj, note: &CreditNote, frame: Frame) -> Obj {
    let refund = note.refund.as_ref().map(|refund| {
        Obj::new()
            .int("amount_refunded", note.total)
            .when(frame.version.dahlia(), |row| row.nulls("payment_record_refund"))
            .str("refund", refund)
            .when(frame.version.dahlia(), |row| row.str("type", "refund"))
            .close()
    });
    object
        .when(frame.version.clover(), |object| {
            object.int("post_payment_amount", note.total).int("pre_payment_amount", 0)
        })
        .empties("pretax_credit_amounts")
        .array("refunds", refund)
        .array("total_taxes", taxes(note).iter().map(tax::new))
}

fn line(note: &CreditNote, frame: Frame) -> String {
    let net = note.total - note.tax;
    let object = Obj::resource("credit_note_line_item", &format!("cnli_{}", note.id))
        .int("amount", net)
        .str("description", "Credit")
        .int("discount_amount", 0)
        .empties("discount_amounts")
        .bool("livemode", frame.livemode)
        .int("quantity", 1)
        .empties("tax_rates")
        .str("type", "custom_line_item")
        .int("unit_amount", net)
        .str("unit_amount_decimal", &net.to_string());
    let object = if frame.version.basil() {
        object
            .empties("pretax_credit_amounts")
            .array("taxes", taxes(note).iter().map(tax::new))
            .when(frame.version.dahlia(), |object| object.map("metadata", &[]))
    } else {
        object
            .int("amount_excluding_tax", net)
            .array("tax_amounts", taxes(note).iter().map(tax::old))
            .str("unit_amount_excluding_tax", &net.to_string())
    };
    finish(object, frame)
}
