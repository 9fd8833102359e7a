//! Deliveries get lost between the sandbox and the house, both as processes: `catch-up` finds exactly those, a server
//! with a key does so by itself, and a gap is an exit code.

use std::collections::BTreeSet;

use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, WEBHOOKS, rows};
use crate::http;
use crate::sandbox::Sandbox;
use crate::tools::eventually;

/// A sandbox that loses every fifth delivery, and a house that hears the rest of a business.
fn lossy(db: TestDatabase) -> (Sandbox, House) {
    let sandbox = Sandbox::start("--frozen 2026-01-01 --seed 11 --chaos lose=20%");
    let made = sandbox.call("/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*");
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let mut house = House::new(db, &[("STRIPE_WEBHOOK_SECRET_TEST", &secret)]);
    house.serve();
    let endpoint = format!("/v1/webhook_endpoints/{}", made["id"].as_str().expect("an id"));
    sandbox.call(&endpoint, &format!("url=http://{}{WEBHOOKS}", house.address()));
    sandbox.call("/_sandbox/seed", "partners=2&customers=12");
    sandbox.call("/_sandbox/advance", "days=9");
    (sandbox, house)
}

fn with_key(house: &mut House, sandbox: &Sandbox) {
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    house.set("STRIPE_API_KEY_TEST", "sk_test_catchup");
}

/// The events that got lost, and how many there were, of the types that catch-up looks for.
fn lost(sandbox: &Sandbox) -> (BTreeSet<String>, i64) {
    let body = http::get(sandbox.at, "/_sandbox/deliveries?limit=10000").expect("a log").1;
    let log: Value = serde_json::from_str(&body).expect("JSON");
    let (mut lost, mut all) = (BTreeSet::new(), BTreeSet::new());
    for row in log["data"].as_array().expect("rows") {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let read = facts::HANDLES.iter().any(|handle| handle.event_type == text("type"));
        if !read || text("type") == "invoice.created" {
            continue;
        }
        all.insert(text("event"));
        if row["error"] == "lost (chaos)" {
            lost.insert(text("event"));
        }
    }
    (lost, i64::try_from(all.len()).expect("few"))
}

#[test]
fn catch_up_finds_exactly_what_was_lost_and_says_the_delivery_rate() {
    for db in TestDatabase::each() {
        let (sandbox, mut house) = lossy(db);
        house.run("catch-up").expect(2);
        with_key(&mut house, &sandbox);
        let (lost, listed) = lost(&sandbox);
        assert!(lost.len() > 20, "{} of {listed}", lost.len());
        let report = house.json("catch-up").as_array().expect("books")[0].clone();
        let missing = i64::try_from(lost.len()).expect("few");
        let counts = ["listed", "received", "missing", "delivery_rate_bps"].map(|name| report[name].as_i64());
        let received = listed - missing;
        assert_eq!(counts, [listed, received, missing, received * 10_000 / listed].map(Some));
        let healed: BTreeSet<String> = rows(report["healed"].clone())
            .iter()
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect();
        assert_eq!(healed, lost);
        assert_eq!(house.json("catch-up")[0]["listed"], 0, "nothing is counted twice");
        assert_eq!(rows(house.json("catch-up --history")).len(), 2);
        assert!(house.ok("catch-up --history").contains(" %"));
        house.run("catch-up --book live").expect(2);
        house.run("catch-up --book moon").expect(2);
        sandbox.call("/_sandbox/tick", "days=45");
        let gap = house.run("catch-up");
        gap.expect(1);
        assert!(
            gap.out.contains("no longer listed") && gap.err.contains("reconcile"),
            "{}{}",
            gap.out,
            gap.err
        );
        house.audit();
    }
}

#[test]
fn a_server_with_a_key_catches_up_when_it_starts() {
    let (sandbox, mut house) = lossy(TestDatabase::sqlite());
    house.stop();
    with_key(&mut house, &sandbox);
    let (lost, _) = lost(&sandbox);
    house.serve();
    eventually("what was lost is here", || {
        let here: BTreeSet<String> = house
            .events()
            .iter()
            .filter(|event| event["source"] == "list")
            .map(|event| event["id"].as_str().expect("an id").to_owned())
            .collect();
        here == lost
    });
    house.stop();
    let kept = rows(house.json("catch-up --history"));
    assert_eq!((&kept[0]["reason"], &kept[0]["missing"]), (&"boot".into(), &lost.len().into()));
    house.audit();
}
