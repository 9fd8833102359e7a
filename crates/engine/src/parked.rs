//! Parked events as an operator deals with them: by reason, tried again, or given up with a word why. Both are
//! lines of the operator log, so a rebuild knows what was given up. It must not know how anything is read.

use std::collections::BTreeMap;

use kernel::operator::{Action, Logged, ParkedEvent};
use kernel::{Ref, UnixMs, time};
use serde::Serialize;
use store::Tx;
use store::discarded::DiscardedRow;

use crate::house::{EngineError, House};

/// Events per transaction, and per line of the log.
const BATCH: i64 = 500;

/// The longest reason an operator may give, in characters.
pub const WHY_CHARS_MAX: usize = 500;

/// Events that are parked for one reason. Field names are a contract.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ParkedGroup {
    pub reason: String,
    /// The first word of the reason: `thin_event`, `amounts`, `internal`.
    pub code: String,
    pub events: i64,
    /// The event that waits longest, and when it was received.
    pub oldest: Option<String>,
    pub oldest_at: Option<String>,
    pub newest_at: Option<String>,
}

/// Which parked events are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Which {
    /// Every body under these ids.
    Ids(Vec<String>),
    /// A whole reason, or its first word.
    Reason(String),
    All,
}

/// The first word of a reason: what the same kind of trouble has in common.
#[must_use]
pub fn code_of(reason: &str) -> &str {
    reason.split(':').next().unwrap_or(reason).trim()
}

/// What is parked, by reason, the most frequent first. Work that no event caused (an operator's line did) counts
/// under its reason too, without an event to name.
pub fn groups(house: &House) -> Result<Vec<ParkedGroup>, EngineError> {
    let (rows, loose) = house.db().read(|read| -> Result<_, EngineError> {
        Ok((store::work::parked_groups(read)?, store::mark::parked_loose(read)?))
    })?;
    let ends: Vec<i64> = rows.iter().flat_map(|row| [row.oldest_seq, row.newest_seq]).collect();
    let lines = house.inbox().lines(&ends)?;
    let of = |seq: i64| lines.iter().find(|line| line.seq == seq);
    let mut groups: Vec<ParkedGroup> = rows
        .into_iter()
        .map(|row| ParkedGroup {
            code: code_of(&row.reason).to_owned(),
            events: row.rows,
            oldest: of(row.oldest_seq).map(|line| line.event_ref.to_string()),
            oldest_at: of(row.oldest_seq).map(|line| time::rfc3339(line.received_at)),
            newest_at: of(row.newest_seq).map(|line| time::rfc3339(line.received_at)),
            reason: row.reason,
        })
        .collect();
    for (reason, _) in loose {
        if !groups.iter().any(|group| group.reason == reason) {
            let code = code_of(&reason).to_owned();
            groups.push(ParkedGroup {
                reason,
                code,
                events: 0,
                oldest: None,
                oldest_at: None,
                newest_at: None,
            });
        }
    }
    Ok(groups)
}

/// Tries parked events again at once; returns how many.
pub fn retry(house: &House, which: &Which, actor: &str, now: UnixMs) -> Result<usize, EngineError> {
    let count = each_batch(house, which, &mut |events| {
        house.db().work(|tx| -> Result<usize, EngineError> {
            let seqs: Vec<i64> = events.iter().map(|(seq, _)| *seq).collect();
            // Marks before rows, as a true-up takes them: or both would wait for each other.
            store::mark::unpark_seqs(tx, &seqs)?;
            let parked = still_parked(tx, &seqs)?;
            store::work::unpark(tx, &seqs)?;
            let retried: Vec<ParkedEvent> = events
                .iter()
                .filter(|(seq, _)| parked.contains(seq))
                .map(|(seq, event)| ParkedEvent { seq: *seq, event: event.clone(), unread: false })
                .collect();
            let count = retried.len();
            if count > 0 {
                let action = Action::EventsRetry { events: retried };
                store::operator::append(tx, actor, None, now, &action)?;
            }
            Ok(count)
        })
    })?;
    if *which == Which::All {
        house.db().work(|tx| store::mark::unpark_seqs(tx, &[0]))?;
    }
    Ok(count)
}

