//! What the gate learns from a body, and why a body fits no book.

use super::*;

fn envelope(body: &str) -> Result<Envelope, EnvelopeError> {
    Envelope::parse(body.as_bytes())
}

fn event(fields: &str) -> String {
    format!(r#"{{"id":"evt_1","object":"event","livemode":true{fields}}}"#)
}

#[test]
fn a_snapshot_event_says_what_and_whose_it_is() {
    let body = event(
        r#","type":"invoice.paid","api_version":"2026-07-29.dahlia","created":1700000000,
           "account":"acct_1","data":{"object":{"id":"in_1"}}"#,
    );
    let read = envelope(&format!("\u{feff}{body}")).expect("an envelope");
    assert_eq!(read.id.as_str(), "evt_1");
    assert_eq!(read.event_type, "invoice.paid");
    assert_eq!(read.api_version.as_deref(), Some("2026-07-29.dahlia"));
    assert_eq!(read.created_s, 1_700_000_000);
    assert_eq!(read.account.map(|account| account.to_string()).as_deref(), Some("acct_1"));
    assert_eq!(read.payload, Payload::Snapshot);
}

#[test]
fn a_thin_event_says_what_to_fetch() {
    let body = r#"{"id":"evt_65","object":"v2.core.event","type":"v1.invoice.paid","livemode":false,
        "created":"2026-10-01T00:00:01.500Z","context":"org_1/acct_2","snapshot_event":"evt_9",
        "related_object":{"id":"in_1","type":"invoice","url":"/v1/invoices/in_1"}}"#;
    let read = envelope(body).expect("an envelope");
    assert_eq!(read.created_s, 1_790_812_801);
    assert_eq!(read.account.map(|account| account.to_string()).as_deref(), Some("acct_2"));
    let Payload::Thin { related: Some(related), snapshot_event } = read.payload else {
        panic!("not thin");
    };
    assert_eq!(snapshot_event.map(|id| id.to_string()).as_deref(), Some("evt_9"));
    assert_eq!((related.kind, related.id.as_str()), (Some(Kind::Invoice), "in_1"));
    assert_eq!(related.url.as_deref(), Some("/v1/invoices/in_1"));
}

#[test]
fn a_body_without_a_book_or_an_id_is_refused_with_its_reason() {
    let long = "x".repeat(300);
    for (body, reason) in [
        (String::new(), EnvelopeError::NotJson),
        ("[]".to_owned(), EnvelopeError::NotJson),
        (event("").replace('}', ""), EnvelopeError::NotJson),
        (event("") + "{}", EnvelopeError::NotJson),
        (r#"{"livemode":true}"#.to_owned(), EnvelopeError::IdUnreadable),
        (event("").replace("evt_1", ""), EnvelopeError::IdUnreadable),
        (event("").replace("evt_1", "a\\u0000b"), EnvelopeError::IdUnreadable),
        (event("").replace("evt_1", &long), EnvelopeError::IdUnreadable),
        (event("").replace("\"evt_1\"", "7"), EnvelopeError::IdUnreadable),
        (event("").replace("true", "null"), EnvelopeError::LivemodeUnreadable),
        (event("").replace("true", "\"true\""), EnvelopeError::LivemodeUnreadable),
        (r#"{"id":"evt_1"}"#.to_owned(), EnvelopeError::LivemodeUnreadable),
        (event(r#","account":7"#), EnvelopeError::AccountUnreadable),
        (event(r#","account":"""#), EnvelopeError::AccountUnreadable),
        (event(r#","account":{"id":"acct_1"}"#), EnvelopeError::AccountUnreadable),
        (event(r#","context":"org_1""#), EnvelopeError::AccountUnreadable),
    ] {
        assert_eq!(envelope(&body).map(|_| ()), Err(reason), "{body:.60}");
    }
}

#[test]
fn nothing_else_can_spoil_an_envelope() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    for hostile in ["null", "7", "1e400", "[]", r#""\ud800""#, r#""\u0000""#, deep.as_str()] {
        for name in ["type", "api_version", "created", "data", "object", "request", "\\ud800"] {
            let read = envelope(&event(&format!(r#","{name}":{hostile}"#)));
            let read = read.unwrap_or_else(|error| panic!("{name} {hostile:.20}: {error}"));
            assert!(!format!("{read:?}").contains('\0'));
        }
    }
}

#[test]
fn no_account_is_the_own_account() {
    for fields in ["", r#","account":null"#, r#","account":null,"context":null"#] {
        assert_eq!(envelope(&event(fields)).expect("an envelope").account, None);
    }
}
