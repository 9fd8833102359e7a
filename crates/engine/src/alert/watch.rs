//! Looks at the house, and opens and closes alerts in one transaction with the messages about them. Of any number of
//! processes one looks per interval; an alert is open once whoever looks.

use std::collections::BTreeMap;

use kernel::{UnixMs, time};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::Tx;
use store::alert::{AlertRow, MessageRow};

use super::rhythm::{HOUR_MS, WEEKS, usual_events_milli};
use super::rules::{DeliveryRate, Firing, Readings, Retention, Silence, Thresholds, firing};
use crate::house::{EngineError, House};

/// An alert as people and programs see it. Field names are a contract.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AlertView {
    pub id: String,
    pub rule: String,
    /// A book's label, or null for the whole house.
    pub scope: Option<String>,
    /// open | closed
    pub state: &'static str,
    pub words: String,
    pub figure: i64,
    pub opened_at: String,
    pub seen_at: String,
    pub closed_at: Option<String>,
}

/// Alerts, newest first; only open ones if asked so.
pub fn list(house: &House, only_open: bool, limit: i64) -> Result<Vec<AlertView>, EngineError> {
    let rows = house
        .db()
        .read(|read| if only_open { store::alert::open(read) } else { store::alert::page(read, limit) })?;
    Ok(rows.into_iter().map(view).collect())
}

pub(super) fn view(row: AlertRow) -> AlertView {
    AlertView {
        id: row.id,
        rule: row.rule,
        scope: Some(row.scope).filter(|scope| !scope.is_empty()),
        state: if row.closed_at.is_some() { "closed" } else { "open" },
        words: row.words,
        figure: row.figure,
        opened_at: time::rfc3339(row.opened_at),
        seen_at: time::rfc3339(row.seen_at),
        closed_at: row.closed_at.map(time::rfc3339),
    }
}

/// Looks once, if nobody did within the interval; says whether it did. `sinks` are the names of those that messages
/// go to.
pub fn watch(
    house: &House,
    thresholds: &Thresholds,
    sinks: &[&str],
    now: UnixMs,
) -> Result<bool, EngineError> {
    // A cheap look before the costly one: most askers are too early.
    let turn = house.db().work(|tx| store::alert::check(tx, now, thresholds.every_ms))?;
    if !turn {
        return Ok(false);
    }
    let found = firing(&read(house, now)?, thresholds, now);
    house.db().work(|tx| decide(tx, &found, thresholds, sinks, now))?;
    Ok(true)
}

fn read(house: &House, now: UnixMs) -> Result<Readings, EngineError> {
    let status = crate::status::status(house, now)?;
    let mut parked: BTreeMap<String, i64> = BTreeMap::new();
    for group in crate::parked::groups(house)? {
        *parked.entry(group.code).or_default() += group.events;
    }
    parked.retain(|_, events| *events > 0);
    let intents = house.db().read(store::intent::counts)?;
    let intents = intents.into_iter().filter(|(state, _)| *state == store::intent::State::Parked);
    let retention = house.db().read(store::retention::last)?.map(|last| Retention {
        tried_at: last.tried_at,
        failures: last.failures,
        problem: last.problem,
    });
    Ok(Readings {
        retention,
        parked: parked.into_iter().collect(),
        marks_parked: status.marks_parked,
        quarantined_last_day: house.inbox().quarantined_since(now - 24 * HOUR_MS)?,
        lag_ms: status.lag_ms,
        intents_parked: intents.map(|(_, count)| count).sum(),
        silences: silences(house, now)?,
        delivery_rates: delivery_rates(house)?,
    })
}

/// Of each book's last round over Stripe's list. The first round of a book meets what happened before there was an
/// endpoint.
fn delivery_rates(house: &House) -> Result<Vec<DeliveryRate>, EngineError> {
    let rounds = crate::audit::catch_up::latest(house)?.into_iter().filter(|(_, round)| !round.first);
    let rate = |(book, round): (kernel::Book, crate::audit::catch_up::Report)| {
        let rate_bps = round.rate.delivery_rate_bps?;
        Some(DeliveryRate { book: book.label(), rate_bps, missing: round.rate.missing })
    };
    Ok(rounds.filter_map(rate).collect())
}

