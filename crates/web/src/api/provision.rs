//! Codes made at Stripe for a partner, replaced and ended, and the intents by which that is done. Answers wait
//! for Stripe for as long as its calls take; what is not finished then goes on by itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::House;
use engine::deliver::begin::{self, Asking, BeginError, Begun};
use engine::deliver::change;
use engine::deliver::drift::{Drift, drift};
use engine::deliver::run::run;
use engine::deliver::{CodeAsk, IntentView, Stripe};
use kernel::{Book, UnixMs};
use serde::Deserialize;

use super::ACTOR;
use crate::change::{known_handle, read_book};
use crate::error::Trouble;
use crate::extract::{Input, MaybeInput, Params, Piece};
use crate::state::{App, Clock};

/// What a handler needs to make something at Stripe, where blocking is allowed.
struct Desk<'a> {
    house: &'a House,
    stripe: Arc<dyn Stripe>,
    clock: Clock,
    request_key: Option<String>,
}

impl Desk<'_> {
    fn asking(&self) -> Asking {
        Asking { actor: ACTOR.to_owned(), request_key: self.request_key.clone(), now: (self.clock)() }
    }

    /// Tries once; what has to wait goes on under the courier.
    fn carry(&self, begun: &Begun) -> Result<Made, Trouble> {
        let was_done = begun.intent.state == "done";
        let ran = run(self.house, &*self.stripe, &begun.intent.id, &*self.clock)?;
        Ok(Made { intent: ran.intent, was_done })
    }
}

pub(super) struct Made {
    intent: IntentView,
    was_done: bool,
}

impl IntoResponse for Made {
    fn into_response(self) -> Response {
        let place = format!("/api/v1/intents/{}", self.intent.id);
        let status = match self.intent.state.as_str() {
            "done" if self.was_done => StatusCode::OK,
            "done" => StatusCode::CREATED,
            "refused" => {
                let reason = self.intent.reason.as_deref().unwrap_or_default();
                let message = format!("{reason} (nothing is left behind; see {place})");
                return Trouble::conflict(message, "choose another code, or adopt the one that is there")
                    .into_response();
            }
            _ => StatusCode::ACCEPTED,
        };
        (status, [(header::LOCATION, place)], Json(self.intent)).into_response()
    }
}

async fn make(
    app: App,
    headers: &HeaderMap,
    work: impl FnOnce(&Desk<'_>) -> Result<Made, Trouble> + Send + 'static,
) -> Result<Made, Trouble> {
    let request_key = read_key(headers)?;
    let (stripe, clock) = (Arc::clone(&app.stripe), Arc::clone(&app.clock));
    app.ask(move |house| work(&Desk { house, stripe, clock, request_key })).await
}

/// `Idempotency-Key`, as the caller chose it.
fn read_key(headers: &HeaderMap) -> Result<Option<String>, Trouble> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let fits = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(Some(text.to_owned()))
    } else {
        Err(Trouble::bad_input("the Idempotency-Key cannot be used", "1 to 255 visible ASCII characters"))
    }
}

impl From<BeginError> for Trouble {
    fn from(why: BeginError) -> Self {
        match why {
            BeginError::Unclear(why) => unclear(why),
            BeginError::KeyReused(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                why.to_string(),
                "a new request needs a new Idempotency-Key",
            ),
            BeginError::Conflict(why) => {
                Self::conflict(why, "look at what is on record, then ask for something else")
            }
            BeginError::NoPartner(_) => Self::not_found("partner"),
            BeginError::NoKey(why) => Self::new(
                StatusCode::CONFLICT,
                "no_stripe_key",
                why,
                "set the key for the server, or adopt a code made in Stripe's dashboard",
            ),
            BeginError::Unreachable(why) => {
                Self::new(StatusCode::BAD_GATEWAY, "stripe_unavailable", why, "try again in a minute")
            }
            BeginError::Engine(why) => why.into(),
        }
    }
}

fn unclear(why: String) -> Trouble {
    Trouble::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "unclear",
        why,
        "see /api/openapi.json for the fields of a code",
    )
}

pub(super) async fn create(
    State(app): State<App>,
    Piece(handle): Piece,
    headers: HeaderMap,
    Input(ask): Input<CodeAsk>,
) -> Result<Made, Trouble> {
    make(app, &headers, move |desk| {
        let partner = known_handle(desk.house, &handle)?;
        let asked = ask.read((desk.clock)()).map_err(unclear)?;
        let book = begin::book(desk.house, &*desk.stripe, asked.book.as_ref())?;
        let begun = begin::create(desk.house, &partner, &asked, &book, &desk.asking())?;
        desk.carry(&begun)
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeRotate {
    /// The new text.
    code: String,
    book: Option<String>,
}

pub(super) async fn rotate(
    State(app): State<App>,
    Piece(old): Piece,
    headers: HeaderMap,
    Input(body): Input<CodeRotate>,
) -> Result<Made, Trouble> {
    make(app, &headers, move |desk| {
        let book = body.book.as_deref().map(read_book).transpose()?;
        let asking = desk.asking();
        let begun = change::rotate(desk.house, &*desk.stripe, &old, &body.code, book.as_ref(), &asking)?;
        desk.carry(&begun)
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeDeactivate {
    book: Option<String>,
}

pub(super) async fn deactivate(
    State(app): State<App>,
    Piece(code): Piece,
    headers: HeaderMap,
    MaybeInput(body): MaybeInput<CodeDeactivate>,
) -> Result<Made, Trouble> {
    make(app, &headers, move |desk| {
        let book = body.book.as_deref().map(read_book).transpose()?;
        let held = change::held(desk.house, &code, book.as_ref(), (desk.clock)())?;
        let begun = change::deactivate(desk.house, &*desk.stripe, &held, &desk.asking())?;
        desk.carry(&begun)
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct BookQuery {
    book: Option<String>,
}

pub(super) async fn drifted(
    State(app): State<App>,
    Params(query): Params<BookQuery>,
) -> Result<Json<Drift>, Trouble> {
    let (stripe, now): (Arc<dyn Stripe>, UnixMs) = (Arc::clone(&app.stripe), app.now());
    let drift = app.ask(move |house| -> Result<Drift, Trouble> {
        let named: Option<Book> = query.book.as_deref().map(read_book).transpose()?;
        let book = begin::book(house, &*stripe, named.as_ref())?;
        Ok(drift(house, &*stripe, &book, now)?)
    });
    Ok(Json(drift.await?))
}

#[derive(Deserialize)]
pub(super) struct Page {
    limit: Option<i64>,
    before: Option<String>,
}

pub(super) async fn intents(
    State(app): State<App>,
    Params(page): Params<Page>,
) -> Result<Json<Vec<IntentView>>, Trouble> {
    let limit = super::page_rows(page.limit);
    let found = app.ask(move |house| engine::deliver::list(house, page.before.as_deref(), limit));
    Ok(Json(found.await?))
}

pub(super) async fn intent(State(app): State<App>, Piece(id): Piece) -> Result<Json<IntentView>, Trouble> {
    let now = app.now();
    let found = app.ask(move |house| engine::deliver::run::standing(house, &id, now));
    let found = found.await?.ok_or_else(|| Trouble::not_found("intent"))?;
    Ok(Json(found.intent))
}
