//! A wire that fails: how often it is tried, after what waits, always under the same idempotency key, and what
//! is said in the end.

use std::sync::atomic::Ordering;

use stripe::{Again, IdempotencyKey, NewPromotionCode, Refusal, RefusedKind, StripeError};

use crate::client;
use crate::server::{Act, Server};

const DONE: Act = Act::Answer(200, "", r#"{"id":"promo_1"}"#);
const OVERLOAD: Act = Act::Answer(500, "request-id: req_5\r\n", r#"{"error":{"type":"api_error"}}"#);
const TOO_FAST: Act = Act::Answer(429, "", r#"{"error":{"code":"rate_limit"}}"#);
const BUSY: Act = Act::Answer(409, "", r#"{"error":{"code":"idempotency_key_in_use"}}"#);

struct Row {
    what: &'static str,
    acts: &'static [Act],
    pauses_ms: &'static [u64],
    /// `None`: it worked out.
    end: Option<(StripeError, Again)>,
}

fn row(what: &'static str, acts: &'static [Act], pauses_ms: &'static [u64]) -> Row {
    Row { what, acts, pauses_ms, end: None }
}

impl Row {
    fn ends(mut self, error: StripeError, again: Again) -> Self {
        self.end = Some((error, again));
        self
    }
}

fn lost(why: &str) -> StripeError {
    StripeError::TimedOutAfterSend { why: why.into() }
}

fn failed(status: u16, replayed: bool) -> StripeError {
    StripeError::Failed { status, replayed, request_ref: Some("req_5".into()) }
}

fn refused(status: u16, kind: RefusedKind, code: Option<&str>, message: &str) -> StripeError {
    let message = message.to_owned();
    let code = code.map(Into::into);
    StripeError::Refused(Box::new(Refusal { status, kind, code, param: None, message, request_ref: None }))
}

#[test]
fn a_failing_wire_is_tried_again_with_the_same_key_until_patience_is_over() {
    let rows = [
        row("nothing wrong", &[DONE], &[]),
        row("an answer lost after the effect", &[Act::HangUp, DONE], &[250]),
        row("a truncated answer", &[Act::Truncate, DONE], &[250]),
        row("no answer in time", &[Act::Silence, DONE], &[250]),
        row("a failure of Stripe's", &[OVERLOAD, OVERLOAD, DONE], &[250, 500]),
        row("an earlier try still at work", &[BUSY, DONE], &[250]),
        row("too fast", &[TOO_FAST, DONE], &[250]),
        row("too fast, with a word", &[Act::Answer(429, "retry-after: 3\r\n", "{}"), DONE], &[3_000]),
        row("a bad gateway with a page", &[Act::Answer(502, "", "<html>"), DONE], &[250]),
        row("a refusal to be tried again", &[Act::Answer(400, "stripe-should-retry: true\r\n", "{}"), DONE], &[250]),
        row("silence for good", &[Act::HangUp; 4], &[250, 500, 1_000])
            .ends(lost("protocol: http parse fail: incomplete response"), Again::SameKeyOnly),
        row("failures for good", &[OVERLOAD; 4], &[250, 500, 1_000])
            .ends(failed(500, false), Again::SameKeyOnly),
        row("too fast for good", &[TOO_FAST; 4], &[250, 500, 1_000])
            .ends(StripeError::RateLimited { retry_after_ms: 2_000 }, Again::Safe),
        row("lost once, then too fast", &[Act::HangUp, TOO_FAST, TOO_FAST, TOO_FAST], &[250, 500, 1_000])
            .ends(lost("the first try"), Again::SameKeyOnly),
        row("at work for good", &[BUSY; 4], &[250, 500, 1_000])
            .ends(StripeError::InProgress, Again::SameKeyOnly),
        row("a wait longer than a call", &[Act::Answer(429, "retry-after: 600\r\n", "{}")], &[])
            .ends(StripeError::RateLimited { retry_after_ms: 600_000 }, Again::Safe),
        row("a failure that Stripe will repeat", &[Act::Answer(
            500, "request-id: req_5\r\nidempotent-replayed: true\r\n", "{}")], &[])
            .ends(failed(500, true), Again::Useless),
        row("a failure not to be tried again", &[Act::Answer(
            503, "request-id: req_5\r\nstripe-should-retry: false\r\n", "{}")], &[])
            .ends(failed(503, false), Again::SameKeyOnly),
        row("a refusal", &[Act::Answer(400, "",
            r#"{"error":{"type":"invalid_request_error","code":"resource_already_exists","message":"taken"}}"#)], &[])
            .ends(refused(400, RefusedKind::InvalidRequest, Some("resource_already_exists"), "taken"), Again::Useless),
        row("other parameters under the same key", &[Act::Answer(400, "",
            r#"{"error":{"type":"idempotency_error","message":"Keys for idempotent requests"}}"#)], &[])
            .ends(refused(400, RefusedKind::Idempotency, None, "Keys for idempotent requests"), Again::Useless),
        row("a refusal without words", &[Act::Answer(402, "", "")], &[])
            .ends(refused(402, RefusedKind::Unknown(String::new()), None, "without saying why"), Again::Useless),
        row("a redirect, which would take the key along", &[Act::Answer(302, "location: http://127.0.0.1:1/\r\n", "")], &[])
            .ends(StripeError::BadAnswer { status: 302, why: "it leads elsewhere; is STRIPE_API_BASE right?".into() },
                Again::SameKeyOnly),
        row("an answer that is no JSON", &[Act::Answer(200, "", "<html>")], &[])
            .ends(StripeError::BadAnswer { status: 200, why: "not JSON, at line 1 column 1".into() }, Again::SameKeyOnly),
    ];
    for row in rows {
        let server = Server::start(row.acts);
        let (client, still) = client(&server.address);
        let key = IdempotencyKey::parse("code-create/7/promotion").unwrap();
        let new = NewPromotionCode { coupon: "c".into(), ..NewPromotionCode::default() };
        let end = client.create_promotion_code(&new, &key).map(|answer| answer.object.id);
        let said = end.as_ref().err().map(|why| (why.clone(), why.again()));
        match (&said, &row.end) {
            // How the library words a broken wire is not ours to fix.
            (
                Some((StripeError::TimedOutAfterSend { .. }, again)),
                Some((StripeError::TimedOutAfterSend { .. }, expected)),
            ) => {
                assert_eq!(again, expected, "{}", row.what);
            }
            _ => assert_eq!(said, row.end, "{}", row.what),
        }
        assert_eq!(*still.pauses_ms.lock().unwrap(), row.pauses_ms, "{}", row.what);
        let asked = server.asked();
        assert_eq!(asked.len(), row.acts.len(), "{}", row.what);
        for again in &asked {
            assert_eq!(again.header("idempotency-key"), Some("code-create/7/promotion"), "{}", row.what);
            assert_eq!(again.body, asked[0].body, "{}", row.what);
        }
    }
}

#[test]
fn nobody_there_is_told_apart_from_nobody_answering() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let (client, still) = client(&address);
    let error = client.account().unwrap_err();
    assert!(matches!(error, StripeError::Unreachable { .. }), "{error:?}");
    assert_eq!(error.again(), Again::Safe);
    assert_eq!(still.pauses_ms.lock().unwrap().len(), 3);
}

#[test]
fn a_house_that_closes_does_not_wait_for_stripe() {
    let server = Server::start(&[OVERLOAD]);
    let (client, still) = client(&server.address);
    still.closing.store(true, Ordering::SeqCst);
    assert_eq!(client.account().unwrap_err(), StripeError::Closing);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn calls_beyond_the_rate_wait_their_turn() {
    let server = Server::start(&[Act::Answer(200, "", r#"{"id":"acct_1"}"#); 8]);
    let (client, still) = client(&server.address);
    for _ in 0..8 {
        client.clone().account().unwrap();
    }
    // A test key: 20 in a second, 5 at once. Time stands still but for the waits.
    assert_eq!(*still.pauses_ms.lock().unwrap(), [50, 50, 50]);
}

#[test]
fn too_many_requests_slow_every_clone_down() {
    let server = Server::start(&[
        Act::Answer(429, "retry-after: 20\r\n", "{}"),
        Act::Answer(429, "retry-after: 600\r\n", "{}"),
    ]);
    let (client, still) = client(&server.address);
    assert!(client.account().is_err());
    // Not even asked: the wait is longer than a call may take.
    let told = client.clone().account().unwrap_err();
    assert_eq!(told, StripeError::RateLimited { retry_after_ms: 600_000 });
    assert_eq!(*still.pauses_ms.lock().unwrap(), [20_000]);
    assert_eq!(server.asked().len(), 2);
}
