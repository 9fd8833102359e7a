//! Events as an operator sees them: received, with their state and outcome, and the way to try one again.

use kernel::{Ref, UnixMs, time};
use serde::Serialize;
use store::inbox::{EventLine, Quarantined};

use crate::house::{EngineError, House};

/// One row of `events list --json` (DESIGN.md section 8). Field names are a contract.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EventRow {
    pub seq: i64,
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    pub account: Option<String>,
    pub livemode: Option<bool>,
    /// pending | done | parked | quarantined
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
    #[serde(skip)]
    received_ms: UnixMs,
}

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
    /// The body as received, as text (lossy if it was not UTF-8).
    pub body: String,
}

pub fn list(house: &House, filter: &EventFilter) -> Result<Vec<EventRow>, EngineError> {
    let limit = filter.limit.clamp(1, 10_000);
    let limit_ = i64::try_from(limit).unwrap_or(10_000);
    if filter.state.as_deref() == Some("quarantined") {
        let mut rows: Vec<EventRow> =
            house.inbox().quarantined(10_000)?.into_iter().map(quarantined_row).collect();
        rows.retain(|row| wanted(row, filter));
        rows.truncate(limit);
        return Ok(rows);
    }
    let mut rows = Vec::new();
    let mut before = filter.before_seq.unwrap_or(i64::MAX);
    let only = match filter.state.as_deref() {
        Some("parked") => Some(house.db().read(|read| store::work::parked_page(read, before, limit_))?),
        _ => None,
    };
    if let Some(seqs) = only {
        let metas = house.inbox().lines(&seqs)?;
        rows.extend(stated(house, metas)?);
        rows.retain(|row| wanted(row, filter));
        rows.truncate(limit);
        return Ok(rows);
    }
    while rows.len() < limit {
        let page = house.inbox().page(before, limit_.max(200))?;
        let Some(last) = page.last() else { break };
        before = last.seq;
        rows.extend(stated(house, page)?.into_iter().filter(|row| wanted(row, filter)));
    }
    rows.truncate(limit);
    if filter.state.is_none() && filter.before_seq.is_none() && filter.event_type.is_none() {
        rows.extend(house.inbox().quarantined(limit_)?.into_iter().map(quarantined_row));
        rows.sort_by_key(|row| std::cmp::Reverse((row.received_ms, row.seq)));
        rows.truncate(limit);
    }
    Ok(rows)
}

fn wanted(row: &EventRow, filter: &EventFilter) -> bool {
    filter.state.as_ref().is_none_or(|state| row.state == *state)
        && filter.event_type.as_ref().is_none_or(|wanted| row.event_type.as_ref() == Some(wanted))
}

/// Every body received under an event id, and quarantined ones; empty when the id is unknown.
pub fn show(house: &House, id: &str) -> Result<Vec<EventDetail>, EngineError> {
    let mut details = Vec::new();
    let bodies = match Ref::parse(id) {
        Some(id) => house.inbox().find(&id)?,
        None => Vec::new(),
    };
    for row in bodies {
        let metas = house.inbox().lines(&[row.seq])?;
        let normalised = facts::normalise_event(&row.body);
        for stated in stated(house, metas)? {
            details.push(EventDetail {
                row: stated,
                notes: normalised.notes.clone(),
                objects: normalised.facts.iter().map(|fact| fact.object.to_string()).collect(),
                body: String::from_utf8_lossy(&row.body).into_owned(),
            });
        }
    }
    for row in house.inbox().quarantine_find(id)? {
        let body = String::from_utf8_lossy(&row.row.body).into_owned();
        details.push(EventDetail { row: quarantined_row(row), notes: Vec::new(), objects: Vec::new(), body });
    }
    Ok(details)
}

/// Tries a parked event again at once; returns how many rows that concerns.
pub fn retry(house: &House, id: &str) -> Result<usize, EngineError> {
    let Some(id) = Ref::parse(id) else { return Ok(0) };
    let rows = house.inbox().find(&id)?;
    let mut count = 0;
    for row in rows {
        count += house.db().work(|tx| -> Result<usize, EngineError> {
            let rows = store::work::unpark(tx, &[row.seq])?;
            store::mark::unpark_seq(tx, row.seq)?;
            Ok(usize::try_from(rows).unwrap_or(0))
        })?;
    }
    Ok(count)
}

fn stated(house: &House, metas: Vec<EventLine>) -> Result<Vec<EventRow>, EngineError> {
    let seqs: Vec<i64> = metas.iter().map(|meta| meta.seq).collect();
    let (projected, exceptions) = house.db().read(|read| -> Result<_, EngineError> {
        Ok((store::work::projected(read)?, store::work::of(read, &seqs)?))
    })?;
    Ok(metas
        .into_iter()
        .map(|meta| {
            let exception = exceptions.iter().find(|row| row.seq == meta.seq);
            let state = match exception {
                Some(row) => state_name(row.state).to_owned(),
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
                reason: exception.map(|row| row.reason.clone()),
                attempts: exception.map_or(0, |row| row.attempts),
                received_ms: meta.received_at,
                received_at: time::rfc3339(meta.received_at),
                created_at: Some(time::rfc3339(meta.created_s.saturating_mul(time::SECOND_MS))),
                api_version: meta.api_version.clone(),
                source: meta.source.name().to_owned(),
                deliveries: meta.deliveries,
                conflict: meta.bodies > 1,
            }
        })
        .collect())
}

const fn state_name(state: store::work::State) -> &'static str {
    match state {
        store::work::State::Pending => "pending",
        store::work::State::Parked => "parked",
    }
}

fn quarantined_row(kept: Quarantined) -> EventRow {
    let (row, deliveries) = (kept.row, kept.deliveries);
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
    }
}
