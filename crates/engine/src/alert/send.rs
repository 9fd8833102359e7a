//! Sends what is written down, under a lease, at least once: a message that was sent when the process died is sent
//! again with the same id.

use kernel::{UnixMs, time};
use serde::Serialize;
use store::alert::MessageRow;
use tracing::field::Empty;

use super::watch::{AlertView, view};
use crate::house::{EngineError, House};

/// After so many attempts, some two days, a message is given up.
pub const MESSAGE_ATTEMPTS_MAX: i64 = 20;
const BATCH: i64 = 20;
/// Longer than any sink may take.
const LEASE_MS: i64 = 40_000;

/// What a sink is given. Field names are a contract: a hook gets this as JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Message {
    /// The same for every attempt.
    pub id: String,
    /// opened | reminder | closed | test
    pub kind: String,
    pub words: String,
    pub said_at: String,
    /// `None` of a test.
    pub alert: Option<AlertView>,
}

/// Where messages go.
pub trait Sink: Send + Sync {
    /// `hook`, `slack` or `mail`: what the messages to it are stored under.
    fn name(&self) -> &'static str;

    /// Sends one message; the error says why it did not arrive, without a secret.
    fn send(&self, message: &Message, now: UnixMs) -> Result<(), String>;
}

/// Sends what is due; returns how many messages it tried. None is begun once `stopped` says so.
pub fn round(
    house: &House,
    sinks: &[Box<dyn Sink>],
    clock: &dyn Fn() -> UnixMs,
    stopped: &dyn Fn() -> bool,
) -> Result<usize, EngineError> {
    let names: Vec<String> = sinks.iter().map(|sink| sink.name().to_owned()).collect();
    let due = house.db().read(|read| store::alert::due(read, clock(), &names, BATCH))?;
    let mut tried = 0;
    for row in due {
        if stopped() {
            break;
        }
        let now = clock();
        let Some(sink) = sinks.iter().find(|sink| sink.name() == row.sink) else { continue };
        if !house.db().work(|tx| store::alert::claim(tx, &row.id, now, now + LEASE_MS))? {
            continue;
        }
        tried += 1;
        let alert = house.db().read(|read| store::alert::one(read, &row.alert))?;
        let message = Message {
            id: row.id.clone(),
            kind: row.kind.clone(),
            words: row.words.clone(),
            said_at: time::rfc3339(row.recorded_at),
            alert: alert.map(view),
        };
        let span = tracing::info_span!(
            target: "traced", "alert", sink = row.sink, attempt = row.attempts + 1, error = Empty
        );
        let outcome = span.in_scope(|| sink.send(&message, now));
        if let Err(why) = &outcome {
            span.record("error", why.as_str());
        }
        drop(span);
        settle(house, &row, outcome, clock())?;
    }
    Ok(tried)
}

fn settle(
    house: &House,
    row: &MessageRow,
    outcome: Result<(), String>,
    now: UnixMs,
) -> Result<(), EngineError> {
    let attempts = row.attempts + 1;
    house.db().work(|tx| match &outcome {
        Ok(()) => store::alert::sent(tx, &row.id, now),
        Err(why) if attempts >= MESSAGE_ATTEMPTS_MAX => store::alert::failed(tx, &row.id, why, now),
        Err(why) => store::alert::again(tx, &row.id, why, now + wait_ms(attempts)),
    })?;
    if let Err(why) = outcome {
        tracing::warn!(sink = row.sink, attempts, error = why, "an alert could not be sent");
    }
    Ok(())
}

/// 10 s after the first failure, then twice as long each time, up to four hours.
fn wait_ms(attempts: i64) -> i64 {
    (10_000_i64 << (attempts - 1).clamp(0, 20)).min(4 * 3_600_000)
}
