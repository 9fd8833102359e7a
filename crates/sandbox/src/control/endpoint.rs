//! What the Dashboard does to webhook endpoints and the API cannot: rolling and revealing secrets.

use super::Call;
use crate::json::Obj;
use crate::model::WebhookEndpoint;
use crate::world::{Refusal, webhook_endpoint};

const DAY_S: i64 = 86_400;

pub(super) fn roll(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let keep_s = params.at_least("keep_s", 0)?.unwrap_or(DAY_S);
    params.finish()?;
    let id = call.captured.to_owned();
    let book = call.book(&key)?;
    let endpoint = webhook_endpoint::roll(book, &id, keep_s)?;
    Ok(shown(&endpoint, book.now_s()))
}

pub(super) fn secrets(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    params.finish()?;
    let id = call.captured.to_owned();
    let book = call.book(&key)?;
    let endpoint = webhook_endpoint::get(book, &id)?;
    Ok(shown(&endpoint, book.now_s()))
}

/// What an event destination of the v2 API chooses: `snapshot` or `thin`.
pub(super) fn payload(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let payload = params.required("payload")?;
    params.finish()?;
    if !matches!(payload.as_str(), "snapshot" | "thin") {
        return Err(Refusal::invalid("payload", "payload is snapshot or thin."));
    }
    let id = call.captured.to_owned();
    let book = call.book(&key)?;
    let old = webhook_endpoint::get(book, &id)?;
    let new = WebhookEndpoint { thin: payload == "thin", ..WebhookEndpoint::clone(&old) };
    webhook_endpoint::change(book, new);
    Ok(Obj::new().str("id", &id).str("payload", &payload).close())
}

fn shown(endpoint: &WebhookEndpoint, now_s: i64) -> String {
    Obj::new().str("id", &endpoint.id).strs("secrets", endpoint.secrets_at(now_s)).close()
}
