//! `explain ID`.

use std::fmt::Write as _;

use engine::explain::{Explanation, explain};

use super::{book, house};
use crate::cli::{Common, ExplainArgs};
use crate::{Outcome, Stop, output};

pub(crate) fn run(common: &Common, args: &ExplainArgs) -> Outcome {
    if engine::explain::parse_id(&args.id).is_none() {
        return Err(no_sale(&args.id));
    }
    let found = explain(&house(common)?, book(args.book.as_deref())?.as_ref(), &args.id)?;
    if found.is_empty() {
        return Err(Stop::Found(format!("no event has mentioned {} yet", args.id)));
    }
    print(common, &found)
}

/// The id is of something else than a sale, or of nothing.
pub(super) fn no_sale(id: &str) -> Stop {
    let instead = match id.split_once('_').map(|(prefix, _)| prefix) {
        Some("evt") => format!("; see: countinghouse events show {id}"),
        Some("promo") => format!("; see: countinghouse code show {id}"),
        Some("cus" | "sub") => "; the console's search shows what happened to it".to_owned(),
        _ => String::new(),
    };
    Stop::Usage(format!(
        "'{id}' is none of in_, cs_, pi_, ch_, py_, re_, dp_, inpay_, the ids that a sale is found by{instead}"
    ))
}

pub(super) fn print(common: &Common, found: &[Explanation]) -> Outcome {
    if common.json {
        return match found {
            [one] => output::print_json(one),
            several => output::print_json(&several),
        };
    }
    for (index, one) in found.iter().enumerate() {
        let gap = if index > 0 { "\n" } else { "" };
        output::print(&format!("{gap}{}", text(one)))?;
    }
    Ok(())
}

fn text(one: &Explanation) -> String {
    let mut text = String::new();
    let sale = one.sale.as_deref().unwrap_or("no sale");
    let partner = one.partner.as_deref().unwrap_or("nobody");
    let _ = writeln!(text, "{sale} (book {}): {partner}, because: {}", one.book, one.reason);
    if let Some(problem) = &one.problem {
        let _ = writeln!(
            text,
            "{problem}. Nothing is booked for it until an event about it says something else."
        );
    }
    if let Some(terms) = &one.terms {
        let pays = terms.rate_bps.map_or_else(
            || terms.fixed.clone().unwrap_or_default(),
            |bps| format!("{}.{:02} %", bps / 100, bps % 100),
        );
        let _ = writeln!(
            text,
            "terms version {}: {pays}, available {} days after payment",
            terms.version, terms.hold_days
        );
    }
    if !one.candidates.is_empty() {
        text.push_str("\nCandidates\n");
    }
    for candidate in &one.candidates {
        text.push_str(&candidate_line(candidate));
    }
    if !one.lines.is_empty() {
        text.push_str("\nArithmetic\n");
    }
    for line in &one.lines {
        let _ = writeln!(text, "  {:<28} {:>14}  {}", line.label, line.minor, line.arithmetic);
    }
    if !one.entries.is_empty() {
        text.push_str("\nEntries\n");
    }
    for entry in &one.entries {
        let _ = writeln!(
            text,
            "  #{} rev {} of {}: {}, caused by {}",
            entry.id,
            entry.rev,
            entry.effective_at,
            entry.reason,
            causes(&entry.causes)
        );
        for posting in &entry.postings {
            let amount = output::money(posting.amount_minor, &posting.currency);
            let _ = writeln!(text, "      {} -> {}  {amount}", posting.debit, posting.credit);
        }
    }
    text.push_str("\nEvents\n");
    for event in &one.events {
        let _ = writeln!(text, "  {}  {}  {}", event.created_at, event.id, event.object);
    }
    if !one.level {
        text.push_str("\nNot level yet: more is being worked off.\n");
    }
    text
}

/// One candidate and its fate.
pub(super) fn candidate_line(candidate: &rules::Candidate) -> String {
    let who = candidate.partner.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let fate =
        candidate.rejected.map_or_else(|| "chosen".to_owned(), |why| format!("rejected: {}", wire(&why)));
    let code = candidate.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    format!("  {who} by {}{code} ({}): {fate}\n", wire(&candidate.rule), candidate.source)
}

fn wire<T: serde::Serialize>(member: &T) -> String {
    serde_json::to_string(member).unwrap_or_default().trim_matches('"').to_owned()
}

/// What an entry was caused by, in words.
fn causes(events: &[String]) -> String {
    if events.is_empty() { "an operator's line".to_owned() } else { events.join(", ") }
}
