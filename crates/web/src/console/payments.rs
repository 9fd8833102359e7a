//! Payments that belong to no known sale, with their age: listed, never paid on.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::EngineError;
use serde::Deserialize;
use store::read::payments::{Unlinked, page as payments_page};

use super::form::render;
use super::frame::{Frame, Scene};
use super::show::{Amount, Moment, amount, encode, moment, span};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
    after_at: Option<i64>,
    #[serde(default)]
    after: String,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub href: String,
    pub id: String,
    pub amount: Amount,
    pub created: Moment,
    pub age: String,
}

#[derive(Template)]
#[template(path = "payments.html")]
pub struct PaymentsPage {
    pub frame: Frame,
    pub lines: Vec<Line>,
    pub next: String,
}

const PAGE_ROWS: usize = 50;

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/payments", query.book);
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let place = (query.after_at.unwrap_or(-1), query.after.as_str());
        let rows = house.db().read(|read| -> Result<_, EngineError> {
            Ok(payments_page(read, frame.known.id, place, PAGE_ROWS as i64)?)
        })?;
        let last = rows.last().filter(|_| rows.len() == PAGE_ROWS);
        let next = last.map_or_else(String::new, |row| {
            let after = encode(&row.reference);
            format!("/payments{}&after_at={}&after={after}", frame.query(), row.created_at)
        });
        let lines = rows.iter().map(|row| line(row, &frame)).collect();
        Ok(PaymentsPage { frame, lines, next })
    });
    render(&page.await?)
}

fn line(row: &Unlinked, frame: &Frame) -> Line {
    Line {
        href: format!("/sales/{}{}", encode(&row.reference), frame.query()),
        id: row.reference.clone(),
        amount: amount(row.amount_minor, &row.currency),
        created: moment(row.created_at),
        age: span(frame.now_at - row.created_at),
    }
}

impl PaymentsPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/payments", "live");
        let row =
            Unlinked { reference: odd.into(), currency: "usd".into(), amount_minor: -500, created_at: 0 };
        Self { lines: vec![line(&row, &frame)], frame, next: "/payments?after=x".into() }
    }
}
