//! `/v1/payment_intents`. It must not know what any card will do.

use std::sync::Arc;

use super::list::{Page, Span};
use super::params::Params;
use super::payment_method::{self as methods, KINDS};
use super::{Call, Method, Reply, Route};
use crate::model::{Intent, TransferData};
use crate::render::Version;
use crate::world::payment::{self, Collected, Confirm};
use crate::world::{Book, BookKey, Refusal, payment_method};

const PATH: &str = "/v1/payment_intents";
const ONE: &str = "/v1/payment_intents/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Post, path: "/v1/payment_intents/{}/confirm", handler: confirm },
    Route { method: Method::Post, path: "/v1/payment_intents/{}/capture", handler: capture },
    Route { method: Method::Post, path: "/v1/payment_intents/{}/cancel", handler: cancel },
];

pub(super) const USAGES: &[&str] = &["off_session", "on_session"];
pub(super) const CANCELLATIONS: &[&str] = &["abandoned", "duplicate", "fraudulent", "requested_by_customer"];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let amount = amount(&mut params)?.ok_or_else(|| params.absent("amount"))?;
    let currency = params.currency("currency")?.ok_or_else(|| params.absent("currency"))?;
    payment::refuse_less(amount, currency, "Amount")?;
    let mut new = Intent::blank("", amount, currency, 0);
    let method = described(&mut params, version, &mut new)?;
    new.manual_capture = params.choice("capture_method", CAPTURES)? == Some("manual");
    new.manual_confirmation =
        params.choice("confirmation_method", &["automatic", "manual"])? == Some("manual");
    new.on_behalf_of = params.text("on_behalf_of")?;
    if let Some(mut map) = params.map("transfer_data")? {
        let destination = map.required("destination")?;
        new.transfer_data = Some(TransferData { destination, amount: map.at_least("amount", 0)? });
        map.finish()?;
    }
    let now = params.bool("confirm")?.unwrap_or(false);
    let how = confirming(&mut params, now)?;
    params.finish()?;
    known_destination(call, new.transfer_data.as_ref())?;
    let book = call.book()?;
    if let Some(id) = new.customer.as_ref().filter(|id| book.customers.get(id).is_none()) {
        return Err(Refusal::missing("customer", "customer", id));
    }
    let line = book.line_of(new.customer.as_deref());
    book.on(line.as_deref(), |book| {
        let method = method.make(book)?;
        let status = if method.is_some() { "requires_confirmation" } else { "requires_payment_method" };
        let id = book.id("pi");
        let created_s = book.now_s();
        let intent = payment::enter(book, Intent { id, status, payment_method: method, created_s, ..new });
        match how {
            Some(how) => answered(payment::confirm(book, &intent, how)?),
            None => Ok(Reply::Object(intent.into())),
        }
    })
}

/// Money can only go on to an account there is.
pub(super) fn known_destination(call: &mut Call<'_>, to: Option<&TransferData>) -> Result<(), Refusal> {
    let Some(to) = to else { return Ok(()) };
    let there = BookKey { account: Some(to.destination.clone()), livemode: call.book.livemode };
    match call.world.book(&there) {
        Some(_) => Ok(()),
        None => Err(Refusal::missing("destination", "transfer_data[destination]", &to.destination)),
    }
}

const CAPTURES: &[&str] = &["automatic", "automatic_async", "manual"];

fn amount(params: &mut Params) -> Result<Option<i64>, Refusal> {
    let Some(amount) = params.int("amount")? else { return Ok(None) };
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(Refusal::invalid("amount", message).code("parameter_invalid_integer"));
    }
    if amount > 99_999_999 {
        let message = "Amount must be no more than $999,999.99";
        return Err(Refusal::invalid("amount", message).code("amount_too_large"));
    }
    Ok(Some(amount))
}

/// A method by id, or described in the call itself.
pub(super) enum Named {
    Nothing,
    Id(String),
    New(Box<payment_method::NewMethod>),
}

