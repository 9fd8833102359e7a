//! `/v1/shipping_rates`, and rates given inline. It must not know what is shipped.

use kernel::Currency;

use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route};
use crate::model::ShippingRate;
use crate::world::{Refusal, rate};

const PATH: &str = "/v1/shipping_rates";
const ONE: &str = "/v1/shipping_rates/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
];

const UNITS: &[&str] = &["business_day", "day", "hour", "month", "week"];
const TAX_BEHAVIORS: &[&str] = &["exclusive", "inclusive", "unspecified"];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let new = data(call.params())?;
    Ok(Reply::Object(rate::create_shipping(call.book()?, new).into()))
}

/// `shipping_rate_data`: the same fields wherever they are said.
pub(crate) fn data(mut params: Params) -> Result<ShippingRate, Refusal> {
    params.choice("type", &["fixed_amount"])?;
    let display_name = params.required("display_name")?;
    let mut fixed = params.map("fixed_amount")?.ok_or_else(|| params.absent("fixed_amount"))?;
    let amount_minor = fixed.at_least("amount", 0)?.ok_or_else(|| fixed.absent("amount"))?;
    let currency = fixed.currency("currency")?.ok_or_else(|| fixed.absent("currency"))?;
    let currency_options = options(&mut fixed)?;
    fixed.finish()?;
    let delivery = match params.map("delivery_estimate")? {
        None => (None, None),
        Some(mut estimate) => {
            let delivery = (bound(&mut estimate, "minimum")?, bound(&mut estimate, "maximum")?);
            estimate.finish()?;
            delivery
        }
    };
    let rate = ShippingRate {
        id: String::new(),
        display_name,
        amount_minor,
        currency,
        currency_options,
        active: true,
        delivery,
        tax_behavior: params.choice("tax_behavior", TAX_BEHAVIORS)?.unwrap_or("unspecified"),
        tax_code: params.text("tax_code")?,
        created_s: 0,
        metadata: params.metadata()?,
    };
    params.finish()?;
    Ok(rate)
}

fn options(fixed: &mut Params) -> Result<Vec<(Currency, i64)>, Refusal> {
    let read = |(code, mut option): (String, Params)| {
        let currency = Currency::parse(&code)
            .ok_or_else(|| Refusal::invalid("currency_options", format!("Invalid currency: {code}.")))?;
        let minor = option.at_least("amount", 0)?.ok_or_else(|| option.absent("amount"))?;
        option.choice("tax_behavior", TAX_BEHAVIORS)?;
        option.finish()?;
        Ok((currency, minor))
    };
    fixed.named_maps("currency_options")?.into_iter().map(read).collect()
}

fn bound(estimate: &mut Params, name: &str) -> Result<Option<(&'static str, i64)>, Refusal> {
    let Some(mut bound) = estimate.map(name)? else { return Ok(None) };
    let unit = bound.choice("unit", UNITS)?.ok_or_else(|| bound.absent("unit"))?;
    let value = bound.at_least("value", 1)?.ok_or_else(|| bound.absent("value"))?;
    bound.finish()?;
    Ok(Some((unit, value)))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(rate::shipping(call.book()?, &id, "shipping_rate")?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = rate::shipping(call.book()?, &id, "shipping_rate")?;
    let active = params.bool("active")?.unwrap_or(old.active);
    let tax_behavior = params.choice("tax_behavior", TAX_BEHAVIORS)?.unwrap_or(old.tax_behavior);
    let added = match params.map("fixed_amount")? {
        None => Vec::new(),
        Some(mut fixed) => {
            let added = options(&mut fixed)?;
            fixed.finish()?;
            added
        }
    };
    let metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    let kept = old.currency_options.iter().filter(|(own, _)| added.iter().all(|(new, _)| new != own));
    let currency_options = kept.chain(&added).copied().collect();
    let new = ShippingRate { active, tax_behavior, metadata, currency_options, ..ShippingRate::clone(&old) };
    Ok(Reply::Object(call.book()?.shipping_rates.put(&id, new).into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let active = params.bool("active")?;
    let currency = params.currency("currency")?;
    params.finish()?;
    let keep = |row: &ShippingRate| {
        created.holds(row.created_s)
            && active.is_none_or(|active| row.active == active)
            && currency.is_none_or(|currency| row.currency == currency)
    };
    Ok(Reply::List(page.of("shipping rate", PATH, &call.book()?.shipping_rates, keep)?))
}
