//! The checkout page: shown, and what its forms do. It must not know how money is taken.

use super::entered::{Entered, about};
use super::order::{self, Wrong};
use super::{Page, field, fields, form, holder, html, message, said};
use crate::api::{Method, Request};
use crate::model::Session;
use crate::world::session::{self, Submitted};
use crate::world::{Book, World};

/// What a form led to that shows the page again.
struct Again {
    entered: Entered,
    mistake: Option<super::entered::Mistake>,
    wrong: Wrong,
}

pub(super) fn page(world: &mut World, request: &Request, id: &str) -> Option<Page> {
    let key = holder(world, id)?;
    let book = world.book(&key)?;
    let session = book.sessions.get(id).cloned()?;
    match session.status {
        "complete" => return Some(done(&session)),
        "expired" => {
            let text = "Go back to the shop and start again.";
            return Some(message(410, "This page has expired", text, session.cancel_url.as_deref()));
        }
        _ => {}
    }
    let typed = fields(request);
    if request.method != Method::Post {
        return Some(show(book, &session, &Again::nothing(&session)));
    }
    let page = match field(&typed, "action") {
        "code" => code(book, &session, field(&typed, "code")),
        "quantity" => quantity(book, &session, field(&typed, "item"), field(&typed, "quantity")),
        "shipping" => {
            session::choose_shipping(book, &session, field(&typed, "rate"));
            here(&session)
        }
        _ => pay(book, &session, Entered::new(typed)),
    };
    book.catch_up();
    Some(page)
}

fn here(session: &Session) -> Page {
    Page::Go(format!("/checkout/{}", session.id))
}

fn done(session: &Session) -> Page {
    match session.success() {
        Some(to) => Page::Go(to),
        None => message(200, "Thanks for your payment", "You can close this page.", None),
    }
}

impl Again {
    fn nothing(session: &Session) -> Self {
        Self { entered: Entered::known(session), mistake: None, wrong: Wrong::default() }
    }
}

fn show(book: &Book, session: &Session, again: &Again) -> Page {
    let pays = session::needs_method(session);
    let body = format!(
        "<main>{}{}</main>",
        order::side(book, session, &again.wrong),
        form::side(session, &again.entered, again.mistake.as_ref(), pays)
    );
    let failed = again.mistake.is_some() || again.wrong.code.is_some() || again.wrong.quantity.is_some();
    let title = if failed { "Error: Checkout" } else { "Checkout" };
    Page::Html(if failed { 422 } else { 200 }, html::document(title, &body))
}

fn code(book: &mut Book, session: &std::sync::Arc<Session>, typed: &str) -> Page {
    match session::type_code(book, session, typed) {
        Ok(_) => here(session),
        Err(refusal) => {
            let wrong = Wrong { code: Some((typed.to_owned(), said(&refusal))), quantity: None };
            show(book, session, &Again { wrong, ..Again::nothing(session) })
        }
    }
}

fn quantity(book: &mut Book, session: &std::sync::Arc<Session>, item: &str, typed: &str) -> Page {
    let chosen = session::choose_quantity(book, session, item, typed.parse().unwrap_or(-1));
    match chosen {
        Ok(_) => here(session),
        Err(refusal) => {
            let wrong = Wrong { code: None, quantity: Some(said(&refusal)) };
            show(book, session, &Again { wrong, ..Again::nothing(session) })
        }
    }
}

fn pay(book: &mut Book, session: &std::sync::Arc<Session>, entered: Entered) -> Page {
    let pays = session::needs_method(session);
    let buyer = match entered.buyer(book, session, pays) {
        Ok(buyer) => buyer,
        Err(mistake) => {
            let again = Again { entered, mistake: Some(mistake), wrong: Wrong::default() };
            return show(book, session, &again);
        }
    };
    match session::submit(book, session, buyer) {
        Ok(Submitted::Complete(session)) => done(&session),
        Ok(Submitted::Asks(id)) => Page::Go(format!("/checkout/3ds/{id}")),
        Err(refusal) => {
            let session = book.sessions.get(&session.id).cloned().unwrap_or_else(|| session.clone());
            let again = Again { entered, mistake: Some(about(&refusal)), wrong: Wrong::default() };
            show(book, &session, &again)
        }
    }
}
