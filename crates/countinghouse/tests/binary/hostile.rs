//! F14, hostile bodies against a running server (I3): whatever is signed is answered 200 and kept, in the
//! books or in quarantine; whatever is not signed, too old or too large is refused; nothing makes a 5xx, a
//! panic or a server that grows; and afterwards the house still works off everything. Printed: the counts.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use sandbox::traffic::year;
use sandbox::{Poster, Version, stripe_signature};
use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, SECRETS, TEST, WEBHOOKS};
use crate::mutants::{Mutant, monsters, of_events};
use crate::street::set_up;
use crate::tools::now_s;
use crate::{http, street};

const MUTANTS_MOST: usize = 4000;
const RSS_MOST_KB: u64 = 200 * 1024;
const BODY_MOST: usize = 1024 * 1024;

fn rss_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn whatever_is_signed_is_kept_and_nothing_hurts_the_server() {
    kept_and_unhurt(House::sqlite(), MUTANTS_MOST);
}

/// Every body made by hand, and a smaller sample of the mutants: what they do to the books is the same text
/// on both engines, what they do to text and numbers is not.
#[test]
fn whatever_is_signed_is_kept_on_postgresql_too() {
    if let Some(db) = TestDatabase::postgres() {
        kept_and_unhurt(House::new(db, &SECRETS), MUTANTS_MOST / 4);
    }
}

fn kept_and_unhurt(mut house: House, mutants: usize) {
    let engine = house.db.engine;
    let traffic = year(5, 3, 20, 1_735_689_600);
    set_up(&house, &traffic.setup);
    house.serve();
    // A healthy business first, so that the monsters meet known codes, customers and sales.
    let healthy: Vec<_> = traffic.deliveries().collect();
    let answers = street::deliver(house.address(), TEST, 4, &healthy.iter().collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| *answer == 200));
    house.ok("events drain");
    let sound = house.ok("ledger export --format json");
    let before = house.events().len();

    let mut events = traffic.history.clone();
    events.extend(sandbox::cases::all().into_iter().flat_map(|case| case.steps).flat_map(|step| step.events));
    events.retain(|event| !event.livemode && event.account.is_none());
    let versions = [Version::V2020_08_27, Version::Basil20250331, Version::Dahlia20260729];
    let mut bodies = monsters();
    let by_hand = bodies.len();
    bodies.extend(of_events(&events, &versions, mutants));
    post_all(house.address(), &bodies);

    let kept = house.events();
    let distinct: BTreeSet<&[u8]> = bodies.iter().map(|mutant| mutant.body.as_slice()).collect();
    assert_eq!(kept.len() - before, distinct.len(), "one row for every body, in the inbox or in quarantine");
    house.ok("events drain --timeout-s 120");
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for row in house.events() {
        let reason = row["reason"].as_str().map(|reason| format!(" ({reason:.60})")).unwrap_or_default();
        *states.entry(format!("{}{reason}", row["state"].as_str().unwrap_or_default())).or_default() += 1;
    }
    house.run("verify --deep").expect(0);
    house.run("replay --verify").expect(0);
    let peak = rss_kb(house.pid());
    println!(
        "hostile bodies on {engine}: {by_hand} by hand, {} mutants, all 200; rows {states:?}; peak memory {peak} kB",
        bodies.len() - by_hand
    );
    assert!(peak > 0 && peak < RSS_MOST_KB, "the server grew to {peak} kB");
    let now = house.ok("ledger export --format json");
    for row in sound.lines().filter(|line| line.starts_with('{')) {
        let sale = row.split("\"sale\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a sale");
        let kept = now.contains(&format!("\"sale\":\"{sale}\""));
        assert!(kept || is_said_to_be_too_large(&house, sale), "{sale} is no longer in the books");
    }
    exports_stay_readable(&house, &now);
    let (code, log) = house.stop();
    assert_eq!(code, Some(0), "{log}");
}

/// A refund of more than can be added up, of a charge that exists, takes the sale out of the books, and that is said.
fn is_said_to_be_too_large(house: &House, sale: &str) -> bool {
    let said = house.ok(&format!("explain {sale}"));
    said.contains("because: uncalculable") && said.contains("too large") && said.contains("evt_mutant_")
}

/// Whatever times and ids were in the bodies: instants are instants, journals are journals.
fn exports_stay_readable(house: &House, export: &str) {
    let rows: Vec<Value> = serde_json::from_str(export).expect("JSON");
    for row in &rows {
        let at = row["sale_at"].as_str().expect("an instant");
        assert!(kernel::time::parse(at).is_some(), "{} was sold at {at}", row["sale"]);
    }
    let dated = |line: &str| line.get(..10).is_some_and(|date| kernel::time::parse(date).is_some());
    for format in ["hledger", "beancount"] {
        let journal = house.ok(&format!("ledger export --format {format} --book test"));
        let known = [" ", ";", "account ", "commodity ", "option "];
        for line in journal.lines().filter(|line| !line.is_empty()) {
            assert!(known.iter().any(|start| line.starts_with(start)) || dated(line), "{format}: {line}");
        }
    }
}

