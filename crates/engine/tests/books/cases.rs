//! Every case of MONEY.md section 7, and every further one the sandbox knows, in every API version that can
//! express it, on both engines (in the gate on PostgreSQL in one version each). After each step the canonical rows must be these and no others.

use std::collections::BTreeMap;

use engine::export::ExportRow;
use sandbox::{Case, Expected, Version};
use testkit::TestDatabase;

use crate::world::World;

#[test]
fn every_case_is_booked_as_worked_out_by_hand_in_every_version() {
    // What a version changes ends at the facts, and those know no engine: PostgreSQL sees every case once, in
    // one version after the other.
    let ran = check_all(|engine, case, version| {
        engine == "sqlite" || case.versions[case_number(case) % case.versions.len()] == version
    });
    println!("runs: {ran:?}");
}

#[test]
#[ignore = "minutes; the other one leaves out only what differs in nothing but the version on PostgreSQL"]
fn every_case_is_booked_in_every_version_on_every_engine() {
    let ran = check_all(|_, _, _| true);
    println!("runs: {ran:?}");
}

/// Where the case stands among all.
fn case_number(case: &Case) -> usize {
    sandbox::cases::all().iter().position(|other| other.name == case.name).unwrap_or_default()
}

/// How many runs there were on each engine.
fn check_all(wanted: impl Fn(&str, &Case, Version) -> bool) -> BTreeMap<&'static str, usize> {
    let mut failures = Vec::new();
    let mut ran: BTreeMap<&str, usize> = BTreeMap::new();
    for case in sandbox::cases::all() {
        for version in &case.versions {
            for database in TestDatabase::each_of_many() {
                if !wanted(database.engine, &case, *version) {
                    continue;
                }
                let world = World::new(database);
                *ran.entry(world.engine).or_default() += 1;
                if let Err(why) = check(&world, &case, *version) {
                    let version = version.api_version();
                    failures.push(format!("{} at {version} on {}: {why}", case.name, world.engine));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    ran
}

/// Plays one case and compares after each step.
fn check(world: &World, case: &Case, version: Version) -> Result<(), String> {
    for (number, step) in case.steps.iter().enumerate() {
        world.operator(&step.setup);
        world.receive(&sandbox::render(&step.events, version));
        world.drain();
        let rows = world.rows();
        compare(&rows, &step.expect).map_err(|why| format!("step {}: {why}", number + 1))?;
        for expected in &step.expect {
            trace(world, expected).map_err(|why| format!("step {}: {why}", number + 1))?;
        }
    }
    world.verify();
    Ok(())
}

fn compare(rows: &[ExportRow], expected: &[Expected]) -> Result<(), String> {
    let mut left: BTreeMap<(String, String, Option<String>), &ExportRow> =
        rows.iter().map(|row| ((row.book().label(), row.sale.clone(), row.partner.clone()), row)).collect();
    for want in expected {
        let key = (want.book.label(), want.sale.clone(), want.partner.map(str::to_owned));
        let Some(row) = left.remove(&key) else {
            return Err(format!("no row {key:?}; rows: {rows:#?}"));
        };
        let mut wrong = Vec::new();
        let mut number = |name: &str, want: Option<i64>, got: i64| {
            if want.is_some_and(|want| want != got) {
                wrong.push(format!("{name} is {got}, not {}", want.unwrap_or_default()));
            }
        };
        number("commission", Some(want.commission_minor), row.commission_minor);
        number("gross", want.gross_minor, row.gross_minor);
        number("discount", want.discount_minor, row.discount_minor);
        number("net_sold", want.net_sold_minor, row.net_sold_minor);
        number("net", want.net_minor, row.net_minor);
        let mut text = |name: &str, want: Option<&str>, got: &str| {
            if want.is_some_and(|want| want != got) {
                wrong.push(format!("{name} is {got}, not {}", want.unwrap_or_default()));
            }
        };
        text("status", want.status, &row.status);
        text("reason", want.reason, &row.reason);
        text("currency", want.currency, &row.currency);
        let available_at = want.available_at.map(kernel::time::rfc3339);
        text("available_at", available_at.as_deref(), row.available_at.as_deref().unwrap_or("never"));
        let buckets = row.pending_minor + row.available_minor + row.held_minor + row.settled_minor
            - row.receivable_minor;
        if buckets != row.commission_minor {
            wrong.push(format!("buckets sum to {buckets}"));
        }
        if !wrong.is_empty() {
            return Err(format!("{key:?}: {}; {row:#?}", wrong.join(", ")));
        }
    }
    if left.is_empty() { Ok(()) } else { Err(format!("rows nobody expects: {left:#?}")) }
}

/// The explanation names every rejected candidate with its reason.
fn trace(world: &World, expected: &Expected) -> Result<(), String> {
    let found = engine::explain::explain(&world.house, Some(&expected.book), &expected.sale)
        .map_err(|why| why.to_string())?;
    let shown = found
        .iter()
        .find(|shown| shown.sale.as_deref() == Some(expected.sale.as_str()))
        .ok_or_else(|| format!("{} is not explained", expected.sale))?;
    for (partner, reason) in &expected.rejected {
        let there = shown.candidates.iter().any(|candidate| {
            candidate.partner.as_ref().map(kernel::operator::Handle::as_str) == Some(*partner)
                && candidate.rejected.is_some_and(|why| {
                    serde_json::to_string(&why).is_ok_and(|why| why.trim_matches('"') == *reason)
                })
        });
        if !there {
            return Err(format!("{partner} is not rejected as {reason}: {:#?}", shown.candidates));
        }
    }
    Ok(())
}
