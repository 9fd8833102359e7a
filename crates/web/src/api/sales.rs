//! Sales of a book, and the whole argument of one.

use axum::Json;
use axum::extract::State;
use engine::explain::{Explanation, explain};
use engine::leakage::{Leakage, code_used, leakage};
use kernel::time;
use serde::{Deserialize, Serialize};
use store::read::sales::{Place, SaleLine, Wanted, page, page_leaked};

use super::{books, page_rows};
use crate::change::read_book;
use crate::console::sales::{REASONS, place, place_text};
use crate::error::Trouble;
use crate::extract::{Params, Piece};
use crate::state::App;

#[derive(Deserialize)]
pub(super) struct Query {
    book: Option<String>,
    partner: Option<String>,
    reason: Option<String>,
    limit: Option<i64>,
    before: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Page {
    book: String,
    as_of: Option<String>,
    sales: Vec<Line>,
    /// What to send as `before` for the next page.
    next: Option<String>,
}

#[derive(Serialize)]
struct Line {
    sale: String,
    partner: Option<String>,
    code: Option<String>,
    reason: String,
    currency: String,
    total_minor: i64,
    net_sold_minor: i64,
    net_minor: i64,
    commission_minor: i64,
    status: String,
    sale_at: String,
}

pub(super) async fn list(
    State(app): State<App>,
    Params(query): Params<Query>,
) -> Result<Json<Page>, Trouble> {
    let wanted_place = behind(query.before.as_deref())?;
    if query.reason.as_deref().is_some_and(|reason| !REASONS.contains(&reason)) {
        return Err(Trouble::bad_input(
            "there is no such reason",
            "nobody, code_unmapped, discount_unresolved, ...",
        ));
    }
    let limit = page_rows(query.limit);
    let answer = app.ask(move |house| -> Result<_, Trouble> {
        let known = books::one(house, query.book.as_deref())?;
        let partner =
            query.partner.as_deref().map(|text| crate::change::known_handle(house, text)).transpose()?;
        let wanted = Wanted {
            book: known.id,
            as_of: known.newest_at,
            partner: partner.as_ref().map(kernel::operator::Handle::as_str),
            reason: query.reason.as_deref(),
            place: wanted_place,
            limit,
        };
        let rows = house.db().read(|read| -> Result<_, engine::EngineError> { Ok(page(read, &wanted)?) })?;
        let last = rows.last().filter(|_| rows.len() as i64 == limit);
        let next = last.map(place_text);
        let sales = rows.into_iter().map(line).collect();
        Ok(Page { book: known.book.label(), as_of: books::as_of(&known), sales, next })
    });
    Ok(Json(answer.await?))
}

fn behind(before: Option<&str>) -> Result<Place, Trouble> {
    before.map_or(Ok(Place::start()), |text| {
        place(text).ok_or_else(|| {
            Trouble::bad_input("`before` is no place in this list", "send back `next` as it was given")
        })
    })
}

#[derive(Deserialize)]
pub(super) struct LeakageQuery {
    book: Option<String>,
    limit: Option<i64>,
    before: Option<String>,
}

#[derive(Serialize)]
pub(super) struct LeakagePage {
    leakage: Vec<Leakage>,
    book: String,
    sales: Vec<Line>,
    /// What to send as `before` for the next page.
    next: Option<String>,
}

pub(super) async fn leaked(
    State(app): State<App>,
    Params(query): Params<LeakageQuery>,
) -> Result<Json<LeakagePage>, Trouble> {
    let (place, limit) = (behind(query.before.as_deref())?, page_rows(query.limit));
    let answer = app.ask(move |house| -> Result<_, Trouble> {
        let known = books::one(house, query.book.as_deref())?;
        let wanted =
            Wanted { book: known.id, as_of: known.newest_at, partner: None, reason: None, place, limit };
        let rows =
            house.db().read(|read| -> Result<_, engine::EngineError> { Ok(page_leaked(read, &wanted)?) })?;
        let last = rows.last().filter(|_| rows.len() as i64 == limit);
        let next = last.map(place_text);
        let mut sales: Vec<Line> = rows.into_iter().map(line).collect();
        for sale in sales.iter_mut().filter(|sale| sale.code.is_none() && sale.reason != "nobody") {
            sale.code = code_used(house, &known.book, &sale.sale)?;
        }
        Ok(LeakagePage { leakage: leakage(house, None)?, book: known.book.label(), sales, next })
    });
    Ok(Json(answer.await?))
}

fn line(row: SaleLine) -> Line {
    Line {
        sale: row.sale,
        partner: row.partner,
        code: row.code,
        reason: row.reason,
        currency: row.currency,
        total_minor: row.total_minor,
        net_sold_minor: row.net_sold_minor,
        net_minor: row.net_minor,
        commission_minor: row.commission_minor,
        status: row.status,
        sale_at: time::rfc3339(row.sale_at),
    }
}

#[derive(Deserialize)]
pub(super) struct ExplainQuery {
    book: Option<String>,
}

pub(super) async fn explained(
    State(app): State<App>,
    Piece(id): Piece,
    Params(query): Params<ExplainQuery>,
) -> Result<Json<Vec<Explanation>>, Trouble> {
    let book = query.book.as_deref().filter(|label| !label.is_empty()).map(read_book).transpose()?;
    let found = app.ask(move |house| explain(house, book.as_ref(), &id)).await?;
    if found.is_empty() { Err(Trouble::not_found("sale")) } else { Ok(Json(found)) }
}
