//! Errors as a Sentry-compatible server gets them; and one that is slow, refuses or hangs, which nobody notices.

use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, SECRETS, TEST};
use crate::http;
use crate::listeners::{HANG, Listener};
use crate::operate::POISON;
use crate::tools::eventually;

fn house(server: &Listener) -> House {
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("SENTRY_DSN", &format!("http://CANARYdsn@{}/sub/7", server.address));
    house.set("SENTRY_ENVIRONMENT", "test bench");
    house.serve();
    house
}

/// An invoice that cannot be calculated, of a customer with a name.
fn poison(id: &str) -> String {
    let customer = r#""customer_name":"CANARYname","customer_email":"anna@CANARY.example","status":"paid""#;
    POISON.replace("ID", id).replace(r#""status":"paid""#, customer)
}

fn told(house: &House, ending: &str) -> i64 {
    let (_, metrics) = http::get(house.address(), "/metrics").expect("an answer");
    let name = format!("countinghouse_telemetry_total{{sink=\"sentry\",ending=\"{ending}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name)).expect("a counter");
    line.parse().expect("a number")
}

fn poisoned(house: &House, ids: &[&str]) {
    for id in ids {
        assert_eq!(house.post(TEST, poison(id).as_bytes()), 200);
        let at = |row: &Value| row["id"] == *id && row["state"] == "parked";
        eventually("it is parked", || house.events().iter().any(at));
    }
}

#[test]
fn a_sale_that_cannot_be_calculated_is_reported_once_with_what_the_list_allows() {
    let server = Listener::http();
    let mut house = house(&server);
    poisoned(&house, &["evt_a", "evt_b", "evt_c"]);
    eventually("it is reported", || told(&house, "sent") == 1 && told(&house, "dropped") == 2);
    house.stop();
    let heard = server.heard();
    assert_eq!(heard.len(), 1, "one of a kind a minute");
    assert!(heard[0].head.starts_with("post /sub/api/7/envelope/"), "{}", heard[0].head);
    assert!(
        heard[0].header("x-sentry-auth").contains("sentry_version=7") && heard[0].head.contains("canarydsn")
    );
    let lines: Vec<Value> =
        heard[0].body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let [head, item, event] = lines.as_slice() else { panic!("three lines: {}", heard[0].body) };
    assert_eq!(head["event_id"], event["event_id"]);
    assert_eq!(
        item["length"].as_u64().map(|length| length as usize),
        heard[0].body.lines().nth(2).map(str::len)
    );
    assert_eq!((&event["level"], &event["environment"]), (&"error".into(), &"test bench".into()));
    assert_eq!(event["logentry"]["formatted"], "a sale cannot be calculated and is parked");
    assert_eq!((&event["extra"]["book"], &event["extra"]["object"]), (&"test".into(), &"in_evt_a".into()));
    assert!(!heard[0].body.contains("CANARY"), "{}", heard[0].body);
    assert!(!house.said().contains("CANARY"));
}

#[test]
fn a_server_that_asks_to_wait_is_asked_again_later() {
    let server = Listener::http();
    server.answer(429);
    let mut house = house(&server);
    poisoned(&house, &["evt_a"]);
    eventually("it was asked", || server.heard().len() == 1);
    server.answer(200);
    eventually("the report arrives", || told(&house, "sent") == 1);
    let ids: Vec<Option<String>> =
        server.heard().iter().map(|heard| heard.body.lines().next().map(str::to_owned)).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]), "the same report");
    house.stop();
}

#[test]
fn a_server_that_hangs_refuses_or_is_gone_stops_nobody() {
    for status in [HANG, 403] {
        let server = Listener::http();
        server.answer(status);
        let mut house = house(&server);
        poisoned(&house, &["evt_a"]);
        eventually("it was asked", || server.heard().len() == 1);
        poisoned(&house, &["evt_b"]);
        assert_eq!(told(&house, "sent"), 0);
        assert_eq!(told(&house, "dropped"), 1, "the second of its kind");
        assert_eq!(house.stop().0, Some(0));
    }
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("SENTRY_DSN", "http://key@127.0.0.1:9/7");
    house.serve();
    poisoned(&house, &["evt_a"]);
    assert_eq!(house.stop().0, Some(0));
    house.run("verify").expect(0);
}
