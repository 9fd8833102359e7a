//! Events as an operator sees them: received, with their state and outcome, and the way to try one again.

use std::collections::BTreeMap;

use kernel::{Ref, UnixMs, time};
use serde::Serialize;
use store::StoreError;
use store::inbox::{Deliveries, EventLine, Quarantined};
use store::thin::Thin;
use store::want::Target;

use crate::effects::{Effects, effects};
use crate::house::{EngineError, House};
use crate::timeline::{Delivered, Step, delivered, timeline};

/// One row of `events list --json` (DESIGN.md section 8). Field names are a contract.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EventRow {
    pub seq: i64,
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    pub account: Option<String>,
    pub livemode: Option<bool>,
    /// pending | done | waiting | parked | discarded | quarantined
    pub state: String,
    pub reason: Option<String>,
    pub attempts: i64,
    pub received_at: String,
    pub created_at: Option<String>,
    pub api_version: Option<String>,
    pub source: String,
    pub deliveries: i64,
    /// Another body was received under the same event id.
    pub conflict: bool,
    /// Its number in quarantine.
    pub quarantine: Option<i64>,
    /// When the same bytes came the last time; null of what came once, and where it is not known.
    pub repeated_at: Option<String>,
    #[serde(skip)]
    pub(crate) received_ms: UnixMs,
}

/// Every state a list can be asked for.
pub const STATES: [&str; 6] = ["pending", "done", "waiting", "parked", "discarded", "quarantined"];

/// Which events to list. Newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventFilter {
    pub state: Option<String>,
    pub event_type: Option<String>,
    /// Only rows with a smaller sequence number.
    pub before_seq: Option<i64>,
    pub limit: usize,
}

/// One event whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EventDetail {
    #[serde(flatten)]
    pub row: EventRow,
    pub notes: Vec<kernel::Note>,
    /// Version-free facts it gave, in words: `invoice in_1`.
    pub objects: Vec<String>,
    /// Every delivery of these bytes whose time is known, the first included.
    pub delivered: Vec<Delivered>,
    /// From Stripe to now.
    pub timeline: Vec<Step>,
    #[serde(flatten)]
    pub effects: Effects,
    /// The body as received, as text (lossy if it was not UTF-8). Empty while it is away.
    pub body: String,
    /// The body is in an archive that cannot be read from here: which, and what to do.
    pub archived: Option<String>,
}

/// A page of the list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listed {
    pub rows: Vec<EventRow>,
    /// The search stopped before this number and not at the first event: it goes on from here, with this as
    /// [`EventFilter::before_seq`].
    pub searched_to: Option<i64>,
}

/// How many events one search for a type goes through. There is no index on types: the gate would pay for it
/// with each delivery, and people look for what came lately.
pub const SEARCHED_MAX: i64 = 20_000;

/// The rows of [`page`], for who does not go on from there.
pub fn list(house: &House, filter: &EventFilter) -> Result<Vec<EventRow>, EngineError> {
    Ok(page(house, filter)?.rows)
}

/// Events, newest first.
pub fn page(house: &House, filter: &EventFilter) -> Result<Listed, EngineError> {
    let limit = filter.limit.clamp(1, 10_000);
    let mut listed = match filter.state.as_deref() {
        Some("quarantined") => {
            let all = house.inbox().quarantined(10_000)?.into_iter().map(quarantined_row);
            whole(all.filter(|row| wanted(row, filter)).collect())
        }
        Some("parked") => whole(parked(house, filter, limit)?),
        Some("discarded") => whole(discarded(house, filter, limit)?),
        Some("pending") => whole(pending(house, filter, limit)?),
        Some("waiting") => whole(waiting(house, filter, limit)?),
        _ => searched(house, filter, limit)?,
    };
    listed.rows.truncate(limit);
    let everything = EventFilter { limit: filter.limit, ..EventFilter::default() };
    if *filter == everything {
        let quarantined = house.inbox().quarantined(rows_(limit))?;
        listed.rows.extend(quarantined.into_iter().map(quarantined_row));
        listed.rows.sort_by_key(|row| std::cmp::Reverse((row.received_ms, row.seq)));
        listed.rows.truncate(limit);
    }
    Ok(listed)
}

