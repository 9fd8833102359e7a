//! The partners, with what each brought and is owed in this book, and the form that adds one.

use std::collections::BTreeMap;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::{EngineError, House};
use kernel::operator::{Handle, Pay, Terms};
use serde::Deserialize;
use store::read::overview::Totals;
use store::read::partners::totals;

use super::form::render;
use super::frame::{Frame, Scene};
use super::show::{Amount, Pill, amount, count, encode, pill, rate};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub href: String,
    pub handle: String,
    pub name: String,
    pub status: Pill,
    pub pay: String,
    pub codes: String,
    pub totals: Vec<Sums>,
}

/// One currency of one partner.
#[derive(Clone, Debug)]
pub struct Sums {
    pub sales: String,
    pub revenue: Amount,
    pub pending: Amount,
    pub available: Amount,
    pub held: Amount,
}

#[derive(Template)]
#[template(path = "partners.html")]
pub struct PartnersPage {
    pub frame: Frame,
    pub lines: Vec<Line>,
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/partners", query.book);
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let lines = lines(house, &frame)?;
        Ok(PartnersPage { frame, lines })
    });
    render(&page.await?)
}

fn lines(house: &House, frame: &Frame) -> Result<Vec<Line>, EngineError> {
    let registry = house.current_registry()?;
    let handles: Vec<String> = registry.partners().map(|partner| partner.handle.to_string()).collect();
    let mut sums = sums(house, frame, handles)?;
    let now = frame.now_at;
    let codes = |handle: &Handle| {
        let held = registry.mappings().filter(|mapping| {
            mapping.partner == *handle && mapping.book == frame.known.book && mapping.holds_at(now)
        });
        held.filter_map(|mapping| mapping.code.clone()).collect::<Vec<_>>().join(", ")
    };
    Ok(registry
        .partners()
        .map(|partner| {
            let handle = partner.handle.to_string();
            let newest = partner.terms.last();
            Line {
                href: format!("/partners/{}{}", encode(&handle), frame.query()),
                name: partner.name.clone(),
                status: pill(if partner.is_active(now) { "active" } else { "inactive" }),
                pay: newest.map_or_else(String::new, |version| pay(&version.terms)),
                codes: codes(&partner.handle),
                totals: sums.remove(&handle).unwrap_or_default(),
                handle,
            }
        })
        .collect())
}

pub(super) fn sums(
    house: &House,
    frame: &Frame,
    handles: Vec<String>,
) -> Result<BTreeMap<String, Vec<Sums>>, EngineError> {
    let (book, as_of) = (frame.known.id, frame.known.newest_at);
    let rows = house
        .db()
        .read(|read| -> Result<_, EngineError> { Ok(totals(read, book, as_of, handles.clone())?) })?;
    let mut sums: BTreeMap<String, Vec<Sums>> = BTreeMap::new();
    for (handle, totals) in rows {
        sums.entry(handle).or_default().push(shown(&totals));
    }
    Ok(sums)
}

fn shown(totals: &Totals) -> Sums {
    let money = |minor| amount(minor, &totals.currency);
    Sums {
        sales: count(totals.sales),
        revenue: money(totals.net_sold_minor),
        pending: money(totals.pending_minor),
        available: money(totals.available_minor),
        held: money(totals.held_minor),
    }
}

/// `15 %`, or `5.00 usd for each sale`; other rates of single products are said to exist.
pub(super) fn pay(terms: &Terms) -> String {
    let pay = match &terms.pay {
        Pay::RateBps(bps) => rate(*bps),
        Pay::Fixed { minor, currency } => {
            let shown = amount(*minor, currency.as_str());
            format!("{} {} for each sale", shown.text, shown.currency)
        }
    };
    if terms.products.is_empty() { pay } else { format!("{pay}, {} products differ", terms.products.len()) }
}

pub(super) fn sample_sums() -> Vec<Sums> {
    let totals = |currency: &str| Totals { currency: currency.into(), sales: 3, ..Totals::default() };
    vec![shown(&totals("usd")), shown(&totals("jpy"))]
}

impl PartnersPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let line = Line {
            href: "/partners/anna".into(),
            handle: odd.into(),
            name: odd.into(),
            status: pill("active"),
            pay: odd.into(),
            codes: odd.into(),
            totals: sample_sums(),
        };
        let idle = Line { totals: vec![], status: pill("inactive"), ..line.clone() };
        Self { frame: Frame::sample("/partners", "test"), lines: vec![line, idle] }
    }
}
