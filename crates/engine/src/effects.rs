//! What became of one event: when it came and what was done about it, as a timeline; the entries that name it as a cause; and
//! what is still to be done because of it. It must not know what a fact means.

use kernel::operator::{Action, Logged, ParkedEvent};
use kernel::time::rfc3339;
use kernel::{ObjectKey, Ref};
use serde::Serialize;

use crate::events::EventRow;
use crate::explain::{EntryShown, entry_shown};
use crate::house::{EngineError, House};
use crate::project::walk::{read_closure, stored};

/// One line of an event's timeline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Step {
    /// `None`: known to have been, but not when.
    pub at: Option<String>,
    /// `made`, `received`, `repeated`, `retried`, `discarded`, `shown` or the event's state now.
    pub what: String,
    /// For a person.
    pub words: String,
}

/// Something that is to be made true because of an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MarkShown {
    pub object: String,
    pub attempts: i64,
    /// Why nothing more is tried.
    pub parked: Option<String>,
}

/// An entry, and the sale that it is of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Caused {
    pub sale: String,
    #[serde(flatten)]
    pub entry: EntryShown,
}

/// What an event did to the books.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Effects {
    /// Entries that name it as a cause, of the sales that it is about.
    pub entries: Vec<Caused>,
    pub marks: Vec<MarkShown>,
}

/// Objects that are looked at for one event's entries.
const OBJECTS_MAX: usize = 500;

const MARKS_MAX: i64 = 100;

/// From Stripe to now. `log` are lines of the operator log.
pub(crate) fn timeline(row: &EventRow, log: &[Logged]) -> Vec<Step> {
    let step = |at: Option<&str>, what: &str, words: String| Step {
        at: at.map(str::to_owned),
        what: what.to_owned(),
        words,
    };
    let mut steps = Vec::new();
    let version = row.api_version.as_deref().unwrap_or("that it does not say");
    if let Some(made) = &row.created_at {
        steps.push(step(Some(made), "made", format!("made by Stripe, in version {version}")));
    }
    let how = match row.source.as_str() {
        "webhook" => "delivered by Stripe",
        "list" => "taken from Stripe's list",
        "fetch" => "asked of Stripe",
        _ => "imported",
    };
    steps.push(step(Some(&row.received_at), "received", format!("{how}, stored")));
    if row.deliveries > 1 {
        let words = format!(
            "the same bytes came {} more time(s); of these only the number is kept",
            row.deliveries - 1
        );
        steps.push(step(None, "repeated", words));
    }
    for line in log {
        let at = rfc3339(line.recorded_at);
        let named = |events: &[ParkedEvent]| events.iter().any(|event| event.seq == row.seq);
        let said = match &line.action {
            Action::EventsRetry { events } if named(events) => {
                Some(("retried", format!("tried again by {}", line.actor)))
            }
            Action::EventsDiscard { events, why, .. } if named(events) => {
                Some(("discarded", format!("given up by {}: {why}", line.actor)))
            }
            Action::BodyShown { event } if event.seq == row.seq => {
                Some(("shown", format!("its body was shown unredacted to {}", line.actor)))
            }
            _ => None,
        };
        steps.extend(said.map(|(what, words)| step(Some(&at), what, words)));
    }
    let tries = if row.attempts > 0 { format!(", after {} tries", row.attempts) } else { String::new() };
    let reason = row.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let now = match row.state.as_str() {
        "done" => "now: its facts are in the books".to_owned(),
        "pending" => format!("now: its facts are not in the books yet{tries}{reason}"),
        other => format!("now: {other}{tries}{reason}"),
    };
    steps.push(step(None, &row.state, now));
    steps
}

/// What the row of the inbox did to these objects and what belongs to them.
pub(crate) fn effects(
    house: &House,
    book: &kernel::Book,
    seq: i64,
    objects: &[ObjectKey],
) -> Result<Effects, EngineError> {
    let (entries, marks) = house.db().read(|read| -> Result<_, EngineError> {
        let Some(book_id) = store::book::known(read, book)? else { return Ok((Vec::new(), Vec::new())) };
        let marks = store::mark::of_seq(read, seq, MARKS_MAX)?;
        // A subscription or a discount reaches its sales by who names it.
        let named = store::link::to_keys(read, book_id, objects)?;
        let start = objects.iter().cloned().chain(named.into_iter().map(|link| link.from));
        let start: Vec<ObjectKey> = start.take(OBJECTS_MAX).collect();
        let closure = read_closure(read, book_id, &start)?;
        let keys: Vec<_> = closure.keys.iter().take(OBJECTS_MAX).map(stored).collect();
        let subjects: Vec<i64> =
            store::subject::get(read, book_id, &keys)?.into_iter().map(|subject| subject.id).collect();
        let mut entries = store::entry::of_subjects(read, &subjects)?;
        entries.retain(|written| {
            serde_json::from_str::<Vec<i64>>(&written.entry.causes).is_ok_and(|causes| causes.contains(&seq))
        });
        Ok((entries, marks))
    })?;
    let caused = |written: &store::entry::Written| -> Result<Caused, EngineError> {
        Ok(Caused { sale: written.entry.sale.clone(), entry: entry_shown(house, written)? })
    };
    let entries = entries.iter().map(caused).collect::<Result<_, _>>()?;
    let mark = |(object, attempts, parked): (ObjectKey, i64, Option<String>)| MarkShown {
        object: object.to_string(),
        attempts,
        parked,
    };
    Ok(Effects { entries, marks: marks.into_iter().map(mark).collect() })
}

/// Writes down that somebody was shown a body as it came, with what is personal in it. Every body that came under the id
/// is named; `false` when there is none.
pub fn body_shown(house: &House, id: &str, actor: &str, now: kernel::UnixMs) -> Result<bool, EngineError> {
    let Some(id) = Ref::parse(id) else { return Ok(false) };
    let seqs = house.inbox().numbers(&id)?;
    for seq in &seqs {
        let event = ParkedEvent { seq: *seq, event: id.clone(), unread: false };
        house.db().work(|tx| -> Result<i64, EngineError> {
            Ok(store::operator::append(tx, actor, None, now, &Action::BodyShown { event: event.clone() })?)
        })?;
    }
    Ok(!seqs.is_empty())
}
