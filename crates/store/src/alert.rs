//! Alerts and the messages about them: each alert open once per rule and scope, each message stored before it is
//! sent. What a rule looks at and where a message goes is not known here.

use kernel::UnixMs;

use crate::db::{Read, Row, Stmt, StoreError, Tx};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlertRow {
    pub id: String,
    pub rule: String,
    /// A book's label; empty is the whole house.
    pub scope: String,
    pub words: String,
    pub figure: i64,
    pub opened_at: UnixMs,
    /// When it was last found to be so.
    pub seen_at: UnixMs,
    pub reminded_at: UnixMs,
    pub closed_at: Option<UnixMs>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageRow {
    pub id: String,
    pub alert: String,
    /// opened | reminder | closed
    pub kind: String,
    pub sink: String,
    pub words: String,
    pub attempts: i64,
    pub problem: String,
    pub recorded_at: UnixMs,
}

pub(crate) const ALL: &[&Stmt] = &[
    &CHECK, &CHECKED, &ADD, &SEEN, &REMINDED, &CLOSE, &OPEN, &TIMES, &PAGE, &ONE, &SAY, &DUE, &CLAIM, &SENT,
    &AGAIN, &FAILED, &COUNTS,
];

const CHECK: Stmt =
    Stmt::new("alert.check", "UPDATE cursor SET value = $1 WHERE name = 'alerts_checked' AND value <= $2");
const CHECKED: Stmt =
    Stmt::new("alert.checked", "SELECT value FROM cursor WHERE name = 'alerts_checked' {for_update}");
const ADD: Stmt = Stmt::new(
    "alert.add",
    "INSERT INTO alert (id, rule, scope, words, figure, opened_at, seen_at, reminded_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $6, $6)",
);
const SEEN: Stmt =
    Stmt::new("alert.seen", "UPDATE alert SET seen_at = $2, words = $3, figure = $4 WHERE id = $1");
const REMINDED: Stmt = Stmt::new("alert.reminded", "UPDATE alert SET reminded_at = $2 WHERE id = $1");
const CLOSE: Stmt =
    Stmt::new("alert.close", "UPDATE alert SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL");
macro_rules! alerts {
    ($tail:literal) => {
        concat!(
            "SELECT id, rule, scope, words, figure, opened_at, seen_at, reminded_at, closed_at FROM alert ",
            $tail
        )
    };
}
const OPEN: Stmt = Stmt::new("alert.open", alerts!("WHERE closed_at IS NULL ORDER BY rule, scope"));
const PAGE: Stmt = Stmt::new("alert.page", alerts!("ORDER BY opened_at DESC, id LIMIT $1"));
const ONE: Stmt = Stmt::new("alert.one", alerts!("WHERE id = $1"));
const TIMES: Stmt = Stmt::new("alert.times", "SELECT count(*) FROM alert WHERE rule = $1 AND scope = $2");
const SAY: Stmt = Stmt::new(
    "alert.say",
    "INSERT INTO alert_message (id, alert, kind, sink, words, state, attempts, next_try_at, lease_until, problem, \
     recorded_at) VALUES ($1, $2, $3, $4, $5, 'open', 0, $6, 0, '', $6)",
);
const DUE: Stmt = Stmt::new(
    "alert.due",
    "SELECT id, alert, kind, sink, words, attempts, problem, recorded_at FROM alert_message \
     WHERE state = 'open' AND next_try_at <= $1 AND lease_until <= $1 AND sink {in:2} ORDER BY next_try_at, id LIMIT $3",
);
const CLAIM: Stmt = Stmt::new(
    "alert.claim",
    "UPDATE alert_message SET lease_until = $3, attempts = attempts + 1 \
     WHERE id = $1 AND state = 'open' AND lease_until <= $2 AND next_try_at <= $2",
);
const SENT: Stmt = Stmt::new(
    "alert.sent",
    "UPDATE alert_message SET state = 'sent', problem = '', finished_at = $2 WHERE id = $1 AND state = 'open'",
);
const AGAIN: Stmt = Stmt::new(
    "alert.again",
    "UPDATE alert_message SET problem = $2, next_try_at = $3, lease_until = 0 WHERE id = $1 AND state = 'open'",
);
const FAILED: Stmt = Stmt::new(
    "alert.failed",
    "UPDATE alert_message SET state = 'failed', problem = $2, finished_at = $3 WHERE id = $1 AND state = 'open'",
);
const COUNTS: Stmt = Stmt::new(
    "alert.message_counts",
    "SELECT sink, state, count(*) FROM alert_message GROUP BY sink, state ORDER BY sink, state",
);

/// Whether this process may look now; of many that ask within one interval only one may.
pub fn check(tx: &mut Tx<'_>, now: UnixMs, interval_ms: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&CHECK, &args![now, now.saturating_sub(interval_ms)])? == 1)
}

/// When it was looked last, held still until this transaction ends.
pub fn checked(tx: &mut Tx<'_>) -> Result<UnixMs, StoreError> {
    tx.one_int(&CHECKED, &[])
}

/// Opens an alert.
pub fn add(tx: &mut Tx<'_>, row: &AlertRow) -> Result<(), StoreError> {
    let AlertRow { id, rule, scope, words, figure, opened_at, .. } = row;
    tx.expect(&ADD, &args![id, rule, scope, words, *figure, *opened_at], 1)
}

/// It is still so, in these words.
pub fn seen(tx: &mut Tx<'_>, id: &str, now: UnixMs, words: &str, figure: i64) -> Result<(), StoreError> {
    tx.expect(&SEEN, &args![id, now, words, figure], 1)
}

pub fn reminded(tx: &mut Tx<'_>, id: &str, now: UnixMs) -> Result<(), StoreError> {
    tx.expect(&REMINDED, &args![id, now], 1)
}

pub fn close(tx: &mut Tx<'_>, id: &str, now: UnixMs) -> Result<(), StoreError> {
    tx.expect(&CLOSE, &args![id, now], 1)
}

pub fn open(r: &mut Read<'_>) -> Result<Vec<AlertRow>, StoreError> {
    r.rows(&OPEN, &[])?.iter().map(alert).collect()
}

/// The newest, whether open or closed.
pub fn page(r: &mut Read<'_>, limit: i64) -> Result<Vec<AlertRow>, StoreError> {
    r.rows(&PAGE, &args![limit])?.iter().map(alert).collect()
}

pub fn one(r: &mut Read<'_>, id: &str) -> Result<Option<AlertRow>, StoreError> {
    r.one(&ONE, &args![id])?.as_ref().map(alert).transpose()
}

/// How often this was opened so far.
pub fn times(r: &mut Read<'_>, rule: &str, scope: &str) -> Result<i64, StoreError> {
    r.one_int(&TIMES, &args![rule, scope])
}

/// Writes a message down, to be sent at once.
pub fn say(tx: &mut Tx<'_>, row: &MessageRow) -> Result<(), StoreError> {
    let MessageRow { id, alert, kind, sink, words, recorded_at, .. } = row;
    tx.expect(&SAY, &args![id, alert, kind, sink, words, *recorded_at], 1)
}

/// Messages to these sinks that are to be sent and that nobody is sending.
pub fn due(
    r: &mut Read<'_>,
    now: UnixMs,
    sinks: &[String],
    limit: i64,
) -> Result<Vec<MessageRow>, StoreError> {
    r.rows(&DUE, &args![now, sinks.to_vec(), limit])?.iter().map(message).collect()
}

/// Takes a message for this process until `until`; `false`: somebody else has it.
pub fn claim(tx: &mut Tx<'_>, id: &str, now: UnixMs, until: UnixMs) -> Result<bool, StoreError> {
    Ok(tx.exec(&CLAIM, &args![id, now, until])? == 1)
}

pub fn sent(tx: &mut Tx<'_>, id: &str, now: UnixMs) -> Result<(), StoreError> {
    tx.exec(&SENT, &args![id, now]).map(drop)
}

/// It did not arrive: to be tried again then.
pub fn again(tx: &mut Tx<'_>, id: &str, problem: &str, next_try_at: UnixMs) -> Result<(), StoreError> {
    tx.exec(&AGAIN, &args![id, problem, next_try_at]).map(drop)
}

/// It is not tried any more.
pub fn failed(tx: &mut Tx<'_>, id: &str, problem: &str, now: UnixMs) -> Result<(), StoreError> {
    tx.exec(&FAILED, &args![id, problem, now]).map(drop)
}

/// `(sink, state, messages)`.
pub fn message_counts(r: &mut Read<'_>) -> Result<Vec<(String, String, i64)>, StoreError> {
    let rows = r.rows(&COUNTS, &[])?;
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?, row.int(2)?))).collect()
}

fn alert(row: &Row) -> Result<AlertRow, StoreError> {
    Ok(AlertRow {
        id: row.text(0)?,
        rule: row.text(1)?,
        scope: row.text(2)?,
        words: row.text(3)?,
        figure: row.int(4)?,
        opened_at: row.int(5)?,
        seen_at: row.int(6)?,
        reminded_at: row.int(7)?,
        closed_at: row.opt_int(8)?,
    })
}

fn message(row: &Row) -> Result<MessageRow, StoreError> {
    Ok(MessageRow {
        id: row.text(0)?,
        alert: row.text(1)?,
        kind: row.text(2)?,
        sink: row.text(3)?,
        words: row.text(4)?,
        attempts: row.int(5)?,
        problem: row.text(6)?,
        recorded_at: row.int(7)?,
    })
}
