//! Recorded payloads of fifty API versions: every event and object of a kind that we read gives a fact, and
//! hardly a note. Skipped where the recordings are not at hand; they are never part of the project.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use kernel::{Kind, Normalised, Note, NoteCode};

/// One recorded document.
struct Recorded {
    source: String,
    version: String,
    file: String,
    event_type: Option<String>,
    kind: Option<Kind>,
    text: String,
}

fn recorded(shared: &Path) -> Vec<Recorded> {
    let corpus = shared.join("corpus");
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).expect("an index");
    let rows = index.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    let read = |row: Vec<&str>| Recorded {
        source: row[0].to_owned(),
        version: row[4].to_owned(),
        file: row[1].to_owned(),
        event_type: row[3].strip_prefix("event:").map(str::to_owned),
        kind: common::kind_named(row[3]),
        text: std::fs::read_to_string(corpus.join(row[1])).expect("a recorded document"),
    };
    rows.map(read).collect()
}

fn normalised(document: &Recorded) -> Option<Normalised> {
    if document.event_type.is_some() {
        return Some(facts::normalise_event(document.text.as_bytes()));
    }
    document.kind.map(|kind| common::object(kind, &document.text))
}

/// Oddities of the recordings themselves. Stripe's own fixtures are skeletons (empty ids, the currency
/// "currency"); some documents are other programs' exports, with decimal
/// amounts; one is a balance transaction with nothing in it.
fn explained(document: &Recorded, note: &Note) -> bool {
    let skeleton = document.source == "stripe-openapi-fixtures";
    let export = document.file.ends_with("dispute_ch_fakefakefakefake01.json");
    let bare = document.file.ends_with("resources_api_fixtures_balance_transaction.json")
        || document.file.ends_with("api_fixtures_balance_transaction.json");
    match note.code {
        NoteCode::RefUnusable | NoteCode::CurrencyUnreadable => skeleton || bare,
        NoteCode::FieldUnreadable if document.kind == Some(Kind::Payout) => note.path == "amount",
        NoteCode::FieldUnreadable => export && note.path.starts_with("amount"),
        NoteCode::DiscountShapeUnknown | NoteCode::NumberOutOfRange => false,
        _ => true,
    }
}

/// Documents that rightly say nothing: previews, deleted drafts, objects without an id.
fn may_be_silent(document: &Recorded, found: &Normalised) -> bool {
    let no_id = found.notes.iter().any(|note| note.code == NoteCode::ObjectWithoutId);
    let placeholder = document.source == "stripe-openapi-fixtures"
        && found.notes.iter().any(|note| note.code == NoteCode::CurrencyUnreadable);
    let says = |part: &str| document.file.contains(part);
    no_id
        || placeholder
        || says("invoice.upcoming")
        || says("api_fixtures_balance_transaction")
        || says("notification_event")
        || says("deleted_invoice")
        || says("invoice_deleted")
}

#[test]
fn every_recorded_payload_of_a_kind_we_read_gives_a_fact() {
    let Some(shared) = common::shared() else {
        println!("skipped: no recorded payloads (set COUNTINGHOUSE_SHARED)");
        return;
    };
    let mut counts: BTreeMap<(String, String), (usize, usize, usize)> = BTreeMap::new();
    let (mut silent, mut odd) = (Vec::new(), BTreeMap::<String, usize>::new());
    for document in recorded(&shared) {
        let Some(found) = normalised(&document) else { continue };
        let count = counts.entry((document.source.clone(), document.version.clone())).or_default();
        count.0 += 1;
        count.1 += found.facts.len();
        count.2 += found.links.len();
        let unread = found.notes.iter().any(|note| note.code == NoteCode::TypeNotRead);
        if found.facts.is_empty() && !unread && !may_be_silent(&document, &found) {
            silent.push(format!("{} {:?} {:?}", document.file, document.event_type, found.notes));
        }
        for note in found.notes.iter().filter(|note| note.code != NoteCode::TypeNotRead) {
            let mark = if explained(&document, note) { "" } else { "UNEXPLAINED " };
            let place = document.event_type.as_deref().or(document.kind.map(Kind::stripe_name));
            let line = format!("{mark}{:?} {} {:?} ({})", note.code, note.path, place, note.detail);
            *odd.entry(line).or_default() += 1;
        }
    }
    for ((source, version), (documents, facts, links)) in &counts {
        println!("{source:28} {version:20} {documents:4} documents {facts:4} facts {links:4} links");
    }
    odd.iter().for_each(|(line, times)| println!("{times:4} x {line}"));
    silent.iter().for_each(|line| println!("no fact: {line}"));
    assert!(odd.keys().all(|line| !line.starts_with("UNEXPLAINED")));
    assert!(silent.is_empty());
}

#[test]
fn stripes_own_skeletons_of_five_versions_are_read_without_a_complaint() {
    let Some(shared) = common::shared() else {
        println!("skipped: no fixtures of Stripe's (set COUNTINGHOUSE_SHARED)");
        return;
    };
    let versions = [
        "2024-10-28.acacia",
        "2024-12-18.acacia",
        "2025-03-31.basil",
        "2025-09-30.clover",
        "2026-07-29.dahlia",
    ];
    for version in versions {
        let path = shared.join(format!("stripe/fixtures3.{version}.json"));
        let text = std::fs::read_to_string(path).expect("fixtures");
        let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for kind in Kind::ALL {
            let Some(object) = all["resources"].get(kind.stripe_name()) else { continue };
            let found = common::object(kind, &object.to_string());
            let complaint = |code| matches!(code, NoteCode::FieldUnreadable | NoteCode::NumberOutOfRange);
            assert!(
                !found.notes.iter().any(|note| complaint(note.code)),
                "{version} {kind:?} {:?}",
                found.notes
            );
            println!("{version} {kind:?}: {} facts, {} links", found.facts.len(), found.links.len());
        }
    }
}
