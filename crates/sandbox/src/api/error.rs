//! A refusal as Stripe writes it down. It must not know why a call was refused.

use serde_json::Value;

use crate::json::Obj;
use crate::render::{self, Version};
use crate::world::{Book, Kind, Refusal};

/// `{"error": {...}}`; the intent a card error concerns is put in whole.
pub(super) fn body(refusal: &Refusal, book: Option<&Book>, version: Version, request_ref: &str) -> String {
    let intent = refusal.intent_ref.as_deref().zip(book).and_then(|(id, book)| {
        let intent = book.find(id)?;
        Some(render::json(&intent, version, book.key.livemode))
    });
    let doc_url =
        refusal.code.map(|code| format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")));
    let error = Obj::new()
        .when(refusal.charge_ref.is_some(), |error| error.opt_str("charge", refusal.charge_ref.as_deref()))
        .when(refusal.code.is_some(), |error| error.opt_str("code", refusal.code))
        .when(refusal.decline_code.is_some(), |error| error.opt_str("decline_code", refusal.decline_code))
        .when(doc_url.is_some(), |error| error.opt_str("doc_url", doc_url.as_deref()))
        .str("message", &refusal.message)
        .when(refusal.param.is_some(), |error| error.opt_str("param", refusal.param.as_deref()))
        .when(intent.is_some(), |error| error.opt_raw("payment_intent", intent))
        .when(!request_ref.is_empty(), |error| {
            error.str("request_log_url", &format!("https://dashboard.stripe.com/logs/{request_ref}"))
        })
        .str("type", refusal.kind.as_str());
    Obj::new().obj("error", error).close()
}

/// The same where there is no call.
pub(crate) fn plain(refusal: &Refusal) -> String {
    body(refusal, None, Version::DEFAULT, "")
}

/// What Stripe says when it has failed itself.
pub(super) fn broken() -> Refusal {
    let message = "An unknown error occurred while processing your request. Please try again later.";
    Refusal::plain(500, Kind::Api, message)
}

/// Whether a body says that the call failed after it had begun: those are kept under the idempotency key, what
/// was refused beforehand is not.
pub(super) fn had_begun(refusal: &Refusal) -> bool {
    matches!(refusal.kind, Kind::Card | Kind::Api)
}

/// Text as JSON.
pub(super) fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}