/// Books nothing came for in the last hour, and something did in the weeks that the rhythm is learned from.
fn silences(house: &House, now: UnixMs) -> Result<Vec<Silence>, EngineError> {
    let oldest = now - WEEKS * 7 * 24 * HOUR_MS;
    house.db().read(|read| {
        let books = store::book::all(read)?;
        let mut found = Vec::new();
        for span in store::rhythm::spans(read)? {
            if span.last_at > now - HOUR_MS || span.last_at < oldest {
                continue;
            }
            let Some((_, book)) = books.iter().find(|(id, _)| *id == span.book) else { continue };
            let hours = store::rhythm::hours(read, span.book, oldest.div_euclid(HOUR_MS) - 168)?;
            let hours: BTreeMap<i64, i64> = hours.into_iter().map(|row| (row.hour, row.events)).collect();
            let usual = usual_events_milli(&hours, span.first_hour, span.last_at, now);
            let (book, last_at) = (book.label(), span.last_at);
            found.push(Silence { book, last_at, usual_events_milli: usual });
        }
        Ok(found)
    })
}

fn decide(
    tx: &mut Tx<'_>,
    found: &[Firing],
    thresholds: &Thresholds,
    sinks: &[&str],
    now: UnixMs,
) -> Result<(), EngineError> {
    if store::alert::checked(tx)? != now {
        // It took so long to look that somebody else has looked since: theirs is newer.
        return Ok(());
    }
    let open = store::alert::open(tx)?;
    let same = |row: &AlertRow, one: &Firing| row.rule == one.rule && row.scope == one.scope;
    for one in found {
        match open.iter().find(|row| same(row, one)) {
            None => {
                let row = opened(tx, one, now)?;
                store::alert::add(tx, &row)?;
                say(tx, &row, "opened", &row.words, sinks, now)?;
            }
            Some(row) => {
                store::alert::seen(tx, &row.id, now, &one.words, one.figure)?;
                if now - row.reminded_at >= thresholds.remind_every_ms {
                    store::alert::reminded(tx, &row.id, now)?;
                    say(tx, row, &format!("reminder-{now}"), &one.words, sinks, now)?;
                }
            }
        }
    }
    for row in open.iter().filter(|row| !found.iter().any(|one| same(row, one))) {
        store::alert::close(tx, &row.id, now)?;
        say(tx, row, "closed", &row.words, sinks, now)?;
    }
    Ok(())
}

fn opened(tx: &mut Tx<'_>, one: &Firing, now: UnixMs) -> Result<AlertRow, EngineError> {
    let times = store::alert::times(tx, one.rule, &one.scope)?;
    let digest = Sha256::digest(format!("{}\n{}\n{times}", one.rule, one.scope));
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(AlertRow {
        id: format!("alert_{}_{hex}", one.rule),
        rule: one.rule.to_owned(),
        scope: one.scope.clone(),
        words: one.words.clone(),
        figure: one.figure,
        opened_at: now,
        seen_at: now,
        reminded_at: now,
        closed_at: None,
    })
}

/// Writes down one message for each sink; `what` makes its id, `opened`, `closed` or `reminder-` and when.
fn say(
    tx: &mut Tx<'_>,
    alert: &AlertRow,
    what: &str,
    words: &str,
    sinks: &[&str],
    now: UnixMs,
) -> Result<(), EngineError> {
    for sink in sinks {
        let row = MessageRow {
            id: format!("{}.{what}.{sink}", alert.id),
            alert: alert.id.clone(),
            kind: what.split('-').next().unwrap_or(what).to_owned(),
            sink: (*sink).to_owned(),
            words: words.to_owned(),
            attempts: 0,
            problem: String::new(),
            recorded_at: now,
        };
        store::alert::say(tx, &row)?;
    }
    Ok(())
}
