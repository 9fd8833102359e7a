//! Webhook endpoints: `/v1/webhook_endpoints`. The signing secret is told once, when an endpoint is made.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::answer::{Answer, SecretText, or_empty};
use crate::client::{Client, path_of};
use crate::error::StripeError;
use crate::form::Form;
use crate::idempotency::IdempotencyKey;
use crate::page::{Pages, Step};
use crate::version::ApiVersion;

const ENDPOINTS: &str = "/v1/webhook_endpoints";

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct WebhookEndpoint {
    pub id: String,
    #[serde(default)]
    pub url: String,
    /// `enabled` or `disabled`.
    #[serde(default)]
    pub status: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub enabled_events: Vec<String>,
    /// `None`: the account's default version.
    #[serde(default)]
    pub api_version: Option<String>,
    /// The Connect application: set on endpoints that listen to connected accounts.
    #[serde(default)]
    pub application: Option<String>,
    #[serde(default)]
    pub livemode: bool,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Only in the answer that made it.
    #[serde(default)]
    pub secret: Option<SecretText>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewWebhookEndpoint {
    pub url: String,
    pub enabled_events: Vec<String>,
    pub api_version: ApiVersion,
    /// Listens to connected accounts instead of the own one.
    pub connect: bool,
    pub description: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// `None` leaves a field as it is. The version, the scope and the secret of an endpoint cannot be changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WebhookEndpointChange {
    pub url: Option<String>,
    /// Replaces the whole list.
    pub enabled_events: Option<Vec<String>>,
    pub disabled: Option<bool>,
    pub metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Deleted {}

impl Client {
    pub fn create_webhook_endpoint(
        &self,
        new: &NewWebhookEndpoint,
        key: &IdempotencyKey,
    ) -> Result<Answer<WebhookEndpoint>, StripeError> {
        self.post(ENDPOINTS.to_owned(), new.form(), key)
    }

    pub fn webhook_endpoint(&self, id: &str) -> Result<Answer<WebhookEndpoint>, StripeError> {
        self.get(path_of(ENDPOINTS, id)?, Form::default())
    }

    pub fn update_webhook_endpoint(
        &self,
        id: &str,
        change: &WebhookEndpointChange,
        key: &IdempotencyKey,
    ) -> Result<Answer<WebhookEndpoint>, StripeError> {
        self.post(path_of(ENDPOINTS, id)?, change.form(), key)
    }

    /// Gone when this returns `Ok`, also if it was gone before.
    pub fn delete_webhook_endpoint(&self, id: &str) -> Result<(), StripeError> {
        match self.delete::<Deleted>(path_of(ENDPOINTS, id)?) {
            Ok(_) => Ok(()),
            Err(why) if why.is_missing() => Ok(()),
            Err(why) => Err(why),
        }
    }

    /// Newest first.
    #[must_use]
    pub fn webhook_endpoints(&self) -> Pages<WebhookEndpoint> {
        Pages::new(self, ENDPOINTS, Form::default(), Step::Older, None)
    }
}

impl NewWebhookEndpoint {
    fn form(&self) -> Form {
        let mut form = Form::default();
        form.put("url", &self.url)
            .list("enabled_events", &self.enabled_events)
            .put("api_version", &self.api_version);
        if self.connect {
            form.put("connect", true);
        }
        form.maybe("description", self.description.as_deref()).map("metadata", &self.metadata);
        form
    }
}

impl WebhookEndpointChange {
    fn form(&self) -> Form {
        let mut form = Form::default();
        form.maybe("url", self.url.as_deref());
        if let Some(events) = &self.enabled_events {
            form.list("enabled_events", events);
        }
        form.maybe("disabled", self.disabled).map("metadata", &self.metadata);
        form
    }
}
