//! Real webhook events, recorded by others (a folder beside this repository, never copied into it): signed
//! and posted to the running server, every one is answered 200 and kept, and none is parked because it
//! could not be read. Printed: counts per source and API version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::house::{House, TEST};
use testkit::TestDatabase;

/// One secret for everything, so that every mode and account fits.
const ONE: [(&str, &str); 3] = [
    ("STRIPE_WEBHOOK_SECRET_TEST", TEST),
    ("STRIPE_WEBHOOK_SECRET_LIVE", TEST),
    ("STRIPE_WEBHOOK_SECRET_CONNECT", TEST),
];

#[expect(clippy::disallowed_methods, reason = "a test looks for files that are not part of the repository")]
fn corpus() -> Option<PathBuf> {
    let named = std::env::var("COUNTINGHOUSE_SHARED").ok().map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared"));
    let mut folders = named.into_iter().chain(above).map(|shared| shared.join("corpus"));
    folders.find(|folder| folder.join("INDEX.tsv").is_file())
}

struct Recorded {
    source: String,
    file: String,
    version: String,
    body: Vec<u8>,
}

fn recorded(corpus: &Path) -> Vec<Recorded> {
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).expect("an index");
    let mut events = Vec::new();
    for line in index.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [source, file, _, kind, version, ..] = columns.as_slice() else { continue };
        if kind.starts_with("event:") {
            let body = std::fs::read(corpus.join(file)).expect("a file of the index");
            let [source, file, version] = [source, file, version].map(|text| (*text).to_owned());
            events.push(Recorded { source, file, version, body });
        }
    }
    events
}

/// Why a recorded body may end in quarantine: it was stripped of what every webhook has.
fn lacks(body: &[u8]) -> Option<&'static str> {
    let Ok(event) = serde_json::from_slice::<Value>(body) else { return Some("not_json") };
    match (event["livemode"].is_boolean(), event["id"].is_string()) {
        (false, _) => Some("livemode_unreadable"),
        (_, false) => Some("id_unreadable"),
        _ => None,
    }
}

#[test]
fn every_recorded_webhook_is_answered_200_and_kept() {
    let Some(corpus) = corpus() else {
        println!("NOT TESTED: no shared/corpus beside this repository; COUNTINGHOUSE_SHARED may name it");
        return;
    };
    let events = recorded(&corpus);
    assert!(events.len() > 150, "the corpus has whole webhooks: {}", events.len());
    for db in TestDatabase::each() {
        deliver_all(House::new(db, &ONE), &events);
    }
}

fn deliver_all(mut house: House, events: &[Recorded]) {
    house.serve();
    let mut posted: BTreeMap<String, usize> = BTreeMap::new();
    for event in events {
        assert_eq!(house.post(TEST, &event.body), 200, "{}", event.file);
        *posted.entry(format!("{} {}", event.source, event.version)).or_default() += 1;
    }
    house.audit();
    let rows = house.events();
    let expected: BTreeMap<&[u8], Option<&str>> =
        events.iter().map(|event| (event.body.as_slice(), lacks(&event.body))).collect();
    assert_eq!(rows.len(), expected.len(), "one row for every distinct body");
    let deliveries: i64 = rows.iter().map(|row| row["deliveries"].as_i64().unwrap_or(0)).sum();
    assert_eq!(usize::try_from(deliveries).ok(), Some(events.len()), "and none of them lost");

    let mut stripped: Vec<&str> = expected.values().filter_map(|lack| *lack).collect();
    let mut quarantined = reasons(&rows, "quarantined");
    stripped.sort_unstable();
    quarantined.sort();
    assert_eq!(quarantined, stripped, "only what lacks a webhook's own fields is in quarantine");
    assert_eq!(reasons(&rows, "parked"), Vec::<String>::new(), "nothing that was ever recorded is parked");
    let waiting = reasons(&rows, "waiting");
    assert!(waiting.iter().all(|why| why.starts_with("thin_event: waits for ")), "{waiting:?}");
    println!(
        "recorded webhooks on {}: {} delivered, {} rows, {} done, {} waiting, quarantined {quarantined:?}\n  {posted:?}",
        house.db.engine,
        events.len(),
        rows.len(),
        reasons(&rows, "done").len(),
        waiting.len(),
    );
    let (code, log) = house.stop();
    assert_eq!(code, Some(0), "{log}");
}

fn reasons(rows: &[Value], state: &str) -> Vec<String> {
    let of_state = rows.iter().filter(|row| row["state"] == state);
    of_state.map(|row| row["reason"].as_str().unwrap_or_default().to_owned()).collect()
}
