//! `/v1/credit_notes`. It must not know how money goes back.

use super::billing;
use super::list::{Page, Span};
use super::params::Change;
use super::{Call, Method, Params, Reply, Route};
use crate::json::Obj;
use crate::model::{CreditNote, Object};
use crate::render::{self, Version};
use crate::world::credit_note::{self, NewCreditNote, Wanted};
use crate::world::{Book, Refusal, invoice};

const PATH: &str = "/v1/credit_notes";
const ONE: &str = "/v1/credit_notes/{}";
const REASONS: &[&str] = &["duplicate", "fraudulent", "order_change", "product_unsatisfactory"];

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: "/v1/credit_notes/preview", handler: preview },
    Route { method: Method::Get, path: "/v1/credit_notes/preview/lines", handler: preview_lines },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Get, path: "/v1/credit_notes/{}/lines", handler: lines },
    Route { method: Method::Post, path: "/v1/credit_notes/{}/void", handler: void },
];

fn read(params: &mut Params, book: &Book, version: Version) -> Result<NewCreditNote, Refusal> {
    let id = params.required("invoice")?;
    let mut lines = Vec::new();
    for row in params.maps("lines")?.unwrap_or_default() {
        lines.push(line(row, book)?);
    }
    let mut refund_minor = params.at_least("refund_amount", 0)?;
    let mut refund_ref = if version.basil() { None } else { params.text("refund")? };
    if version.basil() {
        for mut row in params.maps("refunds")?.unwrap_or_default() {
            row.choice("type", &["refund"])?;
            if refund_ref.is_some() {
                return Err(Refusal::invalid("refunds", "Only one refund of a credit note is known here."));
            }
            refund_ref = Some(row.required("refund")?);
            refund_minor = row.at_least("amount_refunded", 1)?.or(refund_minor);
            row.finish()?;
        }
    }
    if let (Some(id), None) = (&refund_ref, refund_minor) {
        refund_minor = book.refunds.get(id).map(|refund| refund.amount);
    }
    let new = NewCreditNote {
        invoice: invoice::get(book, &id, "invoice")?,
        amount: params.at_least("amount", 1)?,
        lines,
        reason: params.choice("reason", REASONS)?,
        memo: params.text("memo")?,
        refund_minor,
        refund_ref,
        balance_minor: params.at_least("credit_amount", 0)?,
        out_of_band_minor: params.at_least("out_of_band_amount", 0)?,
        metadata: params.metadata()?,
    };
    params.choice("email_type", &["credit_note", "none"])?;
    params.int("effective_at")?;
    Ok(new)
}

fn line(mut row: Params, book: &Book) -> Result<Wanted, Refusal> {
    let kind = row.choice("type", &["custom_line_item", "invoice_line_item"])?;
    let kind = kind.ok_or_else(|| row.absent("type"))?;
    let quantity = row.at_least("quantity", 1)?;
    let wanted = if kind == "invoice_line_item" {
        Wanted::Line {
            line: row.required("invoice_line_item")?,
            quantity,
            amount: row.at_least("amount", 0)?,
        }
    } else {
        let unit = match row.int("unit_amount")? {
            Some(unit) => unit,
            None => row.int("unit_amount_decimal")?.ok_or_else(|| row.absent("unit_amount"))?,
        };
        Wanted::Own {
            description: row.required("description")?,
            quantity: quantity.unwrap_or(1),
            unit_minor: unit,
            tax_rates: billing::tax_rates(&mut row, "tax_rates", book)?.unwrap_or_default(),
        }
    };
    row.finish()?;
    Ok(wanted)
}

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let book = call.book()?;
    let new = read(&mut params, book, version)?;
    params.finish()?;
    Ok(Reply::Object(credit_note::create(book, &new)?.into()))
}

fn previewed(call: &mut Call<'_>) -> Result<CreditNote, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let book = call.book()?;
    let new = read(&mut params, book, version)?;
    params.finish()?;
    credit_note::preview(book, &new)
}

fn preview(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::Object(Object::from(previewed(call)?)))
}

fn preview_lines(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let note = previewed(call)?;
    Ok(Reply::Json(lines_of(call, &note, "/v1/credit_notes/preview/lines")))
}

fn lines_of(call: &Call<'_>, note: &CreditNote, url: &str) -> String {
    let rows = note.lines.iter().map(|line| render::credit_line(line, call.version, call.book.livemode));
    Obj::new().str("object", "list").array("data", rows).bool("has_more", false).str("url", url).close()
}

fn lines(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    Page::read(&mut params)?;
    params.finish()?;
    let id = call.path(0).to_owned();
    let note = credit_note::get(call.book()?, &id)?;
    Ok(Reply::Json(lines_of(call, &note, &format!("/v1/credit_notes/{id}/lines"))))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(credit_note::get(call.book()?, &id)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let old = credit_note::get(book, &id)?;
    let memo = Change::on(params.change("memo")?, old.memo.clone());
    let metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    Ok(Reply::Object(credit_note::update(book, &old, memo, metadata).into()))
}

fn void(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let old = credit_note::get(book, &id)?;
    Ok(Reply::Object(credit_note::void(book, &old)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let customer = params.text("customer")?;
    let invoice = params.text("invoice")?;
    params.finish()?;
    let keep = |row: &CreditNote| {
        created.holds(row.created_s)
            && customer.as_ref().is_none_or(|id| row.customer == *id)
            && invoice.as_ref().is_none_or(|id| row.invoice == *id)
    };
    Ok(Reply::List(page.of("credit note", PATH, &call.book()?.credit_notes, keep)?))
}