impl Named {
    pub(super) fn read(params: &mut Params) -> Result<Self, Refusal> {
        let id = params.text("payment_method")?;
        let Some(mut map) = params.map("payment_method_data")? else {
            return Ok(id.map_or(Self::Nothing, Self::Id));
        };
        let new = methods::read(&mut map)?.ok_or_else(|| map.absent("type"))?;
        map.finish()?;
        Ok(Self::New(Box::new(new)))
    }

    /// The id of the method, made if it has to be.
    pub(super) fn make(self, book: &mut Book) -> Result<Option<String>, Refusal> {
        Ok(match self {
            Self::Nothing => None,
            Self::Id(id) => Some(payment_method::resolve(book, &id)?.id.clone()),
            Self::New(new) => Some(payment_method::create(book, *new)?.id.clone()),
        })
    }
}

/// What creation and update have in common.
fn described(params: &mut Params, version: Version, new: &mut Intent) -> Result<Named, Refusal> {
    new.customer = params.text("customer")?.or(new.customer.take());
    new.description = params.change("description")?.on(new.description.take());
    new.email = params.change("receipt_email")?.on(new.email.take());
    new.statement_descriptor = params.change("statement_descriptor")?.on(new.statement_descriptor.take());
    let suffix = params.change("statement_descriptor_suffix")?;
    new.statement_descriptor_suffix = suffix.on(new.statement_descriptor_suffix.take());
    new.setup_future_usage = params.choice("setup_future_usage", USAGES)?.or(new.setup_future_usage);
    new.shipping = methods::shipping(params)?.or(new.shipping.take());
    new.application_fee = params.at_least("application_fee_amount", 0)?.or(new.application_fee);
    new.transfer_group = params.text("transfer_group")?.or(new.transfer_group.take());
    new.metadata = params.metadata_on(&new.metadata)?;
    kinds(params, version, &mut new.method_types, &mut new.automatic_methods)?;
    if let Some(mut options) = params.map("payment_method_options")? {
        for kind in KINDS {
            options.take(kind);
        }
        options.finish()?;
    }
    Named::read(params)
}

/// Which kinds of method are allowed: named until dahlia, worked out from endive on.
pub(super) fn kinds(
    params: &mut Params,
    version: Version,
    types: &mut Vec<&'static str>,
    automatic: &mut Option<bool>,
) -> Result<(), Refusal> {
    let name = if version.endive() { "allowed_payment_method_types" } else { "payment_method_types" };
    if let Some(named) = params.texts(name)? {
        *types = named.iter().map(|text| known_kind(name, text)).collect::<Result<_, _>>()?;
        *automatic = None;
    }
    if let Some(mut map) = params.map("automatic_payment_methods")? {
        let enabled = map.bool("enabled")?.ok_or_else(|| map.absent("enabled"))?;
        let redirects = map.choice("allow_redirects", &["always", "never"])?;
        map.finish()?;
        *automatic = enabled.then_some(redirects != Some("never"));
        if enabled {
            *types = KINDS.to_vec();
        }
    }
    Ok(())
}

pub(super) fn known_kind(param: &str, text: &str) -> Result<&'static str, Refusal> {
    let found = KINDS.iter().find(|kind| **kind == text);
    found.copied().ok_or_else(|| {
        let message = format!("The payment method type provided: {text} is invalid. Please ensure the provided type is activated in your dashboard.");
        Refusal::invalid(param, message)
    })
}

/// The parameters of a confirmation; `None` when there is none now.
fn confirming(params: &mut Params, now: bool) -> Result<Option<Confirm>, Refusal> {
    if !now {
        for name in ["off_session", "return_url", "error_on_requires_action"] {
            if params.has(name) {
                let message = format!(
                    "The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true."
                );
                return Err(Refusal::invalid(name, message));
            }
        }
        return Ok(None);
    }
    let off_session = match params.text("off_session")?.as_deref() {
        None | Some("false") => false,
        Some("true" | "one_off" | "recurring") => true,
        Some(text) => return Err(Refusal::invalid("off_session", format!("Invalid boolean: {text}"))),
    };
    Ok(Some(Confirm {
        payment_method: None,
        off_session,
        return_url: params.text("return_url")?,
        setup_future_usage: None,
        error_on_action: params.bool("error_on_requires_action")?.unwrap_or(false),
    }))
}

