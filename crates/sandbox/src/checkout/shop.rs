//! A small demo shop: pick what is sold in the own account's test book, and go to its checkout page. It must
//! not know what anybody earns.

use std::fmt::Write as _;
use std::sync::Arc;

use super::html::{document, money, text};
use super::{Page, field, fields, message, said};
use crate::api::{Method, Request};
use crate::model::{Mode, Price, Session};
use crate::world::session::{self, NewSession, Ordered};
use crate::world::{Book, BookKey, Refusal, World};

/// As many as fit on a page.
const SHOWN_MAX: usize = 50;

pub(super) fn page(world: &mut World, request: &Request, rest: &str) -> Option<Page> {
    let book = world.book(&BookKey { account: None, livemode: false })?;
    match (rest, request.method) {
        ("", Method::Post) => Some(order(book, field(&fields(request), "price"))),
        ("", _) => Some(show(book)),
        ("thanks", _) => Some(thanks(book, &request.query)),
        _ => None,
    }
}

fn on_sale(book: &Book) -> Vec<Arc<Price>> {
    let active = |price: &&Arc<Price>| {
        price.active && book.products.get(&price.product).is_none_or(|product| product.active)
    };
    book.prices.oldest().filter(active).take(SHOWN_MAX).cloned().collect()
}

fn show(book: &Book) -> Page {
    let mut body = String::from("<main class=\"shop\"><h1>Demo shop</h1>");
    let prices = on_sale(book);
    if prices.is_empty() {
        body.push_str(
            "<p>Nothing is for sale yet. Create a product and a price with the API, or seed a business with \
             <code>POST /_sandbox/seed</code>.</p>",
        );
    }
    for price in &prices {
        let product = book.products.get(&price.product);
        let name = product.map_or(price.name.as_str(), |product| product.name.as_str());
        let about = product.and_then(|product| product.description.as_deref()).unwrap_or_default();
        let _ = write!(
            body,
            "<section class=\"card\"><h2>{0}</h2><p>{1}</p><p>{2}</p><form method=\"post\" action=\"/shop\">\
             <input type=\"hidden\" name=\"price\" value=\"{3}\"><button aria-label=\"{4}: {0}, {2}\">{4}</button></form></section>",
            text(name),
            text(about),
            text(&amount(price)),
            text(&price.id),
            if price.interval.is_some() { "Subscribe" } else { "Buy" },
        );
    }
    body.push_str("</main>");
    Page::Html(200, document("Demo shop", &body))
}

fn amount(price: &Price) -> String {
    let amount = price.unit().map_or_else(|| "By usage".into(), |unit| money(unit, price.currency));
    match (price.interval, price.interval_count) {
        (None, _) => amount,
        (Some(unit), 1) => format!("{amount} per {unit}"),
        (Some(unit), count) => format!("{amount} every {count} {unit}s"),
    }
}

fn order(book: &mut Book, price: &str) -> Page {
    match opened(book, price) {
        Ok(session) => Page::Go(format!("/checkout/{}", session.id)),
        Err(refusal) => message(422, "This can't be bought", &said(&refusal), Some("/shop")),
    }
}

fn opened(book: &mut Book, id: &str) -> Result<Arc<Session>, Refusal> {
    let price = book.prices.get(id).cloned().ok_or_else(|| Refusal::missing("price", "price", id))?;
    let mode = if price.interval.is_some() { Mode::Subscription } else { Mode::Payment };
    let base = book.payments.base_url.clone();
    let session = Session {
        expires_s: 0,
        allow_codes: Some(true),
        success_url: Some(format!("{base}/shop/thanks?session_id={{CHECKOUT_SESSION_ID}}")),
        cancel_url: Some(format!("{base}/shop")),
        ..Session::blank("", mode, price.currency, 0)
    };
    let item = Ordered { price, quantity: 1, adjustable: Some((1, 99)), tax_rates: Vec::new() };
    session::create(book, NewSession { session, currency: None, items: vec![item] })
}

fn thanks(book: &Book, query: &str) -> Page {
    let fields = crate::api::pairs(query).unwrap_or_default();
    let session = book.sessions.get(field(&fields, "session_id"));
    let text = match session {
        Some(session) if session.total() > 0 => {
            format!("Your payment of {} was received.", money(session.total(), session.currency))
        }
        Some(_) => "Everything is set up.".to_owned(),
        None => "We do not know this order.".to_owned(),
    };
    message(200, "Thank you", &text, Some("/shop"))
}
