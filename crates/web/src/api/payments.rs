//! Payments that belong to no known sale.

use axum::Json;
use axum::extract::State;
use kernel::time;
use serde::{Deserialize, Serialize};
use store::read::payments::page;

use super::{books, page_rows};
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub(super) struct Query {
    book: Option<String>,
    limit: Option<i64>,
    /// `created_at~payment` of the last row of the page before.
    after: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Page {
    book: String,
    payments: Vec<Line>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Line {
    payment: String,
    currency: String,
    amount_minor: i64,
    created_at: String,
}

fn place(text: &str) -> Option<(i64, String)> {
    let (at, payment) = text.split_once('~')?;
    let clean = !payment.contains('\0');
    clean.then_some((at.parse().ok()?, payment.to_owned()))
}

pub(super) async fn unlinked(
    State(app): State<App>,
    Params(query): Params<Query>,
) -> Result<Json<Page>, Trouble> {
    let after = match query.after.as_deref() {
        None => (-1, String::new()),
        Some(text) => place(text).ok_or_else(|| {
            Trouble::bad_input("`after` is no place in this list", "send back `next` as it was given")
        })?,
    };
    let limit = page_rows(query.limit);
    let answer = app.ask(move |house| -> Result<_, Trouble> {
        let known = books::one(house, query.book.as_deref())?;
        let rows = house.db().read(|read| -> Result<_, engine::EngineError> {
            Ok(page(read, known.id, (after.0, &after.1), limit)?)
        })?;
        let last = rows.last().filter(|_| rows.len() as i64 == limit);
        let next = last.map(|row| format!("{}~{}", row.created_at, row.reference));
        let line = |row: &store::read::payments::Unlinked| Line {
            payment: row.reference.clone(),
            currency: row.currency.clone(),
            amount_minor: row.amount_minor,
            created_at: time::rfc3339(row.created_at),
        };
        Ok(Page { book: known.book.label(), payments: rows.iter().map(line).collect(), next })
    });
    Ok(Json(answer.await?))
}
