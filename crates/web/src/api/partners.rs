//! Partners, their terms and status, and the beginning of the program.

use axum::Json;
use axum::extract::State;
use engine::House;
use kernel::operator::{Action, Binds, Handle, Pay, Terms};
use kernel::time;
use serde::{Deserialize, Serialize};
use store::read::overview::Totals;

use super::{ACTOR, books};
use crate::change::{
    TermsText, act, known_handle, read_binds, read_book, read_handle, read_line, read_time, read_time_if,
    request,
};
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
struct Pays {
    rate_bps: Option<i64>,
    fixed_minor: Option<i64>,
    fixed_currency: Option<String>,
    hold_days: i64,
}

impl Pays {
    fn of(terms: &Terms) -> Self {
        let (rate_bps, fixed_minor, fixed_currency) = match &terms.pay {
            Pay::RateBps(bps) => (Some(*bps), None, None),
            Pay::Fixed { minor, currency } => (None, Some(*minor), Some(currency.to_string())),
        };
        Self { rate_bps, fixed_minor, fixed_currency, hold_days: terms.hold_days }
    }
}

#[derive(Serialize)]
struct TotalsLine {
    book: String,
    currency: String,
    sales: i64,
    net_sold_minor: i64,
    net_minor: i64,
    pending_minor: i64,
    available_minor: i64,
    held_minor: i64,
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

async fn done(
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

fn terms_of(
    rate_bps: Option<i64>,
    fixed_minor: Option<i64>,
    currency: Option<String>,
    hold_days: Option<i64>,
) -> Result<Terms, Trouble> {
    let fixed = fixed_minor.map(|minor| (minor, currency.unwrap_or_default()));
    TermsText { rate_bps, fixed, hold_days }.read()
}

pub(super) async fn add(
    State(app): State<App>,
    Input(body): Input<PartnerAdd>,
) -> Result<Json<Done>, Trouble> {
    let action = Action::PartnerAdd {
        handle: read_handle(&body.handle)?,
        name: read_line(&body.name, "name")?,
        email: read_line(&body.email, "e-mail address")?,
        terms: terms_of(body.rate_bps, body.fixed_minor, body.currency, body.hold_days)?,
    };
    done(&app, move |_| Ok(action), None, false).await
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermsSet {
    binds: String,
    rate_bps: Option<i64>,
    fixed_minor: Option<i64>,
    currency: Option<String>,
    hold_days: Option<i64>,
    from: Option<String>,
    #[serde(default)]
    retroactive: bool,
}

pub(super) async fn terms_set(
    State(app): State<App>,
    Piece(handle): Piece,
    Input(body): Input<TermsSet>,
) -> Result<Json<Done>, Trouble> {
    let (binds, from) = (read_binds(&body.binds)?, read_time_if(body.from.as_deref())?);
    let terms = terms_of(body.rate_bps, body.fixed_minor, body.currency, body.hold_days)?;
    let action =
        move |house: &House| Ok(Action::TermsSet { handle: known_handle(house, &handle)?, terms, binds });
    done(&app, action, from, body.retroactive).await
}

#[derive(Deserialize)]
pub(super) struct TermsQuery {
    partner: Option<String>,
}

#[derive(Serialize)]
pub(super) struct TermsLine {
    partner: String,
    version: i64,
    #[serde(flatten)]
    pays: Pays,
    binds: &'static str,
    from: Option<String>,
}

pub(super) async fn terms_list(
    State(app): State<App>,
    Params(query): Params<TermsQuery>,
) -> Result<Json<Vec<TermsLine>>, Trouble> {
    let lines = app.ask(move |house| -> Result<_, Trouble> {
        let only = query.partner.as_deref().map(|text| known_handle(house, text)).transpose()?;
        let registry = house.current_registry()?;
        let mut lines = Vec::new();
        for partner in
            registry.partners().filter(|partner| only.as_ref().is_none_or(|one| partner.handle == *one))
        {
            for version in &partner.terms {
                lines.push(TermsLine {
                    partner: partner.handle.to_string(),
                    version: version.version,
                    pays: Pays::of(&version.terms),
                    binds: if version.binds == Binds::All { "all" } else { "new" },
                    from: version.from.map(time::rfc3339),
                });
            }
        }
        Ok(lines)
    });
    Ok(Json(lines.await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProgramStart {
    book: String,
    at: String,
    #[serde(default)]
    retroactive: bool,
}

pub(super) async fn program_start(
    State(app): State<App>,
    Input(body): Input<ProgramStart>,
) -> Result<Json<Done>, Trouble> {
    let action = Action::ProgramStart { book: read_book(&body.book)?, at: read_time(&body.at)? };
    done(&app, move |_| Ok(action), None, body.retroactive).await
}
