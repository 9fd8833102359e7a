//! Deliveries from end to end: a server on a free port, an endpoint registered over the API, a receiver that
//! answers as told, and what the log says afterwards.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/street.rs"]
mod street;

use std::collections::BTreeMap;

use sandbox::stripe_signature;
use street::{Arrived, Receiver, START_S, Street, WALL_S};

const COUPON: &str = "/v1/coupons";

fn signed_with(arrived: &Arrived, secret: &str) -> bool {
    let ours = stripe_signature(secret, WALL_S, &arrived.raw);
    let v1 = ours.split_once(",").map(|(_, v1)| v1.to_owned()).unwrap_or_default();
    arrived.signature.starts_with(&format!("t={WALL_S},")) && arrived.signature.contains(&v1)
}

#[test]
fn what_a_receiver_fails_to_take_is_sent_again_and_signed_anew() {
    let (street, receiver) = (Street::open(1, "none"), Receiver::answering(&[500, 302]));
    let (_, secret) = street.listen(&receiver, "");
    street.call("POST", COUPON, "id=TEN&percent_off=10");
    street.call("POST", "/_sandbox/settle", "");
    assert_eq!(receiver.arrived().len(), 1, "no retry before its time");
    let failed = street.call("GET", "/_sandbox/deliveries", "");
    let next_s = failed["data"][0]["next_attempt_at"].as_i64().expect("a next try");
    assert_eq!((&failed["data"][0]["status"], next_s), (&500.into(), START_S + 300));

    street.call("POST", "/_sandbox/advance", "hours=2");
    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 3, "500, 302, then taken");
    assert!(arrived.iter().all(|row| signed_with(row, &secret) && row.id() == arrived[0].id()));
    assert_eq!(arrived[0].event["type"], "coupon.created");
    assert_eq!(arrived[0].event["created"], START_S, "an event keeps the time it happened at");
    let log = street.call("GET", "/_sandbox/deliveries", "");
    let statuses: Vec<i64> =
        log["data"].as_array().expect("rows").iter().rev().filter_map(|row| row["status"].as_i64()).collect();
    assert_eq!(statuses, [500, 302, 200]);
    assert_eq!(log["data"][0]["next_attempt_at"], serde_json::Value::Null);
    assert_eq!((&log["totals"]["delivered"], &log["totals"]["failed"]), (&1.into(), &2.into()));
}

#[test]
fn test_mode_gives_up_after_three_further_tries() {
    let (street, receiver) = (Street::open(1, "none"), Receiver::answering(&[500; 9]));
    street.listen(&receiver, "");
    street.call("POST", COUPON, "percent_off=10");
    street.call("POST", "/_sandbox/advance", "days=10");
    assert_eq!(receiver.arrived().len(), 4);
}

#[test]
fn a_disabled_endpoint_is_left_alone_and_others_hear_only_what_they_want() {
    let street = Street::open(1, "none");
    let (all, deleted, disabled) =
        (Receiver::answering(&[]), Receiver::answering(&[]), Receiver::answering(&[500]));
    street.listen(&all, "");
    let (id, _) = street.listen(&disabled, "");
    let form =
        format!("url=http://{}/&enabled_events[]=coupon.deleted&api_version=2025-03-31.basil", deleted.at);
    street.call("POST", "/v1/webhook_endpoints", &form);
    street.call("POST", COUPON, "id=A&percent_off=10");
    street.call("POST", "/_sandbox/settle", "");
    street.call("POST", &format!("/v1/webhook_endpoints/{id}"), "disabled=true");
    street.call("DELETE", "/v1/coupons/A", "");
    street.call("POST", "/_sandbox/advance", "days=1");
    let kinds = |receiver: &Receiver| -> Vec<String> {
        let mut kinds: Vec<String> = receiver
            .arrived()
            .iter()
            .map(|row| row.event["type"].as_str().unwrap_or_default().to_owned())
            .collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds(&all), ["coupon.created", "coupon.deleted"]);
    assert_eq!(kinds(&deleted), ["coupon.deleted"]);
    assert_eq!(deleted.arrived()[0].event["api_version"], "2025-03-31.basil");
    assert_eq!(kinds(&disabled), ["coupon.created"], "its retry was dropped");
}

