//! `/v1/invoices/{}/lines` and the calls that change a draft's lines. It must not know what a line is worth.

use super::billing::{self, PriceSaid};
use super::{Call, Method, Params, Reply, Route};
use crate::json::Obj;
use crate::model::{Invoice, Line};
use crate::render;
use crate::world::invoice;
use crate::world::invoice_item::{self, Cost, NewInvoiceItem};
use crate::world::{Book, Refusal, price};

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Get, path: "/v1/invoices/{}/lines", handler: list },
    Route { method: Method::Post, path: "/v1/invoices/{}/lines/{}", handler: update },
    Route { method: Method::Post, path: "/v1/invoices/{}/add_lines", handler: add },
    Route { method: Method::Post, path: "/v1/invoices/{}/update_lines", handler: update_many },
    Route { method: Method::Post, path: "/v1/invoices/{}/remove_lines", handler: remove },
];

const LIMIT_DEFAULT: i64 = 10;

/// A page of an invoice's lines, in their own order.
pub(super) fn page(
    call: &Call<'_>,
    invoice: &Invoice,
    params: &mut Params,
    url: &str,
) -> Result<String, Refusal> {
    let limit = params.at_least("limit", 1)?.unwrap_or(LIMIT_DEFAULT).min(100);
    let after = params.text("starting_after")?;
    let place = |id: &String| invoice.lines.iter().position(|line| line.id == *id);
    let start = after.as_ref().and_then(place).map_or(0, |place| place + 1);
    let shown = invoice.lines.iter().skip(start).take(usize::try_from(limit).unwrap_or(1));
    let rows: Vec<String> =
        shown.map(|line| render::line(line, invoice, call.version, call.book.livemode)).collect();
    let has_more = start + rows.len() < invoice.lines.len();
    Ok(Obj::new()
        .str("object", "list")
        .array("data", rows)
        .bool("has_more", has_more)
        .str("url", url)
        .close())
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let invoice = invoice::get(call.book()?, &id, "invoice")?;
    let text = page(call, &invoice, &mut params, &format!("/v1/invoices/{id}/lines"))?;
    params.finish()?;
    Ok(Reply::Json(text))
}

/// What a line becomes.
struct Said {
    amount: Option<i64>,
    quantity: Option<i64>,
    price: Option<PriceSaid>,
    description: Option<Option<String>>,
    discountable: Option<bool>,
    tax_rates: Option<Vec<std::sync::Arc<crate::model::TaxRate>>>,
    period_s: Option<(i64, i64)>,
    metadata: Option<crate::model::Meta>,
}

fn said(params: &mut Params, book: &Book, old: Option<&Line>) -> Result<Said, Refusal> {
    let price = match params.map("pricing")? {
        Some(mut pricing) => {
            let price = PriceSaid::read(&mut pricing, book)?;
            pricing.finish()?;
            price
        }
        None => PriceSaid::read(params, book)?,
    };
    let none = Vec::new();
    Ok(Said {
        amount: params.int("amount")?,
        quantity: params.at_least("quantity", 0)?,
        price,
        description: billing::text(params, "description")?,
        discountable: params.bool("discountable")?,
        tax_rates: billing::tax_rates(params, "tax_rates", book)?,
        period_s: super::invoice_item::period(params)?,
        metadata: billing::metadata(params, old.map_or(&none, |old| &old.metadata))?,
    })
}

