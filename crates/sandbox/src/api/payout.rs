//! `/v1/payouts`. It must not know where the money came from.

use super::list::{Page, Span};
use super::{Call, Method, Reply, Route};
use crate::model::Payout;
use crate::world::Refusal;
use crate::world::payout::{self, NewPayout};

const PATH: &str = "/v1/payouts";
const ONE: &str = "/v1/payouts/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Post, path: "/v1/payouts/{}/cancel", handler: cancel },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let new = NewPayout {
        amount: params.at_least("amount", 1)?.ok_or_else(|| params.absent("amount"))?,
        currency: params.currency("currency")?.ok_or_else(|| params.absent("currency"))?,
        method: params.choice("method", &["standard", "instant"])?.unwrap_or("standard"),
        description: params.text("description")?,
        statement_descriptor: params.text("statement_descriptor")?,
        metadata: params.metadata()?,
    };
    params.text("destination")?;
    params.choice("source_type", &["bank_account", "card", "fpx"])?;
    params.finish()?;
    Ok(Reply::Object(payout::create(call.book()?, new)?.into()))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(payout::get(call.book()?, &id)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = payout::get(call.book()?, &id)?;
    let metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    Ok(Reply::Object(payout::update(call.book()?, &old, metadata).into()))
}

fn cancel(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let old = payout::get(book, &id)?;
    Ok(Reply::Object(payout::cancel(book, &old)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let status = params.choice("status", &["pending", "in_transit", "paid", "failed", "canceled"])?;
    let arrival = Span::read(&mut params, "arrival_date")?;
    let created = Span::read(&mut params, "created")?;
    params.text("destination")?;
    params.finish()?;
    let of = |payout: &Payout| {
        status.is_none_or(|status| status == payout.status)
            && arrival.holds(payout.arrival_s)
            && created.holds(payout.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("payout", PATH, &book.payouts.rows, of)?))
}
