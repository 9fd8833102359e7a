//! When the same bytes came again. A delivery that is new writes nothing here; of an event that is repeated without end
//! only the first repeats have a row, and the newest has its time. It must not know what an event means.

use std::collections::BTreeMap;

use kernel::UnixMs;

use super::{Inbox, Source, read};
use crate::db::{Conflict, Put, Read, Stmt, StoreError, Value, int, text};

/// Of so many repeats of one body the time is kept, and of the newest; the others are counted.
pub const REPEATS_KEPT_MAX: i64 = 50;

/// One more delivery of the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repeat {
    /// Which delivery it was: 2 is the first repeat.
    pub delivery: i64,
    pub received_at: UnixMs,
    pub source: Source,
}

impl Repeat {
    /// Whether a repeat of this number has a row of its own.
    #[must_use]
    pub const fn is_kept(delivery: i64) -> bool {
        delivery >= 2 && delivery <= REPEATS_KEPT_MAX + 1
    }

    pub(super) fn row(self, seq: i64) -> Vec<Value> {
        args![seq, self.delivery, self.received_at, self.source.name()].to_vec()
    }
}

/// How often a body came, and when it came again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deliveries {
    /// The first one included.
    pub count: i64,
    /// Those whose time is known, in order.
    pub repeats: Vec<Repeat>,
    /// When the newest repeat came. `None`: there was none, or only before times were kept.
    pub repeated_at: Option<UnixMs>,
}

impl Deliveries {
    /// So many, of which nothing but their number is known.
    #[must_use]
    pub const fn counted(count: i64) -> Self {
        Self { count, repeats: Vec::new(), repeated_at: None }
    }
}

/// A time that is there stays: what is carried over twice changes nothing.
pub(super) const PUT: Put = Put {
    table: "redelivery",
    cols: &[int("seq"), int("delivery"), int("received_at"), text("source")],
    conflict: Conflict::Ignore,
};
pub(super) const OF: Stmt = Stmt::new(
    "redelivery.of",
    "SELECT seq, delivery, received_at, source FROM redelivery WHERE seq {in:1} ORDER BY seq, delivery",
);
/// Of no body, or beyond what was counted.
pub(super) const ODD: Stmt = Stmt::new(
    "redelivery.odd",
    "SELECT count(*) FROM redelivery r LEFT JOIN inbox i ON i.seq = r.seq LEFT JOIN event_key k \
     ON k.event_ref = i.event_ref AND k.account = i.account AND k.livemode = i.livemode AND k.body_hash = i.body_hash \
     WHERE k.deliveries IS NULL OR r.delivery < 2 OR r.delivery > k.deliveries",
);

impl Inbox {
    /// The repeats with a time of these rows, by row and in order.
    pub fn repeats(&self, seqs: &[i64]) -> Result<BTreeMap<i64, Vec<Repeat>>, StoreError> {
        self.engine.read(|r| of(r, seqs))
    }
}

pub(super) fn of(r: &mut Read<'_>, seqs: &[i64]) -> Result<BTreeMap<i64, Vec<Repeat>>, StoreError> {
    let mut found: BTreeMap<i64, Vec<Repeat>> = BTreeMap::new();
    if seqs.is_empty() {
        return Ok(found);
    }
    for row in r.rows(&OF, &args![seqs])? {
        let repeat =
            Repeat { delivery: row.int(1)?, received_at: row.int(2)?, source: read::source(&row, 3)? };
        found.entry(row.int(0)?).or_default().push(repeat);
    }
    Ok(found)
}
