//! What every call has in common: keys, versions, idempotency keys, request ids.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/call.rs"]
mod call;

use call::{PLAIN, START_S, With, call, kinds, raw};
use sandbox::Method::{Get, Post};
use sandbox::{Answer, World};

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_key_opens_its_mode_and_nothing_else() {
    let mut world = World::new(1, START_S);
    let rows = [
        ("sk_test_a", 200),
        ("sk_test_b", 200),
        ("sk_live_a", 404),
        ("pk_test_a", 403),
        ("rk_test_unknown", 401),
        ("nonsense", 401),
        ("", 401),
    ];
    call(&mut world, Post, "/v1/coupons", "id=TEST&percent_off=10", PLAIN);
    for (key, expected) in rows {
        let (status, body) = call(&mut world, Get, "/v1/coupons/TEST", "", With { key, ..PLAIN });
        assert_eq!(status, expected, "{key}: {body}");
        assert!(key.len() < 9 || !body.to_string().contains(key), "the key is not repeated: {body}");
    }
    let none = With { account: Some("acct_none"), ..PLAIN };
    let (status, body) = call(&mut world, Get, "/v1/coupons/TEST", "", none);
    assert_eq!((status, &body["error"]["code"]), (403, &"account_invalid".into()));
}

#[test]
fn a_version_is_the_nearest_family_and_is_said_back() {
    let mut world = World::new(1, START_S);
    for (version, status) in [("2025-05-28.basil", 200), ("2023-10-16", 200), ("tomorrow", 400)] {
        let answer = raw(&mut world, Get, "/v1/coupons", "", With { version: Some(version), ..PLAIN });
        assert_eq!(answer.status, status, "{version}");
        assert_eq!(header(&answer, "Stripe-Version"), Some(version));
        assert!(header(&answer, "Request-Id").is_some_and(|id| id.starts_with("req_")));
    }
}

#[test]
fn an_answer_is_said_again_under_its_key_for_a_day() {
    let mut world = World::new(1, START_S);
    let with = With { idempotency_key: Some("key-1"), ..PLAIN };
    let form = "percent_off=10&duration=once";
    let first = raw(&mut world, Post, "/v1/coupons", form, with);
    let again = raw(&mut world, Post, "/v1/coupons", form, with);
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(header(&first, "Idempotent-Replayed"), None);
    assert_eq!(header(&again, "Idempotent-Replayed"), Some("true"));
    assert_eq!(header(&again, "Original-Request"), header(&first, "Request-Id"));
    assert_eq!(kinds(&mut world), ["coupon.created"]);

    let (status, body) = call(&mut world, Post, "/v1/coupons", "percent_off=11", with);
    assert_eq!((status, &body["error"]["type"]), (400, &"idempotency_error".into()));
    let live = raw(&mut world, Post, "/v1/coupons", form, With { key: "sk_live_a", ..with });
    assert_eq!(header(&live, "Idempotent-Replayed"), None, "each book has its own keys");

    world.tick(START_S + 86_400);
    let later = raw(&mut world, Post, "/v1/coupons", form, with);
    assert_eq!(header(&later, "Idempotent-Replayed"), None);
    assert_ne!(later.body, first.body);
}

#[test]
fn what_was_refused_before_it_began_is_not_kept() {
    let mut world = World::new(1, START_S);
    let with = With { idempotency_key: Some("key-1"), ..PLAIN };
    let (status, _) = call(&mut world, Post, "/v1/coupons", "percent_off=101", with);
    assert_eq!(status, 400);
    let (status, body) = call(&mut world, Post, "/v1/coupons", "percent_off=100", with);
    assert_eq!(status, 200, "{body}");
}

#[test]
fn events_say_which_call_made_them() {
    let mut world = World::new(1, START_S);
    let with = With { idempotency_key: Some("key-1"), ..PLAIN };
    let answer = raw(&mut world, Post, "/v1/coupons", "percent_off=10", with);
    let events = world.take_events();
    let cause = events.first().and_then(|event| event.cause.as_ref()).expect("a cause");
    assert_eq!(Some(cause.id.as_str()), header(&answer, "Request-Id"));
    assert_eq!(cause.idempotency_key.as_deref(), Some("key-1"));
}