const fn whole(rows: Vec<EventRow>) -> Listed {
    Listed { rows, searched_to: None }
}

fn rows_(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Through the inbox from its end; with a type, no further than [`SEARCHED_MAX`].
fn searched(house: &House, filter: &EventFilter, limit: usize) -> Result<Listed, EngineError> {
    let inbox = house.inbox();
    let mut before = filter.before_seq.unwrap_or(i64::MAX).min(inbox.head()?.saturating_add(1));
    let from = before.saturating_sub(SEARCHED_MAX).max(1);
    let mut rows = Vec::new();
    loop {
        let found = match &filter.event_type {
            Some(event_type) => inbox.page_of_type(before, from, event_type, rows_(limit).max(200))?,
            None => inbox.page(before, rows_(limit).max(200))?,
        };
        let Some(last) = found.last() else { break };
        before = last.seq;
        rows.extend(stated(house, found)?.into_iter().filter(|row| wanted(row, filter)));
        if rows.len() >= limit {
            return Ok(whole(rows));
        }
    }
    let searched_to = (filter.event_type.is_some() && from > 1).then_some(from);
    Ok(Listed { rows, searched_to })
}

/// By what the books remember of them: parked ones are few, wherever in the inbox they are.
fn parked(house: &House, filter: &EventFilter, limit: usize) -> Result<Vec<EventRow>, EngineError> {
    by_numbers(house, filter, limit, &|before| {
        house.db().read(|read| store::work::parked_page(read, before, rows_(limit)))
    })
}

fn by_numbers(
    house: &House,
    filter: &EventFilter,
    limit: usize,
    page: &dyn Fn(i64) -> Result<Vec<i64>, store::StoreError>,
) -> Result<Vec<EventRow>, EngineError> {
    let mut before = filter.before_seq.unwrap_or(i64::MAX);
    let mut rows = Vec::new();
    while rows.len() < limit {
        let seqs = page(before)?;
        let Some(last) = seqs.last() else { break };
        before = *last;
        let metas = house.inbox().lines(&seqs)?;
        rows.extend(stated(house, metas)?.into_iter().filter(|row| wanted(row, filter)));
    }
    Ok(rows)
}

/// Those an operator gave up.
fn discarded(house: &House, filter: &EventFilter, limit: usize) -> Result<Vec<EventRow>, EngineError> {
    by_numbers(house, filter, limit, &|before| {
        house.db().read(|read| store::discarded::page(read, before, rows_(limit)))
    })
}

/// Events without an object, for whose object the house waits.
fn waiting(house: &House, filter: &EventFilter, limit: usize) -> Result<Vec<EventRow>, EngineError> {
    let mut before = filter.before_seq.unwrap_or(i64::MAX);
    let mut rows = Vec::new();
    while rows.len() < limit {
        let found = house.db().read(|read| store::thin::waiting(read, before, rows_(limit)))?;
        let Some(last) = found.last() else { break };
        before = last.seq;
        let metas = house.inbox().lines(&found.iter().map(|thin| thin.seq).collect::<Vec<_>>())?;
        rows.extend(stated(house, metas)?.into_iter().filter(|row| wanted(row, filter)));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.seq));
    Ok(rows)
}

/// What an event without an object waits for, and why it has not come.
fn waits_for(read: &mut store::Read<'_>, thin: &Thin) -> Result<(i64, String), EngineError> {
    let target = match &thin.object {
        Some(key) => Some(Target::Object(key.clone())),
        None => thin.answer.strip_prefix("event ").and_then(Ref::parse).map(Target::Event),
    };
    let want = match target {
        Some(target) => store::want::of(read, thin.book, &target)?,
        None => None,
    };
    let why = want.and_then(|want| want.problem).filter(|problem| !problem.is_empty());
    let why = why.unwrap_or_else(|| {
        "`serve` or `events drain` fetches it, with a key of this book's mode (STRIPE_API_KEY, STRIPE_API_KEY_TEST)".to_owned()
    });
    Ok((thin.seq, format!("thin_event: waits for {}: {why}", thin.answer)))
}

