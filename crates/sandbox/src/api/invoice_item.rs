//! `/v1/invoiceitems`. It must not know which invoice takes them.

use super::billing::{self, PriceSaid};
use super::list::{Page, Span};
use super::params::Change;
use super::{Call, Method, Params, Reply, Route};
use crate::model::InvoiceItem;
use crate::world::Refusal;
use crate::world::invoice_item::{self, Cost, NewInvoiceItem};

const PATH: &str = "/v1/invoiceitems";
const ONE: &str = "/v1/invoiceitems/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Delete, path: ONE, handler: delete },
];

pub(super) fn period(params: &mut Params) -> Result<Option<(i64, i64)>, Refusal> {
    let Some(mut period) = params.map("period")? else { return Ok(None) };
    let start_s = period.int("start")?.ok_or_else(|| period.absent("start"))?;
    let end_s = period.int("end")?.ok_or_else(|| period.absent("end"))?;
    period.finish()?;
    Ok(Some((start_s, end_s)))
}

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let book = call.book()?;
    let customer = params.required("customer")?;
    // From basil on the price is named under `pricing`.
    let price = match params.map("pricing")? {
        Some(mut pricing) => {
            let price = PriceSaid::read(&mut pricing, book)?;
            pricing.finish()?;
            price
        }
        None => PriceSaid::read(&mut params, book)?,
    };
    let amount = params.int("amount")?;
    let unit = match params.int("unit_amount")? {
        Some(unit) => Some(unit),
        None => params.int("unit_amount_decimal")?,
    };
    let currency = params.currency("currency")?;
    let quantity = params.at_least("quantity", 0)?;
    let wanted = super::discounts::read(&mut params, version)?.unwrap_or_default();
    let description = params.text("description")?;
    let discountable = params.bool("discountable")?;
    let tax_rates = billing::tax_rates(&mut params, "tax_rates", book)?.unwrap_or_default();
    let invoice = params.text("invoice")?;
    let subscription = params.text("subscription")?;
    let period_s = period(&mut params)?;
    let metadata = params.metadata()?;
    params.choice("tax_behavior", &["exclusive", "inclusive", "unspecified"])?;
    params.text("tax_code")?;
    let no_currency = params.absent("currency");
    params.finish()?;
    let cost = match (price, amount, unit) {
        (Some(price), None, None) => Cost::Of(price.get(book)?, quantity.unwrap_or(1)),
        (None, Some(amount), None) => Cost::Amount(amount, currency.ok_or(no_currency)?),
        (None, None, Some(unit)) => Cost::Each(unit, quantity.unwrap_or(1), currency.ok_or(no_currency)?),
        (None, None, None) => Cost::Amount(0, currency.ok_or(no_currency)?),
        _ => {
            let message = "You may only specify one of these parameters: amount, price, unit_amount.";
            return Err(Refusal::request(message));
        }
    };
    let new = NewInvoiceItem {
        customer,
        cost,
        description,
        discountable,
        wanted,
        tax_rates,
        invoice,
        subscription,
        period_s,
        metadata,
    };
    Ok(Reply::Object(invoice_item::create(book, new)?.into()))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(invoice_item::get(call.book()?, &id)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let old = invoice_item::get(book, &id)?;
    let mut new = InvoiceItem::clone(&old);
    let quantity = params.at_least("quantity", 0)?;
    let unit = params.int("unit_amount")?;
    if let Some(unit) = unit {
        new.price = invoice_item::adhoc_price(book, unit, old.currency);
    }
    if quantity.is_some() || unit.is_some() {
        new.quantity = quantity.unwrap_or(old.quantity);
        new.amount = crate::world::subscription::priced(&new.price, new.quantity);
    }
    new.amount = params.int("amount")?.unwrap_or(new.amount);
    new.description = Change::on(params.change("description")?, new.description);
    new.discountable = params.bool("discountable")?.unwrap_or(new.discountable);
    new.tax_rates = billing::tax_rates(&mut params, "tax_rates", book)?.unwrap_or(new.tax_rates);
    new.period_s = period(&mut params)?.unwrap_or(new.period_s);
    new.metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    Ok(Reply::Object(invoice_item::update(book, &old, new)?.into()))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let item = invoice_item::get(book, &id)?;
    invoice_item::delete(book, &item)?;
    Ok(Reply::Deleted { object: "invoiceitem", id })
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let customer = params.text("customer")?;
    let invoice = params.text("invoice")?;
    let pending = params.bool("pending")?;
    params.finish()?;
    let keep = |row: &InvoiceItem| {
        created.holds(row.date_s)
            && customer.as_ref().is_none_or(|id| row.customer == *id)
            && invoice.as_ref().is_none_or(|id| row.invoice.as_ref() == Some(id))
            && pending.is_none_or(|pending| row.invoice.is_none() == pending)
    };
    Ok(Reply::List(page.of("invoiceitem", PATH, &call.book()?.invoice_items, keep)?))
}
