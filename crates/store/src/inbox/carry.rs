//! Whole rows as they leave one letter box and enter another: with their times, sources and deliveries.
//! It must not know what a carried row looks like on its way.

use kernel::UnixMs;

use super::append::Prepared;
use super::away::{Place, read_place};
use super::read::{InboxRow, bare};
use super::redelivery::{self, Deliveries};
use super::{Append, Appended, Inbox, codec};
use crate::db::{Row, Stmt, StoreError};

/// A row with how often and when it was delivered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    pub row: InboxRow,
    pub deliveries: Deliveries,
}

/// A row without its body, and where that is if it is not here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skeleton {
    /// Its body is empty.
    pub row: InboxRow,
    pub place: Option<Place>,
}

// Columns as in `read`, so that the same functions read them.
pub(super) const KEPT: Stmt = Stmt::new(
    "inbox.kept",
    "SELECT i.seq, i.account, i.livemode, i.event_ref, i.event_type, i.api_version, i.created_s, i.received_at, \
     i.source, i.headers, i.body, i.body_hash, i.codec, k.deliveries, k.repeated_at FROM inbox i JOIN event_key k \
     ON k.event_ref = i.event_ref AND k.account = i.account AND k.livemode = i.livemode \
     AND k.body_hash = i.body_hash WHERE i.seq {in:1} ORDER BY i.seq",
);
pub(super) const SKELETONS: Stmt = Stmt::new(
    "inbox.skeletons",
    "SELECT seq, account, livemode, event_ref, event_type, api_version, created_s, received_at, source, headers, \
     CASE WHEN codec = 2 THEN body END AS place, body_hash, codec FROM inbox WHERE seq > $1 ORDER BY seq LIMIT $2",
);
pub(super) const BODIES_AWAY: Stmt =
    Stmt::new("inbox.bodies_away", "SELECT count(*) FROM inbox WHERE codec = 2 AND received_at < $1");

impl Inbox {
    /// These rows whole, in order of their numbers.
    pub fn kept(&self, seqs: &[i64]) -> Result<Vec<Kept>, StoreError> {
        let (rows, mut repeats) = self.engine.read(|r| -> Result<_, StoreError> {
            let rows = r.rows(&KEPT, &args![seqs])?;
            let mut again = Vec::new();
            for row in rows.iter().filter(|row| row.int(13).is_ok_and(|count| count > 1)) {
                again.push(row.int(0)?);
            }
            Ok((rows, redelivery::of(r, &again)?))
        })?;
        let kept = |row: &Row| {
            let deliveries = Deliveries {
                count: row.int(13)?,
                repeats: repeats.remove(&row.int(0)?).unwrap_or_default(),
                repeated_at: row.opt_int(14)?,
            };
            Ok(Kept { row: self.row(row)?, deliveries })
        };
        rows.iter().map(kept).collect()
    }

    /// The rows after `after_seq` without their bodies, in order, at most `limit`.
    pub fn skeletons(&self, after_seq: i64, limit: i64) -> Result<Vec<Skeleton>, StoreError> {
        let rows = self.engine.read(|r| r.rows(&SKELETONS, &args![after_seq, limit]))?;
        let skeleton = |row: &Row| {
            let bare = bare(row)?;
            let place = match row.int(12)? {
                codec::AWAY => Some(read_place(&bare, row.blob(10)?)?),
                _ => None,
            };
            Ok(Skeleton { row: bare, place })
        };
        rows.iter().map(skeleton).collect()
    }

    /// Events received before then whose bodies are away.
    pub fn bodies_away(&self, before: UnixMs) -> Result<i64, StoreError> {
        self.engine.read(|r| r.one_int(&BODIES_AWAY, &args![before]))
    }

    /// Keeps rows of another letter box, with how often and when each was delivered there. A row that is here already
    /// counts the larger number and keeps the times it has, so doing it again changes nothing.
    pub fn append_kept(&self, batch: &[(Append, Deliveries)]) -> Result<Vec<Appended>, StoreError> {
        let prepared = batch.iter().map(|(event, deliveries)| Prepared::carried(event, deliveries.clone()));
        self.append_prepared(&prepared.collect::<Vec<_>>())
    }
}