#[test]
fn a_rolled_secret_signs_beside_the_old_one_until_that_dies() {
    let (street, receiver) = (Street::open(1, "none"), Receiver::answering(&[]));
    let (id, old) = street.listen(&receiver, "");
    let rolled = street.call("POST", &format!("/_sandbox/webhook_endpoints/{id}/roll"), "keep_s=3600");
    let new = rolled["secrets"][0].as_str().expect("a secret").to_owned();
    assert_eq!(rolled["secrets"][1], old.as_str());
    street.call("POST", COUPON, "percent_off=10");
    street.call("POST", "/_sandbox/advance", "hours=2");
    street.call("POST", COUPON, "percent_off=20");
    street.call("POST", "/_sandbox/settle", "");
    let arrived = receiver.arrived();
    assert!(signed_with(&arrived[0], &old) && signed_with(&arrived[0], &new));
    assert!(!signed_with(&arrived[1], &old) && signed_with(&arrived[1], &new));
}

#[test]
fn an_event_is_sent_again_on_request_and_a_silent_call_tells_nobody() {
    let (street, receiver) = (Street::open(1, "none"), Receiver::answering(&[]));
    street.listen(&receiver, "");
    let silent = street.call("POST", "/_sandbox/silently/v1/coupons", "id=QUIET&percent_off=10");
    assert_eq!((&silent["answer"]["id"], &silent["events_not_told"]), (&"QUIET".into(), &1.into()));
    street.call("POST", "/v1/coupons/QUIET", "name=Loud");
    street.call("POST", "/_sandbox/settle", "");
    let event = receiver.arrived()[0].id().to_owned();
    street.call("POST", &format!("/_sandbox/events/{event}/resend"), "");
    street.call("POST", "/_sandbox/settle", "");
    let arrived: Vec<String> = receiver.arrived().iter().map(|row| row.id().to_owned()).collect();
    assert_eq!(arrived, [event.clone(), event], "the silent call's event never came");
}

/// Every arrival of 200 coupons' events under chaos, by event, and the counts.
fn played(seed: u64) -> (BTreeMap<String, usize>, String) {
    let chaos = "duplicate=10%,reorder=20%,delay=5%,lose=5%,refuse=10%,unanswered=5%,burst-s=10";
    let (street, receiver) = (Street::open(seed, chaos), Receiver::answering(&[]));
    street.listen(&receiver, "");
    for number in 0..200 {
        street.call("POST", COUPON, &format!("id=C{number}&percent_off=10"));
    }
    street.call("POST", "/_sandbox/advance", "days=2");
    let mut times = BTreeMap::new();
    for row in receiver.arrived() {
        *times.entry(row.event["data"]["object"]["id"].as_str().expect("an id").to_owned()).or_default() += 1;
    }
    (times, street.call("GET", "/_sandbox/chaos", "")["chaos"].to_string())
}

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what the test is about")]
fn chaos_follows_from_its_seed() {
    let (times, counts) = played(7);
    println!(
        "chaos, seed 7, 200 events: {} arrived, {} deliveries; {counts}",
        times.len(),
        times.values().sum::<usize>()
    );
    assert_eq!((&times, &counts), (&played(7).0, &played(7).1));
    assert_ne!(times, played(8).0);
    assert!(times.len() < 200, "some were lost");
    assert!(times.values().any(|times| *times > 1), "some came twice");
}

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what the test is about")]
fn calls_fail_before_and_after_their_effect() {
    let run = || {
        let street =
            Street::open(3, "api-429=10%,api-500=10%,api-500-after=10%,api-reset=10%,api-timeout=10%");
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for number in 0..100 {
            let answer = street.try_call("POST", COUPON, &format!("id=C{number}&percent_off=10"));
            let told = answer.map_or("cut".to_owned(), |(status, _)| status.to_string());
            street.call("POST", "/_sandbox/chaos", "set=none");
            let there = street
                .try_call("GET", &format!("{COUPON}/C{number}"), "")
                .is_some_and(|(status, _)| status == 200);
            street.call(
                "POST",
                "/_sandbox/chaos",
                "set=api-429=10%25,api-500=10%25,api-500-after=10%25,api-reset=10%25,api-timeout=10%25",
            );
            *counts.entry(format!("{told}, {}", if there { "done" } else { "not done" })).or_default() += 1;
        }
        counts
    };
    let counts = run();
    println!("100 calls under chaos: {counts:?}");
    assert_eq!(counts, run());
    for kind in ["200, done", "cut, done", "cut, not done", "429, not done", "500, done", "500, not done"] {
        assert!(counts.contains_key(kind), "{kind}: {counts:?}");
    }
    assert!(!counts.contains_key("200, not done") && !counts.contains_key("429, done"), "{counts:?}");
}

