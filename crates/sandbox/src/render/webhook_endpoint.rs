//! A webhook endpoint: the same shape in every version. Its secret is shown once, by the call that made it.

use super::Frame;
use crate::json::Obj;
use crate::model::WebhookEndpoint;

pub(super) fn render(endpoint: &WebhookEndpoint, frame: Frame) -> String {
    open(endpoint, frame.livemode).close()
}

/// As the call that makes it answers.
pub(crate) fn with_secret(endpoint: &WebhookEndpoint, livemode: bool) -> String {
    let secret = endpoint.secrets.first().map(|secret| secret.text.as_str());
    open(endpoint, livemode).opt_str("secret", secret).close()
}

fn open(endpoint: &WebhookEndpoint, livemode: bool) -> Obj {
    Obj::resource("webhook_endpoint", &endpoint.id)
        .opt_str("api_version", endpoint.api_version.as_deref())
        .nulls("application")
        .int("created", endpoint.created_s)
        .opt_str("description", endpoint.description.as_deref())
        .strs("enabled_events", endpoint.enabled_events.iter().map(String::as_str))
        .bool("livemode", livemode)
        .map("metadata", &endpoint.metadata)
        .str("status", if endpoint.disabled { "disabled" } else { "enabled" })
        .str("url", &endpoint.url)
}
