//! Leakage: discounted sales without a partner, as a share and as a list to go through.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::leakage::{Leakage, code_used, leakage};
use engine::{EngineError, House};
use kernel::Book;
use serde::Deserialize;
use store::read::sales::{Place, Wanted, page_leaked};

use super::form::render;
use super::frame::{Frame, Scene};
use super::sales::{Line, line, place, place_text, sample_line};
use super::show::{Amount, amount, count, encode, rate};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
    before: Option<String>,
}

/// One currency of the book.
#[derive(Clone, Debug)]
pub struct Share {
    pub currency: String,
    pub discounted: String,
    pub without: String,
    pub share: String,
    pub sold: Amount,
}

#[derive(Template)]
#[template(path = "leakage.html")]
pub struct LeakagePage {
    pub frame: Frame,
    pub shares: Vec<Share>,
    pub lines: Vec<Line>,
    pub older: String,
}

const PAGE_ROWS: i64 = 50;

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/sales/leakage", query.book);
    let place = match &query.before {
        None => Place::start(),
        Some(text) => place(text).ok_or_else(|| Trouble::not_found("page"))?,
    };
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let (book, as_of) = (frame.known.id, frame.known.newest_at);
        let wanted = Wanted { book, as_of, partner: None, reason: None, place, limit: PAGE_ROWS };
        let rows =
            house.db().read(|read| -> Result<_, engine::EngineError> { Ok(page_leaked(read, &wanted)?) })?;
        let last = rows.last().filter(|_| rows.len() as i64 == PAGE_ROWS);
        let older = last.map_or_else(String::new, |row| {
            format!("/sales/leakage{}&before={}", frame.query(), encode(&place_text(row)))
        });
        let shares = shares(house, &frame.known.book)?;
        let mut lines: Vec<Line> = rows.iter().map(|row| line(row, &frame)).collect();
        for (line, row) in lines.iter_mut().zip(&rows) {
            if line.code.is_empty() && row.reason != "nobody" {
                line.code = code_used(house, &frame.known.book, &row.sale)?.unwrap_or_default();
            }
        }
        Ok(LeakagePage { frame, shares, lines, older })
    });
    render(&page.await?)
}

/// One for each currency that has a discounted sale.
pub(super) fn shares(house: &House, book: &Book) -> Result<Vec<Share>, EngineError> {
    Ok(leakage(house, Some(book))?.iter().map(share).collect())
}

fn share(leakage: &Leakage) -> Share {
    Share {
        currency: leakage.currency.to_uppercase(),
        discounted: count(leakage.discounted),
        without: count(leakage.without_partner),
        share: rate(leakage.leakage_bps),
        sold: amount(leakage.net_sold_minor, &leakage.currency),
    }
}

impl LeakagePage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/sales/leakage", "live");
        let share = Share {
            currency: odd.into(),
            discounted: "12".into(),
            without: "3".into(),
            share: rate(2500),
            sold: amount(4200, "usd"),
        };
        let lines = vec![line(&sample_line(odd), &frame)];
        Self { frame, shares: vec![share], lines, older: "/sales/leakage?before=1".into() }
    }
}
