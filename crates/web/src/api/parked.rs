//! What is wrong: alerts, and what is parked, by reason, with what an operator makes of it.

use axum::Json;
use axum::extract::State;
use engine::alert::AlertView;
use engine::events::{EventDetail, quarantined as in_quarantine, show};
use engine::parked::{self, ParkedGroup, Which};
use serde::{Deserialize, Serialize};

use super::events::Retried;
use super::{ACTOR, page_rows};
use crate::error::Trouble;
use crate::extract::{Input, Params, Piece};
use crate::state::App;

pub(super) async fn groups(State(app): State<App>) -> Result<Json<Vec<ParkedGroup>>, Trouble> {
    Ok(Json(app.ask(parked::groups).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetryInput {
    reason: Option<String>,
    #[serde(default)]
    all: bool,
}

pub(super) async fn retry(
    State(app): State<App>,
    Input(input): Input<RetryInput>,
) -> Result<Json<Retried>, Trouble> {
    let which = match (input.reason, input.all) {
        (Some(reason), false) => Which::Reason(reason),
        (None, true) => Which::All,
        _ => return Err(Trouble::bad_input("what to try again is not said", "give reason, or all: true")),
    };
    let now = app.now();
    let retried = app.ask(move |house| parked::retry(house, &which, ACTOR, now)).await?;
    Ok(Json(Retried { retried }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscardInput {
    reason: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscardOneInput {
    why: String,
}

#[derive(Serialize)]
pub(super) struct Discarded {
    /// Parked events that were given up; 0 when none was parked.
    discarded: usize,
}

pub(super) async fn discard(
    State(app): State<App>,
    Input(input): Input<DiscardInput>,
) -> Result<Json<Discarded>, Trouble> {
    let now = app.now();
    let which = Which::Reason(input.reason);
    let discarded = app.ask(move |house| parked::discard(house, &which, &input.why, ACTOR, now)).await?;
    Ok(Json(Discarded { discarded }))
}

pub(super) async fn discard_one(
    State(app): State<App>,
    Piece(id): Piece,
    Input(input): Input<DiscardOneInput>,
) -> Result<Json<Discarded>, Trouble> {
    let now = app.now();
    let discarded = app.ask(move |house| -> Result<_, Trouble> {
        if show(house, &id)?.is_empty() {
            return Err(Trouble::not_found("event"));
        }
        Ok(parked::discard(house, &Which::Ids(vec![id]), &input.why, ACTOR, now)?)
    });
    Ok(Json(Discarded { discarded: discarded.await? }))
}

pub(super) async fn quarantined(
    State(app): State<App>,
    Piece(number): Piece,
) -> Result<Json<EventDetail>, Trouble> {
    let nothing = || Trouble::not_found("number in quarantine");
    let number: i64 = number.parse().map_err(|_| nothing())?;
    app.ask(move |house| in_quarantine(house, number)).await?.map(Json).ok_or_else(nothing)
}

#[derive(Deserialize)]
pub(super) struct AlertsQuery {
    #[serde(default)]
    all: bool,
    limit: Option<i64>,
}

pub(super) async fn alerts(
    State(app): State<App>,
    Params(query): Params<AlertsQuery>,
) -> Result<Json<Vec<AlertView>>, Trouble> {
    let limit = page_rows(query.limit);
    Ok(Json(app.ask(move |house| engine::alert::list(house, !query.all, limit)).await?))
}
