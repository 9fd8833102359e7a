//! Spans of what the engine does, under the target `traced`: what it is, and with which event or object. Which trace that makes, and
//! whether anybody wants it, is decided by whoever listens. Where nobody does, none of this costs anything.

use kernel::Book;
use store::Source;
use store::inbox::InboxRow;
use tracing::Span;
use tracing::field::Empty;

use crate::deliver::Call;

/// Of rows of the inbox. What they are is told as links: each was received in a trace of its own.
pub(crate) fn apply(rows: &[InboxRow]) -> Span {
    let (from_seq, to_seq) = (rows.first().map(|row| row.seq), rows.last().map(|row| row.seq));
    let span = tracing::info_span!(target: "traced", "apply", count = rows.len(), from_seq, to_seq);
    if !span.is_disabled() {
        span.in_scope(|| rows.iter().filter(|row| has_receipt(row)).for_each(link));
    }
    span
}

/// What was imported or listed was received in no span.
fn has_receipt(row: &InboxRow) -> bool {
    matches!(row.source, Source::Webhook | Source::Fetch)
}

fn link(row: &InboxRow) {
    tracing::info!(target: "traced::link", book = row.book.label(), event = row.event_ref.as_str());
}

/// Of some marks; `idle` once there turn out to be none.
pub(crate) fn true_up() -> Span {
    tracing::info_span!(target: "traced", "true_up", count = Empty, idle = Empty, error = Empty)
}

/// Of an object or event; its name in the inbox is known when it is there.
pub(crate) fn fetch(book: &Book) -> Span {
    tracing::info_span!(target: "traced", "fetch", book = book.label(), event = Empty, result = Empty, error = Empty)
}

/// Of an intent, as far as it got this time.
pub(crate) fn deliver(intent: &str) -> Span {
    tracing::info_span!(target: "traced", "deliver", intent)
}

/// Of one call to Stripe within it.
pub(crate) fn call(call: &Call) -> Span {
    tracing::info_span!(target: "traced", "call", kind = call.name(), error = Empty)
}
