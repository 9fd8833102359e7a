//! `/v1/invoice_payments`, from basil on. It must not know where the money came from.

use super::list::Page;
use super::{Call, Method, Reply, Route};
use crate::json::Obj;
use crate::model::InvoicePayment;
use crate::render::{self, Frame};
use crate::world::{Book, Kind, Refusal};

const PATH: &str = "/v1/invoice_payments";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: "/v1/invoice_payments/{}", handler: retrieve },
];

/// `invoice.payments`, from basil on.
pub(super) fn of_invoice(book: &Book, id: &str, frame: Frame) -> Option<String> {
    if !frame.version.basil() {
        return None;
    }
    let rows = book.payments_of_invoice(id).into_iter().map(|row| render::rendered(&row.into(), frame));
    let url = format!("{PATH}?invoice={id}");
    let list = Obj::new().str("object", "list").array("data", rows).bool("has_more", false).str("url", &url);
    Some(list.close())
}

/// `invoice.confirmation_secret`, from basil on: what a page needs to confirm the invoice's intent.
pub(super) fn secret(book: &Book, id: &str, frame: Frame) -> Option<String> {
    let invoice = book.invoices.get(id).filter(|_| frame.version.basil())?;
    let intent = book.intents.get(invoice.intent.as_ref()?)?;
    Some(Obj::new().str("client_secret", &intent.client_secret()).str("type", "payment_intent").close())
}

fn known_to(call: &Call<'_>) -> Result<(), Refusal> {
    if call.version.basil() {
        return Ok(());
    }
    Err(Refusal::plain(404, Kind::InvalidRequest, "Unrecognized request URL (GET: /v1/invoice_payments)."))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    known_to(call)?;
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let row = call.book()?.invoice_payments.get(&id).cloned();
    Ok(Reply::Object(row.ok_or_else(|| Refusal::missing("invoice payment", "id", &id))?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    known_to(call)?;
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let invoice = params.text("invoice")?;
    let status = params.choice("status", &["canceled", "open", "paid"])?;
    let mut intent = None;
    if let Some(mut payment) = params.map("payment")? {
        payment.choice("type", &["payment_intent"])?;
        intent = payment.text("payment_intent")?;
        payment.finish()?;
    }
    params.finish()?;
    let keep = |row: &InvoicePayment| {
        invoice.as_ref().is_none_or(|id| row.invoice == *id)
            && status.is_none_or(|status| row.status == status)
            && intent.as_ref().is_none_or(|id| row.intent.as_ref() == Some(id))
    };
    Ok(Reply::List(page.of("invoice payment", PATH, &call.book()?.invoice_payments, keep)?))
}
