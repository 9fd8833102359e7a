//! What each event type that is read says, in every version that has it, as the sandbox renders it: kept below
//! `snapshots/`, one file for each kind. A version that says something else has a line of its own.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p facts --test snapshots` writes them anew; look at the difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use kernel::Normalised;
use sandbox::{Version, deliver};

const START_S: i64 = 1_767_225_600;

/// What the sandbox cannot cause, and what it can whose object looks alike.
const ALIKE: &[(&str, &str)] = &[
    ("charge.expired", "charge.failed"),
    ("charge.pending", "charge.succeeded"),
    ("charge.refund.updated", "refund.updated"),
    ("invoice.deleted", "invoice.created"),
    ("invoice.overpaid", "invoice.paid"),
    ("invoice.payment_attempt_required", "invoice.payment_failed"),
    ("payment_intent.amount_capturable_updated", "payment_intent.succeeded"),
    ("payment_intent.created", "payment_intent.requires_action"),
    ("payment_intent.partially_funded", "payment_intent.processing"),
    ("test_helpers.test_clock.advancing", "test_helpers.test_clock.ready"),
    ("test_helpers.test_clock.created", "test_helpers.test_clock.ready"),
    ("test_helpers.test_clock.deleted", "test_helpers.test_clock.ready"),
    ("test_helpers.test_clock.internal_failure", "test_helpers.test_clock.ready"),
];

/// Everything said, as one line for each fact, link and note.
fn lines(said: &Normalised) -> String {
    let mut text = String::new();
    let json = |body: &kernel::Body| serde_json::to_string(body).expect("our own types");
    for fact in &said.facts {
        writeln!(text, "  {} rank {} {}", fact.object, fact.rank, json(&fact.body)).expect("text");
    }
    for link in &said.links {
        writeln!(text, "  {} -> {}", link.from, link.to).expect("text");
    }
    said.gone.iter().for_each(|key| writeln!(text, "  gone {key}").expect("text"));
    said.notes.iter().for_each(|note| writeln!(text, "  note {note:?}").expect("text"));
    text
}

fn every_version(event_type: &'static str) -> Result<String, String> {
    let alike = ALIKE.iter().find(|(name, _)| *name == event_type).map(|(_, other)| *other);
    let mut event = sandbox::example(alike.unwrap_or(event_type), START_S)?;
    event.kind = event_type;
    let mut by_said: Vec<(String, Vec<&str>)> = Vec::new();
    for version in Version::ALL {
        let Some(delivery) = deliver(&event, version) else { continue };
        let said = facts::normalise_event(&delivery.body);
        assert!(!said.facts.is_empty() || !said.gone.is_empty(), "{event_type} {version:?} says nothing");
        assert!(said.notes.is_empty(), "{event_type} {version:?}: {:?}", said.notes);
        let text = lines(&said);
        match by_said.iter_mut().find(|(known, _)| *known == text) {
            Some((_, versions)) => versions.push(version.api_version()),
            None => by_said.push((text, vec![version.api_version()])),
        }
    }
    if by_said.is_empty() {
        return Err("no version has it".to_owned());
    }
    let mut out = String::new();
    for (text, versions) in by_said {
        writeln!(out, "{event_type} [{}]\n{text}", versions.join(" ")).expect("text");
    }
    Ok(out)
}

#[test]
fn every_type_that_is_read_says_the_same_as_when_it_was_looked_at_last() {
    let (mut texts, mut missing) = (BTreeMap::<String, String>::new(), Vec::new());
    for handle in facts::handles() {
        match every_version(handle.event_type) {
            Ok(text) => texts.entry(handle.kind.stripe_name().to_owned()).or_default().push_str(&text),
            Err(why) => missing.push(format!("{}: {why}", handle.event_type)),
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let mut differing = Vec::new();
    for (name, text) in &texts {
        let path = folder.join(format!("{name}.txt"));
        if update {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(&path, text).expect("written");
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
            differing.push(name.clone());
        }
    }
    assert!(differing.is_empty(), "{differing:?} differ from tests/snapshots: UPDATE_SNAPSHOTS=1 and look");
}
