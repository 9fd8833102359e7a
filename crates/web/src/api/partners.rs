//! Partners: who they are, what they brought and are owed, and whether they are active.

use axum::Json;
use axum::extract::State;
use engine::House;
use kernel::operator::{Action, Handle};
use kernel::time;
use serde::{Deserialize, Serialize};
use store::read::overview::Totals;

use super::terms::{Pays, terms_of};
use super::{ACTOR, books};
use crate::change::{act, known_handle, read_handle, read_line, read_time_if, request};
use crate::console::frame::KnownBook;
use crate::error::Trouble;
use crate::extract::{Input, MaybeInput, Params, Piece};
use crate::state::App;

#[derive(Serialize)]
pub(super) struct PartnerLine {
    handle: String,
    id: String,
    name: String,
    email: String,
    active: bool,
    added_at: String,
    #[serde(flatten)]
    pays: Pays,
    totals: Vec<TotalsLine>,
}

#[derive(Serialize)]
struct TotalsLine {
    book: String,
    currency: String,
    sales: i64,
    net_sold_minor: i128,
    net_minor: i128,
    pending_minor: i128,
    available_minor: i128,
    held_minor: i128,
}

#[derive(Deserialize)]
pub(super) struct Query {
    book: Option<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    Params(query): Params<Query>,
) -> Result<Json<Vec<PartnerLine>>, Trouble> {
    let now = app.now();
    let lines = app.ask(move |house| {
        let books = books::wanted(house, query.book.as_deref())?;
        lines(house, &books, None, now)
    });
    Ok(Json(lines.await?))
}

pub(super) async fn one(
    State(app): State<App>,
    Piece(handle): Piece,
    Params(query): Params<Query>,
) -> Result<Json<PartnerLine>, Trouble> {
    let now = app.now();
    let lines = app.ask(move |house| {
        let handle = known_handle(house, &handle)?;
        let books = books::wanted(house, query.book.as_deref())?;
        lines(house, &books, Some(&handle), now)
    });
    lines.await?.into_iter().next().map(Json).ok_or_else(|| Trouble::not_found("partner"))
}

fn lines(
    house: &House,
    books: &[KnownBook],
    only: Option<&Handle>,
    now: i64,
) -> Result<Vec<PartnerLine>, Trouble> {
    let registry = house.current_registry()?;
    let partners = registry.partners().filter(|partner| only.is_none_or(|handle| partner.handle == *handle));
    let mut lines = Vec::new();
    for partner in partners {
        let Some(newest) = partner.terms.last() else { continue };
        lines.push(PartnerLine {
            handle: partner.handle.to_string(),
            id: partner.id.clone(),
            name: partner.name.clone(),
            email: partner.email.clone(),
            active: partner.is_active(now),
            added_at: time::rfc3339(partner.added_at),
            pays: Pays::of(&newest.terms),
            totals: Vec::new(),
        });
    }
    let handles: Vec<String> = lines.iter().map(|line| line.handle.clone()).collect();
    for known in books {
        let rows = house.db().read(|read| -> Result<_, engine::EngineError> {
            Ok(store::read::partners::totals(read, known.id, known.newest_at, handles.clone())?)
        })?;
        for (handle, totals) in rows {
            if let Some(line) = lines.iter_mut().find(|line| line.handle == handle) {
                line.totals.push(totals_line(known, totals));
            }
        }
    }
    Ok(lines)
}

fn totals_line(known: &KnownBook, totals: Totals) -> TotalsLine {
    TotalsLine {
        book: known.book.label(),
        currency: totals.currency,
        sales: totals.sales,
        net_sold_minor: totals.net_sold_minor,
        net_minor: totals.net_minor,
        pending_minor: totals.pending_minor,
        available_minor: totals.available_minor,
        held_minor: totals.held_minor,
    }
}

/// What an accepted change answers: its number in the operator log, and the booked sales it altered.
#[derive(Serialize)]
pub(super) struct Done {
    seq: i64,
    changes: Vec<engine::operate::Change>,
}

pub(super) async fn done(
    app: &App,
    action: impl FnOnce(&House) -> Result<Action, Trouble> + Send + 'static,
    from: Option<i64>,
    retroactive: bool,
) -> Result<Json<Done>, Trouble> {
    let now = app.now();
    let outcome =
        app.ask(move |house| act(house, &request(ACTOR, action(house)?, from, retroactive), now)).await?;
    Ok(Json(Done { seq: outcome.seq, changes: outcome.changes }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartnerAdd {
    handle: String,
    name: String,
    email: String,
    rate_bps: Option<i64>,
    fixed_minor: Option<i64>,
    currency: Option<String>,
    hold_days: Option<i64>,
}

/// The accepted line, and the partner that it made.
#[derive(Serialize)]
pub(super) struct Added {
    #[serde(flatten)]
    done: Done,
    partner: Option<PartnerLine>,
}

pub(super) async fn add(
    State(app): State<App>,
    Input(body): Input<PartnerAdd>,
) -> Result<Json<Added>, Trouble> {
    let handle = read_handle(&body.handle)?;
    let action = Action::PartnerAdd {
        handle: handle.clone(),
        name: read_line(&body.name, "name")?,
        email: read_line(&body.email, "e-mail address")?,
        terms: terms_of(body.rate_bps, body.fixed_minor, body.currency, body.hold_days)?,
    };
    let Json(done) = done(&app, move |_| Ok(action), None, false).await?;
    let now = app.now();
    let lines = app.ask(move |house| lines(house, &[], Some(&handle), now)).await?;
    Ok(Json(Added { done, partner: lines.into_iter().next() }))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Change {
    from: Option<String>,
    retroactive: bool,
}

pub(super) async fn activate(
    app: State<App>,
    piece: Piece,
    body: MaybeInput<Change>,
) -> Result<Json<Done>, Trouble> {
    set_status(app, piece, body, true).await
}

pub(super) async fn deactivate(
    app: State<App>,
    piece: Piece,
    body: MaybeInput<Change>,
) -> Result<Json<Done>, Trouble> {
    set_status(app, piece, body, false).await
}

async fn set_status(
    State(app): State<App>,
    Piece(handle): Piece,
    MaybeInput(body): MaybeInput<Change>,
    active: bool,
) -> Result<Json<Done>, Trouble> {
    let from = read_time_if(body.from.as_deref())?;
    let action =
        move |house: &House| Ok(Action::PartnerStatus { handle: known_handle(house, &handle)?, active });
    done(&app, action, from, body.retroactive).await
}
