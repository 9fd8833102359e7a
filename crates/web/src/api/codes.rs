//! Which code is whose, over time.

use axum::Json;
use axum::extract::State;
use engine::operate::{Adopt, Adopted};
use kernel::time;
use serde::{Deserialize, Serialize};

use super::ACTOR;
use crate::change::{act_adopt, known_handle, read_book, read_line, read_ref, read_time_if};
use crate::error::Trouble;
use crate::extract::{Input, Params, Piece};
use crate::state::App;

#[derive(Deserialize)]
pub(super) struct Query {
    book: Option<String>,
    partner: Option<String>,
}

#[derive(Serialize)]
pub(super) struct CodeLine {
    partner: String,
    book: String,
    code: Option<String>,
    promotion_code: Option<String>,
    coupon: Option<String>,
    from: Option<String>,
    until: Option<String>,
    holds: bool,
    unbound: bool,
}

pub(super) async fn list(
    State(app): State<App>,
    Params(query): Params<Query>,
) -> Result<Json<Vec<CodeLine>>, Trouble> {
    let now = app.now();
    let lines = app.ask(move |house| -> Result<_, Trouble> {
        let book = query.book.as_deref().map(read_book).transpose()?;
        let partner = query.partner.as_deref().map(|text| known_handle(house, text)).transpose()?;
        let registry = house.current_registry()?;
        let wanted = registry.mappings().filter(|mapping| {
            book.as_ref().is_none_or(|book| mapping.book == *book)
                && partner.as_ref().is_none_or(|partner| mapping.partner == *partner)
        });
        Ok(wanted
            .map(|mapping| CodeLine {
                partner: mapping.partner.to_string(),
                book: mapping.book.label(),
                code: mapping.code.clone(),
                promotion_code: mapping.promotion_code.as_ref().map(ToString::to_string),
                coupon: mapping.coupon.as_ref().map(ToString::to_string),
                from: mapping.from.map(time::rfc3339),
                until: mapping.until.map(time::rfc3339),
                holds: mapping.holds_at(now),
                unbound: mapping.is_unbound(),
            })
            .collect())
    });
    Ok(Json(lines.await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeAdopt {
    code: Option<String>,
    promotion_code: Option<String>,
    coupon: Option<String>,
    book: Option<String>,
    from: Option<String>,
    #[serde(default)]
    retroactive: bool,
}

pub(super) async fn adopt(
    State(app): State<App>,
    Piece(handle): Piece,
    Input(body): Input<CodeAdopt>,
) -> Result<Json<Vec<Adopted>>, Trouble> {
    let code = body.code.as_deref().map(|code| read_line(code, "code")).transpose()?;
    let promotion_code = read_ref(body.promotion_code.as_deref())?;
    let coupon = read_ref(body.coupon.as_deref())?;
    let book = body.book.as_deref().map(read_book).transpose()?;
    let from = read_time_if(body.from.as_deref())?;
    let (now, retroactive) = (app.now(), body.retroactive);
    let adopted = app.ask(move |house| {
        let partner = known_handle(house, &handle)?;
        let actor = ACTOR.to_owned();
        act_adopt(
            house,
            &Adopt { actor, partner, code, promotion_code, coupon, book, from, retroactive },
            now,
        )
    });
    Ok(Json(adopted.await?))
}
