//! The page of one sale; what it shows is made in `sale_shown.rs`.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::explain::explain;
use kernel::Book;
use serde::Deserialize;

use super::form::render;
use super::frame::{Frame, Scene};
use super::sale_shown::{CandidateLine, Entry, EventLine, Posting, Shown, Step, cause, shown};
use super::show::{amount, encode, moment, pill};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::{Params, Piece};
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
}

#[derive(Template)]
#[template(path = "sale.html")]
pub struct SalePage {
    pub frame: Frame,
    pub id: String,
    pub sales: Vec<Shown>,
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Piece(id): Piece,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/sales/", query.book.clone());
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let mut frame = scene.frame(house)?;
        frame.path = format!("/sales/{}", encode(&id));
        let book: &Book = &frame.known.book;
        let found = explain(house, Some(book), &id)?;
        if found.is_empty() {
            return Err(Trouble::not_found("sale in this book"));
        }
        let sales = found.iter().map(|explanation| shown(explanation, &frame)).collect();
        Ok(SalePage { frame, id, sales })
    });
    render(&page.await?)
}

impl SalePage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/sales/in_1", "live");
        let money = amount(725, "usd");
        let at = moment(0);
        let cause = cause(odd, &frame);
        let shown = Shown {
            sale: odd.into(),
            partner: odd.into(),
            partner_href: "/partners/anna".into(),
            code: odd.into(),
            reason: odd.into(),
            problem: odd.into(),
            level: pill("level"),
            terms: odd.into(),
            commission: Some(money.clone()),
            sale_at: Some(at.clone()),
            available_at: Some(at.clone()),
            held: true,
            amounts: vec![("Total", money.clone())],
            candidates: vec![CandidateLine {
                rule: odd.into(),
                partner: odd.into(),
                source: odd.into(),
                code: odd.into(),
                discount: odd.into(),
                at: at.clone(),
                rejected: odd.into(),
            }],
            lines: vec![Step { label: odd.into(), arithmetic: odd.into() }],
            entries: vec![Entry {
                id: 7,
                rev: 1,
                reason: odd.into(),
                recorded: at.clone(),
                effective: at.clone(),
                postings: vec![Posting {
                    debit: odd.into(),
                    credit: odd.into(),
                    partner: odd.into(),
                    amount: money,
                }],
                causes: vec![cause.clone()],
            }],
            events: vec![EventLine { cause, object: odd.into(), created: at }],
        };
        let unknown = Shown {
            sale: String::new(),
            problem: String::new(),
            partner: String::new(),
            commission: None,
            sale_at: None,
            available_at: None,
            amounts: vec![],
            candidates: vec![],
            lines: vec![],
            entries: vec![],
            events: vec![],
            ..shown.clone()
        };
        Self { frame, id: odd.into(), sales: vec![shown, unknown] }
    }
}
