//! What goes wrong on the way to a page or an API answer, translated once: a status, a stable code, a
//! sentence, and what to do next. Details of the inside go to the log, not to the caller.

use axum::http::StatusCode;
use engine::EngineError;
use serde::Serialize;

/// A failure as a caller may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub hint: &'static str,
    /// What happened inside: for the log, never for the caller.
    pub(crate) inside: Option<String>,
}

/// The body of every API error.
#[derive(Serialize)]
pub(crate) struct ErrorBody<'a> {
    pub(crate) error: ErrorFields<'a>,
}

#[derive(Serialize)]
pub(crate) struct ErrorFields<'a> {
    code: &'a str,
    message: &'a str,
    hint: &'a str,
}

impl Trouble {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        hint: &'static str,
    ) -> Self {
        Self { status, code, message: message.into(), hint, inside: None }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        let message = format!("there is no such {what}");
        Self::new(StatusCode::NOT_FOUND, "not_found", message, "check the id and the book")
    }

    pub(crate) fn bad_input(message: impl Into<String>, hint: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_input", message, hint)
    }

    pub(crate) fn conflict(message: impl Into<String>, hint: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message, hint)
    }

    pub(crate) fn forbidden(code: &'static str, message: &str, hint: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message, hint)
    }

    pub(crate) fn internal(message: &str) -> Self {
        let hint = "try again; if it stays, look into the server's log";
        let (status, words) = (StatusCode::SERVICE_UNAVAILABLE, "the books cannot be read now");
        Self { inside: Some(message.to_owned()), ..Self::new(status, "unavailable", words, hint) }
    }

    pub(crate) fn body(&self) -> ErrorBody<'_> {
        ErrorBody { error: ErrorFields { code: self.code, message: &self.message, hint: self.hint } }
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Usage(message) => Self::bad_input(message, "see /api/openapi.json"),
            other => Self::internal(&other.to_string()),
        }
    }
}

impl From<store::StoreError> for Trouble {
    fn from(error: store::StoreError) -> Self {
        Self::internal(&error.to_string())
    }
}
