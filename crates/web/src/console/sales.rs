//! The sales of a book, newest first, all of them or one partner's.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::{EngineError, House};
use serde::Deserialize;
use store::read::sales::{Place, SaleLine, Wanted, page as sales_page};

use super::form::render;
use super::frame::{Frame, Scene};
use super::show::{Amount, Moment, Pill, amount, encode, moment, pill};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Clone, Default, Deserialize)]
pub struct Query {
    book: Option<String>,
    #[serde(default)]
    partner: String,
    /// A wire name of why a sale has (or has not) its partner.
    #[serde(default)]
    reason: String,
    /// The place where the last page ended, as `sale_at~sale~partner`.
    before: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub href: String,
    pub sale: String,
    pub at: Moment,
    pub partner: String,
    pub partner_href: String,
    pub code: String,
    pub reason: String,
    pub total: Amount,
    pub base: Amount,
    pub commission: Amount,
    pub status: Pill,
}

#[derive(Template)]
#[template(path = "sales.html")]
pub struct SalesPage {
    pub frame: Frame,
    pub partner: String,
    pub reason: String,
    pub reasons: &'static [&'static str],
    pub lines: Vec<Line>,
    pub older: String,
}

const PAGE_ROWS: usize = 50;

/// Reasons a sale can be listed for, in the order of the money rules.
pub const REASONS: [&str; 12] = [
    "manual",
    "existing_attribution",
    "promotion_code",
    "partner_ref",
    "client_reference_id",
    "coupon",
    "nobody",
    "code_unmapped",
    "coupon_ambiguous",
    "discount_unresolved",
    "partner_inactive",
    "before_start",
];

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/sales", query.book.clone());
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let place = match &query.before {
            None => Place::start(),
            Some(text) => place(text).ok_or_else(|| Trouble::not_found("page"))?,
        };
        let partner = (!query.partner.is_empty()).then_some(query.partner.as_str());
        let reason = (!query.reason.is_empty()).then_some(query.reason.as_str());
        if reason.is_some_and(|reason| !REASONS.contains(&reason)) || query.partner.contains('\0') {
            return Err(Trouble::not_found("page"));
        }
        let rows = rows(house, &frame, (partner, reason), place, PAGE_ROWS)?;
        let last = rows.last().filter(|_| rows.len() == PAGE_ROWS);
        let older = last.map_or_else(String::new, |row| {
            let before = encode(&place_text(row));
            let (partner, reason) = (encode(&query.partner), encode(&query.reason));
            format!("/sales{}&partner={partner}&reason={reason}&before={before}", frame.query())
        });
        let lines = rows.iter().map(|row| line(row, &frame)).collect();
        let (partner, reason) = (query.partner.clone(), query.reason.clone());
        Ok(SalesPage { frame, partner, reason, reasons: &REASONS, lines, older })
    });
    render(&page.await?)
}

pub(crate) fn rows(
    house: &House,
    frame: &Frame,
    (partner, reason): (Option<&str>, Option<&str>),
    place: Place,
    limit: usize,
) -> Result<Vec<SaleLine>, EngineError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let wanted = Wanted { book: frame.known.id, as_of: frame.known.newest_at, partner, reason, place, limit };
    house.db().read(|read| Ok(sales_page(read, &wanted)?))
}

/// `sale_at~sale~partner`; Stripe's ids and our handles carry no `~`.
pub(crate) fn place_text(row: &SaleLine) -> String {
    format!("{}~{}~{}", row.sale_at, row.sale, row.partner.as_deref().unwrap_or(""))
}

pub(crate) fn place(text: &str) -> Option<Place> {
    let (sale_at, rest) = text.split_once('~')?;
    let (sale, partner) = rest.rsplit_once('~')?;
    let clean = !text.contains('\0');
    clean.then_some(())?;
    Some(Place { sale_at: sale_at.parse().ok()?, sale: sale.to_owned(), partner: partner.to_owned() })
}

pub(super) fn line(row: &SaleLine, frame: &Frame) -> Line {
    let partner = row.partner.clone().unwrap_or_default();
    Line {
        href: format!("/sales/{}{}", encode(&row.sale), frame.query()),
        sale: row.sale.clone(),
        at: moment(row.sale_at),
        partner_href: format!("/partners/{}{}", encode(&partner), frame.query()),
        partner,
        code: row.code.clone().unwrap_or_default(),
        reason: row.reason.replace('_', " "),
        total: amount(row.total_minor, &row.currency),
        base: amount(row.net_minor, &row.currency),
        commission: amount(row.commission_minor, &row.currency),
        status: pill(&row.status),
    }
}

pub(super) fn sample_line(odd: &str) -> SaleLine {
    SaleLine {
        sale: odd.into(),
        partner: Some(odd.into()),
        code: Some(odd.into()),
        reason: odd.into(),
        currency: "usd".into(),
        total_minor: 2900,
        net_sold_minor: 2417,
        net_minor: 2417,
        commission_minor: 725,
        status: "available".into(),
        sale_at: 0,
    }
}

impl SalesPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/sales", "live");
        let nobody = SaleLine { partner: None, code: None, status: "none".into(), ..sample_line(odd) };
        let lines = vec![line(&sample_line(odd), &frame), line(&nobody, &frame)];
        Self {
            frame,
            partner: odd.into(),
            reason: odd.into(),
            reasons: &REASONS,
            lines,
            older: "/sales?before=1".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_again_and_nonsense_is_none() {
        let row = sample_line("in_1");
        let place = place(&place_text(&row)).expect("a place");
        assert_eq!((place.sale_at, place.sale.as_str(), place.partner.as_str()), (0, "in_1", "in_1"));
        for odd in ["", "1", "1~a", "x~a~b", "1~\0~b"] {
            assert_eq!(super::place(odd), None, "{odd}");
        }
    }
}
