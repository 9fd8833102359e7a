//! One event's time here, from Stripe to now: each delivery whose time is known, and what was done about it. It must not
//! know what a fact means.

use kernel::UnixMs;
use kernel::operator::{Action, Logged, ParkedEvent};
use kernel::time::rfc3339;
use serde::Serialize;
use store::Source;
use store::inbox::{Deliveries, EventLine, REPEATS_KEPT_MAX};

use crate::events::EventRow;

/// One line of an event's timeline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Step {
    /// `None`: known to have been, but not when.
    pub at: Option<String>,
    /// `made`, `received`, `repeated`, `other_body`, `retried`, `discarded`, `shown` or the event's state now.
    pub what: String,
    /// For a person.
    pub words: String,
}

/// One delivery of the same bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Delivered {
    /// 1 is the first.
    pub delivery: i64,
    pub received_at: String,
    /// webhook | fetch | list | import
    pub source: String,
}

/// Those whose time is known. `again` is what is known of the repeats.
pub(crate) fn delivered(row: &EventRow, again: &Deliveries) -> Vec<Delivered> {
    let first = Delivered { delivery: 1, received_at: row.received_at.clone(), source: row.source.clone() };
    let repeats = again.repeats.iter().map(|repeat| Delivered {
        delivery: repeat.delivery,
        received_at: rfc3339(repeat.received_at),
        source: repeat.source.name().to_owned(),
    });
    std::iter::once(first).chain(repeats).collect()
}

/// From Stripe to now. `others` are the other bodies under its id, `log` lines of the operator log.
pub(crate) fn timeline(
    row: &EventRow,
    again: &Deliveries,
    others: &[&EventLine],
    log: &[Logged],
) -> Vec<Step> {
    let mut steps = vec![(row.received_ms, received(row))];
    steps.extend(repeated(row, again));
    steps.extend(others.iter().map(|other| (other.received_at, other_body(other))));
    steps.extend(log.iter().filter_map(|line| Some((line.recorded_at, asked(row, line)?))));
    steps.sort_by_key(|(at, _)| *at);
    let version = row.api_version.as_deref().unwrap_or("that it does not say");
    let words = format!("made by Stripe, in version {version}");
    let made = row.created_at.clone().map(|at| Step { at: Some(at), what: "made".to_owned(), words });
    let steps = made.into_iter().chain(steps.into_iter().map(|(_, step)| step));
    steps.chain(std::iter::once(now(row))).collect()
}

fn step(at: UnixMs, what: &str, words: String) -> Step {
    Step { at: Some(rfc3339(at)), what: what.to_owned(), words }
}

const fn how(source: Source) -> &'static str {
    match source {
        Source::Webhook => "delivered by Stripe",
        Source::List => "taken from Stripe's list",
        Source::Fetch => "asked of Stripe",
        Source::Import => "imported",
    }
}

fn received(row: &EventRow) -> Step {
    let how = Source::parse(&row.source).map_or("received", how);
    Step { at: Some(row.received_at.clone()), what: "received".to_owned(), words: format!("{how}, stored") }
}

/// Each repeat whose time is known, and how many there were besides.
fn repeated(row: &EventRow, again: &Deliveries) -> Vec<(UnixMs, Step)> {
    let mut steps = Vec::new();
    let mut last = row.received_ms;
    for repeat in &again.repeats {
        let (how, delivery) = (how(repeat.source), repeat.delivery);
        let words = format!("{how} again, the same bytes (delivery {delivery})");
        steps.push((repeat.received_at, step(repeat.received_at, "repeated", words)));
        last = last.max(repeat.received_at);
    }
    let mut untold = again.count - 1 - i64::try_from(steps.len()).unwrap_or(0);
    let newest = again.repeated_at.filter(|at| untold > 0 && *at > last);
    if let Some(at) = newest {
        untold -= 1;
        let words = format!("the same bytes came the last time so far (delivery {})", again.count);
        steps.push((at, step(at, "repeated", words)));
    }
    if untold > 0 {
        let words = format!(
            "the same bytes came {untold} more time(s); of these only the number is kept (a time is kept of the first \
             {REPEATS_KEPT_MAX} repeats and of the newest)"
        );
        let at = if again.repeats.is_empty() { row.received_ms } else { last };
        steps.push((at, Step { at: None, what: "repeated".to_owned(), words }));
    }
    steps
}

fn other_body(other: &EventLine) -> Step {
    let words = format!("another body came under this id, {}; it is kept too", how(other.source));
    step(other.received_at, "other_body", words)
}

/// What an operator asked for.
fn asked(row: &EventRow, line: &Logged) -> Option<Step> {
    let named = |events: &[ParkedEvent]| events.iter().any(|event| event.seq == row.seq);
    let (what, words) = match &line.action {
        Action::EventsRetry { events } if named(events) => {
            ("retried", format!("tried again by {}", line.actor))
        }
        Action::EventsDiscard { events, why, .. } if named(events) => {
            ("discarded", format!("given up by {}: {why}", line.actor))
        }
        Action::BodyShown { event } if event.seq == row.seq => {
            ("shown", format!("its body was shown unredacted to {}", line.actor))
        }
        _ => return None,
    };
    Some(step(line.recorded_at, what, words))
}

fn now(row: &EventRow) -> Step {
    let tries = if row.attempts > 0 { format!(", after {} tries", row.attempts) } else { String::new() };
    let reason = row.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let words = match row.state.as_str() {
        "done" => "now: its facts are in the books".to_owned(),
        "pending" => format!("now: its facts are not in the books yet{tries}{reason}"),
        other => format!("now: {other}{tries}{reason}"),
    };
    Step { at: None, what: row.state.clone(), words }
}
