//! What a webhook endpoint should be, and how one at Stripe differs from it. Pure: nothing is asked or changed
//! here.

use facts::NOT_SUBSCRIBED;
use std::collections::BTreeMap;

use serde::Serialize;
use stripe::{ApiVersion, NewWebhookEndpoint, WebhookEndpoint};
use web::gate::PATHS as GATE_PATHS;

/// Metadata by which we know our own endpoints again.
pub(crate) const SCOPE: &str = "countinghouse_scope";

/// Types that began with a version: asking an older one for them is refused.
const BEGAN: [(&str, &str); 10] = [
    ("billing.credit_grant.created", "2025-03-31"),
    ("billing.credit_grant.updated", "2025-03-31"),
    ("billing.meter.created", "2025-03-31"),
    ("billing.meter.deactivated", "2025-03-31"),
    ("billing.meter.reactivated", "2025-03-31"),
    ("billing.meter.updated", "2025-03-31"),
    ("invoice.overpaid", "2025-03-31"),
    ("invoice.payment_attempt_required", "2025-11-17"),
    ("invoice_payment.paid", "2025-05-28"),
    ("refund.failed", "2024-10-28"),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// Events of the own account.
    Account,
    /// Events of connected accounts.
    Connect,
}

impl Scope {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Connect => "connect",
        }
    }
}

/// What an endpoint should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    pub(crate) url: Option<String>,
    /// A proxy in front changes the path.
    pub(crate) any_path: bool,
    pub(crate) scope: Scope,
    pub(crate) version: ApiVersion,
}

/// One way in which it is not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub(crate) enum Difference {
    /// Stripe has no endpoint at this address.
    Absent,
    MissingTypes {
        types: Vec<String>,
    },
    ExtraTypes {
        types: Vec<String>,
    },
    Version {
        is: Option<String>,
        wanted: String,
    },
    Scope {
        is: Scope,
        wanted: Scope,
    },
    Disabled,
    /// Its address does not lead to the gate.
    WrongPath,
    PlainHttp,
    /// Another endpoint sends the same events here.
    Duplicate {
        of: String,
    },
    /// Its deliveries will be refused.
    NoSecret {
        setting: &'static str,
    },
}

/// Every type we read but one, as far as the version has it. Sorted.
pub(crate) fn types(version: &ApiVersion) -> Vec<String> {
    let offered = |name: &str| {
        let began = BEGAN.iter().find(|(known, _)| *known == name);
        began.is_none_or(|(_, since)| version.as_str() >= *since)
    };
    facts::subscribed().filter(|name| offered(name)).map(str::to_owned).collect()
}

impl Wanted {
    /// Whether an endpoint is the one meant: at the address given, else ours by its mark or by its path.
    pub(crate) fn means(&self, endpoint: &WebhookEndpoint) -> bool {
        match &self.url {
            Some(url) => endpoint.url == *url,
            None => {
                let path = endpoint.url.trim_end_matches('/');
                endpoint.metadata.contains_key(SCOPE) || GATE_PATHS.iter().any(|known| path.ends_with(known))
            }
        }
    }

    /// Everything that is not as it should be.
    pub(crate) fn differences(&self, endpoint: &WebhookEndpoint) -> Vec<Difference> {
        let mut found = Vec::new();
        let all = endpoint.enabled_events.iter().any(|name| name == "*");
        let wanted = types(&self.version);
        let without = |these: &[String], others: &[String]| -> Vec<String> {
            these.iter().filter(|name| !others.contains(name)).cloned().collect()
        };
        let missing = if all { Vec::new() } else { without(&wanted, &endpoint.enabled_events) };
        let extra = without(&endpoint.enabled_events, &wanted);
        if !missing.is_empty() {
            found.push(Difference::MissingTypes { types: missing });
        }
        if !extra.is_empty() {
            found.push(Difference::ExtraTypes { types: extra });
        }
        if endpoint.api_version.as_deref() != Some(self.version.as_str()) {
            found.push(Difference::Version {
                is: endpoint.api_version.clone(),
                wanted: self.version.to_string(),
            });
        }
        if scope_of(endpoint) != self.scope {
            found.push(Difference::Scope { is: scope_of(endpoint), wanted: self.scope });
        }
        if endpoint.status == "disabled" {
            found.push(Difference::Disabled);
        }
        if !self.any_path && !leads_to_the_gate(&endpoint.url) {
            found.push(Difference::WrongPath);
        }
        if endpoint.url.starts_with("http://") && !is_loopback(&endpoint.url) {
            found.push(Difference::PlainHttp);
        }
        found
    }

