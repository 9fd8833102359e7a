//! The cases are well formed: named once, expressible somewhere, about sales that really happen, and the
//! letters of MONEY.md are all there.

use std::collections::BTreeSet;

use sandbox::{Case, Object, Version, render};
use serde_json::Value;

fn sales_of(case: &Case) -> BTreeSet<String> {
    let events = case.steps.iter().flat_map(|step| &step.events);
    let id = |object: &Object| match object {
        Object::Invoice(invoice) => Some(invoice.id.clone()),
        Object::Session(session) => Some(session.id.clone()),
        Object::Intent(intent) => Some(intent.id.clone()),
        _ => None,
    };
    events.filter_map(|event| id(&event.object)).collect()
}

#[test]
fn every_letter_of_money_md_has_its_case() {
    let names: Vec<&str> = sandbox::cases::all().iter().map(|case| case.name).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len(), "names are used once");
    for letter in 'a'..='y' {
        let name = letter.to_string();
        let found = names.iter().any(|case| case.split('_').any(|part| part == name));
        assert!(found, "case {letter} is missing");
    }
    println!("{} cases: {}", names.len(), names.join(" "));
}

#[test]
fn expectations_are_about_sales_that_happen() {
    for case in sandbox::cases::all() {
        assert!(!case.versions.is_empty(), "{}: no version can express it", case.name);
        let sales = sales_of(&case);
        let mut seen = 0;
        for step in &case.steps {
            let rows: BTreeSet<&String> = step.expect.iter().map(|row| &row.sale).collect();
            assert_eq!(rows.len(), step.expect.len(), "{}: one row per sale", case.name);
            assert!(rows.iter().all(|sale| sales.contains(*sale)), "{}", case.name);
            seen += step.events.len() + step.setup.len();
        }
        assert!(seen > 0, "{}: nothing happens", case.name);
    }
}

#[test]
fn every_case_renders_in_every_version_it_names() {
    let mut count = 0;
    for case in sandbox::cases::all() {
        let mut ids = BTreeSet::new();
        for event in case.steps.iter().flat_map(|step| &step.events) {
            assert!(ids.insert((event.livemode, event.account.clone(), event.id.clone())), "{}", case.name);
        }
        for version in &case.versions {
            for delivery in case.steps.iter().flat_map(|step| render(&step.events, *version)) {
                let event: Value = serde_json::from_slice(&delivery.body).expect("valid JSON");
                assert_eq!(event["account"].as_str(), delivery.account.as_deref());
                count += 1;
            }
        }
    }
    println!("{count} events");
}

#[test]
fn a_case_is_the_same_every_time() {
    let bytes = || -> Vec<Vec<u8>> {
        let steps = sandbox::cases::all().into_iter().flat_map(|case| case.steps);
        steps.flat_map(|step| render(&step.events, Version::Dahlia20260729)).map(|row| row.body).collect()
    };
    assert!(bytes() == bytes());
}
