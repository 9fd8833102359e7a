//! What a webhook endpoint should be, and how one at Stripe differs from it. Pure: nothing is asked or changed
//! here.

use std::collections::BTreeMap;

use serde::Serialize;
use stripe::{ApiVersion, NewWebhookEndpoint, WebhookEndpoint};

/// Metadata by which we know our own endpoints again.
pub(crate) const SCOPE: &str = "countinghouse_scope";

/// The paths at which the gate listens.
const PATHS: [&str; 2] = ["/api/webhooks/stripe", "/webhooks/stripe"];

/// While its delivery fails, Stripe delays the renewal's money; the later invoice events say the same.
const NOT_SUBSCRIBED: &str = "invoice.created";

/// Types that began with a version: asking an older one for them is refused.
const BEGAN: [(&str, &str); 4] = [
    ("refund.failed", "2024-10-28"),
    ("invoice.overpaid", "2025-03-31"),
    ("invoice_payment.paid", "2025-05-28"),
    ("invoice.payment_attempt_required", "2025-11-17"),
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
    let names = facts::HANDLES.iter().map(|handle| handle.event_type);
    names.filter(|name| *name != NOT_SUBSCRIBED && offered(name)).map(str::to_owned).collect()
}

impl Wanted {
    /// Whether an endpoint is the one meant: at the address given, else ours by its mark or by its path.
    pub(crate) fn means(&self, endpoint: &WebhookEndpoint) -> bool {
        match &self.url {
            Some(url) => endpoint.url == *url,
            None => {
                let path = endpoint.url.trim_end_matches('/');
                endpoint.metadata.contains_key(SCOPE) || PATHS.iter().any(|known| path.ends_with(known))
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
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            url: Some("https://b.example/api/webhooks/stripe".into()),
            scope: Scope::Account,
            version: ApiVersion::default(),
        }
    }

    fn good() -> WebhookEndpoint {
        let text = serde_json::json!({
            "id": "we_1",
            "url": "https://b.example/api/webhooks/stripe",
            "status": "enabled",
            "enabled_events": types(&ApiVersion::default()),
            "api_version": stripe::PINNED,
            "metadata": {"countinghouse_scope": "account"},
        });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn what_was_made_by_us_is_as_it_should_be() {
        assert_eq!(wanted().differences(&good()), []);
        assert!(wanted().means(&good()));
    }

    #[test]
    fn every_way_to_be_wrong_has_its_name() {
        type Spoil = fn(&mut WebhookEndpoint);
        let rows: [(&str, Spoil, Difference); 9] = [
            (
                "a type is missing",
                |e| e.enabled_events.retain(|name| name != "invoice.paid"),
                Difference::MissingTypes { types: vec!["invoice.paid".into()] },
            ),
            (
                "a type too many",
                |e| e.enabled_events.push("invoice.created".into()),
                Difference::ExtraTypes { types: vec!["invoice.created".into()] },
            ),
            (
                "all types",
                |e| e.enabled_events = vec!["*".into()],
                Difference::ExtraTypes { types: vec!["*".into()] },
            ),
            (
                "the account's version",
                |e| e.api_version = None,
                Difference::Version { is: None, wanted: stripe::PINNED.into() },
            ),
            (
                "another version",
                |e| e.api_version = Some("2020-08-27".into()),
                Difference::Version { is: Some("2020-08-27".into()), wanted: stripe::PINNED.into() },
            ),
            (
                "made for connected accounts by us",
                |e| drop(e.metadata.insert(SCOPE.into(), "connect".into())),
                Difference::Scope { is: Scope::Connect, wanted: Scope::Account },
            ),
            (
                "made for connected accounts by hand",
                |e| {
                    e.metadata.clear();
                    e.application = Some("ca_1".into());
                },
                Difference::Scope { is: Scope::Connect, wanted: Scope::Account },
            ),
            ("disabled", |e| e.status = "disabled".into(), Difference::Disabled),
            ("in the open", |e| e.url = "http://b.example/api/webhooks/stripe".into(), Difference::PlainHttp),
        ];
        for (what, spoil, expected) in rows {
            let mut endpoint = good();
            spoil(&mut endpoint);
            assert_eq!(wanted().differences(&endpoint), [expected], "{what}");
        }
    }

    #[test]
    fn an_older_version_is_not_asked_for_types_that_it_does_not_have() {
        let of = |version: &str| types(&ApiVersion::parse(version).unwrap());
        assert_eq!(of(stripe::PINNED).len(), facts::HANDLES.len() - 1);
        assert!(!of(stripe::PINNED).contains(&"invoice.created".to_owned()));
        assert_eq!(of("2024-10-28.acacia").len(), facts::HANDLES.len() - 4);
        assert!(!of("2025-03-31.basil").contains(&"invoice_payment.paid".to_owned()));
    }

    #[test]
    fn without_an_address_our_own_endpoints_are_meant() {
        let any = Wanted { url: None, ..wanted() };
        let at = |url: &str, marked: bool| {
            let mut endpoint = WebhookEndpoint { url: url.into(), ..good() };
            if !marked {
                endpoint.metadata.clear();
            }
            any.means(&endpoint)
        };
        assert!(at("https://b.example/hooks", true));
        assert!(at("https://b.example/webhooks/stripe/", false));
        assert!(!at("https://b.example/hooks", false));
    }

    #[test]
    fn an_address_must_be_one_that_stripe_delivers_to() {
        for (url, good) in [
            ("https://b.example/api/webhooks/stripe", true),
            ("http://127.0.0.1:4242/api/webhooks/stripe", true),
            ("http://b.example/api/webhooks/stripe", false),
            ("b.example/api", false),
            ("https://", false),
            ("https:// b", false),
        ] {
            assert_eq!(check_url(url).is_ok(), good, "{url}");
        }
    }
}
