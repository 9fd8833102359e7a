//! `/v1/setup_intents`. It must not know what any card will do.

use std::sync::Arc;

use super::list::{Page, Span};
use super::payment_intent::{CANCELLATIONS, Named, USAGES, kinds};
use super::{Call, Method, Reply, Route};
use crate::model::SetupIntent;
use crate::world::Refusal;
use crate::world::setup_intent::{self, NewSetup};

const PATH: &str = "/v1/setup_intents";
const ONE: &str = "/v1/setup_intents/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Post, path: "/v1/setup_intents/{}/confirm", handler: confirm },
    Route { method: Method::Post, path: "/v1/setup_intents/{}/cancel", handler: cancel },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let (mut method_types, mut automatic_methods) = (vec!["card"], Some(true));
    kinds(&mut params, call.version, &mut method_types, &mut automatic_methods)?;
    let new = NewSetup {
        customer: params.text("customer")?,
        description: params.text("description")?,
        usage: params.choice("usage", USAGES)?.unwrap_or("off_session"),
        method_types,
        automatic_methods,
        on_behalf_of: params.text("on_behalf_of")?,
        session: None,
        metadata: params.metadata()?,
    };
    let method = Named::read(&mut params)?;
    let now = params.bool("confirm")?.unwrap_or(false);
    let return_url = params.text("return_url")?;
    params.finish()?;
    let book = call.book()?;
    let method = method.make(book)?;
    let intent = setup_intent::create(book, new)?;
    if now {
        return Ok(Reply::Object(setup_intent::confirm(book, &intent, method, return_url)?.into()));
    }
    let status = if method.is_some() { "requires_confirmation" } else { "requires_payment_method" };
    let named = SetupIntent { payment_method: method, status, ..SetupIntent::clone(&intent) };
    Ok(Reply::Object(setup_intent::change(book, named).into()))
}

fn named(call: &mut Call<'_>) -> Result<Arc<SetupIntent>, Refusal> {
    let id = call.path(0).to_owned();
    setup_intent::get(call.book()?, &id, "intent")
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    params.text("client_secret")?;
    params.finish()?;
    Ok(Reply::Object(named(call)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let old = named(call)?;
    let mut new = SetupIntent::clone(&old);
    new.customer = params.text("customer")?.or(new.customer);
    new.description = params.change("description")?.on(new.description);
    new.metadata = params.metadata_on(&old.metadata)?;
    kinds(&mut params, call.version, &mut new.method_types, &mut new.automatic_methods)?;
    let method = Named::read(&mut params)?;
    params.finish()?;
    let book = call.book()?;
    if let Some(method) = method.make(book)? {
        new.payment_method = Some(method);
        new.status = if setup_intent::open(&old) { "requires_confirmation" } else { old.status };
    }
    Ok(Reply::Object(setup_intent::change(book, new).into()))
}

fn confirm(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let old = named(call)?;
    let method = Named::read(&mut params)?;
    let return_url = params.text("return_url")?;
    params.text("client_secret")?;
    params.finish()?;
    let book = call.book()?;
    let method = method.make(book)?;
    Ok(Reply::Object(setup_intent::confirm(book, &old, method, return_url)?.into()))
}

fn cancel(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let reason = params.choice("cancellation_reason", CANCELLATIONS)?;
    params.finish()?;
    let old = named(call)?;
    Ok(Reply::Object(setup_intent::cancel(call.book()?, &old, reason)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let (customer, method) = (params.text("customer")?, params.text("payment_method")?);
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let of = |intent: &SetupIntent| {
        (customer.is_none() || intent.customer == customer)
            && (method.is_none() || intent.payment_method == method)
            && created.holds(intent.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("setupintent", PATH, &book.setup_intents, of)?))
}
