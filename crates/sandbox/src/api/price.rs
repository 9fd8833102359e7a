//! `/v1/prices`, and prices given inline. It must not know what is billed.

use kernel::Currency;

use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route, product};
use crate::model::{CurrencyOption, Price, Tier, TiersMode};
use crate::render::{self, Frame};
use crate::world::price::{self, Of};
use crate::world::{Book, Refusal};

const PATH: &str = "/v1/prices";
const ONE: &str = "/v1/prices/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
];

const INTERVALS: &[&str] = &["day", "month", "week", "year"];
const TAX_BEHAVIORS: &[&str] = &["exclusive", "inclusive", "unspecified"];
/// No interval may be longer than three years.
const INTERVALS_MAX: &[(&str, i64)] = &[("day", 1095), ("week", 156), ("month", 36), ("year", 3)];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let of = match (params.text("product")?, params.map("product_data")?) {
        (Some(_), Some(_)) => {
            return Err(Refusal::request(
                "You may only specify one of these parameters: product, product_data.",
            ));
        }
        (Some(id), None) => Of::Product(id),
        (None, Some(data)) => product::data(data)?,
        (None, None) => return Err(params.absent("product")),
    };
    let take_key = params.bool("transfer_lookup_key")?.unwrap_or(false);
    let new = Price {
        active: params.bool("active")?.unwrap_or(true),
        lookup_key: params.text("lookup_key")?,
        nickname: params.text("nickname")?,
        ..data(params, "currency")?
    };
    Ok(Reply::Object(price::create(call.book()?, of, new, take_key)?.into()))
}

/// `price_data` of a line: a price, and the product it is for.
pub(crate) fn inline(mut data: Params) -> Result<(Of, Price), Refusal> {
    let of = match (data.text("product")?, data.map("product_data")?) {
        (Some(id), None) => Of::Product(id),
        (None, Some(sent)) => product::data(sent)?,
        _ => return Err(data.absent("product")),
    };
    Ok((of, Price { active: false, ..self::data(data, "currency")? }))
}

/// What makes a price, wherever it is said; `params` holds nothing else.
pub(super) fn data(mut params: Params, currency: &str) -> Result<Price, Refusal> {
    let currency = params.currency(currency)?.ok_or_else(|| params.absent(currency))?;
    let tiers_mode = match params.choice("tiers_mode", &["graduated", "volume"])? {
        Some("graduated") => Some(TiersMode::Graduated),
        Some(_) => Some(TiersMode::Volume),
        None => None,
    };
    let tiered = params.choice("billing_scheme", &["per_unit", "tiered"])? == Some("tiered");
    if tiered != tiers_mode.is_some() {
        return Err(params.absent(if tiered { "tiers_mode" } else { "billing_scheme" }));
    }
    let (unit_minor, tiers) = amount(&mut params, tiered)?;
    let recurring = recurring(&mut params)?;
    let package = match params.map("transform_quantity")? {
        None => None,
        Some(mut sent) => {
            let units = sent.at_least("divide_by", 1)?.ok_or_else(|| sent.absent("divide_by"))?;
            let round = sent.choice("round", &["up", "down"])?.ok_or_else(|| sent.absent("round"))?;
            sent.finish()?;
            Some((units, round == "up"))
        }
    };
    let price = Price {
        currency_options: options_said(&mut params, tiered)?,
        tiers_mode,
        tiers,
        package,
        interval: recurring.map(|(interval, ..)| interval),
        interval_count: recurring.map_or(1, |(_, count, _)| count),
        trial_period_days: recurring.and_then(|(.., days)| days),
        tax_behavior: params.choice("tax_behavior", TAX_BEHAVIORS)?.unwrap_or("unspecified"),
        metadata: params.metadata()?,
        ..Price::blank("", "", unit_minor, currency, 0)
    };
    params.finish()?;
    Ok(price)
}

