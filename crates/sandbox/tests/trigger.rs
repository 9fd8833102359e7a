//! Every event type that can be triggered is, over HTTP, and arrives at an endpoint.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/street.rs"]
mod street;

use std::collections::BTreeMap;

use street::{Receiver, Street};

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what the test is about")]
fn every_listed_event_can_be_triggered_and_arrives() {
    let (street, receiver) = (Street::open(1, "none"), Receiver::answering(&[]));
    street.listen(&receiver, "");
    let listed = street.call("GET", "/_sandbox/trigger", "");
    let mut ways: BTreeMap<String, usize> = BTreeMap::new();
    let mut failed = Vec::new();
    let mut wanted = Vec::new();
    for kind in listed["types"].as_array().expect("a list").iter().filter_map(|kind| kind.as_str()) {
        let (status, body) =
            street.try_call("POST", "/_sandbox/trigger", &format!("type={kind}")).expect("an answer");
        if status == 200 {
            *ways.entry(body["by"].to_string()).or_default() += 1;
            wanted.push((kind.to_owned(), body["event"].as_str().expect("an id").to_owned()));
        } else if body["error"]["message"].to_string().contains("Unrecognized request URL") {
            *ways.entry("not there yet".to_owned()).or_default() += 1;
        } else {
            failed.push(format!("{kind}: {}", body["error"]["message"]));
        }
    }
    street.call("POST", "/_sandbox/settle", "");
    let arrived: BTreeMap<String, String> = receiver
        .arrived()
        .iter()
        .map(|row| (row.id().to_owned(), row.event["type"].as_str().unwrap_or_default().to_owned()))
        .collect();
    println!("triggered: {ways:?}; failed: {}", failed.len());
    for (kind, id) in wanted {
        assert_eq!(arrived.get(&id), Some(&kind));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
