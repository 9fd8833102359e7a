//! `/v1/subscription_items`: one item of a subscription. It must not know what a change costs.

use std::sync::Arc;

use super::billing::{self, PriceSaid};
use super::subscription_params::{payment_behavior, prorations};
use super::{Call, Method, Params, Reply, Route};
use crate::json::Obj;
use crate::model::{Item, Subscription};
use crate::render;
use crate::world::subscription::{self, ItemChange, Update};
use crate::world::{Book, Refusal};

const PATH: &str = "/v1/subscription_items";
const ONE: &str = "/v1/subscription_items/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Delete, path: ONE, handler: delete },
];

fn shown(call: &Call<'_>, item: &Item, subscription: &Subscription) -> String {
    render::subscription_item(item, subscription, call.version, call.book.livemode)
}

/// The subscription that has that item.
fn owner(book: &Book, id: &str) -> Result<Arc<Subscription>, Refusal> {
    book.subscription_of_item(id).cloned().ok_or_else(|| Refusal::missing("subscription_item", "id", id))
}

fn how(params: &mut Params) -> Result<Update, Refusal> {
    Ok(Update {
        prorations: prorations(params)?.unwrap_or_default(),
        proration_date_s: params.int("proration_date")?,
        payment_behavior: payment_behavior(params)?,
        off_session: params.bool("off_session")?.unwrap_or(false),
        ..Update::default()
    })
}

fn changed(call: &mut Call<'_>, id: Option<String>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let book = call.book()?;
    let of = match &id {
        Some(id) => owner(book, id)?,
        None => subscription::get(book, &params.required("subscription")?, "subscription")?,
    };
    let price = PriceSaid::read(&mut params, book)?;
    let mut update = how(&mut params)?;
    let known = of.items.iter().find(|item| Some(&item.id) == id.as_ref());
    let metadata = match known {
        Some(known) => billing::metadata(&mut params, &known.metadata)?,
        None => Some(params.metadata()?),
    };
    let mut change = ItemChange {
        id,
        quantity: params.at_least("quantity", 0)?,
        metadata,
        tax_rates: billing::tax_rates(&mut params, "tax_rates", book)?,
        wanted: super::discounts::read(&mut params, render::Version::Dahlia20260729)?,
        ..ItemChange::default()
    };
    params.finish()?;
    change.price = price.map(|price| price.get(book)).transpose()?;
    let wanted_price = change.price.clone();
    update.items.push(change);
    let id = update.items.first().and_then(|change| change.id.clone());
    let new = subscription::update(book, &of, &update)?;
    let found = match &id {
        Some(id) => new.items.iter().find(|item| item.id == *id),
        None => new
            .items
            .iter()
            .rfind(|item| wanted_price.as_ref().is_some_and(|price| price.id == item.price.id)),
    };
    let item = found.ok_or_else(|| Refusal::request("The subscription item is not there any more."))?;
    Ok(Reply::Json(shown(call, item, &new)))
}

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    changed(call, None)
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.path(0).to_owned();
    changed(call, Some(id))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let of = owner(call.book()?, &id)?;
    let item = of.items.iter().find(|item| item.id == id);
    let item = item.ok_or_else(|| Refusal::missing("subscription_item", "id", &id))?;
    Ok(Reply::Json(shown(call, item, &of)))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let mut wanted = how(&mut params)?;
    params.bool("clear_usage")?;
    params.finish()?;
    let book = call.book()?;
    let of = owner(book, &id)?;
    wanted.items.push(ItemChange { id: Some(id.clone()), deleted: true, ..ItemChange::default() });
    subscription::update(book, &of, &wanted)?;
    Ok(Reply::Deleted { object: "subscription_item", id })
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = params.required("subscription")?;
    params.at_least("limit", 1)?;
    params.finish()?;
    let of = subscription::get(call.book()?, &id, "subscription")?;
    let rows: Vec<String> = of.items.iter().map(|item| shown(call, item, &of)).collect();
    let list = Obj::new().str("object", "list").array("data", rows).bool("has_more", false).str("url", PATH);
    Ok(Reply::Json(list.close()))
}
