//! `/v1/invoices`: drafted, changed, finalized, paid, sent, voided. Previews are `invoice_preview`'s, lines
//! `invoice_line`'s. It must not know what a payment is made of.

use std::sync::Arc;

use super::billing;
use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route};
use crate::model::{Invoice, ShippingRate};
use crate::world::invoice::{self, Edit, NewInvoice, Pay};
use crate::world::{Book, Refusal, rate};

const PATH: &str = "/v1/invoices";
const ONE: &str = "/v1/invoices/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Delete, path: ONE, handler: delete },
    Route { method: Method::Post, path: "/v1/invoices/{}/finalize", handler: finalize },
    Route { method: Method::Post, path: "/v1/invoices/{}/pay", handler: pay },
    Route { method: Method::Post, path: "/v1/invoices/{}/send", handler: send },
    Route { method: Method::Post, path: "/v1/invoices/{}/void", handler: void },
    Route { method: Method::Post, path: "/v1/invoices/{}/mark_uncollectible", handler: mark_uncollectible },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let book = call.book()?;
    let subscription = params.text("subscription")?;
    let customer = match (params.text("customer")?, &subscription) {
        (Some(customer), _) => customer,
        (None, Some(id)) => {
            let of = crate::world::subscription::get(book, id, "subscription")?;
            of.customer.clone().unwrap_or_default()
        }
        (None, None) => return Err(params.absent("customer")),
    };
    let behavior =
        params.choice("pending_invoice_items_behavior", &["exclude", "include", "include_and_require"])?;
    let pending_items = match behavior {
        Some(said) => said != "exclude",
        None => version.ancient() || subscription.is_some(),
    };
    let new = NewInvoice {
        subscription,
        currency: params.currency("currency")?,
        auto_advance: params.bool("auto_advance")?.unwrap_or(version.ancient()),
        automatic_tax: automatic_tax(&mut params)?.unwrap_or(false),
        collection: billing::collection(&mut params)?.unwrap_or(crate::model::Collection::Automatic),
        due_s: params.int("due_date")?,
        pending_items,
        wanted: super::discounts::read(&mut params, version)?.unwrap_or_default(),
        shipping: shipping(&mut params, book)?,
        default_tax_rates: billing::tax_rates(&mut params, "default_tax_rates", book)?.unwrap_or_default(),
        default_payment_method: params.text("default_payment_method")?,
        description: params.text("description")?,
        footer: params.text("footer")?,
        metadata: params.metadata()?,
        ..NewInvoice::blank(&customer)
    };
    for name in ["custom_fields", "issuer", "payment_settings", "rendering"] {
        params.take(name);
    }
    params.text("statement_descriptor")?;
    params.finish()?;
    Ok(Reply::Object(invoice::create(book, new)?.into()))
}

fn automatic_tax(params: &mut Params) -> Result<Option<bool>, Refusal> {
    let Some(mut sent) = params.map("automatic_tax")? else { return Ok(None) };
    let enabled = sent.bool("enabled")?;
    sent.take("liability");
    sent.finish()?;
    Ok(enabled)
}

/// `shipping_cost[shipping_rate]`.
fn shipping(params: &mut Params, book: &Book) -> Result<Option<Arc<ShippingRate>>, Refusal> {
    let Some(mut cost) = params.map("shipping_cost")? else { return Ok(None) };
    let id = cost.required("shipping_rate")?;
    let name = cost.name("shipping_rate");
    cost.finish()?;
    rate::shipping(book, &id, &name).map(Some)
}

fn named<'c>(call: &'c mut Call<'_>) -> Result<(Arc<Invoice>, &'c mut Book), Refusal> {
    let id = call.path(0).to_owned();
    let book = call.book()?;
    Ok((invoice::get(book, &id, "invoice")?, book))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    Ok(Reply::Object(named(call)?.0.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let (old, book) = named(call)?;
    let edit = Edit {
        auto_advance: params.bool("auto_advance")?,
        automatic_tax: automatic_tax(&mut params)?,
        collection: billing::collection(&mut params)?,
        due_s: params.int("due_date")?,
        default_payment_method: billing::text(&mut params, "default_payment_method")?,
        default_tax_rates: billing::tax_rates(&mut params, "default_tax_rates", book)?,
        description: billing::text(&mut params, "description")?,
        wanted: super::discounts::read(&mut params, version)?,
        footer: billing::text(&mut params, "footer")?,
        metadata: billing::metadata(&mut params, &old.metadata)?,
    };
    for name in ["custom_fields", "payment_settings", "rendering"] {
        params.take(name);
    }
    params.finish()?;
    Ok(Reply::Object(invoice::update(book, &old, edit)?.into()))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (old, book) = named(call)?;
    invoice::delete(book, &old)?;
    Ok(Reply::Deleted { object: "invoice", id: old.id.clone() })
}

fn finalize(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let auto_advance = params.bool("auto_advance")?;
    params.finish()?;
    let (mut old, book) = named(call)?;
    if let Some(auto_advance) = auto_advance.filter(|said| *said != old.auto_advance) {
        let edit = Edit { auto_advance: Some(auto_advance), ..Edit::default() };
        old = invoice::update(book, &old, edit)?;
    }
    Ok(Reply::Object(invoice::finalize(book, &old)?.into()))
}

fn pay(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let how = Pay {
        payment_method: params.text("payment_method")?,
        out_of_band: params.bool("paid_out_of_band")?.unwrap_or(false),
        off_session: params.bool("off_session")?.unwrap_or(true),
    };
    params.bool("forgive")?;
    params.text("source")?;
    params.finish()?;
    let (old, book) = named(call)?;
    Ok(Reply::Object(invoice::pay(book, &old, &how)?.into()))
}

fn send(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (old, book) = named(call)?;
    Ok(Reply::Object(invoice::send(book, &old)?.into()))
}

fn void(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (old, book) = named(call)?;
    Ok(Reply::Object(invoice::void(book, &old)?.into()))
}

fn mark_uncollectible(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (old, book) = named(call)?;
    Ok(Reply::Object(invoice::mark_uncollectible(book, &old)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let customer = params.text("customer")?;
    let subscription = params.text("subscription")?;
    let status = params.choice("status", &["draft", "open", "paid", "uncollectible", "void"])?;
    let method = params.choice("collection_method", &["charge_automatically", "send_invoice"])?;
    params.finish()?;
    let keep = |row: &Invoice| {
        created.holds(row.created_s)
            && customer.as_ref().is_none_or(|id| row.customer.as_ref() == Some(id))
            && subscription.as_ref().is_none_or(|id| row.subscription.as_ref() == Some(id))
            && status.is_none_or(|status| row.status.as_str() == status)
            && method.is_none_or(|method| row.collection.as_str() == method)
    };
    Ok(Reply::List(page.of("invoice", PATH, &call.book()?.invoices, keep)?))
}
