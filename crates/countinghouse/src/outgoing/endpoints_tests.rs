//! Every way in which an endpoint can differ, by name.

use super::*;

fn wanted() -> Wanted {
    Wanted {
        url: Some("https://b.example/api/webhooks/stripe".into()),
        any_path: false,
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
    let rows: [(&str, Spoil, Difference); 10] = [
        ("no path", |e| e.url = "https://b.example".into(), Difference::WrongPath),
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
    assert_eq!(of(stripe::PINNED).len(), facts::subscribed().count());
    assert!(!of(stripe::PINNED).contains(&"invoice.created".to_owned()));
    assert_eq!(of("2024-10-28.acacia").len(), facts::subscribed().count() - 9);
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
