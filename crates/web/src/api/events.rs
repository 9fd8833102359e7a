//! Events: received, with what became of them, and the way to try one again.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use engine::events::{EventDetail, EventFilter, EventRow, STATES, page, show};
use engine::parked::{Which, retry};
use serde::{Deserialize, Serialize};

use super::{ACTOR, page_rows};
use crate::console::show::encode;
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
) -> Result<(HeaderMap, Json<Vec<EventRow>>), Trouble> {
    if query.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
        return Err(Trouble::bad_input(
            "there is no such state",
            "pending, done, parked, discarded or quarantined",
        ));
    }
    let limit = usize::try_from(page_rows(query.limit)).unwrap_or(100);
    let filter =
        EventFilter { state: query.state, event_type: query.event_type, before_seq: query.before, limit };
    let asked = filter.clone();
    let listed = app.ask(move |house| page(house, &asked)).await?;
    let mut headers = HeaderMap::new();
    if let Some(link) = listed.searched_to.and_then(|seq| next(&filter, seq)) {
        headers.insert(header::LINK, link);
    }
    Ok((headers, Json(listed.rows)))
}

/// Where a search for a type goes on that stopped before it had looked at every event.
fn next(filter: &EventFilter, before: i64) -> Option<HeaderValue> {
    let event_type = encode(filter.event_type.as_deref()?);
    let state = filter.state.as_ref().map(|state| format!("&state={state}")).unwrap_or_default();
    let limit = filter.limit;
    let target = format!("/api/v1/events?type={event_type}{state}&limit={limit}&before={before}");
    HeaderValue::try_from(format!("<{target}>; rel=\"next\"")).ok()
}

pub(super) async fn one(State(app): State<App>, Piece(id): Piece) -> Result<Json<Vec<EventDetail>>, Trouble> {
    let details = app.ask(move |house| show(house, &id)).await?;
    if details.is_empty() { Err(Trouble::not_found("event")) } else { Ok(Json(details)) }
}

#[derive(Serialize)]
pub(super) struct Retried {
    /// Parked events that are tried again; 0 when none was parked.
    pub(super) retried: usize,
}

pub(super) async fn again(State(app): State<App>, Piece(id): Piece) -> Result<Json<Retried>, Trouble> {
    let now = app.now();
    let retried = app.ask(move |house| -> Result<_, Trouble> {
        if show(house, &id)?.is_empty() {
            return Err(Trouble::not_found("event"));
        }
        Ok(retry(house, &Which::Ids(vec![id]), ACTOR, now)?)
    });
    Ok(Json(Retried { retried: retried.await? }))
}
