//! Appending a batch in one transaction: gapless numbers in commit order, one row per (event, body), every
//! further delivery counted, with its time. The same few statements for one event as for two hundred.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Book, Ref, UnixMs};

use super::codec::{self, Packed};
use super::redelivery::{self, Deliveries, Repeat};
use super::{Inbox, account};
use crate::db::{Col, Conflict, Put, Stmt, StoreError, Tx, Value, blob, int, text};

/// How an event reached us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    Webhook,
    Fetch,
    List,
    Import,
}

impl Source {
    pub const ALL: [Self; 4] = [Self::Webhook, Self::Fetch, Self::List, Self::Import];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Fetch => "fetch",
            Self::List => "list",
            Self::Import => "import",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// One verified event to be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Append {
    pub book: Book,
    pub event_ref: Ref,
    pub event_type: String,
    pub api_version: Option<String>,
    pub created_s: i64,
    pub received_at: UnixMs,
    pub source: Source,
    /// JSON of the delivery's headers that are kept; never a secret.
    pub headers: String,
    pub body: Vec<u8>,
    /// SHA-256 of `body`.
    pub body_hash: [u8; 32],
}

/// What became of it. `seq` is its row in the inbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Appended {
    New {
        seq: i64,
    },
    /// These very bytes are here already; the delivery was counted.
    Duplicate {
        seq: i64,
    },
    /// A body that differs from the first under the same event id: kept as evidence, as a row of its own.
    Conflict {
        seq: i64,
    },
}

impl Appended {
    #[must_use]
    pub const fn seq(self) -> i64 {
        match self {
            Self::New { seq } | Self::Duplicate { seq } | Self::Conflict { seq } => seq,
        }
    }
}

pub(super) const HEAD_LOCKED: Stmt =
    Stmt::new("inbox.head_locked", "SELECT seq FROM inbox_head WHERE id = 1 {for_update}");
pub(super) const KEYS: Stmt = Stmt::new(
    "inbox.keys",
    "SELECT event_ref, account, livemode, body_hash, seq, deliveries, repeated_at FROM event_key WHERE event_ref {in:1}",
);

const PUT_HEAD: Put = Put {
    table: "inbox_head",
    cols: &[int("id"), int("seq")],
    conflict: Conflict::Update { keys: 1, set: &["seq"] },
};

pub(super) const PUT_ROWS: Put = Put {
    table: "inbox",
    cols: &[
        int("seq"),
        text("account"),
        int("livemode"),
        text("event_ref"),
        text("event_type"),
        text("api_version"),
        int("created_s"),
        int("received_at"),
        text("source"),
        text("headers"),
        blob("body"),
        int("codec"),
        int("key_id"),
        blob("body_hash"),
    ],
    conflict: Conflict::Fail,
};

const KEY_COLS: &[Col] =
    &[text("event_ref"), text("account"), int("livemode"), blob("body_hash"), int("seq"), int("deliveries")];

/// Of events that came more than once.
const PUT_KEYS: Put = Put {
    table: "event_key",
    cols: &[
        text("event_ref"),
        text("account"),
        int("livemode"),
        blob("body_hash"),
        int("seq"),
        int("deliveries"),
        int("repeated_at"),
    ],
    conflict: Conflict::Update { keys: 4, set: &["deliveries", "repeated_at"] },
};

/// Of events that are known to be new.
pub(super) const PUT_NEW_KEYS: Put = Put { table: "event_key", cols: KEY_COLS, conflict: Conflict::Fail };

/// (event id, account, livemode).
type EventKey = (String, String, bool);

/// An event with all of the work done on it that needs neither its number nor the database: whoever has time does
/// that, and the one writer only writes.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    key: EventKey,
    body_hash: [u8; 32],
    /// Of `PUT_ROWS`, but for the number in front.
    row: Vec<Value>,
    received_at: UnixMs,
    source: Source,
    /// Of a row of another letter box: how often and when it was delivered there.
    carried: Option<Deliveries>,
    /// About as much will be written.
    pub(super) bytes: usize,
}

impl Prepared {
    pub(super) fn new(event: &Append) -> Self {
        let Packed { codec, bytes: body } = codec::pack(&event.body);
        let bytes = body.len() + event.headers.len();
        let key = (event.event_ref.as_str().to_owned(), account(&event.book).to_owned(), event.book.livemode);
        let row = args![
            0_i64,
            &key.1,
            key.2,
            &event.event_ref,
            &event.event_type,
            event.api_version.as_deref(),
            event.created_s,
            event.received_at,
            event.source.name(),
            &event.headers,
            body,
            codec,
            0_i64,
            &event.body_hash,
        ];
        let (received_at, source) = (event.received_at, event.source);
        Self { key, body_hash: event.body_hash, row: row.to_vec(), received_at, source, carried: None, bytes }
    }

    pub(super) fn carried(event: &Append, deliveries: Deliveries) -> Self {
        Self { carried: Some(deliveries), ..Self::new(event) }
    }

    pub(super) fn event_ref(&self) -> &str {
        &self.key.0
    }

    /// Of `PUT_NEW_KEYS`.
    pub(super) fn key_row(&self, seq: i64) -> Vec<Value> {
        let (event_ref, account, livemode) = &self.key;
        args![event_ref, account, *livemode, &self.body_hash, seq, 1_i64].to_vec()
    }

    pub(super) fn row(&self, seq: i64) -> Vec<Value> {
        let mut row = self.row.clone();
        row[0] = Value::Int(seq);
        row
    }
}

