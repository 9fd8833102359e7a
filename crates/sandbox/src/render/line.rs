//! A line of an invoice: whole price and plan until acacia, ids under `pricing` and `parent` from basil.

use super::{Frame, catalog, finish, tax, tax_rate};
use crate::json::Obj;
use crate::model::{Invoice, Line};

pub(super) fn render(line: &Line, invoice: &Invoice, frame: Frame) -> String {
    let amounts = line.discounts.iter().map(|applied| discount_amount(&applied.discount, applied.amount));
    let own = line.discounts.iter().filter(|applied| applied.item).map(|applied| applied.discount.as_str());
    let period = Obj::new().int("end", line.period_s.1).int("start", line.period_s.0);
    let object = Obj::resource("line_item", &line.id)
        .int("amount", line.amount)
        .str("currency", invoice.currency.as_str())
        .str("description", &line.description)
        .array("discount_amounts", amounts)
        .bool("discountable", line.discountable)
        .strs("discounts", own)
        .str("invoice", &invoice.id)
        .bool("livemode", frame.livemode)
        .map("metadata", &line.metadata)
        .obj("period", period)
        .int("quantity", line.quantity)
        .opt_str("subscription", line.subscription.as_deref());
    let object = if frame.version.basil() { new(object, line, frame) } else { old(object, line, frame) };
    finish(object, frame)
}

/// `{amount, discount}`, of lines and of whole invoices.
pub(super) fn discount_amount(discount: &str, amount: i64) -> String {
    Obj::new().int("amount", amount).str("discount", discount).close()
}

fn pretax(discount: &str, amount: i64) -> String {
    Obj::new().int("amount", amount).str("discount", discount).str("type", "discount").close()
}

pub(super) fn pretax_credits<'a>(taken: impl Iterator<Item = (&'a str, i64)>) -> Vec<String> {
    taken.map(|(discount, amount)| pretax(discount, amount)).collect()
}

fn old(object: Obj, line: &Line, frame: Frame) -> Obj {
    let net = line.amount - line.tax(true);
    let unit_net = if line.quantity > 0 { net / line.quantity } else { net };
    let price = catalog::price(&line.price, frame);
    let plan = line.price.interval.map(|_| catalog::plan(&line.price, frame));
    let kind = if line.invoice_item.is_some() { "invoiceitem" } else { "subscription" };
    object
        .int("amount_excluding_tax", net)
        .when(line.invoice_item.is_some(), |object| {
            object.opt_str("invoice_item", line.invoice_item.as_deref())
        })
        .opt_raw("plan", plan)
        .raw("price", &price)
        .bool("proration", line.proration)
        .obj("proration_details", proration(line))
        .when(line.subscription_item.is_some(), |object| {
            object.opt_str("subscription_item", line.subscription_item.as_deref())
        })
        .array("tax_amounts", line.taxes.iter().map(tax::old))
        .array("tax_rates", line.tax_rates.iter().map(|rate| tax_rate::render(rate, frame)))
        .str("type", kind)
        .str("unit_amount_excluding_tax", &unit_net.to_string())
}

fn new(object: Obj, line: &Line, frame: Frame) -> Obj {
    let details = Obj::new().str("price", &line.price.id).str("product", &line.price.product);
    let pricing = Obj::new()
        .obj("price_details", details)
        .str("type", "price_details")
        .str("unit_amount_decimal", &line.price.unit_minor.to_string());
    let taken = line.discounts.iter().map(|applied| (applied.discount.as_str(), applied.amount));
    object
        .obj("parent", parent(line))
        .array("pretax_credit_amounts", pretax_credits(taken))
        .obj("pricing", pricing)
        .when(frame.version.dahlia(), |object| {
            object.str("quantity_decimal", &line.quantity.to_string()).int("subtotal", line.amount)
        })
        .array("taxes", line.taxes.iter().map(tax::new))
}

fn parent(line: &Line) -> Obj {
    let Some(item) = &line.subscription_item else {
        let details = Obj::new()
            .str("invoice_item", line.invoice_item.as_deref().unwrap_or_default())
            .bool("proration", line.proration)
            .obj("proration_details", proration(line))
            .opt_str("subscription", line.subscription.as_deref());
        return Obj::new()
            .obj("invoice_item_details", details)
            .nulls("subscription_item_details")
            .str("type", "invoice_item_details");
    };
    let details = Obj::new()
        .opt_str("invoice_item", line.invoice_item.as_deref())
        .bool("proration", line.proration)
        .obj("proration_details", proration(line))
        .opt_str("subscription", line.subscription.as_deref())
        .str("subscription_item", item);
    Obj::new()
        .nulls("invoice_item_details")
        .obj("subscription_item_details", details)
        .str("type", "subscription_item_details")
}

fn proration(line: &Line) -> Obj {
    let credited = line.credited.as_ref().map(|(invoice, lines)| {
        let lines = lines.iter().map(String::as_str);
        Obj::new().str("invoice", invoice).strs("invoice_line_items", lines).close()
    });
    Obj::new().opt_raw("credited_items", credited)
}