/// Everything over some connections; every answer must be 200.
fn post_all(at: SocketAddr, bodies: &[Mutant]) {
    std::thread::scope(|scope| {
        for part in 0..6 {
            scope.spawn(move || {
                let mut poster = Poster::new(at, WEBHOOKS, TEST);
                for mutant in bodies.iter().skip(part).step_by(6) {
                    let status = poster.post(&mutant.body, now_s());
                    assert_eq!(status.ok(), Some(200), "{}", mutant.what);
                }
            });
        }
    });
}

#[test]
fn whatever_is_not_signed_fresh_and_small_is_refused_and_leaves_no_trace() {
    for db in TestDatabase::each() {
        refused_without_trace(House::new(db, &SECRETS));
    }
}

fn refused_without_trace(mut house: House) {
    house.serve();
    let at = house.address();
    let body = br#"{"id":"evt_1","object":"event","livemode":false,"type":"x"}"#.as_slice();
    let now = now_s();
    let signed = |at_s: i64| stripe_signature(TEST, at_s, body);
    let hex = signed(now).split("v1=").nth(1).expect("a signature").to_owned();
    let mut refused = 0;
    for (what, header) in [
        ("no signature", None),
        ("an empty one", Some(String::new())),
        ("v0 only", Some(format!("t={now},v0={hex}"))),
        ("a wrong one", Some(format!("t={now},v1={}", "0".repeat(64)))),
        ("another secret's", Some(stripe_signature("whsec_else", now, body))),
        ("one for another body", Some(stripe_signature(TEST, now, b"{}"))),
        ("too old", Some(signed(now - 302))),
        ("too new", Some(signed(now + 310))),
        ("no time", Some(format!("v1={hex}"))),
        ("a time that is none", Some(format!("t=now,v1={hex}"))),
        ("a time written otherwise", Some(format!("t=+{now},v1={hex}"))),
        ("a time beyond all", Some(format!("t=99999999999999999999,v1={hex}"))),
        ("hex cut off", Some(format!("t={now},v1={}", &hex[..62]))),
        ("many wrong ones", Some(format!("t={now}{}", format!(",v1={}", "a".repeat(64)).repeat(80)))),
    ] {
        let status = http::post(at, WEBHOOKS, header.as_deref(), body).expect("an answer");
        assert_eq!(status, 400, "{what}");
        refused += 1;
    }
    // An empty body holds nothing to lose: it is refused even when signed, as Stripe's libraries do.
    let empty = stripe_signature(TEST, now_s(), b"");
    assert_eq!(http::post(at, WEBHOOKS, Some(&empty), b"").expect("an answer"), 400);
    refused += 1;
    for large in [BODY_MOST + 1, 10 * 1024 * 1024] {
        let body = vec![b' '; large];
        let signature = stripe_signature(TEST, now_s(), &body);
        assert_eq!(http::post(at, WEBHOOKS, Some(&signature), &body).expect("an answer"), 413, "{large}");
        let status = http::post_chunked(at, WEBHOOKS, Some(&signature), &body).expect("an answer");
        assert_eq!(status, 413, "{large} bytes in chunks");
        refused += 2;
    }
    assert_eq!(house.events().len(), 0, "a refused delivery leaves no row");
    // The controls: the same body, rightly signed, at the edge of its age, whole and in chunks.
    for header in [signed(now_s()), signed(now_s() - 295), signed(now_s() + 295)] {
        assert_eq!(http::post(at, WEBHOOKS, Some(&header), body).expect("an answer"), 200);
    }
    let header = signed(now_s());
    assert_eq!(http::post_chunked(at, WEBHOOKS, Some(&header), body).expect("an answer"), 200);
    let full =
        format!("{}{}", String::from_utf8_lossy(body).replace("evt_1", "evt_full"), " ".repeat(BODY_MOST));
    let full = &full.as_bytes()[..BODY_MOST];
    assert_eq!(house.post(TEST, full), 200, "exactly the largest body");
    let rows = house.events();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows.iter().map(|row| row["deliveries"].as_i64().unwrap_or(0)).sum::<i64>(), 5);
    let peak = rss_kb(house.pid());
    assert!(peak > 0 && peak < RSS_MOST_KB, "the server grew to {peak} kB");
    println!("refused deliveries on {}: {refused}, none stored; peak memory {peak} kB", house.db.engine);
    house.audit();
}