/// Gives parked events up; returns how many. What is booked stays as it is: an event that could not be read says
/// nothing to the books, one whose sale could not be calculated leaves its facts there for better days.
pub fn discard(
    house: &House,
    which: &Which,
    why: &str,
    actor: &str,
    now: UnixMs,
) -> Result<usize, EngineError> {
    let why = why.trim();
    if why.is_empty() || why.chars().count() > WHY_CHARS_MAX || why.chars().any(char::is_control) {
        let words = format!("say why in one line of at most {WHY_CHARS_MAX} characters");
        return Err(EngineError::Usage(words));
    }
    each_batch(house, which, &mut |events| house.db().work(|tx| discard_in(tx, events, why, actor, now)))
}

fn discard_in(
    tx: &mut Tx<'_>,
    events: &[(i64, Ref)],
    why: &str,
    actor: &str,
    now: UnixMs,
) -> Result<usize, EngineError> {
    let seqs: Vec<i64> = events.iter().map(|(seq, _)| *seq).collect();
    // Marks, then the log's head, then rows: the order of a true-up.
    let read = store::mark::discard(tx, &seqs)?;
    store::operator::head_locked(tx)?;
    let gone = store::work::discard(tx, &seqs)?;
    let count = gone.len();
    let mut by_reason: BTreeMap<String, Vec<ParkedEvent>> = BTreeMap::new();
    for (seq, reason) in gone {
        let Some((_, event)) = events.iter().find(|(known, _)| *known == seq) else { continue };
        let event = ParkedEvent { seq, event: event.clone(), unread: !read.contains(&seq) };
        by_reason.entry(reason).or_default().push(event);
    }
    for (reason, mut events) in by_reason {
        events.sort_by_key(|event| event.seq);
        let action = Action::EventsDiscard { events, reason, why: why.to_owned() };
        let seq = store::operator::append(tx, actor, None, now, &action)?;
        let actor = actor.to_owned();
        remember(tx, &Logged { seq, actor, effective_at: None, recorded_at: now, action })?;
    }
    Ok(count)
}

/// Keeps what a line of the log says was given up where the projector looks it up.
pub(crate) fn remember(tx: &mut Tx<'_>, logged: &Logged) -> Result<(), EngineError> {
    let Action::EventsDiscard { events, reason, why } = &logged.action else { return Ok(()) };
    let row = |event: &ParkedEvent| DiscardedRow {
        seq: event.seq,
        event_ref: event.event.to_string(),
        unread: event.unread,
        reason: reason.clone(),
        why: why.clone(),
        actor: logged.actor.clone(),
        discarded_at: logged.recorded_at,
    };
    Ok(store::discarded::put(tx, &events.iter().map(row).collect::<Vec<_>>())?)
}

fn still_parked(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<Vec<i64>, EngineError> {
    let rows = store::work::of(tx, seqs)?;
    let parked = rows.into_iter().filter(|row| row.state == store::work::State::Parked);
    Ok(parked.map(|row| row.seq).collect())
}

/// What is done with some events: their rows and ids. Returns how many it concerned.
type Act<'a> = dyn FnMut(&[(i64, Ref)]) -> Result<usize, EngineError> + 'a;

/// Hands over the parked events that are meant, some at a time, and adds up what came of them.
fn each_batch(house: &House, which: &Which, act: &mut Act<'_>) -> Result<usize, EngineError> {
    let mut count = 0;
    if let Which::Ids(ids) = which {
        for id in ids {
            let Some(id) = Ref::parse(id) else { continue };
            let rows: Vec<_> = house.inbox().numbers(&id)?.into_iter().map(|seq| (seq, id.clone())).collect();
            count += if rows.is_empty() { 0 } else { act(&rows)? };
        }
        return Ok(count);
    }
    let wanted: Vec<String> = house.db().read(|read| -> Result<_, EngineError> {
        let groups = store::work::parked_groups(read)?.into_iter().map(|group| group.reason);
        Ok(groups.filter(|reason| which.means(reason)).collect())
    })?;
    let mut after = 0;
    loop {
        let seqs = house.db().read(|read| store::work::parked_for(read, &wanted, after, BATCH))?;
        let Some(last) = seqs.last() else { return Ok(count) };
        after = *last;
        let lines = house.inbox().lines(&seqs)?;
        let events: Vec<_> = lines.into_iter().map(|line| (line.seq, line.event_ref)).collect();
        count += act(&events)?;
    }
}

impl Which {
    fn means(&self, reason: &str) -> bool {
        match self {
            Self::Ids(_) => false,
            Self::Reason(wanted) => reason == wanted || code_of(reason) == wanted,
            Self::All => true,
        }
    }
}
