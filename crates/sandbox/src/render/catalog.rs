//! Products, prices, the plan that old versions repeat a price as, and shipping rates.

use super::{Frame, finish};
use crate::json::{Obj, quoted};
use crate::model::{Price, Product, ShippingRate, Tier, TiersMode};

pub(super) fn product(product: &Product, frame: Frame) -> String {
    let features = product.marketing_features.iter().map(|name| Obj::new().str("name", name).close());
    let package = product.package.as_ref().map(|[height, length, weight, width]| {
        let numbers = [("height", height), ("length", length), ("weight", weight), ("width", width)];
        numbers.into_iter().fold(Obj::new(), |object, (name, number)| object.raw(name, number)).close()
    });
    let object = Obj::resource("product", &product.id)
        .bool("active", product.active)
        .when(frame.version.ancient(), |object| object.empties("attributes"))
        .int("created", product.created_s)
        .opt_str("default_price", product.default_price.as_deref())
        .opt_str("description", product.description.as_deref())
        .strs("images", product.images.iter().map(String::as_str))
        .bool("livemode", frame.livemode)
        .array("marketing_features", features)
        .map("metadata", &product.metadata)
        .str("name", &product.name)
        .opt_raw("package_dimensions", package)
        .opt_raw("shippable", product.shippable.map(|yes| yes.to_string()))
        .opt_str("statement_descriptor", product.statement_descriptor.as_deref())
        .opt_str("tax_code", product.tax_code.as_deref())
        .when(frame.version.endive(), |object| object.nulls("tax_details"))
        .str("type", "service")
        .opt_str("unit_label", product.unit_label.as_deref())
        .int("updated", product.updated_s)
        .opt_str("url", product.url.as_deref());
    finish(object, frame)
}

pub(super) fn price(price: &Price, frame: Frame) -> String {
    let object = Obj::resource("price", &price.id)
        .bool("active", price.active)
        .str("billing_scheme", scheme(price))
        .int("created", price.created_s)
        .str("currency", price.currency.as_str())
        .nulls("custom_unit_amount")
        .bool("livemode", frame.livemode)
        .opt_str("lookup_key", price.lookup_key.as_deref())
        .map("metadata", &price.metadata)
        .opt_str("nickname", price.nickname.as_deref())
        .str("product", &price.product)
        .opt_raw("recurring", price.interval.map(|interval| recurring(interval, price, frame)))
        .str("tax_behavior", price.tax_behavior)
        .opt_str("tiers_mode", price.tiers_mode.map(tiers_mode))
        .opt_raw("transform_quantity", price.package.map(package))
        .str("type", if price.interval.is_some() { "recurring" } else { "one_time" })
        .opt_int("unit_amount", price.unit())
        .opt_raw("unit_amount_decimal", decimal(price.unit()));
    finish(object, frame)
}

fn scheme(price: &Price) -> &'static str {
    if price.tiers_mode.is_some() { "tiered" } else { "per_unit" }
}

const fn tiers_mode(mode: TiersMode) -> &'static str {
    match mode {
        TiersMode::Graduated => "graduated",
        TiersMode::Volume => "volume",
    }
}

fn package((units, up): (i64, bool)) -> String {
    Obj::new().int("divide_by", units).str("round", if up { "up" } else { "down" }).close()
}

fn decimal(minor: Option<i64>) -> Option<String> {
    minor.map(|minor| quoted(&minor.to_string()))
}

fn recurring(interval: &str, price: &Price, frame: Frame) -> String {
    Obj::new()
        .when(!frame.version.basil(), |object| object.nulls("aggregate_usage"))
        .str("interval", interval)
        .int("interval_count", price.interval_count)
        .nulls("meter")
        .opt_int("trial_period_days", price.trial_period_days)
        .str("usage_type", "licensed")
        .close()
}

/// `price.tiers`, shown only when asked for.
pub(crate) fn tiers(rows: &[Tier]) -> String {
    let rows: Vec<String> = rows.iter().map(tier).collect();
    format!("[{}]", rows.join(","))
}

fn tier(tier: &Tier) -> String {
    Obj::new()
        .opt_int("flat_amount", tier.flat_minor)
        .opt_raw("flat_amount_decimal", decimal(tier.flat_minor))
        .opt_int("unit_amount", tier.unit_minor)
        .opt_raw("unit_amount_decimal", decimal(tier.unit_minor))
        .opt_int("up_to", tier.up_to)
        .close()
}

/// `price.currency_options`, shown only when asked for; the price's own currency is one of them.
pub(crate) fn price_options(price: &Price) -> String {
    let own = (price.currency, price.unit(), price.tax_behavior);
    let others = price.currency_options.iter().map(|option| {
        (option.currency, price.tiers_mode.is_none().then_some(option.unit_minor), option.tax_behavior)
    });
    let all = std::iter::once(own).chain(others);
    let options = all.fold(Obj::new(), |options, (currency, unit, tax_behavior)| {
        let option = Obj::new()
            .nulls("custom_unit_amount")
            .str("tax_behavior", tax_behavior)
            .opt_int("unit_amount", unit)
            .opt_raw("unit_amount_decimal", decimal(unit));
        options.obj(currency.as_str(), option)
    });
    options.close()
}

pub(super) fn plan(price: &Price, frame: Frame) -> String {
    let object = Obj::resource("plan", &price.id)
        .bool("active", price.active)
        .when(!frame.version.basil(), |object| object.nulls("aggregate_usage"))
        .opt_int("amount", price.unit())
        .opt_raw("amount_decimal", decimal(price.unit()))
        .str("billing_scheme", scheme(price))
        .int("created", price.created_s)
        .str("currency", price.currency.as_str())
        .str("interval", price.interval.unwrap_or("month"))
        .int("interval_count", price.interval_count)
        .bool("livemode", frame.livemode)
        .map("metadata", &price.metadata)
        .nulls("meter")
        .opt_str("nickname", price.nickname.as_deref())
        .str("product", &price.product)
        .opt_str("tiers_mode", price.tiers_mode.map(tiers_mode))
        .nulls("transform_usage")
        .opt_int("trial_period_days", price.trial_period_days)
        .str("usage_type", "licensed");
    finish(object, frame)
}

pub(super) fn shipping_rate(rate: &ShippingRate, frame: Frame) -> String {
    let bound = |bound: Option<(&str, i64)>| {
        bound.map(|(unit, value)| Obj::new().str("unit", unit).int("value", value).close())
    };
    let estimate = (rate.delivery.0.is_some() || rate.delivery.1.is_some()).then(|| {
        let (least, most) = (bound(rate.delivery.0), bound(rate.delivery.1));
        Obj::new().opt_raw("maximum", most).opt_raw("minimum", least).close()
    });
    let amount = Obj::new().int("amount", rate.amount_minor).str("currency", rate.currency.as_str());
    let object = Obj::resource("shipping_rate", &rate.id)
        .bool("active", rate.active)
        .int("created", rate.created_s)
        .opt_raw("delivery_estimate", estimate)
        .str("display_name", &rate.display_name)
        .obj("fixed_amount", amount)
        .bool("livemode", frame.livemode)
        .map("metadata", &rate.metadata)
        .str("tax_behavior", rate.tax_behavior)
        .opt_str("tax_code", rate.tax_code.as_deref())
        .str("type", "fixed_amount");
    finish(object, frame)
}
