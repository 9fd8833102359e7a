//! Objects to be fetched from Stripe: who is at it, how often it was tried, and when to try again. One row for an
//! object, so that no two fetches of it are ever under way at once.

use kernel::{ObjectKey, UnixMs};

use crate::db::{Read, Stmt, StoreError, Tx};

/// A fetch that this process may make now. `until` names it: what ends later than that is somebody else's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    pub attempts: i64,
    pub until: UnixMs,
}

/// A sale that waits for an explanation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    pub subject: i64,
    pub book: i64,
    pub root: ObjectKey,
}

/// What came of an object's fetches so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    pub attempts: i64,
    /// Why the last one brought nothing.
    pub problem: Option<String>,
}

pub(crate) const ALL: &[&Stmt] = &[&CLAIM, &ATTEMPTS, &TRIED, &FINISH, &WAITING];

const CLAIM: Stmt = Stmt::new(
    "fetch.claim",
    "INSERT INTO fetching (book, kind, ref, attempts, not_before, problem) VALUES ($1, $2, $3, 1, $4, NULL) \
     ON CONFLICT (book, kind, ref) DO UPDATE SET attempts = fetching.attempts + 1, not_before = excluded.not_before \
     WHERE fetching.not_before <= $5 AND fetching.attempts < $6",
);
const ATTEMPTS: Stmt =
    Stmt::new("fetch.attempts", "SELECT attempts FROM fetching WHERE book = $1 AND kind = $2 AND ref = $3");
const TRIED: Stmt = Stmt::new(
    "fetch.tried",
    "SELECT attempts, problem FROM fetching WHERE book = $1 AND kind = $2 AND ref = $3",
);
const FINISH: Stmt = Stmt::new(
    "fetch.finish",
    "UPDATE fetching SET attempts = $5, not_before = $6, problem = $7 \
     WHERE book = $1 AND kind = $2 AND ref = $3 AND not_before = $4",
);
const WAITING: Stmt = Stmt::new(
    "fetch.waiting",
    "SELECT subject, book, kind, sale FROM sale WHERE reason = 'discount_unresolved' AND subject > $1 \
     ORDER BY subject LIMIT $2",
);

/// Takes an object for this process until `until`, unless somebody has it, it is too early, or it was tried
/// `attempts_max` times.
pub fn claim(
    tx: &mut Tx<'_>,
    book: i64,
    object: &ObjectKey,
    now: UnixMs,
    until: UnixMs,
    attempts_max: i64,
) -> Result<Option<Claim>, StoreError> {
    let claimed =
        tx.exec(&CLAIM, &args![book, object.kind.code(), &object.id, until, now, attempts_max])? == 1;
    if !claimed {
        return Ok(None);
    }
    Ok(Some(Claim { attempts: attempts(tx, book, object)?, until }))
}

/// How often it was tried; 0 when never.
pub fn attempts(r: &mut Read<'_>, book: i64, object: &ObjectKey) -> Result<i64, StoreError> {
    let rows = r.rows(&ATTEMPTS, &args![book, object.kind.code(), &object.id])?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

/// What came of it so far; `None` when it was never tried.
pub fn tried(r: &mut Read<'_>, book: i64, object: &ObjectKey) -> Result<Option<Tried>, StoreError> {
    let rows = r.rows(&TRIED, &args![book, object.kind.code(), &object.id])?;
    let read = |row: &crate::db::Row| Ok(Tried { attempts: row.int(0)?, problem: row.opt_text(1)? });
    rows.first().map(read).transpose()
}

/// Says how a fetch ended. Nothing happens when the claim had run out and somebody else has it.
pub fn finish(
    tx: &mut Tx<'_>,
    book: i64,
    object: &ObjectKey,
    claim: Claim,
    not_before: UnixMs,
    problem: Option<&str>,
) -> Result<(), StoreError> {
    let args = args![book, object.kind.code(), &object.id, claim.until, claim.attempts, not_before, problem];
    tx.exec(&FINISH, &args).map(drop)
}

/// Sales whose discount nothing has explained, behind `after` in the order of subjects.
pub fn waiting(r: &mut Read<'_>, after: i64, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    let rows = r.rows(&WAITING, &args![after, limit])?;
    rows.iter()
        .map(|row| Ok(Waiting { subject: row.int(0)?, book: row.int(1)?, root: row.object(2)? }))
        .collect()
}
