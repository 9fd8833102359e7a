//! Thin events end to end: the sandbox sends what happened and not the object, the house asks for the object and books
//! what it says.

use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, WEBHOOKS};
use crate::sandbox::Sandbox;
use crate::tools::eventually;

fn states(house: &House, state: &str) -> usize {
    house.events().iter().filter(|row| row["state"] == state).count()
}

fn sales(house: &House) -> usize {
    let rows: Value = serde_json::from_str(&house.ok("ledger export --format json")).expect("JSON");
    rows.as_array().map_or(0, Vec::len)
}

/// A purchase that was told by thin events alone, while there was no key: everything waits.
fn waiting(sandbox: &Sandbox) -> House {
    let made = sandbox.call("/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*");
    let (secret, id) = (made["secret"].as_str().expect("a secret"), made["id"].as_str().expect("an id"));
    sandbox.call(&format!("/_sandbox/webhook_endpoints/{id}/payload"), "payload=thin");
    let mut house = House::new(TestDatabase::sqlite(), &[("STRIPE_WEBHOOK_SECRET_TEST", secret)]);
    house.serve();
    sandbox
        .call(&format!("/v1/webhook_endpoints/{id}"), &format!("url=http://{}{WEBHOOKS}", house.address()));
    house.json(&format!("sandbox trigger invoice.paid --at {}", sandbox.at));
    sandbox.call("/_sandbox/settle", "");
    eventually("everything waits for its object", || states(&house, "pending") == 0);
    assert!(states(&house, "waiting") > 3, "{:?}", house.events());
    assert_eq!((states(&house, "parked"), sales(&house)), (0, 0));
    house.stop();
    house
}

fn give_key(house: &mut House, sandbox: &Sandbox) {
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    house.set("STRIPE_API_KEY_TEST", "sk_test_reader");
}

#[test]
fn a_purchase_told_by_thin_events_alone_is_booked_once_a_key_is_there() {
    let sandbox = Sandbox::start("--frozen 2026-01-01 --seed 5");
    let mut house = waiting(&sandbox);
    give_key(&mut house, &sandbox);
    house.serve();
    eventually("the objects have come", || states(&house, "waiting") == 0 && sales(&house) == 1);
    assert!(house.events().iter().any(|row| row["source"] == "fetch" && row["type"] == "invoice"));
    house.stop();
    house.audit();
}

#[test]
fn draining_fetches_what_thin_events_wait_for_and_says_without_a_key_that_they_wait() {
    let sandbox = Sandbox::start("--frozen 2026-01-01 --seed 6");
    let mut house = waiting(&sandbox);
    let waits = states(&house, "waiting");
    let told = house.ok("events drain");
    assert!(told.contains(&format!("{waits} thin event(s) wait")), "{told}");
    assert_eq!(house.json("events drain")["thin_waiting"], waits);
    give_key(&mut house, &sandbox);
    let told = house.ok("events drain");
    assert!(!told.contains("wait"), "{told}");
    assert_eq!((states(&house, "waiting"), sales(&house)), (0, 1));
    house.audit();
}
