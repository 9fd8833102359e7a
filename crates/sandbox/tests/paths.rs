//! Every rendered object against Stripe's own list of paths of that version: nothing that is not listed,
//! nothing missing that must be there. The lists are not part of the repository; without them it skips.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;

use sandbox::{ModelEvent, Plain};

#[test]
fn every_object_has_the_paths_of_its_version_and_no_others() {
    match common::paths::wrong(&common::everything()) {
        None => println!("skipped: no shared/ folder with Stripe's path lists"),
        Some(wrong) => assert!(wrong.is_empty(), "{wrong}"),
    }
}

#[test]
fn what_only_looks_right_has_the_paths_of_its_version_and_no_others() {
    let event = |(index, (object, _)): (usize, &(&'static str, &str))| ModelEvent {
        id: format!("evt_{index}"),
        kind: "subscription_schedule.created",
        created_s: 1_767_225_600,
        account: None,
        livemode: false,
        object: Plain { id: format!("x_{index}"), object, created_s: 1_767_225_600, fields: Vec::new() }
            .into(),
        previous: Vec::new(),
        before: None,
        cause: None,
    };
    let events: Vec<ModelEvent> = common::paths::LOOKS.iter().enumerate().map(event).collect();
    match common::paths::wrong(&events) {
        None => println!("skipped: the path lists are not installed"),
        Some(wrong) => assert!(wrong.is_empty(), "{wrong}"),
    }
}

#[test]
fn what_payments_return_has_the_paths_of_its_version_and_no_others() {
    match common::paths::wrong(&common::money::everything()) {
        None => println!("skipped: the path lists are not installed"),
        Some(wrong) => assert!(wrong.is_empty(), "{wrong}"),
    }
}
