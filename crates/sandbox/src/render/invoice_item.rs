//! An invoice item: `price`, `plan`, `subscription` until acacia, `pricing` and `parent` from basil.

use super::{Frame, catalog, finish, tax_rate};
use crate::json::Obj;
use crate::model::InvoiceItem;

pub(super) fn render(item: &InvoiceItem, frame: Frame) -> String {
    let period = Obj::new().int("end", item.period_s.1).int("start", item.period_s.0);
    let object = Obj::resource("invoiceitem", &item.id)
        .int("amount", item.amount)
        .str("currency", item.currency.as_str())
        .str("customer", &item.customer)
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .int("date", item.date_s)
        .opt_str("description", item.description.as_deref())
        .bool("discountable", item.discountable)
        .strs("discounts", item.discounts.iter().map(|discount| discount.id.as_str()))
        .opt_str("invoice", item.invoice.as_deref())
        .bool("livemode", frame.livemode)
        .map("metadata", &item.metadata)
        .obj("period", period)
        .bool("proration", item.proration)
        .int("quantity", item.quantity)
        .array("tax_rates", item.tax_rates.iter().map(|rate| tax_rate::render(rate, frame)))
        .opt_str("test_clock", item.test_clock.as_deref());
    let object = if frame.version.basil() { new(object, item, frame) } else { old(object, item, frame) };
    finish(object, frame)
}

fn old(object: Obj, item: &InvoiceItem, frame: Frame) -> Obj {
    let unit = item.amount.checked_div(item.quantity).unwrap_or(item.amount);
    object
        .opt_raw("plan", item.price.interval.map(|_| catalog::plan(&item.price, frame)))
        .raw("price", &catalog::price(&item.price, frame))
        .opt_str("subscription", item.subscription.as_deref())
        .when(item.subscription_item.is_some(), |object| {
            object.opt_str("subscription_item", item.subscription_item.as_deref())
        })
        .int("unit_amount", unit)
        .str("unit_amount_decimal", &unit.to_string())
}

fn new(object: Obj, item: &InvoiceItem, frame: Frame) -> Obj {
    let details = Obj::new().str("price", &item.price.id).str("product", &item.price.product);
    let pricing = Obj::new()
        .obj("price_details", details)
        .str("type", "price_details")
        .str("unit_amount_decimal", &item.price.unit_minor.to_string());
    let parent = item.subscription.as_ref().map(|subscription| {
        let details =
            Obj::new().str("subscription", subscription).when(item.subscription_item.is_some(), |details| {
                details.opt_str("subscription_item", item.subscription_item.as_deref())
            });
        Obj::new().obj("subscription_details", details).str("type", "subscription_details").close()
    });
    object.opt_raw("parent", parent).obj("pricing", pricing).when(frame.version.dahlia(), |object| {
        object.int("net_amount", item.amount).str("quantity_decimal", &item.quantity.to_string())
    })
}
