//! What was measured, as rows for JSON and as a table.

use std::fmt::Write as _;

use serde::Serialize;

use super::take::Step;
use super::{Fed, Measured};

#[derive(Serialize)]
pub(crate) struct ImportRow {
    engine: &'static str,
    step: &'static str,
    events: i64,
    seconds: f64,
    per_s: f64,
    peak_mib: Option<f64>,
    /// The rate of this, divided by that of the same facts written without a house.
    to_plain: Option<f64>,
}

pub(crate) fn rows(measured: &[Measured]) -> Vec<ImportRow> {
    measured.iter().flat_map(of_engine).collect()
}

fn of_engine(one: &Measured) -> Vec<ImportRow> {
    let (house, plain) = (&one.house, &one.plain);
    let both = Step {
        seconds: house.import.seconds + house.book.seconds,
        peak_bytes: house.import.peak_bytes.max(house.book.peak_bytes),
    };
    let without = Step { seconds: plain.seconds, peak_bytes: plain.peak_bytes };
    let row = |step, of: Step| ImportRow {
        engine: one.engine.name(),
        step,
        events: house.events,
        seconds: of.seconds,
        per_s: house.events as f64 / of.seconds,
        peak_mib: of.peak_bytes.map(|bytes| bytes as f64 / f64::from(1 << 20)),
        to_plain: (of.seconds != plain.seconds).then_some(plain.seconds / of.seconds),
    };
    let name = if one.engine == crate::Engine::Postgres {
        "COPY and SQL of the facts"
    } else {
        "bulk insert of the facts"
    };
    vec![
        row(name, without),
        row("import", house.import),
        row("book", house.book),
        row("import and book", both),
        row("replay and compare", house.replay),
    ]
}

pub(crate) fn text(fed: Fed, rows: &[ImportRow]) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "\n{} lines of JSON, {} MB; one thread; peaks are of our process alone\n{:<10}{:<28}{:>10}{:>10}{:>12}{:>12}{:>18}",
        fed.lines,
        fed.bytes / 1_000_000,
        "import",
        "",
        "events",
        "seconds",
        "events/s",
        "peak MiB",
        "of the plain rate"
    );
    for row in rows {
        let peak = row.peak_mib.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.0}"));
        let ratio = row.to_plain.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        let ImportRow { engine, step, events, seconds, per_s, .. } = row;
        let _ = writeln!(
            out,
            "{engine:<10}{step:<28}{events:>10}{seconds:>10.1}{per_s:>12.0}{peak:>12}{ratio:>18}"
        );
    }
    out
}
