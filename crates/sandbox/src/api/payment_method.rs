//! `/v1/payment_methods`, and those of a customer. It must not know what any card will do.

use super::list::Page;
use super::params::Params;
use super::{Call, Method, Reply, Route};
use crate::model::{Address, BillingDetails, Card, Instrument, PaymentMethod, ShipTo};
use crate::world::Refusal;
use crate::world::payment_method::{self, NewInstrument, NewMethod};

const PATH: &str = "/v1/payment_methods";
const ONE: &str = "/v1/payment_methods/{}";
const OF_CUSTOMER: &str = "/v1/customers/{}/payment_methods";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Post, path: "/v1/payment_methods/{}/attach", handler: attach },
    Route { method: Method::Post, path: "/v1/payment_methods/{}/detach", handler: detach },
    Route { method: Method::Get, path: OF_CUSTOMER, handler: list_of_customer },
    Route { method: Method::Get, path: "/v1/customers/{}/payment_methods/{}", handler: retrieve_of_customer },
];

/// The kinds there are.
pub(super) const KINDS: &[&str] = &["card", "us_bank_account", "sepa_debit"];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let new = read(&mut params)?.ok_or_else(|| params.absent("type"))?;
    params.finish()?;
    Ok(Reply::Object(payment_method::create(call.book()?, new)?.into()))
}

/// `type` with its details, as `payment_methods` and `payment_method_data` have them; `None` without `type`.
pub(super) fn read(params: &mut Params) -> Result<Option<NewMethod>, Refusal> {
    let Some(kind) = params.choice("type", KINDS)? else { return Ok(None) };
    let mut details = params.map(kind)?.ok_or_else(|| params.absent(kind))?;
    let instrument = match kind {
        "card" => match details.text("token")? {
            Some(token) => NewInstrument::Token(token),
            None => NewInstrument::Card {
                number: details.required("number")?,
                exp_month: details.int("exp_month")?.ok_or_else(|| details.absent("exp_month"))?,
                exp_year: details.int("exp_year")?.ok_or_else(|| details.absent("exp_year"))?,
                cvc: details.text("cvc")?,
            },
        },
        "us_bank_account" => {
            details.required("routing_number")?;
            details.choice("account_holder_type", &["individual", "company"])?;
            details.choice("account_type", &["checking", "savings"])?;
            NewInstrument::UsBankAccount { number: details.required("account_number")? }
        }
        _ => NewInstrument::SepaDebit { iban: details.required("iban")? },
    };
    details.finish()?;
    params.choice("allow_redisplay", &["always", "limited", "unspecified"])?;
    let billing = billing_details(params)?.unwrap_or_default();
    Ok(Some(NewMethod { instrument, billing, metadata: params.metadata()? }))
}

fn billing_details(params: &mut Params) -> Result<Option<BillingDetails>, Refusal> {
    let Some(mut map) = params.map("billing_details")? else { return Ok(None) };
    let billing = BillingDetails {
        email: map.text("email")?,
        name: map.text("name")?,
        phone: map.text("phone")?,
        address: address(&mut map)?.unwrap_or_default(),
    };
    map.finish()?;
    Ok(Some(billing))
}

/// `address`.
pub(super) fn address(params: &mut Params) -> Result<Option<Address>, Refusal> {
    let Some(mut map) = params.map("address")? else { return Ok(None) };
    let address = Address {
        city: map.text("city")?,
        country: map.text("country")?,
        line1: map.text("line1")?,
        line2: map.text("line2")?,
        postal_code: map.text("postal_code")?,
        state: map.text("state")?,
    };
    map.finish()?;
    Ok(Some(address))
}

/// `shipping` of intents and charges.
pub(super) fn shipping(params: &mut Params) -> Result<Option<ShipTo>, Refusal> {
    let Some(mut map) = params.map("shipping")? else { return Ok(None) };
    let address = address(&mut map)?.ok_or_else(|| map.absent("address"))?;
    let to = ShipTo { name: map.required("name")?, phone: map.text("phone")?, address };
    map.text("carrier")?;
    map.text("tracking_number")?;
    map.finish()?;
    Ok(Some(to))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(payment_method::get(call.book()?, &id, "payment_method")?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = payment_method::get(call.book()?, &id, "payment_method")?;
    if old.customer.is_none() {
        let message = "You must save this PaymentMethod to a customer before you can update it.";
        return Err(Refusal::request(message));
    }
    let mut new = PaymentMethod::clone(&old);
    if let Some(mut map) = params.map("card")? {
        let (month, year) = (map.int("exp_month")?, map.int("exp_year")?);
        map.finish()?;
        if let Instrument::Card(card) = &old.instrument {
            let card = Card {
                exp_month: month.unwrap_or(card.exp_month),
                exp_year: year.unwrap_or(card.exp_year),
                ..card.clone()
            };
            new.instrument = Instrument::Card(card);
        }
    }
    params.choice("allow_redisplay", &["always", "limited", "unspecified"])?;
    new.billing = billing_details(&mut params)?.unwrap_or(new.billing);
    new.metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    Ok(Reply::Object(payment_method::update(call.book()?, &old, new).into()))
}

fn attach(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let customer = params.required("customer")?;
    params.finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let method = payment_method::resolve(book, &id)?;
    Ok(Reply::Object(payment_method::attach(book, &method, &customer)?.into()))
}

fn detach(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let method = payment_method::get(book, &id, "payment_method")?;
    Ok(Reply::Object(payment_method::detach(book, &method)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let customer = params.text("customer")?;
    let kind = params.choice("type", KINDS)?;
    params.finish()?;
    listed(call, &page, customer, kind, PATH)
}

fn list_of_customer(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let kind = params.choice("type", KINDS)?;
    params.finish()?;
    let customer = call.path(0).to_owned();
    let url = format!("/v1/customers/{customer}/payment_methods");
    listed(call, &page, Some(customer), kind, &url)
}

fn listed(
    call: &mut Call<'_>,
    page: &Page,
    customer: Option<String>,
    kind: Option<&str>,
    url: &str,
) -> Result<Reply, Refusal> {
    let book = call.book()?;
    if let Some(id) = customer.as_ref().filter(|id| book.customers.get(id).is_none()) {
        return Err(Refusal::missing("customer", "customer", id));
    }
    let of_customer = |method: &PaymentMethod| customer.is_none() || method.customer == customer;
    let of_kind = |method: &PaymentMethod| kind.is_none_or(|kind| kind == method.instrument.kind());
    let saved = |method: &PaymentMethod| method.customer.is_some() && of_customer(method) && of_kind(method);
    Ok(Reply::List(page.of("payment method", url, &book.payment_methods, saved)?))
}

fn retrieve_of_customer(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (customer, id) = (call.path(0).to_owned(), call.path(1).to_owned());
    let method = payment_method::get(call.book()?, &id, "payment_method")?;
    if method.customer != Some(customer) {
        return Err(Refusal::missing("PaymentMethod", "payment_method", &id));
    }
    Ok(Reply::Object(method.into()))
}
