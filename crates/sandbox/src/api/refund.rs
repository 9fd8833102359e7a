//! `/v1/refunds`. It must not know why somebody wants money back.

use std::sync::Arc;

use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route};
use crate::model::{Charge, Refund};
use crate::world::refund::{self, NewRefund};
use crate::world::{Book, Refusal, payment};

const PATH: &str = "/v1/refunds";
const ONE: &str = "/v1/refunds/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Post, path: "/v1/refunds/{}/cancel", handler: cancel },
    Route { method: Method::Post, path: "/v1/charges/{}/refunds", handler: create_of_charge },
    Route { method: Method::Get, path: "/v1/charges/{}/refunds", handler: list_of_charge },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
    let charge = match (charge, intent) {
        (Some(id), _) => charge_of(call.book()?, &id)?,
        (None, Some(id)) => charge_of_intent(call.book()?, &id)?,
        (None, None) => {
            let message =
                "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(Refusal::request(message));
        }
    };
    make(call, params, charge)
}

fn create_of_charge(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let params = call.params();
    let id = call.path(0).to_owned();
    let charge = charge_of(call.book()?, &id)?;
    make(call, params, charge)
}

fn make(call: &mut Call<'_>, mut params: Params, charge: Arc<Charge>) -> Result<Reply, Refusal> {
    let new = NewRefund {
        amount: params.at_least("amount", 1)?,
        reason: params.choice("reason", &["duplicate", "fraudulent", "requested_by_customer"])?,
        metadata: params.metadata()?,
        reverse_transfer: params.bool("reverse_transfer")?.unwrap_or(false),
        charge,
    };
    params.text("instructions_email")?;
    if params.bool("refund_application_fee")? == Some(true) {
        let message = "Refunds of application fees are not in this sandbox yet.";
        return Err(Refusal::invalid("refund_application_fee", message));
    }
    params.finish()?;
    let book = call.book()?;
    let line = book.line_of(new.charge.customer.as_deref());
    book.on(line.as_deref(), |book| Ok(Reply::Object(refund::create(book, new)?.into())))
}

fn charge_of(book: &Book, id: &str) -> Result<Arc<Charge>, Refusal> {
    book.charges.get(id).cloned().ok_or_else(|| Refusal::missing("charge", "charge", id))
}

fn charge_of_intent(book: &Book, id: &str) -> Result<Arc<Charge>, Refusal> {
    let intent = payment::get(book, id, "payment_intent")?;
    let charge = intent.charge.as_ref().and_then(|id| book.charges.get(id)).cloned();
    charge.filter(|charge| charge.status != "failed").ok_or_else(|| {
        let message = format!("This PaymentIntent ({id}) does not have a successful charge to refund.");
        Refusal::invalid("payment_intent", message)
    })
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(refund::get(call.book()?, &id)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = refund::get(call.book()?, &id)?;
    let metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    Ok(Reply::Object(refund::update(call.book()?, &old, metadata).into()))
}

fn cancel(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let old = refund::get(call.book()?, &id)?;
    Ok(Reply::Object(refund::cancel(call.book()?, &old)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let of = |refund: &Refund| {
        (charge.is_none() || refund.charge == charge)
            && (intent.is_none() || refund.intent == intent)
            && created.holds(refund.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("refund", PATH, &book.refunds, of)?))
}

fn list_of_charge(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    params.finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    charge_of(book, &id)?;
    let url = format!("/v1/charges/{id}/refunds");
    Ok(Reply::List(page.of("refund", &url, &book.refunds, |refund| refund.charge.as_ref() == Some(&id))?))
}