    /// What is asked of Stripe to make it. `url` must be there.
    pub(crate) fn new_endpoint(&self, url: &str) -> NewWebhookEndpoint {
        NewWebhookEndpoint {
            url: url.to_owned(),
            enabled_events: types(&self.version),
            api_version: self.version.clone(),
            connect: self.scope == Scope::Connect,
            description: Some("Countinghouse".to_owned()),
            metadata: self.metadata(),
        }
    }

    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        [(SCOPE.to_owned(), self.scope.name().to_owned())].into()
    }
}

/// Stripe does not say it of every endpoint; our own carry it.
pub(crate) fn scope_of(endpoint: &WebhookEndpoint) -> Scope {
    match endpoint.metadata.get(SCOPE).map(String::as_str) {
        Some("connect") => Scope::Connect,
        Some(_) => Scope::Account,
        None if endpoint.application.is_some() => Scope::Connect,
        None => Scope::Account,
    }
}

/// Stripe sends events over TLS, except a sandbox on this machine.
pub(crate) fn check_url(url: &str) -> Result<(), &'static str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    if rest.is_empty() || rest.starts_with('/') || url.contains(char::is_whitespace) {
        return Err("is not an address like https://books.example.com/api/webhooks/stripe");
    }
    if url.starts_with("http://") && !is_loopback(url) {
        return Err(
            "is plain http; Stripe delivers live events over https only, and a body sent in the open can be \
                    read on its way",
        );
    }
    Ok(())
}

/// Whether the path is one at which the gate listens.
pub(crate) fn leads_to_the_gate(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    rest.find('/').is_some_and(|at| GATE_PATHS.contains(&&rest[at..]))
}

fn is_loopback(url: &str) -> bool {
    stripe::Base::parse(url).is_ok_and(|base| base.as_str().starts_with("http://"))
}

impl Difference {
    /// Whether an update can mend it; the rest needs another endpoint, or a person.
    pub(crate) const fn can_be_updated(&self) -> bool {
        matches!(self, Self::MissingTypes { .. } | Self::ExtraTypes { .. } | Self::Disabled)
    }

    /// For a person, with what to do.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Absent => {
                "no such endpoint at Stripe: countinghouse webhooks setup --url https://...".to_owned()
            }
            Self::MissingTypes { types } => format!("does not send {}", types.join(", ")),
            Self::ExtraTypes { types } if types.iter().any(|name| name == "*") => format!(
                "sends all types (*), also {NOT_SUBSCRIBED}, whose failing delivery delays the money of renewals"
            ),
            Self::ExtraTypes { types } if types.iter().any(|name| name == NOT_SUBSCRIBED) => format!(
                "sends {}; a failing delivery of {NOT_SUBSCRIBED} delays the money of renewals",
                types.join(", ")
            ),
            Self::ExtraTypes { types } => format!("sends {}, which nobody reads", types.join(", ")),
            Self::Version { is, wanted } => format!(
                "has version {}, not {wanted}; a version cannot be changed: webhooks setup --replace",
                is.as_deref().unwrap_or("of the account")
            ),
            Self::Scope { is, wanted } => format!(
                "sends events of {}, not of {}; webhooks setup --replace{}",
                whose(*is),
                whose(*wanted),
                if *wanted == Scope::Connect { " --connect" } else { "" }
            ),
            Self::Disabled => "is disabled: nothing is delivered".to_owned(),
            Self::WrongPath => format!(
                "does not lead to the gate, which listens at {}: webhooks setup --url with that path, and delete this \
                 one at Stripe; or check with --any-path if a proxy in front changes it",
                GATE_PATHS[0]
            ),
            Self::PlainHttp => "is plain http; give it an https address".to_owned(),
            Self::Duplicate { of } => {
                format!("sends the same events as {of}: every delivery comes twice. Delete one at Stripe")
            }
            Self::NoSecret { setting } => format!(
                "has no signing secret here, so its deliveries are refused: set {setting} from its page at Stripe, \
                 or webhooks setup --replace"
            ),
        }
    }
}

const fn whose(scope: Scope) -> &'static str {
    match scope {
        Scope::Account => "the own account",
        Scope::Connect => "connected accounts",
    }
}

#[cfg(test)]
#[path = "endpoints_tests.rs"]
mod tests;
