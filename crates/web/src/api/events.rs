//! Events: received, with what became of them, and the way to try one again.

use axum::Json;
use axum::extract::State;
use engine::events::{EventDetail, EventFilter, EventRow, list, retry, show};
use serde::{Deserialize, Serialize};

use super::page_rows;
use crate::console::events::STATES;
use crate::error::Trouble;
use crate::extract::{Params, Piece};
use crate::state::App;

#[derive(Deserialize)]
pub(super) struct Query {
    state: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    limit: Option<i64>,
    before: Option<i64>,
}

pub(super) async fn listed(
    State(app): State<App>,
    Params(query): Params<Query>,
) -> Result<Json<Vec<EventRow>>, Trouble> {
    if query.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
        return Err(Trouble::bad_input("there is no such state", "pending, done, parked or quarantined"));
    }
    let limit = usize::try_from(page_rows(query.limit)).unwrap_or(100);
    let filter =
        EventFilter { state: query.state, event_type: query.event_type, before_seq: query.before, limit };
    Ok(Json(app.ask(move |house| list(house, &filter)).await?))
}

pub(super) async fn one(State(app): State<App>, Piece(id): Piece) -> Result<Json<Vec<EventDetail>>, Trouble> {
    let details = app.ask(move |house| show(house, &id)).await?;
    if details.is_empty() { Err(Trouble::not_found("event")) } else { Ok(Json(details)) }
}

#[derive(Serialize)]
pub(super) struct Retried {
    /// Parked bodies of this event that are tried again; 0 when none was parked.
    retried: usize,
}

pub(super) async fn again(State(app): State<App>, Piece(id): Piece) -> Result<Json<Retried>, Trouble> {
    let retried = app.ask(move |house| -> Result<_, Trouble> {
        if show(house, &id)?.is_empty() {
            return Err(Trouble::not_found("event"));
        }
        Ok(retry(house, &id)?)
    });
    Ok(Json(Retried { retried: retried.await? }))
}