/// `unit_amount` (or its decimal twin, where it is whole), or `tiers`.
fn amount(params: &mut Params, tiered: bool) -> Result<(i64, Vec<Tier>), Refusal> {
    let unit = minor(params, "unit_amount", "unit_amount_decimal")?;
    let tiers = tiers_said(params)?;
    match (unit, tiers) {
        (Some(minor), None) if !tiered => Ok((minor, Vec::new())),
        (None, Some(tiers)) if tiered => Ok((0, tiers)),
        (_, None) => Err(params.absent(if tiered { "tiers" } else { "unit_amount" })),
        (_, Some(_)) => {
            let message = "`tiers` and `unit_amount` exclude each other; tiers need `billing_scheme=tiered`.";
            Err(Refusal::invalid(&params.name("tiers"), message))
        }
    }
}

/// An amount as an integer or as a decimal text; parts of the smallest unit are not in this sandbox.
fn minor(params: &mut Params, name: &str, decimal: &str) -> Result<Option<i64>, Refusal> {
    let whole = params.at_least(name, 0)?;
    let Some(text) = params.text(decimal)? else { return Ok(whole) };
    if whole.is_some() {
        let message = format!("You may only specify one of these parameters: {name}, {decimal}.");
        return Err(Refusal::request(message));
    }
    let (minor, rest) = text.split_once('.').unwrap_or((&text, ""));
    let digits = rest.bytes().all(|byte| byte == b'0');
    match minor.parse::<i64>() {
        Ok(minor) if minor >= 0 && digits => Ok(Some(minor)),
        _ => {
            let message = format!("Invalid decimal: {text} (this sandbox knows whole minor units only)");
            Err(Refusal::invalid(&params.name(decimal), message))
        }
    }
}

fn tiers_said(params: &mut Params) -> Result<Option<Vec<Tier>>, Refusal> {
    let Some(rows) = params.maps("tiers")? else { return Ok(None) };
    let name = params.name("tiers");
    let read = |mut row: Params| {
        let up_to = row.required("up_to")?;
        let up_to = if up_to == "inf" {
            None
        } else {
            let invalid = || Refusal::invalid(&row.name("up_to"), format!("Invalid integer: {up_to}"));
            Some(up_to.parse::<i64>().map_err(|_| invalid())?)
        };
        let tier = Tier {
            up_to,
            unit_minor: minor(&mut row, "unit_amount", "unit_amount_decimal")?,
            flat_minor: minor(&mut row, "flat_amount", "flat_amount_decimal")?,
        };
        row.finish()?;
        Ok(tier)
    };
    let tiers: Vec<Tier> = rows.into_iter().map(read).collect::<Result<_, Refusal>>()?;
    let bounds = || tiers.iter().map(|tier| tier.up_to.unwrap_or(i64::MAX));
    let rising = bounds().zip(bounds().skip(1)).all(|(one, next)| one < next);
    let ends = tiers.last().is_some_and(|tier| tier.up_to.is_none());
    let priced = tiers.iter().all(|tier| tier.unit_minor.is_some() || tier.flat_minor.is_some());
    if rising && ends && priced {
        return Ok(Some(tiers));
    }
    let message = "Each tier needs an amount, `up_to` must rise, and the last must be `inf`.";
    Err(Refusal::invalid(&name, message))
}

