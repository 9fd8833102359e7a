//! `/v1/coupons`. It must not know what a coupon is worth to anybody.

use kernel::Currency;

use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route};
use crate::model::{Duration, Off};
use crate::render::{self, Frame};
use crate::world::coupon::{self, Changed, NewCoupon};
use crate::world::{Book, Refusal};

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: "/v1/coupons", handler: create },
    Route { method: Method::Get, path: "/v1/coupons", handler: list },
    Route { method: Method::Get, path: "/v1/coupons/{}", handler: retrieve },
    Route { method: Method::Post, path: "/v1/coupons/{}", handler: update },
    Route { method: Method::Delete, path: "/v1/coupons/{}", handler: delete },
];

/// What a new coupon may say besides what it takes off.
const OTHERS: [&str; 8] = [
    "currency_options",
    "duration",
    "duration_in_months",
    "applies_to",
    "name",
    "max_redemptions",
    "redeem_by",
    "metadata",
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = params.text("id")?;
    let percent_bps = params.percent_bps("percent_off")?;
    let amount = params.at_least("amount_off", 1)?;
    let currency = params.currency("currency")?;
    let off = match (percent_bps, amount, currency) {
        (Some(_), Some(_), _) => {
            return Err(Refusal::request(
                "You may only specify one of these parameters: amount_off, percent_off.",
            ));
        }
        (None, None, _) => {
            // What is misspelt is mostly why neither is there.
            for known in OTHERS {
                params.take(known);
            }
            params.finish()?;
            return Err(Refusal::invalid(
                "percent_off",
                "You must pass either `percent_off` or `amount_off`.",
            ));
        }
        (Some(bps), None, _) if bps == 0 || bps > 10_000 => {
            return Err(Refusal::invalid(
                "percent_off",
                "Percent off must be greater than 0 and at most 100.",
            ));
        }
        (Some(bps), None, _) => Off::PercentBps(bps),
        (None, Some(_), None) => return Err(params.absent("currency")),
        (None, Some(minor), Some(currency)) => Off::Amount(minor, currency),
    };
    let currency_options = currency_options(&mut params)?;
    let months = params.at_least("duration_in_months", 1)?;
    let duration = match (params.choice("duration", &["once", "repeating", "forever"])?, months) {
        (Some("repeating"), Some(months)) => Duration::Months(months),
        (Some("repeating"), None) => return Err(params.absent("duration_in_months")),
        (_, Some(_)) => {
            let message = "`duration_in_months` may only be used with the repeating duration.";
            return Err(Refusal::invalid("duration_in_months", message));
        }
        (Some("forever"), None) => Duration::Forever,
        (_, None) => Duration::Once,
    };
    let products = match params.map("applies_to")? {
        None => Vec::new(),
        Some(mut applies) => {
            let products = applies.texts("products")?.unwrap_or_default();
            applies.finish()?;
            products
        }
    };
    let new = NewCoupon {
        id,
        off,
        currency_options,
        duration,
        products,
        name: params.text("name")?,
        max_redemptions: params.at_least("max_redemptions", 1)?,
        redeem_by_s: params.int("redeem_by")?,
        metadata: params.metadata()?,
    };
    params.finish()?;
    Ok(Reply::Object(coupon::create(call.book()?, new)?.into()))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(coupon::get(call.book()?, &id, "coupon")?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = coupon::get(call.book()?, &id, "coupon")?;
    let name = params.change("name")?;
    let added = currency_options(&mut params)?;
    let metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    let kept = old.currency_options.iter().filter(|(own, _)| added.iter().all(|(new, _)| new != own));
    let changed = Changed {
        name: name.on(old.name.clone()),
        currency_options: kept.copied().chain(added.iter().copied()).collect(),
        metadata,
    };
    Ok(Reply::Object(coupon::update(call.book()?, &old, changed).into()))
}

fn currency_options(params: &mut Params) -> Result<Vec<(Currency, i64)>, Refusal> {
    let read = |(code, mut option): (String, Params)| {
        let currency = Currency::parse(&code)
            .ok_or_else(|| Refusal::invalid("currency_options", format!("Invalid currency: {code}.")))?;
        let minor = option.at_least("amount_off", 1)?.ok_or_else(|| option.absent("amount_off"))?;
        option.finish()?;
        Ok((currency, minor))
    };
    params.named_maps("currency_options")?.into_iter().map(read).collect()
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    coupon::delete(call.book()?, &id)?;
    Ok(Reply::Deleted { object: "coupon", id })
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let book = call.book()?;
    Ok(Reply::List(page.of("coupon", "/v1/coupons", &book.coupons, |row| created.holds(row.created_s))?))
}

/// `applies_to`.
pub(super) fn applies_to(book: &Book, id: &str, _: Frame) -> Option<String> {
    render::applies_to(book.coupons.get(id)?)
}

/// `currency_options`.
pub(super) fn options(book: &Book, id: &str, _: Frame) -> Option<String> {
    render::amount_options(book.coupons.get(id)?)
}