/// A body under an event id.
struct Body {
    seq: i64,
    deliveries: i64,
    repeated_at: Option<UnixMs>,
    /// Its key is in the table.
    is_stored: bool,
}

/// The bodies known under each event id, and what is to be written of those in the batch.
#[derive(Default)]
struct Known {
    bodies: BTreeMap<EventKey, BTreeMap<Vec<u8>, Body>>,
    touched: BTreeSet<(EventKey, Vec<u8>)>,
    /// Of `redelivery::PUT`.
    repeats: Vec<Vec<Value>>,
}

/// Rows of `event_key`.
struct Keys {
    new: Vec<Vec<Value>>,
    repeated: Vec<Vec<Value>>,
}

impl Inbox {
    /// All of the batch is kept when this returns `Ok`, nothing of it otherwise; answers in the order given.
    pub fn append(&self, batch: &[Append]) -> Result<Vec<Appended>, StoreError> {
        self.append_prepared(&batch.iter().map(Prepared::new).collect::<Vec<_>>())
    }

    pub(super) fn append_prepared(&self, batch: &[Prepared]) -> Result<Vec<Appended>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        self.engine.work(|tx| append(tx, batch))
    }
}

pub(super) fn append(tx: &mut Tx<'_>, batch: &[Prepared]) -> Result<Vec<Appended>, StoreError> {
    // The lock makes appenders queue: numbers are given in the order of commits, without gaps.
    let head = tx.one_int(&HEAD_LOCKED, &[])?;
    let mut known = Known::load(tx, batch)?;
    let mut next = head;
    let mut rows = Vec::with_capacity(batch.len());
    let mut answers = Vec::with_capacity(batch.len());
    for event in batch {
        let answer = known.deliver(event, next + 1);
        if !matches!(answer, Appended::Duplicate { .. }) {
            next += 1;
            rows.push(event.row(next));
        }
        answers.push(answer);
    }
    let head = if next > head { vec![args![1_i64, next].to_vec()] } else { Vec::new() };
    let repeats = std::mem::take(&mut known.repeats);
    let keys = known.keys();
    tx.put_all(vec![
        (&PUT_ROWS, rows),
        (&PUT_NEW_KEYS, keys.new),
        (&PUT_KEYS, keys.repeated),
        (&redelivery::PUT, repeats),
        (&PUT_HEAD, head),
    ])?;
    Ok(answers)
}

impl Known {
    fn load(tx: &mut Tx<'_>, batch: &[Prepared]) -> Result<Self, StoreError> {
        let refs: BTreeSet<String> = batch.iter().map(|event| event.key.0.clone()).collect();
        let mut known = Self::default();
        for row in tx.rows(&KEYS, &args![refs.into_iter().collect::<Vec<_>>()])? {
            let key = (row.text(0)?, row.text(1)?, row.flag(2)?);
            let body = Body {
                seq: row.int(4)?,
                deliveries: row.int(5)?,
                repeated_at: row.opt_int(6)?,
                is_stored: true,
            };
            known.bodies.entry(key).or_default().insert(row.bytes(3)?, body);
        }
        Ok(known)
    }

    fn deliver(&mut self, event: &Prepared, seq_if_new: i64) -> Appended {
        let key = event.key.clone();
        let hash = event.body_hash.to_vec();
        self.touched.insert((key.clone(), hash.clone()));
        let bodies = self.bodies.entry(key).or_default();
        let first = bodies.is_empty();
        let known = bodies.get(&hash).map(|body| body.seq);
        let body = bodies.entry(hash).or_insert(Body {
            seq: seq_if_new,
            deliveries: 0,
            repeated_at: None,
            is_stored: false,
        });
        let repeats = match &event.carried {
            Some(carried) => body.take_over(carried),
            None => body.deliver(event.received_at, event.source).into_iter().collect(),
        };
        self.repeats.extend(repeats.into_iter().map(|repeat| repeat.row(body.seq)));
        match known {
            Some(seq) => Appended::Duplicate { seq },
            None if first => Appended::New { seq: seq_if_new },
            None => Appended::Conflict { seq: seq_if_new },
        }
    }

    fn keys(self) -> Keys {
        let Self { bodies, touched, .. } = self;
        let mut keys = Keys { new: Vec::new(), repeated: Vec::new() };
        for (key, hash) in touched {
            let Some(body) = bodies.get(&key).and_then(|bodies| bodies.get(&hash)) else { continue };
            let mut row = args![key.0, key.1, key.2, hash, body.seq, body.deliveries].to_vec();
            if body.is_stored || body.repeated_at.is_some() {
                row.push(body.repeated_at.into());
                keys.repeated.push(row);
            } else {
                keys.new.push(row);
            }
        }
        keys
    }
}

impl Body {
    /// Came once more; the repeat, if its time is kept in a row.
    fn deliver(&mut self, received_at: UnixMs, source: Source) -> Option<Repeat> {
        self.deliveries += 1;
        if self.deliveries == 1 {
            return None;
        }
        self.repeated_at = self.repeated_at.max(Some(received_at));
        let repeat = Repeat { delivery: self.deliveries, received_at, source };
        Repeat::is_kept(self.deliveries).then_some(repeat)
    }

    /// Came so often elsewhere. What both count is counted once.
    fn take_over(&mut self, carried: &Deliveries) -> Vec<Repeat> {
        self.deliveries = self.deliveries.max(carried.count);
        self.repeated_at = self.repeated_at.max(carried.repeated_at);
        let fits = |repeat: &&Repeat| Repeat::is_kept(repeat.delivery) && repeat.delivery <= carried.count;
        carried.repeats.iter().filter(fits).copied().collect()
    }
}
