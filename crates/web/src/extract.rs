//! Extractors whose refusals are a [`Trouble`], so that bad input never ends in a bare or a 5xx answer.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::Trouble;
use crate::misfit::in_words;
use crate::state::App;

/// The query of a GET.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Trouble> {
        let query = Query::<T>::from_request_parts(parts, app).await;
        let Query(value) = query.map_err(|error| {
            let hint = "see /api/openapi.json for the parameters";
            Trouble::bad_input(in_words(&error.body_text()), hint)
        })?;
        Ok(Self(value))
    }
}

/// One piece of the path.
pub(crate) struct Piece(pub(crate) String);

impl FromRequestParts<App> for Piece {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Trouble> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        path.map(|Path(piece)| Self(piece)).map_err(|_| Trouble::not_found("address"))
    }
}

/// A JSON body.
pub(crate) struct Input<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Input<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, app: &App) -> Result<Self, Trouble> {
        let json = Json::<T>::from_request(request, app).await;
        let Json(value) = json.map_err(|error| {
            let hint = "send application/json as /api/openapi.json describes it";
            Trouble { status: error.status(), ..Trouble::bad_input(in_words(&error.body_text()), hint) }
        })?;
        Ok(Self(value))
    }
}

/// A JSON body or none at all, which counts as `{}`.
pub(crate) struct MaybeInput<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for MaybeInput<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, app: &App) -> Result<Self, Trouble> {
        let hint = "send application/json as /api/openapi.json describes it, or no body";
        let bytes = Bytes::from_request(request, app).await;
        let bytes = bytes.map_err(|error| Trouble::bad_input(error.body_text(), hint))?;
        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let value = serde_json::from_slice(text);
        value.map(Self).map_err(|error| Trouble::bad_input(in_words(&error.to_string()), hint))
    }
}
