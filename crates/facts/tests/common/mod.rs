//! What several tests share: the project's own fixtures, and (where they are at hand) the recorded payloads,
//! which are never part of the project.

#![allow(dead_code)]

use std::path::{Path, PathBuf};

use kernel::{Kind, Normalised, Ref};

/// Every fixture of ours: (path below `fixtures`, text).
pub(crate) fn fixtures() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = Vec::new();
    for folder in folders(&root) {
        for file in folders(&folder) {
            let name = file.strip_prefix(&root).expect("below the root").display().to_string();
            found.push((name, std::fs::read_to_string(&file).expect("a readable fixture")));
        }
    }
    assert!(!found.is_empty());
    found
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// The folder of recorded payloads, if there is one: `COUNTINGHOUSE_SHARED`, or a `shared` on the way up.
pub(crate) fn shared() -> Option<PathBuf> {
    let given = std::env::var_os("COUNTINGHOUSE_SHARED").map(PathBuf::from);
    let upwards = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared"));
    given.into_iter().chain(upwards).find(|folder| folder.join("corpus/INDEX.tsv").is_file())
}

pub(crate) fn kind_named(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.stripe_name() == name)
}

pub(crate) fn object(kind: Kind, text: &str) -> Normalised {
    let source = Ref::parse("fetch_1").expect("a ref");
    facts::normalise_object(kind, Some("2026-07-29.dahlia"), 1_700_000_000, &source, text.as_bytes())
}

/// An event around an object.
pub(crate) fn event(event_type: &str, version: &str, object: &str) -> String {
    format!(
        r#"{{"id":"evt_1","object":"event","api_version":"{version}","created":1700000000,"livemode":true,
        "type":"{event_type}","data":{{"object":{object}}}}}"#
    )
}
