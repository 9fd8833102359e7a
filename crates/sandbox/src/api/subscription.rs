//! `/v1/subscriptions`. It must not know what is billed.

use std::sync::Arc;

use super::list::{Page, Span};
use super::subscription_params::{
    SaidSubscription, SaidUpdate, cancellation, ignored, payment_behavior, prorations,
};
use super::{Call, Method, Reply, Route};
use crate::json::Obj;
use crate::model::Subscription;
use crate::render::{self, Frame};
use crate::world::subscription::{self, Cancel, Prorations, Update};
use crate::world::{Book, Refusal};

const PATH: &str = "/v1/subscriptions";
const ONE: &str = "/v1/subscriptions/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Delete, path: ONE, handler: cancel },
    Route { method: Method::Post, path: "/v1/subscriptions/{}/pause", handler: pause },
    Route { method: Method::Post, path: "/v1/subscriptions/{}/resume", handler: resume },
    Route { method: Method::Delete, path: "/v1/subscriptions/{}/discount", handler: delete_discount },
];

const STATUSES: &[&str] = &[
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let book = call.book()?;
    let customer = params.required("customer")?;
    let said = SaidSubscription::read(&mut params, book, &customer, version)?;
    let mut new = said.wanted(book, &customer)?;
    new.payment_behavior = payment_behavior(&mut params)?;
    new.off_session = params.bool("off_session")?.unwrap_or(false);
    new.prorate = prorations(&mut params)? != Some(Prorations::None);
    new.description = params.text("description")?;
    new.metadata = params.metadata()?;
    ignored(&mut params)?;
    params.finish()?;
    Ok(Reply::Object(subscription::create(book, new)?.into()))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(subscription::get(call.book()?, &id, "id")?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let (id, version) = (call.path(0).to_owned(), call.version);
    let book = call.book()?;
    let old = subscription::get(book, &id, "id")?;
    let said = SaidUpdate::read(&mut params, book, &old, version)?.with_extras(&mut params, book)?;
    ignored(&mut params)?;
    params.finish()?;
    let wanted = said.get(book)?;
    Ok(Reply::Object(subscription::update(book, &old, &wanted)?.into()))
}

fn cancel(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let (comment, feedback) = cancellation(&mut params)?.unwrap_or_default();
    let how = Cancel {
        invoice_now: params.bool("invoice_now")?.unwrap_or(false),
        prorate: params.bool("prorate")?.unwrap_or(false),
        comment,
        feedback,
    };
    params.finish()?;
    let book = call.book()?;
    let old = subscription::get(book, &id, "id")?;
    Ok(Reply::Object(subscription::cancel(book, &old, how)?.into()))
}

/// Pausing the subscription itself came with endive.
fn pause(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    params.take("type");
    params.finish()?;
    if !call.version.endive() {
        let message = format!("Unrecognized request URL (POST: /v1/subscriptions/{id}/pause).");
        return Err(Refusal::plain(404, crate::world::Kind::InvalidRequest, message));
    }
    let book = call.book()?;
    let old = subscription::get(book, &id, "id")?;
    Ok(Reply::Object(subscription::pause_now(book, &old)?.into()))
}

fn resume(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let anchor = params.choice("billing_cycle_anchor", &["now", "unchanged"])?;
    prorations(&mut params)?;
    params.int("proration_date")?;
    params.finish()?;
    let book = call.book()?;
    let old = subscription::get(book, &id, "id")?;
    Ok(Reply::Object(subscription::resume(book, &old, anchor != Some("unchanged"))?.into()))
}

/// `customer.subscriptions`: those that are not over.
pub(super) fn of_customer(book: &Book, id: &str, frame: Frame) -> Option<String> {
    let of = |row: &&Arc<Subscription>| row.customer.as_deref() == Some(id) && !row.ended();
    let rows = book.subscriptions.newest().filter(of).map(|row| render::rendered(&row.into(), frame));
    let url = format!("/v1/customers/{id}/subscriptions");
    let list = Obj::new().str("object", "list").array("data", rows).bool("has_more", false).str("url", &url);
    Some(list.close())
}

fn delete_discount(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let old = subscription::get(book, &id, "id")?;
    let none = || Refusal::missing("discount", "id", &id);
    let gone = old.discounts.last().ok_or_else(none)?.id.clone();
    let wanted = Update { wanted: Some(Vec::new()), ..Update::default() };
    subscription::update(book, &old, &wanted)?;
    Ok(Reply::Deleted { object: "discount", id: gone })
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let customer = params.text("customer")?;
    let price = params.text("price")?;
    let clock = params.text("test_clock")?;
    let status = params.choice("status", STATUSES)?;
    let method = params.choice("collection_method", &["charge_automatically", "send_invoice"])?;
    params.finish()?;
    let keep = |row: &Subscription| {
        let fits = match status {
            Some("all") => true,
            Some("ended") => row.ended(),
            Some(status) => row.status == status,
            None => row.status != "canceled",
        };
        fits && created.holds(row.created_s)
            && customer.as_ref().is_none_or(|id| row.customer.as_ref() == Some(id))
            && price.as_ref().is_none_or(|id| row.items.iter().any(|item| item.price.id == *id))
            && clock.as_ref().is_none_or(|id| row.test_clock.as_ref() == Some(id))
            && method.is_none_or(|method| row.collection.as_str() == method)
    };
    Ok(Reply::List(page.of("subscription", PATH, &call.book()?.subscriptions, keep)?))
}
