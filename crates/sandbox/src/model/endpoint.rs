//! Who wants to be told: webhook endpoints, their secrets and what they listen to. It must not know how a
//! delivery is sent.

use super::Meta;

/// Every snapshot event type there is, one per line.
const EVENT_TYPES: &str = include_str!("event_types.txt");

/// The type as Stripe names it, if it has such an event.
#[must_use]
pub(crate) fn event_type(name: &str) -> Option<&'static str> {
    EVENT_TYPES.lines().find(|known| *known == name)
}

/// Every type, in the order of the alphabet.
pub(crate) fn event_types() -> impl Iterator<Item = &'static str> {
    EVENT_TYPES.lines()
}

/// A signing secret; one that was rolled away dies at its time.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    pub text: String,
    pub expires_s: Option<i64>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Secret").field("expires_s", &self.expires_s).finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebhookEndpoint {
    pub id: String,
    pub url: String,
    /// Event types, or `*`.
    pub enabled_events: Vec<String>,
    /// As it was asked for; `None`: the account's own.
    pub api_version: Option<String>,
    /// Hears of the connected accounts instead of the own one.
    pub connect: bool,
    pub disabled: bool,
    /// It is sent thin events: what happened to which object, and not the object.
    pub thin: bool,
    pub description: Option<String>,
    /// The newest first.
    pub secrets: Vec<Secret>,
    pub created_s: i64,
    pub metadata: Meta,
}

impl WebhookEndpoint {
    /// An enabled endpoint for everything of the own account: what others say differently.
    #[must_use]
    pub fn blank(id: &str, url: &str, secret: String, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            url: url.to_owned(),
            enabled_events: vec!["*".to_owned()],
            api_version: None,
            connect: false,
            disabled: false,
            thin: false,
            description: None,
            secrets: vec![Secret { text: secret, expires_s: None }],
            created_s,
            metadata: Meta::new(),
        }
    }

    /// Whether it listens to events of that type.
    #[must_use]
    pub fn wants(&self, event_type: &str) -> bool {
        !self.disabled && self.enabled_events.iter().any(|wanted| wanted == "*" || wanted == event_type)
    }

    /// The secrets that sign at that time.
    #[must_use]
    pub fn secrets_at(&self, now_s: i64) -> Vec<&str> {
        let alive = |secret: &&Secret| secret.expires_s.is_none_or(|at_s| at_s > now_s);
        self.secrets.iter().filter(alive).map(|secret| secret.text.as_str()).collect()
    }
}
