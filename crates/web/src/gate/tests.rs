//! The gate from outside: requests in, statuses out, and what is in the inbox afterwards.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use engine::events::{EventFilter, EventRow, list};

use super::{Delivery, Done, LetterBox, NotKept};
use crate::config::Limits;
use crate::metrics::Ending;
use crate::testing::{Fixture, NOW, SECRET, delivery};

const EVENT: &str =
    r#"{"id":"evt_1","object":"event","type":"invoice.paid","livemode":false,"created":1767225600}"#;

fn kept(fixture: &Fixture) -> Vec<EventRow> {
    list(&fixture.house, &EventFilter { limit: 100, ..EventFilter::default() }).expect("a list")
}

fn signed(secret: &str, body: &[u8], t_s: i64) -> String {
    facts::sign(body, &facts::Secret::new(secret).expect("a key"), t_s)
}

#[tokio::test]
async fn a_signed_event_is_kept_once_and_counted() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        assert_eq!(fixture.deliver(SECRET, EVENT.as_bytes()).await.status, StatusCode::OK);
    }
    let rows = kept(&fixture);
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].id.as_deref(), rows[0].livemode, rows[0].deliveries),
        (Some("evt_1"), Some(false), 3)
    );
    assert_eq!((fixture.app.metrics.of(Ending::Accepted), fixture.app.metrics.of(Ending::Duplicate)), (1, 2));
    let short = Request::post("/webhooks/stripe")
        .header("stripe-signature", signed(SECRET, EVENT.as_bytes(), NOW / 1000));
    let short = short.body(Body::from(EVENT)).expect("a request");
    assert_eq!(fixture.send(short).await.status, StatusCode::OK);
    let get = Request::get("/api/webhooks/stripe").body(Body::empty()).expect("a request");
    assert_eq!(fixture.send(get).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn what_is_not_signed_by_a_known_secret_is_refused_without_detail() {
    let fixture = Fixture::new();
    let body = EVENT.as_bytes();
    let now = NOW / 1000;
    let good = signed(SECRET, body, now);
    let digest = good.rsplit('=').next().expect("a digest");
    for (header, accepted) in [
        (good.clone(), true),
        (format!("t={now},v1={}", "0".repeat(64)), false),
        (format!("{good},v1={}", "0".repeat(64)), true),
        (format!("t={now},v1={},v1={digest}", "0".repeat(64)), true),
        (format!("t={now},v0={digest}"), false),
        (format!("t={now},v0={digest},v1=potato"), false),
        (format!("{good},t=1"), false),
        (signed("whsec_other", body, now), false),
        (signed(&format!("{SECRET} "), body, now), false),
        (signed(SECRET, body, now - 300), true),
        (signed(SECRET, body, now - 301), false),
        (signed(SECRET, body, now + 300), true),
        (signed(SECRET, body, now + 301), false),
        (signed(SECRET, b"another body", now), false),
        ("bad_header".into(), false),
        ("t=,v1=".into(), false),
        (format!("t=NaN,v1={digest}"), false),
        (format!("t=\u{661},v1={digest}"), false),
        (String::new(), false),
        (format!("t={now}{}", format!(",v1={}", "0".repeat(64)).repeat(10_000)), false),
    ] {
        let answer = fixture.send(delivery(&header, body.to_vec())).await;
        let expected = if accepted { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        assert_eq!(answer.status, expected, "{}", header.chars().take(120).collect::<String>());
        assert!(!answer.text.contains("whsec") && answer.text.len() < 60);
    }
    assert_eq!(kept(&fixture).len(), 1);
}

#[tokio::test]
async fn every_flipped_bit_of_header_or_body_is_refused() {
    let fixture = Fixture::new();
    let body = EVENT.as_bytes();
    let header = signed(SECRET, body, NOW / 1000);
    for bit in 0..body.len() * 8 {
        let mut forged = body.to_vec();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            fixture.send(delivery(&header, forged)).await.status,
            StatusCode::BAD_REQUEST,
            "bit {bit}"
        );
    }
    for bit in 0..header.len() * 8 {
        let mut forged = header.clone().into_bytes();
        forged[bit / 8] ^= 1 << (bit % 8);
        let Ok(value) = axum::http::HeaderValue::from_bytes(&forged) else { continue };
        let mut request = delivery("x", body.to_vec());
        request.headers_mut().insert("stripe-signature", value);
        assert_eq!(fixture.send(request).await.status, StatusCode::BAD_REQUEST, "bit {bit}");
    }
    assert!(kept(&fixture).is_empty());
}

#[tokio::test]
async fn the_body_decides_the_book_and_misfits_go_to_quarantine() {
    let fixture = Fixture::new();
    for (secret, body, state, account) in [
        (SECRET, r#"{"id":"evt_a","livemode":false,"type":"x"}"#, "pending", None),
        ("whsec_live_own", r#"{"id":"evt_b","livemode":true,"type":"x"}"#, "pending", None),
        (SECRET, r#"{"id":"evt_c","livemode":true,"type":"x"}"#, "quarantined", None),
        (
            "whsec_connect",
            r#"{"id":"evt_d","livemode":false,"account":"acct_1","type":"x"}"#,
            "pending",
            Some("acct_1"),
        ),
        ("whsec_connect", r#"{"id":"evt_e","livemode":true,"type":"x"}"#, "quarantined", None),
        (SECRET, r#"{"id":"evt_f","livemode":false,"account":"acct_1"}"#, "quarantined", Some("acct_1")),
        (
            SECRET,
            r#"{"id":"evt_g","object":"v2.core.event","livemode":false,"created":"2026-01-01T00:00:00Z"}"#,
            "pending",
            None,
        ),
        (
            SECRET,
            r#"{"id":"evt_h","livemode":false,"type":"never.heard.of","api_version":"2099-01-01.zz"}"#,
            "pending",
            None,
        ),
    ] {
        let answer = fixture.deliver(secret, body.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::OK, "{body}");
        let id = body.split('"').nth(3);
        let row = kept(&fixture).into_iter().find(|row| row.id.as_deref() == id).expect(body);
        assert_eq!((row.state.as_str(), row.account.as_deref()), (state, account), "{body}");
    }
}

#[tokio::test]
async fn hostile_bodies_with_a_good_signature_are_kept_or_put_aside_and_never_fail() {
    let fixture = Fixture::new();
    let mut bodies: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\xef\xbb\xbf{\"id\":\"evt_bom\",\"livemode\":false}".to_vec(),
        b"\xff\xfe{\x00}\x00".to_vec(),
        b"{\"id\":\"evt_\\ud800\",\"livemode\":false}".to_vec(),
        b"{\"id\":\"evt_\\u0000\",\"livemode\":false}".to_vec(),
        b"{\"id\":\"evt_nul\",\"livemode\":false,\"type\":\"a\\u0000b\"}".to_vec(),
        b"{\"id\":\"evt_dup\",\"id\":\"evt_dup2\",\"livemode\":false,\"livemode\":true}".to_vec(),
        b"{\"id\":\"evt_num\",\"livemode\":false,\"created\":1e400}".to_vec(),
        b"{\"id\":\"evt_big\",\"livemode\":false,\"created\":18446744073709551616}".to_vec(),
        b"{\"id\":\"evt_neg\",\"livemode\":false,\"created\":-0}".to_vec(),
        b"{\"id\":\"evt_arr\",\"livemode\":false,\"data\":{\"object\":[]}}".to_vec(),
        b"{\"id\":7,\"livemode\":\"no\",\"account\":{}}".to_vec(),
        b"\x80\x81\x82".to_vec(),
    ];
    bodies.push(
        format!("{{\"id\":\"evt_deep\",\"livemode\":false,\"data\":{}", "[".repeat(100_000)).into_bytes(),
    );
    bodies.push(format!("{{\"id\":\"{}\",\"livemode\":false}}", "x".repeat(70_000)).into_bytes());
    for body in bodies {
        let answer = fixture.deliver(SECRET, &body).await;
        let shown = String::from_utf8_lossy(&body).chars().take(80).collect::<String>();
        assert_eq!(answer.status, StatusCode::OK, "{shown}: {}", answer.text);
    }
    fixture.settle();
    for path in ["/", "/events", "/api/v1/events", "/api/v1/status", "/api/v1/ledger/export"] {
        assert_eq!(fixture.local("GET", path, "").await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_body_too_large_or_too_slow_is_refused() {
    let limits = Limits { body_timeout: Duration::from_millis(80), ..Limits::default() };
    let fixture = Fixture::with(None, None, limits, None);
    let large = vec![b' '; 1024 * 1024 + 1];
    assert_eq!(fixture.deliver(SECRET, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut announced = delivery("t=1,v1=00", Vec::new());
    announced.headers_mut().insert("content-length", axum::http::HeaderValue::from_static("1048577"));
    assert_eq!(fixture.send(announced).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let edge = vec![b' '; 1024 * 1024];
    assert_eq!(fixture.deliver(SECRET, &edge).await.status, StatusCode::OK);

    let never = Body::new(Never);
    let slow = Request::post("/api/webhooks/stripe").header("stripe-signature", "t=1,v1=00").body(never);
    assert_eq!(fixture.send(slow.expect("a request")).await.status, StatusCode::REQUEST_TIMEOUT);
}

/// A body that never comes.
struct Never;

impl axum::body::HttpBody for Never {
    type Data = axum::body::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

/// A letter box that refuses, or that loses the reply.
struct Refusing {
    silently: bool,
}

impl LetterBox for Refusing {
    fn submit(&self, _: Delivery, done: Done) {
        if !self.silently {
            done(Err(NotKept));
        }
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_to_be_sent_again() {
    for silently in [false, true] {
        let fixture = Fixture::with(None, None, Limits::default(), Some(Arc::new(Refusing { silently })));
        let answer = fixture.deliver(SECRET, EVENT.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers.contains_key("retry-after"));
        assert_eq!(fixture.app.metrics.of(Ending::NotStored), 1);
        assert!(kept(&fixture).is_empty());
    }
}

#[tokio::test]
async fn an_old_delivery_cannot_be_replayed() {
    let fixture = Fixture::new();
    let captured = signed(SECRET, EVENT.as_bytes(), NOW / 1000);
    assert_eq!(fixture.send(delivery(&captured, EVENT.into())).await.status, StatusCode::OK);
    fixture.now.fetch_add(301_000, Ordering::SeqCst);
    assert_eq!(fixture.send(delivery(&captured, EVENT.into())).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(kept(&fixture)[0].deliveries, 1);
}
