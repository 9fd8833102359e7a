//! What an invoice would be: `create_preview`, and until basil `upcoming` with its lines. Nothing is entered.
//! It must not know how it is worked out.

use super::subscription_params::{SaidSubscription, SaidUpdate};
use super::{Call, Method, Params, Reply, Route};
use crate::model::{Invoice, Object};
use crate::world::{Kind, Refusal, subscription};

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: "/v1/invoices/create_preview", handler: create_preview },
    Route { method: Method::Get, path: "/v1/invoices/upcoming", handler: upcoming },
    Route { method: Method::Get, path: "/v1/invoices/upcoming/lines", handler: upcoming_lines },
];

/// `subscription_details[items]` is written `subscription_items` in old calls.
fn flattened(params: &mut Params) {
    const NAMES: &[(&str, &str)] = &[
        ("subscription_items", "items"),
        ("subscription_proration_behavior", "proration_behavior"),
        ("subscription_proration_date", "proration_date"),
        ("subscription_billing_cycle_anchor", "billing_cycle_anchor"),
        ("subscription_trial_end", "trial_end"),
        ("subscription_cancel_at", "cancel_at"),
        ("subscription_cancel_at_period_end", "cancel_at_period_end"),
        ("subscription_default_tax_rates", "default_tax_rates"),
    ];
    for (old, new) in NAMES {
        params.rename(old, new);
    }
}

fn previewed(call: &mut Call<'_>, params: &mut Params) -> Result<Invoice, Refusal> {
    let version = call.version;
    let book = call.book()?;
    let customer = params.text("customer")?;
    let id = params.text("subscription")?;
    let mut details = match params.map("subscription_details")? {
        Some(details) => details,
        None => {
            flattened(params);
            params.rest()
        }
    };
    let invoice = match id {
        Some(id) => {
            let old = subscription::get(book, &id, "subscription")?;
            let changed = details.any();
            let said = SaidUpdate::read(&mut details, book, &old, version)?;
            details.finish()?;
            let wanted = said.get(book)?;
            subscription::upcoming_invoice(book, &old, changed.then_some(&wanted))?
        }
        None if details.has("items") => {
            let customer = customer.ok_or_else(|| params.absent("customer"))?;
            let in_part = super::subscription_params::prorations(&mut details)?;
            let said = SaidSubscription::read(&mut details, book, &customer, version)?;
            details.finish()?;
            let mut new = said.wanted(book, &customer)?;
            new.prorate = in_part != Some(subscription::Prorations::None);
            subscription::of_new(book, new)?
        }
        None => {
            let customer = customer.ok_or_else(|| params.absent("customer"))?;
            details.finish()?;
            let of = |row: &&std::sync::Arc<crate::model::Subscription>| {
                row.customer.as_ref() == Some(&customer) && !row.ended()
            };
            let old = book.subscriptions.newest().find(of).cloned();
            let none = || Refusal::request("No upcoming invoices for customer").code("invoice_upcoming_none");
            subscription::upcoming_invoice(book, &old.ok_or_else(none)?, None)?
        }
    };
    Ok(invoice)
}

fn create_preview(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    params.choice("preview_mode", &["next", "recurring"])?;
    params.take("automatic_tax");
    params.text("currency")?;
    let invoice = previewed(call, &mut params)?;
    params.finish()?;
    Ok(Reply::Object(Object::from(invoice)))
}

/// `GET /v1/invoices/upcoming` ended with basil.
fn until_basil(call: &Call<'_>) -> Result<(), Refusal> {
    if !call.version.basil() {
        return Ok(());
    }
    let message =
        "The Upcoming Invoice API is not available in this version; use POST /v1/invoices/create_preview.";
    Err(Refusal::plain(404, Kind::InvalidRequest, message))
}

fn upcoming(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    until_basil(call)?;
    let mut params = call.params();
    let invoice = previewed(call, &mut params)?;
    params.finish()?;
    Ok(Reply::Object(Object::from(invoice)))
}

fn upcoming_lines(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    until_basil(call)?;
    let mut params = call.params();
    let limit = params.take("limit");
    let invoice = previewed(call, &mut params)?;
    params.put_back("limit", limit);
    let text = super::invoice_line::page(call, &invoice, &mut params, "/v1/invoices/upcoming/lines")?;
    params.finish()?;
    Ok(Reply::Json(text))
}
