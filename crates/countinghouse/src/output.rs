//! What a person or a program sees: tables on standard output, progress and complaints on standard error.

use std::io::{IsTerminal, Write};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernel::Currency;
use kernel::money::decimal;
use serde::Serialize;

use crate::{Outcome, Stop, observe};

pub(crate) fn complain(message: &str) {
    observe::remark(tracing::Level::ERROR, &format!("countinghouse: {message}"));
}

/// A line for a person, on standard error, so that standard output stays clean for `--json`.
pub(crate) fn remark(message: &str) {
    observe::remark(tracing::Level::INFO, message);
}

/// How far something is: one line that replaces the one before, on standard error, only on a terminal.
pub(crate) fn step(text: &str) {
    let mut err = std::io::stderr();
    if err.is_terminal() {
        let _ = write!(err, "\r\x1b[K{text}");
        let _ = err.flush();
    }
}

/// Text on standard output. A closed pipe is the reader's choice, not an error.
pub(crate) fn print(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Into::into),
    }
}

pub(crate) fn print_json<T: Serialize>(value: &T) -> Outcome {
    let text = serde_json::to_string_pretty(value).map_err(|why| Stop::Found(why.to_string()))?;
    print(&format!("{text}\n"))
}

/// A table; columns named in `right` are aligned to the right.
pub(crate) fn print_table(header: &[&str], right: &[&str], rows: Vec<Vec<String>>) -> Outcome {
    if rows.is_empty() {
        return print("(none)\n");
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| shown(cell)));
    }
    for (index, name) in header.iter().enumerate() {
        if right.contains(name)
            && let Some(column) = table.column_mut(index)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    print(&format!("{table}\n"))
}

/// A cell may hold what somebody else wrote: it must not colour the screen, move the cursor or turn the line round. Its
/// own lines stay lines, within the cell.
fn shown(cell: &str) -> String {
    cell.split('\n').map(observe::escaped).collect::<Vec<_>>().join("\n")
}

/// `12.34 usd` from stored minor units.
pub(crate) fn money(minor: impl Into<i128>, currency: &str) -> String {
    let minor = minor.into();
    match Currency::parse(currency) {
        Some(parsed) => format!("{} {parsed}", decimal(minor, parsed)),
        None => format!("{minor} {currency}"),
    }
}

/// `12.50 %` of basis points.
pub(crate) fn share(bps: i64) -> String {
    format!("{}.{:02} %", bps / 100, bps % 100)
}

/// A progress bar on standard error, only on a terminal.
pub(crate) fn progress(total: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    bar.set_draw_target(if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    });
    if let Ok(style) = ProgressStyle::with_template("{msg:>12} {bar:32} {pos}/{len}  {per_sec}  {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_cell_shows_what_a_terminal_would_obey() {
        for (cell, expected) in [
            ("invoice.paid", "invoice.paid"),
            ("two\nlines", "two\nlines"),
            ("a\u{1b}[2Jb\0", "a\\u{1b}[2Jb\\u{0}"),
            ("\u{202e}live", "\\u{202e}live"),
        ] {
            assert_eq!(shown(cell), expected, "{cell:?}");
        }
    }
}
