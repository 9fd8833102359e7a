//! Runs over Stripe's lists of objects: backfills and reconciliations, with a place in each kind's list, so that one
//! that was killed goes on. At most one of each purpose is open in a book.

use kernel::{Kind, UnixMs};

use crate::db::{Read, Row, Stmt, StoreError, Tx};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    pub id: i64,
    pub book: i64,
    /// `backfill` or `reconcile`.
    pub purpose: String,
    pub started_at: UnixMs,
    pub finished_at: Option<UnixMs>,
}

/// How far one kind's list has come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// The last object of the last page that is kept; empty before the first.
    pub position: String,
    pub done: bool,
    pub listed: i64,
    /// Why the list could not be had, or ended early; empty when it could.
    pub problem: String,
}

pub(crate) const ALL: &[&Stmt] =
    &[&OPEN, &LAST, &GET, &BEGIN, &FINISH, &PLACES, &ENTER, &MOVE, &ABANDON, &LEAVE];

const OPEN: Stmt = Stmt::new(
    "listing.open",
    "SELECT id, book, purpose, started_at, finished_at FROM listing_run \
     WHERE book = $1 AND purpose = $2 AND finished_at IS NULL",
);
const LAST: Stmt = Stmt::new(
    "listing.last",
    "SELECT id, book, purpose, started_at, finished_at FROM listing_run WHERE book = $1 AND purpose = $2 \
     AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1",
);
const GET: Stmt = Stmt::new(
    "listing.get",
    "SELECT id, book, purpose, started_at, finished_at FROM listing_run WHERE id = $1",
);
const BEGIN: Stmt = Stmt::new(
    "listing.begin",
    "INSERT INTO listing_run (book, purpose, started_at, finished_at) VALUES ($1, $2, $3, NULL) \
     ON CONFLICT DO NOTHING",
);
const FINISH: Stmt = Stmt::new(
    "listing.finish",
    "UPDATE listing_run SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL",
);
const ABANDON: Stmt =
    Stmt::new("listing.abandon", "DELETE FROM listing_run WHERE id = $1 AND finished_at IS NULL");
const LEAVE: Stmt = Stmt::new("listing.leave", "DELETE FROM listing_place WHERE run = $1");
const PLACES: Stmt = Stmt::new(
    "listing.places",
    "SELECT kind, position, done, listed, problem FROM listing_place WHERE run = $1 ORDER BY kind",
);
const ENTER: Stmt = Stmt::new(
    "listing.enter",
    "INSERT INTO listing_place (run, kind, position, done, listed) VALUES ($1, $2, '', 0, 0) ON CONFLICT DO NOTHING",
);
/// The position is the fence: of two who listed the same page one counts it.
const MOVE: Stmt = Stmt::new(
    "listing.move",
    "UPDATE listing_place SET position = $4, done = $5, listed = $6, problem = $7 \
     WHERE run = $1 AND kind = $2 AND position = $3 AND done = 0",
);

/// The run that is open, or a new one; and whether it had begun already. One that began before `oldest_at` is forgotten
/// with all it found: what it listed then says nothing of now.
pub fn begin(
    tx: &mut Tx<'_>,
    book: i64,
    purpose: &str,
    now: UnixMs,
    oldest_at: UnixMs,
) -> Result<(Run, bool), StoreError> {
    match open(tx, book, purpose)? {
        Some(open) if open.started_at >= oldest_at => return Ok((open, true)),
        Some(left) => {
            tx.exec(&ABANDON, &args![left.id])?;
            tx.exec(&LEAVE, &args![left.id])?;
            crate::reconcile::forget(tx, left.id)?;
        }
        None => {}
    }
    tx.exec(&BEGIN, &args![book, purpose, now])?;
    Ok((open(tx, book, purpose)?.ok_or(StoreError::Conflict)?, false))
}

/// Where the run is in a kind's list.
pub fn place(tx: &mut Tx<'_>, run: i64, kind: Kind) -> Result<Place, StoreError> {
    tx.exec(&ENTER, &args![run, kind.code()])?;
    let found = places(tx, run)?.into_iter().find(|(known, _)| *known == kind);
    found.map(|(_, place)| place).ok_or(StoreError::Conflict)
}

/// Moves on from `from`; `false` when somebody else did so already.
pub fn advance(tx: &mut Tx<'_>, run: i64, kind: Kind, from: &Place, to: &Place) -> Result<bool, StoreError> {
    let args = args![run, kind.code(), &from.position, &to.position, to.done, to.listed, &to.problem];
    Ok(tx.exec(&MOVE, &args)? == 1)
}

pub fn finish(tx: &mut Tx<'_>, run: i64, now: UnixMs) -> Result<(), StoreError> {
    tx.exec(&FINISH, &args![run, now]).map(drop)
}

pub fn places(r: &mut Read<'_>, run: i64) -> Result<Vec<(Kind, Place)>, StoreError> {
    let mut places = Vec::new();
    for row in r.rows(&PLACES, &args![run])? {
        let place =
            Place { position: row.text(1)?, done: row.flag(2)?, listed: row.int(3)?, problem: row.text(4)? };
        places.extend(Kind::from_code(row.int(0)?).map(|kind| (kind, place)));
    }
    Ok(places)
}

pub fn open(r: &mut Read<'_>, book: i64, purpose: &str) -> Result<Option<Run>, StoreError> {
    r.one(&OPEN, &args![book, purpose])?.as_ref().map(read).transpose()
}

pub fn get(r: &mut Read<'_>, run: i64) -> Result<Run, StoreError> {
    let row = r.one(&GET, &args![run])?;
    row.as_ref().map_or_else(|| Err(StoreError::Unreadable(format!("there is no run {run}"))), read)
}

/// The newest run that came to its end.
pub fn last(r: &mut Read<'_>, book: i64, purpose: &str) -> Result<Option<Run>, StoreError> {
    r.one(&LAST, &args![book, purpose])?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.int(0)?,
        book: row.int(1)?,
        purpose: row.text(2)?,
        started_at: row.int(3)?,
        finished_at: row.opt_int(4)?,
    })
}