/// A decline is an error that carries the intent.
fn answered(tried: Collected) -> Result<Reply, Refusal> {
    match payment::refusal(&tried) {
        Some(refusal) => Err(refusal),
        None => Ok(Reply::Object(tried.intent.into())),
    }
}

fn named(call: &mut Call<'_>) -> Result<Arc<Intent>, Refusal> {
    let id = call.path(0).to_owned();
    payment::get(call.book()?, &id, "intent")
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    params.text("client_secret")?;
    params.finish()?;
    Ok(Reply::Object(named(call)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let old = named(call)?;
    let mut new = Intent::clone(&old);
    let amount = amount(&mut params)?;
    new.currency = params.currency("currency")?.unwrap_or(old.currency);
    let method = described(&mut params, version, &mut new)?;
    params.finish()?;
    if amount.is_some_and(|amount| amount != old.amount) && !payment::open(&old) {
        let message = format!(
            "This PaymentIntent's amount could not be updated because it has a status of {}. You may only update the amount of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.",
            old.status
        );
        return Err(Refusal::request(message).code("payment_intent_unexpected_state"));
    }
    new.amount = amount.unwrap_or(old.amount);
    if amount.is_some() || new.currency != old.currency {
        payment::refuse_less(new.amount, new.currency, "Amount")?;
    }
    let book = call.book()?;
    if let Some(method) = method.make(book)? {
        new.payment_method = Some(method);
        if new.status == "requires_payment_method" {
            new.status = "requires_confirmation";
        }
    }
    Ok(Reply::Object(book.intents.put(&old.id, new).into()))
}

fn confirm(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let old = named(call)?;
    let method = Named::read(&mut params)?;
    let how = confirming(&mut params, true)?;
    let usage = params.choice("setup_future_usage", USAGES)?;
    let email = params.text("receipt_email")?;
    let shipping = methods::shipping(&mut params)?;
    params.text("client_secret")?;
    params.finish()?;
    let book = call.book()?;
    let line = book.line_of(old.customer.as_deref());
    book.on(line.as_deref(), |book| {
        let payment_method = method.make(book)?;
        let old = if email.is_some() || shipping.is_some() {
            let new = Intent {
                email: email.or_else(|| old.email.clone()),
                shipping: shipping.or_else(|| old.shipping.clone()),
                ..Intent::clone(&old)
            };
            book.intents.put(&old.id, new)
        } else {
            old
        };
        let Some(how) = how else { return Ok(Reply::Object(old.into())) };
        answered(payment::confirm(book, &old, Confirm { payment_method, setup_future_usage: usage, ..how })?)
    })
}

fn capture(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let old = named(call)?;
    let amount = params.at_least("amount_to_capture", 1)?;
    let fee = params.at_least("application_fee_amount", 0)?;
    let metadata = params.metadata_on(&old.metadata)?;
    params.bool("final_capture")?;
    params.text("statement_descriptor")?;
    params.text("statement_descriptor_suffix")?;
    params.finish()?;
    let book = call.book()?;
    let line = book.line_of(old.customer.as_deref());
    book.on(line.as_deref(), |book| {
        let application_fee = fee.or(old.application_fee);
        let old = book.intents.put(&old.id, Intent { metadata, application_fee, ..Intent::clone(&old) });
        Ok(Reply::Object(payment::capture(book, &old, amount)?.into()))
    })
}

fn cancel(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let reason = params.choice("cancellation_reason", CANCELLATIONS)?;
    params.finish()?;
    let old = named(call)?;
    let book = call.book()?;
    let line = book.line_of(old.customer.as_deref());
    book.on(line.as_deref(), |book| Ok(Reply::Object(payment::cancel(book, &old.id, reason)?.into())))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let customer = params.text("customer")?;
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let of = |intent: &Intent| {
        (customer.is_none() || intent.customer == customer) && created.holds(intent.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("payment_intent", PATH, &book.intents, of)?))
}
