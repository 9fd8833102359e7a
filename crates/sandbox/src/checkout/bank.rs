//! The bank's question (3-D Secure): complete it or fail it. It must not know what is paid for.

use std::sync::Arc;

use super::{Page, field, fields, holder, html, message, said};
use crate::api::{Method, Request};
use crate::model::{NextAction, Session};
use crate::world::session::{self, Submitted};
use crate::world::{Book, Refusal, World, payment, setup_intent};

pub(super) fn page(world: &mut World, request: &Request, id: &str) -> Option<Page> {
    let key = holder(world, id)?;
    let book = world.book(&key)?;
    if request.method != Method::Post {
        return Some(show(asks(book, id)));
    }
    if !asks(book, id) {
        return Some(show(false));
    }
    let well = field(&fields(request), "answer") == "complete";
    let page = match of_session(book, id) {
        Some(session) => of_page(book, &session, well),
        None => alone(book, id, well),
    };
    book.catch_up();
    Some(page)
}

/// Whether it still waits for an answer.
fn asks(book: &Book, id: &str) -> bool {
    book.sessions.get(id).is_some_and(|session| session.waiting.is_some() && session.status == "open")
        || book.intents.get(id).is_some_and(|intent| intent.status == "requires_action")
        || book.setup_intents.get(id).is_some_and(|intent| intent.status == "requires_action")
}

fn show(asks: bool) -> Page {
    if !asks {
        return message(200, "Nothing to confirm", "Your bank does not wait for an answer any more.", None);
    }
    let body = "<main class=\"note\"><h1>Your bank asks: is it you?</h1>\
        <p>This is a test of 3-D Secure authentication. In live mode this page is your bank's.</p>\
        <form method=\"post\" class=\"line\"><button name=\"answer\" value=\"complete\" autofocus>Complete authentication</button>\
        <button name=\"answer\" value=\"fail\">Fail authentication</button></form></main>";
    Page::Html(200, html::document("3-D Secure", body))
}

/// The open session it belongs to.
fn of_session(book: &Book, id: &str) -> Option<Arc<Session>> {
    let of_intent = || book.intents.get(id).and_then(|intent| intent.session.clone());
    let of_setup = || book.setup_intents.get(id).and_then(|intent| intent.session.clone());
    let session = book.sessions.get(id).cloned();
    session.or_else(|| book.sessions.get(&of_intent().or_else(of_setup)?).cloned())
}

fn of_page(book: &mut Book, session: &Arc<Session>, well: bool) -> Page {
    let back = format!("/checkout/{}", session.id);
    match session::answer(book, session, well) {
        Ok(Submitted::Complete(session)) => match session.success() {
            Some(to) => Page::Go(to),
            None => Page::Go(back),
        },
        Ok(Submitted::Asks(id)) => Page::Go(format!("/checkout/3ds/{id}")),
        Err(refusal) => message(422, "The payment did not succeed", &said(&refusal), Some(&back)),
    }
}

/// Of an intent that a shop confirmed by itself: back to where it said.
fn alone(book: &mut Book, id: &str, well: bool) -> Page {
    let action = match (book.intents.get(id), book.setup_intents.get(id)) {
        (Some(intent), _) => intent.next_action.clone(),
        (None, Some(intent)) => intent.next_action.clone(),
        (None, None) => None,
    };
    if let Err(refusal) = answered(book, id, well) {
        return message(422, "The payment did not succeed", &said(&refusal), None);
    }
    match action {
        Some(NextAction::Redirect { return_url: Some(to), .. }) => {
            let name = if id.starts_with("pi_") { "payment_intent" } else { "setup_intent" };
            let join = if to.contains('?') { '&' } else { '?' };
            let status = if well { "succeeded" } else { "failed" };
            Page::Go(format!(
                "{to}{join}{name}={id}&{name}_client_secret={id}_secret_sandbox&redirect_status={status}"
            ))
        }
        _ => message(200, "Thank you", "You can close this page.", None),
    }
}

fn answered(book: &mut Book, id: &str, well: bool) -> Result<(), Refusal> {
    if let Some(intent) = book.intents.get(id).cloned() {
        let line = book.line_of(intent.customer.as_deref());
        return book.on(line.as_deref(), |book| payment::answer(book, &intent, well).map(|_| ()));
    }
    let intent = setup_intent::get(book, id, "setup_intent")?;
    setup_intent::answer(book, &intent, well).map(|_| ())
}
