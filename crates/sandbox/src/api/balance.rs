//! `/v1/balance` and `/v1/balance_transactions`. It must not know why money moves.

use super::list::{Page, Span};
use super::{Call, Method, Reply, Route};
use crate::json::Obj;
use crate::model::BalanceTransaction;
use crate::world::{Refusal, balance, payout};

const PATH: &str = "/v1/balance_transactions";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Get, path: "/v1/balance", handler: totals },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: "/v1/balance_transactions/{}", handler: retrieve },
    Route { method: Method::Get, path: "/v1/balance/history", handler: list },
    Route { method: Method::Get, path: "/v1/balance/history/{}", handler: retrieve },
];

fn totals(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let livemode = call.book.livemode;
    let totals = balance::totals(call.book()?);
    let row = |currency: &str, amount: i64| {
        let sources = Obj::new().int("card", amount);
        Obj::new().int("amount", amount).str("currency", currency).obj("source_types", sources).close()
    };
    let available: Vec<String> =
        totals.iter().map(|(currency, (available, _))| row(currency, *available)).collect();
    let pending: Vec<String> =
        totals.iter().map(|(currency, (_, pending))| row(currency, *pending)).collect();
    let body = Obj::new()
        .str("object", "balance")
        .array("available", available)
        .bool("livemode", livemode)
        .array("pending", pending)
        .close();
    Ok(Reply::Json(body))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(balance::get(call.book()?, &id)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let (source, kind) = (params.text("source")?, params.text("type")?);
    let currency = params.currency("currency")?;
    let created = Span::read(&mut params, "created")?;
    let payout_ref = params.text("payout")?;
    params.finish()?;
    let of = |row: &BalanceTransaction| {
        (source.is_none() || row.source == source)
            && kind.as_ref().is_none_or(|kind| kind == row.kind)
            && currency.is_none_or(|currency| currency == row.currency)
            && created.holds(row.created_s)
    };
    let book = call.book()?;
    let now_s = book.now_s();
    let mut listed = match payout_ref {
        Some(id) => page.of_rows(PATH, payout::parts(book, &id)?.into_iter(), of),
        None => page.of("balance transaction", PATH, &book.balance_transactions, of)?,
    };
    for row in &mut listed.rows {
        if let crate::model::Object::BalanceTransaction(shared) = row {
            *row = balance::aged(shared, now_s).into();
        }
    }
    Ok(Reply::List(listed))
}
