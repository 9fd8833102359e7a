//! Prices, and the plan that old versions repeat them as.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::Price;

pub(super) fn price(price: &Price, frame: Frame) -> String {
    let object = Obj::resource("price", &price.id)
        .bool("active", true)
        .str("billing_scheme", "per_unit")
        .int("created", price.created_s)
        .str("currency", price.currency.as_str())
        .nulls("custom_unit_amount")
        .bool("livemode", frame.livemode)
        .nulls("lookup_key")
        .map("metadata", &[])
        .nulls("nickname")
        .str("product", &price.product)
        .opt_raw("recurring", price.interval.map(|interval| recurring(interval, frame)))
        .str("tax_behavior", "unspecified")
        .nulls("tiers_mode transform_quantity")
        .str("type", if price.interval.is_some() { "recurring" } else { "one_time" })
        .int("unit_amount", price.unit_minor)
        .str("unit_amount_decimal", &price.unit_minor.to_string());
    finish(object, frame)
}

fn recurring(interval: &str, frame: Frame) -> String {
    Obj::new()
        .when(!frame.version.basil(), |object| object.nulls("aggregate_usage"))
        .str("interval", interval)
        .int("interval_count", 1)
        .nulls("meter trial_period_days")
        .str("usage_type", "licensed")
        .close()
}

pub(super) fn plan(price: &Price, frame: Frame) -> String {
    let object = Obj::resource("plan", &price.id)
        .bool("active", true)
        .when(!frame.version.basil(), |object| object.nulls("aggregate_usage"))
        .int("amount", price.unit_minor)
        .str("amount_decimal", &price.unit_minor.to_string())
        .str("billing_scheme", "per_unit")
        .int("created", price.created_s)
        .str("currency", price.currency.as_str())
        .str("interval", price.interval.unwrap_or("month"))
        .int("interval_count", 1)
        .bool("livemode", frame.livemode)
        .map("metadata", &[])
        .nulls("meter nickname")
        .str("product", &price.product)
        .nulls("tiers_mode transform_usage trial_period_days")
        .str("usage_type", "licensed");
    finish(object, frame)
}
