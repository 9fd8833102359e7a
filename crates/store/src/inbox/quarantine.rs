//! Verified bodies that fit no book: outside all books, never lost, one row per body.

use kernel::UnixMs;

use super::Inbox;
use crate::db::{Stmt, StoreError, Value};

/// A verified body and why it is in no book. What could be read of it is for people to look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuarantineRow {
    pub body_hash: [u8; 32],
    pub reason: String,
    pub event_ref: Option<String>,
    pub event_type: Option<String>,
    pub account: Option<String>,
    pub livemode: Option<bool>,
    pub received_at: UnixMs,
    pub headers: String,
    pub body: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined {
    pub id: i64,
    pub deliveries: i64,
    pub row: QuarantineRow,
}

pub const ALL: &[&Stmt] = &[&ADD, &CARRY, &AFTER, &LIST, &COUNT, &COUNT_SINCE, &FIND, &ONE];

const ADD: Stmt = Stmt::new(
    "quarantine.add",
    "INSERT INTO quarantine (body_hash, reason, event_ref, event_type, account, livemode, received_at, headers, \
     body, deliveries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) \
     ON CONFLICT (body_hash) DO UPDATE SET deliveries = quarantine.deliveries + 1",
);
const CARRY: Stmt = Stmt::new(
    "quarantine.carry",
    "INSERT INTO quarantine (body_hash, reason, event_ref, event_type, account, livemode, received_at, headers, \
     body, deliveries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
     ON CONFLICT (body_hash) DO UPDATE SET deliveries = CASE WHEN quarantine.deliveries < excluded.deliveries \
     THEN excluded.deliveries ELSE quarantine.deliveries END",
);
const AFTER: Stmt = Stmt::new(
    "quarantine.after",
    "SELECT id, deliveries, body_hash, reason, event_ref, event_type, account, livemode, received_at, headers, body \
     FROM quarantine WHERE id > $1 ORDER BY id LIMIT $2",
);
const LIST: Stmt = Stmt::new(
    "quarantine.list",
    "SELECT id, deliveries, body_hash, reason, event_ref, event_type, account, livemode, received_at, headers, body \
     FROM quarantine ORDER BY id DESC LIMIT $1",
);
const FIND: Stmt = Stmt::new(
    "quarantine.find",
    "SELECT id, deliveries, body_hash, reason, event_ref, event_type, account, livemode, received_at, headers, body \
     FROM quarantine WHERE event_ref = $1 ORDER BY id",
);
const ONE: Stmt = Stmt::new(
    "quarantine.one",
    "SELECT id, deliveries, body_hash, reason, event_ref, event_type, account, livemode, received_at, headers, body \
     FROM quarantine WHERE id = $1",
);
const COUNT_SINCE: Stmt =
    Stmt::new("quarantine.count_since", "SELECT count(*) FROM quarantine WHERE received_at >= $1");
const COUNT: Stmt = Stmt::new("quarantine.count", "SELECT count(*) FROM quarantine");

impl Inbox {
    /// Kept when this returns `Ok`. The same body again only counts.
    pub fn quarantine(&self, row: &QuarantineRow) -> Result<(), StoreError> {
        let args = values(row);
        self.engine.work(|tx| tx.expect(&ADD, &args, 1))
    }

    /// Keeps a body of another letter box's quarantine; one that is here already counts the larger number.
    pub fn quarantine_carried(&self, row: &QuarantineRow, deliveries: i64) -> Result<(), StoreError> {
        let mut args = values(row);
        args.push(deliveries.into());
        self.engine.work(|tx| tx.expect(&CARRY, &args, 1))
    }

    /// Those after this number, oldest first.
    pub fn quarantined_after(&self, number: i64, limit: i64) -> Result<Vec<Quarantined>, StoreError> {
        self.engine.read(|r| r.rows(&AFTER, &args![number, limit])?.iter().map(read).collect())
    }

    /// Newest first.
    pub fn quarantined(&self, limit: i64) -> Result<Vec<Quarantined>, StoreError> {
        self.engine.read(|r| r.rows(&LIST, &args![limit])?.iter().map(read).collect())
    }

    /// Every body in quarantine under this event id.
    pub fn quarantine_find(&self, event_ref: &str) -> Result<Vec<Quarantined>, StoreError> {
        self.engine.read(|r| r.rows(&FIND, &args![event_ref])?.iter().map(read).collect())
    }

    /// By its number.
    pub fn quarantine_one(&self, number: i64) -> Result<Option<Quarantined>, StoreError> {
        self.engine.read(|r| r.one(&ONE, &args![number])?.as_ref().map(read).transpose())
    }

    /// Bodies first received since then.
    pub fn quarantined_since(&self, since: UnixMs) -> Result<i64, StoreError> {
        self.engine.read(|r| r.one_int(&COUNT_SINCE, &args![since]))
    }

    pub fn quarantined_count(&self) -> Result<i64, StoreError> {
        self.engine.read(|r| r.one_int(&COUNT, &[]))
    }
}

fn values(row: &QuarantineRow) -> Vec<Value> {
    let args = args![
        &row.body_hash,
        &row.reason,
        row.event_ref.as_deref(),
        row.event_type.as_deref(),
        row.account.as_deref(),
        row.livemode,
        row.received_at,
        &row.headers,
        row.body.as_slice(),
    ];
    args.to_vec()
}

fn read(row: &crate::db::Row) -> Result<Quarantined, StoreError> {
    Ok(Quarantined {
        id: row.int(0)?,
        deliveries: row.int(1)?,
        row: QuarantineRow {
            body_hash: row.hash(2)?,
            reason: row.text(3)?,
            event_ref: row.opt_text(4)?,
            event_type: row.opt_text(5)?,
            account: row.opt_text(6)?,
            livemode: row.opt_int(7)?.map(|value| value != 0),
            received_at: row.int(8)?,
            headers: row.text(9)?,
            body: row.bytes(10)?,
        },
    })
}
