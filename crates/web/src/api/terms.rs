//! What partners earn: every version of their terms, new ones, and the beginning of the program.

use axum::Json;
use axum::extract::State;
use engine::House;
use kernel::operator::{Action, Binds, Pay, Terms};
use kernel::time;
use serde::{Deserialize, Serialize};

use super::partners::{Done, done};
use crate::change::{TermsText, known_handle, read_binds, read_book, read_time, read_time_if};
use crate::error::Trouble;
use crate::extract::{Input, Params, Piece};
use crate::state::App;

#[derive(Serialize)]
pub(super) struct Pays {
    rate_bps: Option<i64>,
    fixed_minor: Option<i64>,
    fixed_currency: Option<String>,
    hold_days: i64,
}

impl Pays {
    pub(super) fn of(terms: &Terms) -> Self {
        let (rate_bps, fixed_minor, fixed_currency) = match &terms.pay {
            Pay::RateBps(bps) => (Some(*bps), None, None),
            Pay::Fixed { minor, currency } => (None, Some(*minor), Some(currency.to_string())),
        };
        Self { rate_bps, fixed_minor, fixed_currency, hold_days: terms.hold_days }
    }
}

pub(super) fn terms_of(
    rate_bps: Option<i64>,
    fixed_minor: Option<i64>,
    currency: Option<String>,
    hold_days: Option<i64>,
) -> Result<Terms, Trouble> {
    let fixed = fixed_minor.map(|minor| (minor, currency.unwrap_or_default()));
    TermsText { rate_bps, fixed, hold_days }.read()
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

pub(super) async fn set(
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

pub(super) async fn list(
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
