//! `/v1/promotion_codes`: the coupon is named by `coupon` until basil, by `promotion` from clover on. It must not
//! know who owns a code.

use kernel::Currency;

use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route};
use crate::model::PromotionCode;
use crate::render::{self, Frame, Version};
use crate::world::promotion_code::{self, Changed, NewCode};
use crate::world::{Book, Refusal};

const PATH: &str = "/v1/promotion_codes";
const ONE: &str = "/v1/promotion_codes/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let coupon = coupon(&mut params, call.version)?;
    let restrictions = Restrictions::read(&mut params)?;
    let new = NewCode {
        coupon,
        code: params.text("code")?,
        active: params.bool("active")?.unwrap_or(true),
        customer: params.text("customer")?,
        expires_at_s: params.int("expires_at")?,
        max_redemptions: params.at_least("max_redemptions", 1)?,
        first_time: restrictions.first_time,
        minimum: restrictions.minimum,
        minimum_options: restrictions.options,
        metadata: params.metadata()?,
    };
    params.finish()?;
    Ok(Reply::Object(promotion_code::create(call.book()?, new)?.into()))
}

/// `coupon=X`, or `promotion[type]=coupon&promotion[coupon]=X`.
fn coupon(params: &mut Params, version: Version) -> Result<String, Refusal> {
    if !version.clover() {
        return params.required("coupon");
    }
    let mut promotion = params.map("promotion")?.ok_or_else(|| params.absent("promotion"))?;
    promotion.choice("type", &["coupon"])?.ok_or_else(|| promotion.absent("type"))?;
    let coupon = promotion.required("coupon")?;
    promotion.finish()?;
    Ok(coupon)
}

/// `restrictions` as sent.
#[derive(Default)]
struct Restrictions {
    first_time: bool,
    minimum: Option<(i64, Currency)>,
    options: Vec<(Currency, i64)>,
}

impl Restrictions {
    fn read(params: &mut Params) -> Result<Self, Refusal> {
        let Some(mut sent) = params.map("restrictions")? else { return Ok(Self::default()) };
        let first_time = sent.bool("first_time_transaction")?.unwrap_or(false);
        let minimum = match (sent.at_least("minimum_amount", 1)?, sent.currency("minimum_amount_currency")?) {
            (None, None) => None,
            (Some(minor), Some(currency)) => Some((minor, currency)),
            (Some(_), None) => return Err(sent.absent("minimum_amount_currency")),
            (None, Some(_)) => return Err(sent.absent("minimum_amount")),
        };
        let options = minimums(&mut sent)?;
        if minimum.is_none() && !options.is_empty() {
            return Err(sent.absent("minimum_amount"));
        }
        sent.finish()?;
        Ok(Self { first_time, minimum, options })
    }
}

fn minimums(sent: &mut Params) -> Result<Vec<(Currency, i64)>, Refusal> {
    let read = |(code, mut option): (String, Params)| {
        let currency = Currency::parse(&code)
            .ok_or_else(|| Refusal::invalid(&option.name(""), format!("Invalid currency: {code}.")))?;
        let minor = option.at_least("minimum_amount", 1)?.ok_or_else(|| option.absent("minimum_amount"))?;
        option.finish()?;
        Ok((currency, minor))
    };
    sent.named_maps("currency_options")?.into_iter().map(read).collect()
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(promotion_code::get(call.book()?, &id, "promotion_code")?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = promotion_code::get(call.book()?, &id, "promotion_code")?;
    let active = params.bool("active")?;
    let added = match params.map("restrictions")? {
        None => Vec::new(),
        Some(mut sent) => {
            let added = minimums(&mut sent)?;
            sent.finish()?;
            added
        }
    };
    let metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    let kept = old.minimum_options.iter().filter(|(own, _)| added.iter().all(|(new, _)| new != own));
    let changed = Changed {
        active: active.unwrap_or(old.active),
        minimum_options: kept.copied().chain(added.iter().copied()).collect(),
        metadata,
    };
    Ok(Reply::Object(promotion_code::update(call.book()?, &old, changed)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let active = params.bool("active")?;
    let code = params.text("code")?;
    let coupon = params.text("coupon")?;
    let customer = params.text("customer")?;
    params.finish()?;
    let book = call.book()?;
    let keep = |row: &PromotionCode| {
        created.holds(row.created_s)
            && coupon.as_ref().is_none_or(|coupon| row.coupon.id == *coupon)
            && customer.as_ref().is_none_or(|customer| row.customer.as_ref() == Some(customer))
            && active.is_none_or(|active| promotion_code::is_active(book, row) == active)
    };
    let mut listed = match &code {
        Some(code) => page.of_rows(PATH, promotion_code::by_text(book, code), keep),
        None => page.of("promotion code", PATH, &book.promotion_codes, keep)?,
    };
    // As they are now: with their coupons, and whether they can still be used.
    for row in &mut listed.rows {
        if let Some(now) = book.find(row.id()) {
            *row = now;
        }
    }
    Ok(Reply::List(listed))
}

/// `restrictions.currency_options`.
pub(super) fn options(book: &Book, id: &str, _: Frame) -> Option<String> {
    let row = book.promotion_codes.get(id)?;
    row.minimum.is_some().then(|| render::minimum_options(row))
}