/// Interval, how many of them, and days of trial.
type Recurring = (&'static str, i64, Option<i64>);

fn recurring(params: &mut Params) -> Result<Option<Recurring>, Refusal> {
    let Some(mut sent) = params.map("recurring")? else { return Ok(None) };
    let interval = sent.choice("interval", INTERVALS)?.ok_or_else(|| sent.absent("interval"))?;
    let count = sent.at_least("interval_count", 1)?.unwrap_or(1);
    let most = INTERVALS_MAX.iter().find(|(name, _)| *name == interval).map_or(1, |(_, most)| *most);
    if count > most {
        let message = format!("Must be at most {most} {interval}s.");
        return Err(Refusal::invalid(&sent.name("interval_count"), message));
    }
    let days = sent.at_least("trial_period_days", 1)?;
    if sent.choice("usage_type", &["licensed", "metered"])? == Some("metered") || sent.has("meter") {
        let message = "Metered prices are not in this sandbox yet.";
        return Err(Refusal::invalid(&sent.name("usage_type"), message));
    }
    sent.finish()?;
    Ok(Some((interval, count, days)))
}

fn options_said(params: &mut Params, tiered: bool) -> Result<Vec<CurrencyOption>, Refusal> {
    let read = |(code, mut option): (String, Params)| {
        let currency = Currency::parse(&code)
            .ok_or_else(|| Refusal::invalid("currency_options", format!("Invalid currency: {code}.")))?;
        let (unit_minor, tiers) = amount(&mut option, tiered)?;
        let tax_behavior = option.choice("tax_behavior", TAX_BEHAVIORS)?.unwrap_or("unspecified");
        option.finish()?;
        Ok(CurrencyOption { currency, unit_minor, tiers, tax_behavior })
    };
    params.named_maps("currency_options")?.into_iter().map(read).collect()
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(price::get(call.book()?, &id, "price")?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = price::get(call.book()?, &id, "price")?;
    let take_key = params.bool("transfer_lookup_key")?.unwrap_or(false);
    let tax_behavior = params.choice("tax_behavior", TAX_BEHAVIORS)?.unwrap_or(old.tax_behavior);
    if tax_behavior != old.tax_behavior && old.tax_behavior != "unspecified" {
        let message = "The tax behavior of a price cannot be changed once it is set.";
        return Err(Refusal::invalid("tax_behavior", message));
    }
    let added = options_said(&mut params, old.tiers_mode.is_some())?;
    let kept = old.currency_options.iter().filter(|own| added.iter().all(|new| new.currency != own.currency));
    let new = Price {
        active: params.bool("active")?.unwrap_or(old.active),
        lookup_key: params.change("lookup_key")?.on(old.lookup_key.clone()),
        nickname: params.change("nickname")?.on(old.nickname.clone()),
        metadata: params.metadata_on(&old.metadata)?,
        tax_behavior,
        currency_options: kept.chain(&added).cloned().collect(),
        ..Price::clone(&old)
    };
    params.finish()?;
    Ok(Reply::Object(price::update(call.book()?, &old, new, take_key)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let active = params.bool("active")?;
    let currency = params.currency("currency")?;
    let product = params.text("product")?;
    let kind = params.choice("type", &["one_time", "recurring"])?;
    let keys = params.texts("lookup_keys")?;
    let mut interval = None;
    if let Some(mut recurring) = params.map("recurring")? {
        interval = recurring.choice("interval", INTERVALS)?;
        recurring.choice("usage_type", &["licensed", "metered"])?;
        recurring.finish()?;
    }
    params.finish()?;
    let book = call.book()?;
    let keep = |row: &Price| {
        created.holds(row.created_s)
            && active.is_none_or(|active| row.active == active)
            && currency.is_none_or(|currency| row.currency == currency)
            && product.as_ref().is_none_or(|product| row.product == *product)
            && kind.is_none_or(|kind| row.interval.is_some() == (kind == "recurring"))
            && (interval.is_none() || row.interval == interval)
    };
    let listed = match &keys {
        Some(keys) => page.of_rows(PATH, keys.iter().filter_map(|key| price::by_key(book, key)), keep),
        None => page.of("price", PATH, &book.prices, keep)?,
    };
    Ok(Reply::List(listed))
}

/// `tiers`.
pub(super) fn tiers(book: &Book, id: &str, _: Frame) -> Option<String> {
    let price = book.prices.get(id)?;
    price.tiers_mode.map(|_| render::tiers(&price.tiers))
}

/// `currency_options`.
pub(super) fn options(book: &Book, id: &str, _: Frame) -> Option<String> {
    book.prices.get(id).map(|price| render::price_options(price))
}
