//! `docs/events.md` is made of the table, and of what is read of the sandbox's events in each version.
//! `UPDATE_EVENTS=1 cargo test -p facts page` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use kernel::Kind;
use sandbox::{Version, deliver};

use super::{LISTABLE, Means, NOT_SUBSCRIBED, handles, snapshot_rows, subscribed, thin_rows};
use crate::trace;

const HEAD: &str = "# The events, and what is read of each

This page is made by a test from the table that the program uses (`crates/facts/src/registry`), and from what it reads of
the sandbox's events in each API version; `countinghouse events types` prints the same table. Every event is kept in the
inbox as it came, whatever its type; what is read of it becomes facts, and a row in the view of its object
(`stripe_invoice`, `stripe_payout`, ...). An endpoint is subscribed to every type that is read, but for
`invoice.created`: while its delivery fails, Stripe holds back a renewal's money.
";

/// Where each field is read: by path, the versions.
fn fields(kind: Kind) -> BTreeMap<String, BTreeSet<Version>> {
    let mut found: BTreeMap<String, BTreeSet<Version>> = BTreeMap::new();
    for handle in handles().filter(|handle| handle.kind == kind) {
        let Ok(event) = sandbox::example(handle.event_type, 1_767_225_600) else { continue };
        for version in Version::ALL.into_iter().filter(|version| !version.unknown()) {
            let Some(delivery) = deliver(&event, version) else { continue };
            trace::take();
            let _ = crate::normalise_event(&delivery.body);
            for path in trace::take() {
                found.entry(plain(&path)).or_default().insert(version);
            }
        }
    }
    found
}

/// `lines.data[3].amount` is `lines[].amount`.
fn plain(path: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in path.chars() {
        match letter {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        out.push(letter);
    }
    out.replace(".data[]", "[]")
}

fn of_kind(page: &mut String, kind: Kind) {
    writeln!(page, "\n### {}\n\n| type | what it says |\n|---|---|", kind.stripe_name()).expect("text");
    for row in snapshot_rows().iter().filter(|row| row.means == Means::Read(kind)) {
        let mark = if row.event_type == NOT_SUBSCRIBED { " (not subscribed to)" } else { "" };
        writeln!(page, "| `{}`{mark} | {} |", row.event_type, row.does).expect("text");
    }
    let fields = fields(kind);
    let all: BTreeSet<Version> = fields.values().flatten().copied().collect();
    let mut by_versions: BTreeMap<&BTreeSet<Version>, Vec<&str>> = BTreeMap::new();
    for (path, versions) in &fields {
        by_versions.entry(versions).or_default().push(path);
    }
    let list = |paths: &[&str]| paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
    if let Some(paths) = by_versions.remove(&all) {
        writeln!(page, "\nRead in every version: {}.", list(&paths)).expect("text");
    }
    for (versions, paths) in by_versions {
        let names: Vec<&str> = versions.iter().map(|version| version.api_version()).collect();
        writeln!(page, "\nOnly in {}: {}.", names.join(", "), list(&paths)).expect("text");
    }
}

fn made() -> String {
    let mut page = HEAD.to_owned();
    writeln!(
        page,
        "\n{} snapshot types are in the table, {} of them read and {} subscribed to, and {} thin types that have no snapshot twin.\n\n## Read",
        snapshot_rows().len(),
        handles().count(),
        subscribed().count(),
        thin_rows().len()
    )
    .expect("text");
    for kind in Kind::ALL.into_iter().filter(|kind| handles().any(|handle| handle.kind == *kind)) {
        of_kind(&mut page, kind);
    }
    page.push_str("\n## Only kept\n\n| type | why it is not read |\n|---|---|\n");
    for row in snapshot_rows() {
        if let Means::Stored(why) = row.means {
            writeln!(page, "| `{}` | {why} |", row.event_type).expect("text");
        }
    }
    page.push_str(
        "\n## Thin events\n\nA thin event carries no object. Each snapshot type has a thin twin named `v1.` and its name, which means \
         the same: it is\ndone when its snapshot is there (`snapshot_event`), else its object is fetched, and until then it waits \
         (`events list --state\nwaiting`). These have no snapshot twin:\n\n| type | object | what it says, or why it is only kept \
         |\n|---|---|---|\n",
    );
    for row in thin_rows() {
        let (object, words) = match row.means {
            Means::Read(kind) => (kind.stripe_name(), row.does),
            Means::Stored(why) => ("", why),
        };
        writeln!(page, "| `{}` | {object} | {words} |", row.event_type).expect("text");
    }
    page.push_str(
        "\n## Listed\n\n`backfill` and `reconcile` ask Stripe for every object of these kinds, in this order. Of a kind whose list the key may \
         not read,\nor that the account has not, the run says so and goes on, unless the books depend on it.\n\n| object | where \
         |\n|---|---|\n",
    );
    for row in LISTABLE {
        writeln!(page, "| `{}` | {} |", row.kind.stripe_name(), row.listing.words()).expect("text");
    }
    page
}

#[test]
fn the_page_of_events_is_what_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/events.md");
    let made = made();
    if std::env::var_os("UPDATE_EVENTS").is_some() {
        std::fs::write(path, made).expect("written");
    } else {
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(made == written, "docs/events.md is not what is read: UPDATE_EVENTS=1 writes it");
    }
}
