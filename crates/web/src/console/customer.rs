//! One customer's whole story on one page: subscriptions, sales, payments, refunds and disputes, and the events that
//! told of them, each in the order of time.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::search::{Story, Told, story};
use kernel::{Kind, Ref};
use serde::Deserialize;
use store::read::customer::ObjectLine;

use super::form::render;
use super::frame::{Frame, Scene};
use super::show::{Amount, Moment, amount, encode, moment};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::{Params, Piece};
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub at: Option<Moment>,
    pub what: String,
    pub id: String,
    /// Empty where there is no page of its own.
    pub href: String,
    pub status: String,
    pub amount: Option<Amount>,
}

#[derive(Template)]
#[template(path = "customer.html")]
pub struct CustomerPage {
    pub frame: Frame,
    pub id: String,
    pub lines: Vec<Line>,
    pub events: Vec<Line>,
    pub cut: bool,
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Piece(id): Piece,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/sales/", query.book);
    let reference = Ref::parse(&id).ok_or_else(|| Trouble::not_found("customer"))?;
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let mut frame = scene.frame(house)?;
        let found = story(house, &frame.known.book, &reference)?;
        let Story { objects, events, cut } =
            found.ok_or_else(|| Trouble::not_found("customer in this book"))?;
        frame.path = format!("/sales/customer/{}", encode(&id));
        let lines = objects.iter().map(|row| line(row, &frame)).collect();
        let events = events.iter().map(|told| event(told, &frame)).collect();
        Ok(CustomerPage { frame, id, lines, events, cut })
    });
    render(&page.await?)
}

fn line(row: &ObjectLine, frame: &Frame) -> Line {
    let kind = Kind::from_code(row.kind);
    // The page of a sale finds it by any of these names.
    let has_page = !matches!(kind, Some(Kind::Subscription));
    let href = format!("/sales/{}{}", encode(&row.reference), frame.query());
    Line {
        at: row.at.map(moment),
        what: kind.map_or("", Kind::stripe_name).replace(['_', '.'], " "),
        id: row.reference.clone(),
        href: if has_page { href } else { String::new() },
        status: row.status.clone().unwrap_or_default().replace('_', " "),
        amount: row
            .amount_minor
            .zip(row.currency.as_deref())
            .map(|(minor, currency)| amount(minor, currency)),
    }
}

fn event(told: &Told, frame: &Frame) -> Line {
    Line {
        at: Some(moment(told.at_s.saturating_mul(1000))),
        what: told.event_type.clone(),
        id: told.id.clone(),
        href: format!("/events/{}{}", encode(&told.id), frame.query()),
        status: String::new(),
        amount: None,
    }
}

impl CustomerPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/sales/customer/cus_1", "live");
        let row = ObjectLine {
            kind: 1,
            reference: odd.into(),
            status: Some(odd.into()),
            currency: Some("usd".into()),
            amount_minor: Some(2900),
            at: Some(0),
        };
        let bare = ObjectLine { kind: 13, currency: None, at: None, ..row.clone() };
        let lines = vec![line(&row, &frame), line(&bare, &frame)];
        let events = vec![event(&Told { id: odd.into(), event_type: odd.into(), at_s: 0 }, &frame)];
        Self { frame, id: odd.into(), lines, events, cut: true }
    }
}
