//! Looking things up: which types of event are handled, how reconciling stands, and what somebody has in hand leads to.

use axum::Json;
use axum::extract::State;
use engine::audit::reconcile::{self, stands};
use engine::search::{Hit, find};
use engine::types::TypeRow;
use serde::{Deserialize, Serialize};

use super::books;
use crate::error::Trouble;
use crate::extract::{Input, Params};
use crate::state::App;

#[derive(Deserialize)]
pub(super) struct Query {
    book: Option<String>,
}

pub(super) async fn types(
    State(app): State<App>,
    Params(query): Params<Query>,
) -> Result<Json<Vec<TypeRow>>, Trouble> {
    let rows = app.ask(move |house| -> Result<_, Trouble> {
        let known = books::one(house, query.book.as_deref())?;
        Ok(engine::types::types(house, &known.book)?)
    });
    Ok(Json(rows.await?))
}

pub(super) async fn reconciled(
    State(app): State<App>,
    Params(query): Params<Query>,
) -> Result<Json<reconcile::State>, Trouble> {
    let state = app.ask(move |house| -> Result<_, Trouble> {
        let known = books::one(house, query.book.as_deref())?;
        Ok(stands(house, &known.book)?)
    });
    Ok(Json(state.await?))
}

/// In a body and not in the address: addresses of pages are written down where they pass, and this may be a customer's
/// e-mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchInput {
    text: String,
}

#[derive(Serialize)]
pub(super) struct Found {
    /// `event`, `sale`, `customer` or `partner`.
    what: &'static str,
    id: String,
    book: Option<String>,
}

pub(super) async fn search(
    State(app): State<App>,
    Input(input): Input<SearchInput>,
) -> Result<Json<Vec<Found>>, Trouble> {
    let hits = app.ask(move |house| find(house, &input.text)).await?;
    Ok(Json(hits.into_iter().map(found).collect()))
}

fn found(hit: Hit) -> Found {
    let (what, id, book) = match hit {
        Hit::Event { id } => ("event", id, None),
        Hit::Sale { id, book } => ("sale", id, Some(book.label())),
        Hit::Customer { id, book } => ("customer", id, Some(book.label())),
        Hit::Partner { handle } => ("partner", handle, None),
    };
    Found { what, id, book }
}