/// What is behind the projector, and what waits for its next attempt.
fn pending(house: &House, filter: &EventFilter, limit: usize) -> Result<Vec<EventRow>, EngineError> {
    let (projected, waiting) = house.db().read(|read| -> Result<_, EngineError> {
        Ok((store::work::projected(read)?, store::work::due(read, UnixMs::MAX, 10_000)?))
    })?;
    let first = filter.before_seq.unwrap_or(i64::MAX);
    let (mut before, mut rows) = (first, Vec::new());
    while rows.len() < limit && before > projected + 1 {
        let found = house.inbox().page(before, rows_(limit).max(200))?;
        let Some(last) = found.last() else { break };
        before = last.seq;
        rows.extend(stated(house, found)?.into_iter().filter(|row| wanted(row, filter)));
    }
    let known: Vec<i64> = rows.iter().map(|row| row.seq).collect();
    let waiting = waiting.iter().map(|row| row.seq).filter(|seq| *seq < first && !known.contains(seq));
    let metas = house.inbox().lines(&waiting.collect::<Vec<_>>())?;
    rows.extend(stated(house, metas)?.into_iter().filter(|row| wanted(row, filter)));
    rows.sort_by_key(|row| std::cmp::Reverse(row.seq));
    Ok(rows)
}

fn wanted(row: &EventRow, filter: &EventFilter) -> bool {
    filter.state.as_ref().is_none_or(|state| row.state == *state)
        && filter.event_type.as_ref().is_none_or(|wanted| row.event_type.as_ref() == Some(wanted))
}

/// Every body received under an event id, and quarantined ones; empty when the id is unknown.
pub fn show(house: &House, id: &str) -> Result<Vec<EventDetail>, EngineError> {
    let mut details = Vec::new();
    let seqs = match Ref::parse(id) {
        Some(id) => house.inbox().numbers(&id)?,
        None => Vec::new(),
    };
    let log = house.db().read(|read| store::operator::since(read, 0))?;
    let mut repeats = house.inbox().repeats(&seqs)?;
    let lines = house.inbox().lines(&seqs)?;
    for seq in seqs {
        let metas: Vec<EventLine> = lines.iter().filter(|line| line.seq == seq).cloned().collect();
        let (row, archived) = match house.inbox().rows(&[seq]) {
            Ok(mut rows) => (rows.pop(), None),
            Err(StoreError::Archived(why)) => (None, Some(why)),
            Err(other) => return Err(other.into()),
        };
        let normalised = row.as_ref().map(crate::project::apply::read_row).unwrap_or_default();
        let objects: Vec<_> = normalised.facts.iter().map(|fact| fact.object.clone()).collect();
        let done = match metas.first() {
            Some(line) => effects(house, &line.book, seq, &objects)?,
            None => Effects::default(),
        };
        let book = metas.first().map(|line| line.book.clone());
        let others: Vec<&EventLine> =
            lines.iter().filter(|line| line.seq != seq && Some(&line.book) == book.as_ref()).collect();
        let again = Deliveries {
            count: metas.first().map_or(1, |line| line.deliveries),
            repeats: repeats.remove(&seq).unwrap_or_default(),
            repeated_at: metas.first().and_then(|line| line.repeated_at),
        };
        for stated in stated(house, metas)? {
            details.push(EventDetail {
                delivered: delivered(&stated, &again),
                timeline: timeline(&stated, &again, &others, &log),
                effects: done.clone(),
                row: stated,
                notes: normalised.notes.clone(),
                objects: normalised.facts.iter().map(|fact| fact.object.to_string()).collect(),
                body: row
                    .as_ref()
                    .map_or_else(String::new, |row| String::from_utf8_lossy(&row.body).into_owned()),
                archived: archived.clone(),
            });
        }
    }
    details.extend(house.inbox().quarantine_find(id)?.into_iter().map(quarantined_detail));
    Ok(details)
}