#[test]
fn the_state_of_a_book_can_be_looked_at() {
    let street = Street::open(1, "none");
    street.call("POST", COUPON, "id=TEN&percent_off=10&metadata[partner_ref]=anna");
    let counts = street.call("GET", "/_sandbox/state", "counts=true");
    assert_eq!((&counts["objects"]["coupon"], &counts["objects"]["invoice"]), (&1.into(), &0.into()));
    let state = street.call("GET", "/_sandbox/state", "version=2025-03-31.basil");
    assert_eq!(state["objects"]["coupon"][0]["id"], "TEN");
    let due = street.call("GET", "/_sandbox/oracle", "rates[anna]=1500&sales=true");
    assert_eq!((&due["totals"], &due["sales"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert_eq!(street.try_call("GET", "/_sandbox/oracle", "rates[anna]=much").expect("an answer").0, 400);
    assert_eq!(
        street.try_call("GET", "/_sandbox/state", "livemode=true&account=acct_none").expect("an answer").0,
        404
    );
    assert_eq!(street.try_call("POST", "/_sandbox/nothing", "").expect("an answer").0, 404);
}

#[test]
fn single_calls_can_be_made_to_fail() {
    let street = Street::open(1, "none");
    let status = |form: &str| street.try_call("POST", COUPON, form).map(|(status, _)| status);
    street.call("POST", "/_sandbox/fail", "with=500-after&method=POST&path=/v1/coupons&after=1&times=1");
    assert_eq!(status("id=A&percent_off=10"), Some(200));
    assert_eq!(status("id=B&percent_off=10"), Some(500));
    street.call("GET", "/v1/coupons/B", "");
    street.call("POST", "/_sandbox/fail", "with=cut");
    assert_eq!((status("id=C&percent_off=10"), status("id=C&percent_off=10")), (None, Some(200)));
    street.call("POST", "/_sandbox/limit", "per_s=1");
    assert_eq!((status("id=D&percent_off=10"), status("id=E&percent_off=10")), (Some(200), Some(429)));
    street.call("POST", "/_sandbox/limit", "");
    street.call("POST", "/_sandbox/keys", "key=rk_test_x&permissions[]=coupon_read");
    street.call("POST", "/_sandbox/version", "version=2025-03-31.basil");
    let receiver = Receiver::answering(&[]);
    street.listen(&receiver, "");
    assert_eq!(status("id=E&percent_off=10"), Some(200));
    street.call("POST", "/_sandbox/settle", "");
    assert_eq!(receiver.arrived()[0].event["api_version"], "2025-03-31.basil");
    for (path, form) in [("fail", "with=sleep"), ("keys", "key=sk_test_x"), ("version", "version=new")] {
        assert_eq!(
            street.try_call("POST", &format!("/_sandbox/{path}"), form).expect("an answer").0,
            400,
            "{path}"
        );
    }
}
