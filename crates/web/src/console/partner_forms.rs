//! The forms about partners: each reads its fields, asks the house, and goes back to the page.

use axum::extract::State;
use axum::response::Redirect;
use engine::operate::Adopt;
use kernel::operator::Action;
use serde::Deserialize;

use super::form::{Checked, Tokened};
use super::frame::ACTOR;
use super::show::encode;
use crate::change::{
    TermsText, act, act_adopt, known_handle, read_binds, read_book, read_handle, read_line, read_ref,
    read_time_if, request,
};
use crate::error::Trouble;
use crate::extract::{Params, Piece};
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
}

macro_rules! tokened {
    ($($form:ty),*) => {
        $(impl Tokened for $form {
            fn form_token(&self) -> &str {
                &self.form_token
            }
        })*
    };
}

tokened!(AddForm, AdoptForm, TermsForm, StatusForm);

#[derive(Deserialize)]
pub struct AddForm {
    form_token: String,
    handle: String,
    name: String,
    email: String,
    rate_percent: String,
    #[serde(default)]
    hold_days: String,
}

/// `15`, `12.5` or `0.05` as basis points; exact, no floating point.
pub(super) fn read_percent(text: &str) -> Result<i64, Trouble> {
    let wrong =
        || Trouble::bad_input("that is no percentage", "0 to 100 with at most two decimals, like 12.5");
    let text = text.trim().trim_end_matches('%').trim_end();
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    format!("{whole}{fraction:0<2}").parse().map_err(|_| wrong())
}

fn read_days(text: &str) -> Result<Option<i64>, Trouble> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| Trouble::bad_input("that is no number of days", "a whole number, like 30"))
}

fn terms_text(rate_percent: &str, hold_days: &str) -> Result<TermsText, Trouble> {
    Ok(TermsText {
        rate_bps: Some(read_percent(rate_percent)?),
        fixed: None,
        hold_days: read_days(hold_days)?,
    })
}

pub(super) async fn add(
    State(app): State<App>,
    Params(query): Params<Query>,
    Checked(form): Checked<AddForm>,
) -> Result<Redirect, Trouble> {
    let handle = read_handle(&form.handle)?;
    let action = Action::PartnerAdd {
        handle: handle.clone(),
        name: read_line(&form.name, "name")?,
        email: read_line(&form.email, "e-mail address")?,
        terms: terms_text(&form.rate_percent, &form.hold_days)?.read()?,
    };
    let now = app.now();
    app.ask(move |house| act(house, &request(ACTOR, action, None, false), now)).await?;
    Ok(back(handle.as_str(), query, "partner_added"))
}

#[derive(Deserialize)]
pub struct AdoptForm {
    form_token: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    promotion_code: String,
    #[serde(default)]
    coupon: String,
    #[serde(default)]
    from: String,
    retroactive: Option<String>,
}

pub(super) async fn adopt(
    State(app): State<App>,
    Piece(handle): Piece,
    Params(query): Params<Query>,
    Checked(form): Checked<AdoptForm>,
) -> Result<Redirect, Trouble> {
    let book = query.book.as_deref().map(read_book).transpose()?;
    let code = Some(form.code.trim().to_owned()).filter(|code| !code.is_empty());
    let code = code.map(|code| read_line(&code, "code")).transpose()?;
    let promotion_code = read_ref(Some(&form.promotion_code))?;
    let (coupon, from) = (read_ref(Some(&form.coupon))?, read_time_if(Some(&form.from))?);
    let (now, retroactive, named) = (app.now(), form.retroactive.is_some(), handle.clone());
    app.ask(move |house| {
        let partner = known_handle(house, &named)?;
        let actor = ACTOR.to_owned();
        let wanted = Adopt { actor, partner, code, promotion_code, coupon, book, from, retroactive };
        act_adopt(house, &wanted, now)
    })
    .await?;
    Ok(back(&handle, query, "code_adopted"))
}

#[derive(Deserialize)]
pub struct TermsForm {
    form_token: String,
    rate_percent: String,
    #[serde(default)]
    hold_days: String,
    #[serde(default)]
    binds: String,
    #[serde(default)]
    from: String,
    retroactive: Option<String>,
}

pub(super) async fn terms(
    State(app): State<App>,
    Piece(handle): Piece,
    Params(query): Params<Query>,
    Checked(form): Checked<TermsForm>,
) -> Result<Redirect, Trouble> {
    let terms = terms_text(&form.rate_percent, &form.hold_days)?.read()?;
    let (binds, from) = (read_binds(&form.binds)?, read_time_if(Some(&form.from))?);
    let (now, retroactive, named) = (app.now(), form.retroactive.is_some(), handle.clone());
    app.ask(move |house| {
        let action = Action::TermsSet { handle: known_handle(house, &named)?, terms, binds };
        act(house, &request(ACTOR, action, from, retroactive), now)
    })
    .await?;
    Ok(back(&handle, query, "terms_set"))
}

#[derive(Deserialize)]
pub struct StatusForm {
    form_token: String,
    active: String,
}

pub(super) async fn status(
    State(app): State<App>,
    Piece(handle): Piece,
    Params(query): Params<Query>,
    Checked(form): Checked<StatusForm>,
) -> Result<Redirect, Trouble> {
    let (now, named, active) = (app.now(), handle.clone(), form.active == "yes");
    app.ask(move |house| {
        let action = Action::PartnerStatus { handle: known_handle(house, &named)?, active };
        act(house, &request(ACTOR, action, None, false), now)
    })
    .await?;
    Ok(back(&handle, query, "status_set"))
}

fn back(handle: &str, query: Query, done: &str) -> Redirect {
    let book = encode(&query.book.unwrap_or_default());
    Redirect::to(&format!("/partners/{}?book={book}&done={done}", encode(handle)))
}

#[cfg(test)]
mod tests {
    use super::read_percent;

    #[test]
    fn a_percentage_becomes_basis_points_exactly() {
        for (text, bps) in [("15", 1500), ("12.5", 1250), ("0,05", 5), ("100 %", 10_000), ("7.25%", 725)] {
            assert_eq!(read_percent(text).ok(), Some(bps), "{text}");
        }
        for text in ["", "-1", "1.234", "1e2", "0x10", ".5", "1000000", "٣"] {
            assert!(read_percent(text).is_err(), "{text}");
        }
    }
}