fn change(
    book: &mut Book,
    invoice_ref: &str,
    line_ref: &str,
    said: Said,
) -> Result<std::sync::Arc<Invoice>, Refusal> {
    let invoice = invoice::get(book, invoice_ref, "invoice")?;
    let price = said.price.map(|price| price.get(book)).transpose()?;
    let price = price.map(|price| price::taken_in(&price, invoice.currency, "price")).transpose()?;
    invoice::update_line(book, &invoice, line_ref, |line| {
        line.quantity = said.quantity.unwrap_or(line.quantity);
        let repriced = price.is_some() || said.quantity.is_some();
        line.price = price.unwrap_or_else(|| std::sync::Arc::clone(&line.price));
        if repriced {
            line.amount = crate::world::subscription::priced(&line.price, line.quantity);
        }
        line.amount = said.amount.unwrap_or(line.amount);
        line.description =
            said.description.flatten().unwrap_or_else(|| std::mem::take(&mut line.description));
        line.discountable = said.discountable.unwrap_or(line.discountable);
        line.tax_rates = said.tax_rates.unwrap_or_else(|| std::mem::take(&mut line.tax_rates));
        line.period_s = said.period_s.unwrap_or(line.period_s);
        line.metadata = said.metadata.unwrap_or_else(|| std::mem::take(&mut line.metadata));
    })
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let (id, line_ref) = (call.path(0).to_owned(), call.path(1).to_owned());
    let book = call.book()?;
    let invoice = invoice::get(book, &id, "invoice")?;
    let old = invoice.lines.iter().find(|line| line.id == line_ref);
    let said = said(&mut params, book, old)?;
    params.finish()?;
    let invoice = change(book, &id, &line_ref, said)?;
    let line = invoice.lines.iter().find(|line| line.id == line_ref);
    let line = line.ok_or_else(|| Refusal::missing("invoice line item", "line_item_id", &line_ref))?;
    Ok(Reply::Json(render::line(line, &invoice, call.version, call.book.livemode)))
}

fn update_many(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let invoice = invoice::get(book, &id, "invoice")?;
    let mut changes = Vec::new();
    for mut row in params.maps("lines")?.ok_or_else(|| params.absent("lines"))? {
        let line_ref = row.required("id")?;
        let old = invoice.lines.iter().find(|line| line.id == line_ref);
        let said = said(&mut row, book, old)?;
        row.finish()?;
        changes.push((line_ref, said));
    }
    params.finish()?;
    for (line_ref, said) in changes {
        change(book, &id, &line_ref, said)?;
    }
    Ok(Reply::Object(invoice::get(book, &id, "invoice")?.into()))
}

fn add(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let invoice = invoice::get(book, &id, "invoice")?;
    let mut rows = Vec::new();
    for mut row in params.maps("lines")?.ok_or_else(|| params.absent("lines"))? {
        let item = row.text("invoice_item")?;
        let said = said(&mut row, book, None)?;
        row.finish()?;
        rows.push((item, said));
    }
    params.finish()?;
    for (item, said) in rows {
        add_one(book, &invoice, item, said)?;
    }
    Ok(Reply::Object(invoice::get(book, &id, "invoice")?.into()))
}

/// A waiting item, or one made for this.
fn add_one(book: &mut Book, invoice: &Invoice, item: Option<String>, said: Said) -> Result<(), Refusal> {
    if let Some(item) = item {
        let item = invoice_item::get(book, &item)?;
        return invoice_item::assign(book, &item, &invoice.id);
    }
    let cost = match (said.price, said.amount) {
        (Some(price), _) => Cost::Of(price.get(book)?, said.quantity.unwrap_or(1)),
        (None, amount) => Cost::Amount(amount.unwrap_or(0), invoice.currency),
    };
    let new = NewInvoiceItem {
        customer: invoice.customer.clone().unwrap_or_default(),
        cost,
        description: said.description.flatten(),
        discountable: said.discountable,
        wanted: Vec::new(),
        tax_rates: said.tax_rates.unwrap_or_default(),
        invoice: Some(invoice.id.clone()),
        subscription: None,
        period_s: said.period_s,
        metadata: said.metadata.unwrap_or_default(),
    };
    invoice_item::create(book, new).map(|_| ())
}

fn remove(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let mut gone = Vec::new();
    for mut row in params.maps("lines")?.ok_or_else(|| params.absent("lines"))? {
        let line_ref = row.required("id")?;
        let behavior = row.choice("behavior", &["delete", "unassign"])?;
        gone.push((line_ref, behavior == Some("unassign")));
        row.finish()?;
    }
    params.finish()?;
    let book = call.book()?;
    let invoice = invoice::get(book, &id, "invoice")?;
    Ok(Reply::Object(invoice::remove_lines(book, &invoice, &gone)?.into()))
}
