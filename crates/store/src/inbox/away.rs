//! Bodies that are away: a row whose body is in an archive keeps everything else, and says where the body went. Only
//! the body moves; what reads it back is checked against the row's hash. It must not know what an archive looks like.

use std::sync::Arc;

use kernel::{Ref, UnixMs};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::codec::{self, Packed};
use super::read::InboxRow;
use super::{Inbox, account};
use crate::db::value::to_json;
use crate::db::{Stmt, StoreError};

/// Where a body went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The archive's name: a file's, without its folder.
    pub archive: String,
    /// How many bytes of the archive come before what it is in.
    pub offset: u64,
    /// Its length as received.
    pub bytes: u64,
}

/// Which body is looked for in an archive.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub event_ref: &'a Ref,
    /// SHA-256 of the body.
    pub body_hash: &'a [u8; 32],
    pub place: &'a Place,
}

/// Who can read archives. An error is the reason in words, after "its body is in the archive X: ".
pub trait Archive: Send + Sync {
    fn body(&self, wanted: Wanted<'_>) -> Result<Vec<u8>, String>;
}

/// What became of a body that was to come back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returned {
    /// It is back.
    Back,
    /// It had never left, or was back already.
    Here,
    /// There is no such event.
    Unknown,
    /// The event has another body, and that one is away.
    Other,
}

pub(super) const OLD: Stmt = Stmt::new(
    "inbox.old",
    "SELECT seq FROM inbox WHERE seq > $1 AND received_at < $2 AND codec <> 2 ORDER BY seq LIMIT $3",
);
pub(super) const TAKE: Stmt = Stmt::new(
    "inbox.take",
    "UPDATE inbox SET body = $3, codec = 2 WHERE seq = $1 AND body_hash = $2 AND codec <> 2",
);
pub(super) const RETURN: Stmt =
    Stmt::new("inbox.return", "UPDATE inbox SET body = $2, codec = $3 WHERE seq = $1 AND codec = 2");
pub(super) const OF: Stmt = Stmt::new(
    "inbox.of",
    "SELECT k.seq, k.body_hash, i.codec FROM event_key k JOIN inbox i ON i.seq = k.seq \
     WHERE k.account = $1 AND k.livemode = $2 AND k.event_ref = $3 ORDER BY k.seq",
);

impl Inbox {
    /// Numbers of events received before then whose bodies are here, after one, in order.
    pub fn old(&self, after_seq: i64, before: UnixMs, limit: i64) -> Result<Vec<i64>, StoreError> {
        let rows = self.engine.read(|r| r.rows(&OLD, &args![after_seq, before, limit]))?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    /// Puts places where bodies were, of rows that still have the body of this hash; returns how many. The bodies must
    /// be safe where the places say they are before this is called.
    pub fn take_bodies(&self, rows: &[(i64, [u8; 32], Place)]) -> Result<u64, StoreError> {
        self.engine.work(|tx| {
            let mut taken = 0;
            for (seq, hash, place) in rows {
                taken += tx.exec(&TAKE, &args![*seq, hash, to_json(place)?.into_bytes()])?;
            }
            Ok(taken)
        })
    }

    /// Puts these bodies back where they were, in one transaction. The row is found by the event and the body's own hash.
    pub fn return_bodies(&self, rows: &[InboxRow]) -> Result<Vec<Returned>, StoreError> {
        let packed: Vec<([u8; 32], Packed)> =
            rows.iter().map(|row| (Sha256::digest(&row.body).into(), codec::pack(&row.body))).collect();
        self.engine.work(|tx| {
            let mut answers = Vec::with_capacity(rows.len());
            for (row, (hash, packed)) in rows.iter().zip(&packed) {
                let args = args![account(&row.book), row.book.livemode, &row.event_ref];
                let known = tx.rows(&OF, &args)?;
                let mut answer = Returned::Unknown;
                for one in &known {
                    let away = one.int(2)? == codec::AWAY;
                    if one.hash(1)? != *hash {
                        answer = if away { Returned::Other } else { answer };
                        continue;
                    }
                    answer = Returned::Here;
                    if away {
                        let args = args![one.int(0)?, packed.bytes.clone(), packed.codec];
                        tx.expect(&RETURN, &args, 1)?;
                        answer = Returned::Back;
                    }
                    break;
                }
                answers.push(answer);
            }
            Ok(answers)
        })
    }

    /// The body of a row that has only its place.
    pub(super) fn body_away(&self, row: &InboxRow, place: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (id, seq) = (&row.event_ref, row.seq);
        let place = read_place(row, place)?;
        let name = &place.archive;
        let Some(archive) = &self.archive else {
            return Err(StoreError::Archived(format!(
                "event {id} (inbox {seq}): its body is in the archive {name}. Say where that is with --archive DIR (or \
                 COUNTINGHOUSE_ARCHIVE_DIR), or put its bodies back: countinghouse events restore {name}"
            )));
        };
        let wanted = Wanted { event_ref: id, body_hash: &row.body_hash, place: &place };
        let body = Arc::clone(archive).body(wanted).map_err(|why| {
            StoreError::Archived(format!(
                "event {id} (inbox {seq}): its body is in the archive {name}: {why}"
            ))
        })?;
        let hash: [u8; 32] = Sha256::digest(&body).into();
        if hash != row.body_hash {
            return Err(StoreError::Unreadable(format!(
                "event {id} (inbox {seq}): the body in the archive {name} is not the body received"
            )));
        }
        Ok(body)
    }
}

pub(super) fn read_place(row: &InboxRow, place: &[u8]) -> Result<Place, StoreError> {
    serde_json::from_slice(place).map_err(|_| {
        let (id, seq) = (&row.event_ref, row.seq);
        StoreError::Unreadable(format!("event {id} (inbox {seq}): where its body went cannot be read"))
    })
}
