//! `/v1/charges`: looked at and described; they are made by intents. It must not know what moved them.

use super::list::{Page, Span};
use super::payment_method::shipping;
use super::{Call, Method, Reply, Route};
use crate::model::Charge;
use crate::render::{self, Frame};
use crate::world::{Book, Refusal, refund};

const PATH: &str = "/v1/charges";
const ONE: &str = "/v1/charges/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
];

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let charge = call.book()?.charges.get(&id).cloned();
    Ok(Reply::Object(charge.ok_or_else(|| Refusal::missing("charge", "id", &id))?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = call.book()?.charges.get(&id).cloned();
    let old = old.ok_or_else(|| Refusal::missing("charge", "id", &id))?;
    let mut new = Charge::clone(&old);
    new.description = params.change("description")?.on(new.description);
    new.email = params.change("receipt_email")?.on(new.email);
    new.metadata = params.metadata_on(&old.metadata)?;
    new.shipping = shipping(&mut params)?.or(new.shipping);
    new.customer = params.text("customer")?.or(new.customer);
    new.transfer_group = params.text("transfer_group")?.or(new.transfer_group);
    if let Some(mut map) = params.map("fraud_details")? {
        let report = map.choice("user_report", &["fraudulent", "safe"])?;
        map.finish()?;
        new.fraud = report.map(|report| ("user_report", report)).or(new.fraud);
    }
    params.finish()?;
    let book = call.book()?;
    let new = book.charges.put(&id, new);
    book.emit_changed("charge.updated", &old, &new);
    Ok(Reply::Object(new.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let (customer, intent) = (params.text("customer")?, params.text("payment_intent")?);
    let group = params.text("transfer_group")?;
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let of = |charge: &Charge| {
        (customer.is_none() || charge.customer == customer)
            && (intent.is_none() || charge.intent == intent)
            && (group.is_none() || charge.transfer_group == group)
            && created.holds(charge.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("charge", PATH, &book.charges, of)?))
}

/// `refunds`.
pub(super) fn refunds(book: &Book, id: &str, frame: Frame) -> Option<String> {
    book.charges.get(id)?;
    let rows: Vec<String> =
        refund::of_charge(book, id).into_iter().map(|row| render::rendered(&row.into(), frame)).collect();
    Some(render::sublist(&format!("/v1/charges/{id}/refunds"), &rows))
}
