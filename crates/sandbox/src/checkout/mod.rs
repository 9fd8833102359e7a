//! What a buyer sees in a browser: the hosted checkout page, the bank's question (3-D Secure) and a demo shop.
//! Pages are functions of the world: a request in, HTML out, no scripts, nothing loaded from anywhere. It must
//! not know sockets, nor change a book except through `world`.

mod bank;
mod entered;
mod form;
mod html;
mod order;
mod pay;
mod shop;
mod style;

use crate::api::{Answer, Method, Request};
use crate::world::{BookKey, Refusal, World};

/// What is answered.
enum Page {
    Html(u16, String),
    /// On to another page, by `GET`.
    Go(String),
}

/// Answers a call under `/checkout` and `/shop`; `None` for any other.
#[must_use]
pub fn answer(world: &mut World, request: &Request) -> Option<Answer> {
    let mut parts = request.path.trim_end_matches('/').split('/').skip(1);
    let page = match (parts.next()?, parts.next(), parts.next(), parts.next()) {
        ("shop", rest, None, None) => shop::page(world, request, rest.unwrap_or_default()),
        ("checkout", Some("3ds"), Some(id), None) => bank::page(world, request, id),
        ("checkout", Some(id), None, None) => pay::page(world, request, id),
        ("checkout", ..) => None,
        _ => return None,
    };
    world.cross();
    Some(match page.unwrap_or_else(nothing) {
        Page::Html(status, body) => html_answer(status, body),
        Page::Go(to) => Answer { headers: vec![("Location", to)], ..Answer::new(303, String::new()) },
    })
}

fn html_answer(status: u16, body: String) -> Answer {
    let headers = vec![
        ("Content-Type", "text/html; charset=utf-8".to_owned()),
        ("Cache-Control", "no-store".to_owned()),
        ("Referrer-Policy", "no-referrer".to_owned()),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'".to_owned()),
    ];
    Answer { headers, ..Answer::new(status, body) }
}

fn nothing() -> Page {
    message(404, "Page not found", "This page does not exist, or not any more.", None)
}

/// A page that only says something.
fn message(status: u16, title: &str, text: &str, back: Option<&str>) -> Page {
    let link =
        back.map(|to| format!("<p><a href=\"{}\">Go back</a></p>", html::href(to))).unwrap_or_default();
    let body = format!(
        "<main class=\"note\"><h1>{}</h1><p>{}</p>{link}</main>",
        html::text(title),
        html::text(text)
    );
    Page::Html(status, html::document(title, &body))
}

/// Which book holds that session, intent or setup intent.
fn holder(world: &World, id: &str) -> Option<BookKey> {
    world.key_where(|book| {
        book.sessions.get(id).is_some()
            || book.intents.get(id).is_some()
            || book.setup_intents.get(id).is_some()
    })
}

/// The fields of a form; one that can't be read is empty.
fn fields(request: &Request) -> Vec<(String, String)> {
    if request.method != Method::Post {
        return Vec::new();
    }
    std::str::from_utf8(&request.body).ok().and_then(crate::api::pairs).unwrap_or_default()
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

/// A refusal in words for a buyer.
fn said(refusal: &Refusal) -> String {
    match (refusal.code, refusal.decline_code) {
        (_, Some("insufficient_funds")) => {
            "Your card has insufficient funds. Try a different card.".to_owned()
        }
        (Some("card_declined"), _) => "Your card was declined. Try a different card.".to_owned(),
        (Some("expired_card"), _) => "Your card has expired. Try a different card.".to_owned(),
        (Some("incorrect_number" | "invalid_number"), _) => "Your card number is invalid.".to_owned(),
        (Some("invalid_expiry_year" | "invalid_expiry_month"), _) => {
            "Your card's expiration date is in the past or invalid.".to_owned()
        }
        _ => refusal.message.clone(),
    }
}
