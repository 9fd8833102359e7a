//! Webhook endpoints: made, changed, their secrets rolled, deleted. Nothing is told about them. It must not
//! know how a delivery is sent.

use std::sync::Arc;

use super::{Book, Refusal};
use crate::model::{Meta, Secret, WebhookEndpoint};

/// As many as an account may have in one mode.
const ENDPOINTS_MAX: usize = 16;
const SECRET_CHARS: usize = 32;

pub(crate) struct NewEndpoint {
    pub(crate) url: String,
    pub(crate) enabled_events: Vec<String>,
    pub(crate) api_version: Option<String>,
    pub(crate) connect: bool,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Meta,
}

pub(crate) fn create(book: &mut Book, new: NewEndpoint) -> Result<Arc<WebhookEndpoint>, Refusal> {
    if book.webhook_endpoints.len() >= ENDPOINTS_MAX {
        let mode = if book.key.livemode { "live" } else { "test" };
        return Err(Refusal::request(format!(
            "You have reached the maximum of {ENDPOINTS_MAX} {mode} webhook endpoints."
        )));
    }
    let id = book.id("we");
    let secret = secret(book);
    let endpoint = WebhookEndpoint {
        enabled_events: new.enabled_events,
        api_version: new.api_version,
        connect: new.connect,
        description: new.description,
        metadata: new.metadata,
        ..WebhookEndpoint::blank(&id, &new.url, secret, book.now_s())
    };
    Ok(book.webhook_endpoints.put(&id, endpoint))
}

pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<WebhookEndpoint>, Refusal> {
    let found = book.webhook_endpoints.get(id).cloned();
    found.ok_or_else(|| Refusal::missing("webhook endpoint", "webhook_endpoint", id))
}

/// Puts a changed one in the place of the old.
pub(crate) fn change(book: &mut Book, new: WebhookEndpoint) -> Arc<WebhookEndpoint> {
    let id = new.id.clone();
    book.webhook_endpoints.put(&id, new)
}

/// A new secret; the old ones sign along for so many seconds more.
pub(crate) fn roll(book: &mut Book, id: &str, keep_s: i64) -> Result<Arc<WebhookEndpoint>, Refusal> {
    let old = get(book, id)?;
    let now_s = book.now_s();
    let mut secrets = vec![Secret { text: secret(book), expires_s: None }];
    let kept = old.secrets.iter().map(|secret| {
        let expires_s = secret.expires_s.unwrap_or(i64::MAX).min(now_s.saturating_add(keep_s));
        Secret { text: secret.text.clone(), expires_s: Some(expires_s) }
    });
    secrets.extend(kept.filter(|secret| secret.expires_s.is_some_and(|at_s| at_s > now_s)));
    Ok(change(book, WebhookEndpoint { secrets, ..WebhookEndpoint::clone(&old) }))
}

pub(crate) fn delete(book: &mut Book, id: &str) -> Result<(), Refusal> {
    get(book, id)?;
    book.webhook_endpoints.remove(id);
    Ok(())
}

fn secret(book: &mut Book) -> String {
    format!("whsec_{}", book.ids.token(SECRET_CHARS))
}
