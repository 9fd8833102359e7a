//! Events that carried no object: what each is about, whether it still waits, and what answered it.

use kernel::{ObjectKey, Ref};

use crate::db::{Read, Row, Stmt, StoreError, Tx};

/// One such event, by its place in the inbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Thin {
    pub seq: i64,
    pub book: i64,
    pub created_s: i64,
    /// The event that carries the object as it was then.
    pub snapshot: Option<Ref>,
    pub object: Option<ObjectKey>,
    pub waiting: bool,
    /// What it waits for, or what it was answered by.
    pub answer: String,
}

pub(crate) const ALL: &[&Stmt] =
    &[&PUT, &ANY, &BY_SNAPSHOT, &BY_OBJECT, &BY_EVENT, &UNWANTED, &OF, &TOLD, &COUNT, &WAITING];

const PUT: Stmt = Stmt::new(
    "thin.put",
    "INSERT INTO thin (seq, book, created_s, snapshot_ref, kind, ref, waiting, answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
     ON CONFLICT (seq) DO UPDATE SET waiting = excluded.waiting, answer = excluded.answer",
);
const ANY: Stmt = Stmt::new(
    "thin.any",
    "SELECT count(*) FROM (SELECT 1 FROM thin WHERE book = $1 AND waiting = 1 AND snapshot_ref IS NOT NULL LIMIT 1) AS a",
);
const BY_SNAPSHOT: Stmt = Stmt::new(
    "thin.by_snapshot",
    "UPDATE thin SET waiting = 0, answer = 'snapshot' WHERE waiting = 1 AND book = $1 AND snapshot_ref {in:2}",
);
const BY_OBJECT: Stmt = Stmt::new(
    "thin.by_object",
    "UPDATE thin SET waiting = 0, answer = $4 WHERE waiting = 1 AND book = $1 AND kind = $2 AND ref = $3",
);
const BY_EVENT: Stmt = Stmt::new(
    "thin.by_event",
    "UPDATE thin SET waiting = 0, answer = $3 WHERE waiting = 1 AND book = $1 AND kind IS NULL AND answer = $2",
);
/// What nobody waits for any more need not be fetched.
const UNWANTED: Stmt = Stmt::new(
    "thin.unwanted",
    "DELETE FROM want WHERE book = $1 AND why = 'thin' AND kind > 0 AND NOT EXISTS (SELECT 1 FROM thin AS t \
     WHERE t.book = want.book AND t.kind = want.kind AND t.ref = want.ref AND t.waiting = 1)",
);
const OF: Stmt = Stmt::new(
    "thin.of",
    "SELECT seq, book, created_s, snapshot_ref, waiting, answer, kind, ref FROM thin WHERE seq {in:1} ORDER BY seq",
);
const TOLD: Stmt =
    Stmt::new("thin.told", "SELECT snapshot_ref, seq FROM thin WHERE book = $1 AND snapshot_ref {in:2}");
const COUNT: Stmt = Stmt::new("thin.count", "SELECT count(*) FROM thin WHERE waiting = 1");
const WAITING: Stmt = Stmt::new(
    "thin.waiting",
    "SELECT seq, book, created_s, snapshot_ref, waiting, answer, kind, ref FROM thin WHERE waiting = 1 AND seq < $1 \
     ORDER BY seq DESC LIMIT $2",
);

pub fn put(tx: &mut Tx<'_>, thin: &Thin) -> Result<(), StoreError> {
    let (kind, id) = thin.object.as_ref().map(|key| (key.kind.code(), &key.id)).unzip();
    let snapshot = thin.snapshot.as_ref();
    let args = args![thin.seq, thin.book, thin.created_s, snapshot, kind, id, thin.waiting, &thin.answer];
    tx.exec(&PUT, &args).map(drop)
}

/// These events have come: whoever waits for one of them as his snapshot is answered.
pub fn answer_by_snapshot(tx: &mut Tx<'_>, book: i64, events: &[String]) -> Result<(), StoreError> {
    if tx.one_int(&ANY, &args![book])? == 0 {
        return Ok(());
    }
    if tx.exec(&BY_SNAPSHOT, &args![book, events.to_vec()])? > 0 {
        tx.exec(&UNWANTED, &args![book])?;
    }
    Ok(())
}

/// The object has been fetched, or cannot be.
pub fn answer_by_object(
    tx: &mut Tx<'_>,
    book: i64,
    object: &ObjectKey,
    answer: &str,
) -> Result<(), StoreError> {
    tx.exec(&BY_OBJECT, &args![book, object.kind.code(), &object.id, answer]).map(drop)
}

/// The event itself has been asked for, or cannot be.
pub fn answer_by_event(tx: &mut Tx<'_>, book: i64, event: &Ref, answer: &str) -> Result<(), StoreError> {
    tx.exec(&BY_EVENT, &args![book, format!("event {event}"), answer]).map(drop)
}

/// What is known of these inbox rows; those that carried their object are left out.
pub fn of(r: &mut Read<'_>, seqs: &[i64]) -> Result<Vec<Thin>, StoreError> {
    r.rows(&OF, &args![seqs])?.iter().map(thin).collect()
}

/// Which of these events a thin one told of, and its place in the inbox; one that several told of comes several times.
pub fn told(r: &mut Read<'_>, book: i64, events: &[String]) -> Result<Vec<(Ref, i64)>, StoreError> {
    r.rows(&TOLD, &args![book, events.to_vec()])?
        .iter()
        .map(|row| Ok((row.reference(0)?, row.int(1)?)))
        .collect()
}

/// Those that wait before one, newest first.
pub fn waiting(r: &mut Read<'_>, before_seq: i64, limit: i64) -> Result<Vec<Thin>, StoreError> {
    r.rows(&WAITING, &args![before_seq, limit])?.iter().map(thin).collect()
}

/// How many wait.
pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}

fn thin(row: &Row) -> Result<Thin, StoreError> {
    let kind = row.opt_int(6)?;
    Ok(Thin {
        seq: row.int(0)?,
        book: row.int(1)?,
        created_s: row.int(2)?,
        snapshot: row.opt_text(3)?.as_deref().and_then(Ref::parse),
        object: kind.map(|_| row.object(6)).transpose()?,
        waiting: row.flag(4)?,
        answer: row.text(5)?,
    })
}