/// One body in quarantine by its number: some have no id that could be read.
pub fn quarantined(house: &House, number: i64) -> Result<Option<EventDetail>, EngineError> {
    Ok(house.inbox().quarantine_one(number)?.map(quarantined_detail))
}

fn quarantined_detail(kept: Quarantined) -> EventDetail {
    let body = String::from_utf8_lossy(&kept.row.body).into_owned();
    let row = quarantined_row(kept);
    let again = Deliveries::counted(row.deliveries);
    EventDetail {
        delivered: delivered(&row, &again),
        timeline: timeline(&row, &again, &[], &[]),
        effects: Effects::default(),
        row,
        notes: Vec::new(),
        objects: Vec::new(),
        body,
        archived: None,
    }
}

fn stated(house: &House, metas: Vec<EventLine>) -> Result<Vec<EventRow>, EngineError> {
    let seqs: Vec<i64> = metas.iter().map(|meta| meta.seq).collect();
    let (projected, exceptions, given_up, waiting) = house.db().read(|read| -> Result<_, EngineError> {
        let exceptions = store::work::of(read, &seqs)?;
        let thin = store::thin::of(read, &seqs)?;
        let thin = thin.iter().filter(|thin| thin.waiting);
        let waiting = thin.map(|thin| waits_for(read, thin)).collect::<Result<BTreeMap<_, _>, _>>()?;
        Ok((store::work::projected(read)?, exceptions, store::discarded::of(read, &seqs)?, waiting))
    })?;
    Ok(metas
        .into_iter()
        .map(|meta| {
            let exception = exceptions.iter().find(|row| row.seq == meta.seq);
            let given_up = given_up.iter().find(|row| row.seq == meta.seq && exception.is_none());
            let state = match exception {
                Some(row) => state_name(row.state).to_owned(),
                None if waiting.contains_key(&meta.seq) => "waiting".to_owned(),
                None if given_up.is_some() => "discarded".to_owned(),
                None if meta.seq > projected => "pending".to_owned(),
                None => "done".to_owned(),
            };
            EventRow {
                seq: meta.seq,
                id: Some(meta.event_ref.to_string()),
                event_type: Some(meta.event_type.clone()),
                account: meta.book.account.as_ref().map(ToString::to_string),
                livemode: Some(meta.book.livemode),
                state,
                reason: exception
                    .map(|row| row.reason.clone())
                    .or_else(|| waiting.get(&meta.seq).cloned())
                    .or_else(|| given_up.map(given_up_words)),
                attempts: exception.map_or(0, |row| row.attempts),
                received_ms: meta.received_at,
                received_at: time::rfc3339(meta.received_at),
                created_at: Some(time::rfc3339(meta.created_s.saturating_mul(time::SECOND_MS))),
                api_version: meta.api_version.clone(),
                source: meta.source.name().to_owned(),
                deliveries: meta.deliveries,
                conflict: meta.bodies > 1,
                quarantine: None,
                repeated_at: meta.repeated_at.map(time::rfc3339),
            }
        })
        .collect())
}

fn given_up_words(row: &store::discarded::DiscardedRow) -> String {
    format!("{} ({}, {}; was parked: {})", row.why, row.actor, time::rfc3339(row.discarded_at), row.reason)
}

const fn state_name(state: store::work::State) -> &'static str {
    match state {
        store::work::State::Pending => "pending",
        store::work::State::Parked => "parked",
    }
}

fn quarantined_row(kept: Quarantined) -> EventRow {
    let (row, deliveries, number) = (kept.row, kept.deliveries, kept.id);
    EventRow {
        seq: 0,
        id: row.event_ref,
        event_type: row.event_type,
        account: row.account,
        livemode: row.livemode,
        state: "quarantined".to_owned(),
        reason: Some(row.reason),
        attempts: 0,
        received_ms: row.received_at,
        received_at: time::rfc3339(row.received_at),
        created_at: None,
        api_version: None,
        source: "webhook".to_owned(),
        deliveries,
        conflict: false,
        quarantine: Some(number),
        repeated_at: None,
    }
}
