//! What a reconciliation has found so far, and which objects it or a backfill has seen. It must not know what any field means.

use kernel::{Kind, ObjectKey, Ref};

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, int, text};

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub object: ObjectKey,
    /// Of the field; empty when the whole object is meant.
    pub path: String,
    /// `missing`, `extra` or `different`.
    pub what: String,
    pub ours: String,
    pub stripes: String,
    /// When ours was said, in unix seconds; 0: never.
    pub ours_at_s: i64,
    /// Empty until it was looked for.
    pub cause: String,
    /// The event that did not arrive, if that is the cause.
    pub event_ref: Option<Ref>,
    /// What Stripe says is in the books.
    pub fixed: bool,
}

pub(crate) const ALL: &[&Stmt] = &[&FINDINGS, &CAUSE, &FIXED, &NEXT_SEEN, &UNSEEN, &FORGET_SEEN, &FORGET];

const PUT: Put = Put {
    table: "reconcile_finding",
    cols: &[
        int("run"),
        int("kind"),
        text("ref"),
        text("path"),
        text("what"),
        text("ours"),
        text("stripes"),
        int("ours_at_s"),
        text("cause"),
        text("event_ref"),
        int("fixed"),
    ],
    conflict: Conflict::Update { keys: 4, set: &["what", "ours", "stripes", "ours_at_s"] },
};
const PUT_SEEN: Put = Put {
    table: "reconcile_seen",
    cols: &[int("run"), int("kind"), text("ref")],
    conflict: Conflict::Ignore,
};

const FINDINGS: Stmt = Stmt::new(
    "reconcile.findings",
    "SELECT kind, ref, path, what, ours, stripes, ours_at_s, cause, event_ref, fixed FROM reconcile_finding \
     WHERE run = $1 ORDER BY kind, ref, path",
);
const CAUSE: Stmt = Stmt::new(
    "reconcile.cause",
    "UPDATE reconcile_finding SET cause = $5, event_ref = $6 WHERE run = $1 AND kind = $2 AND ref = $3 AND path = $4",
);
const FIXED: Stmt = Stmt::new(
    "reconcile.fixed",
    "UPDATE reconcile_finding SET fixed = 1 WHERE run = $1 AND kind = $2 AND ref = $3 AND path = $4",
);
const NEXT_SEEN: Stmt = Stmt::new(
    "reconcile.next_seen",
    "SELECT ref FROM reconcile_seen WHERE run = $1 AND kind = $2 AND ref > $3 ORDER BY ref LIMIT 1",
);
const UNSEEN: Stmt = Stmt::new(
    "reconcile.unseen",
    "SELECT DISTINCT f.ref FROM fact f WHERE f.book = $1 AND f.kind = $2 AND f.ref > $4 AND NOT EXISTS \
     (SELECT 1 FROM reconcile_seen s WHERE s.run = $3 AND s.kind = f.kind AND s.ref = f.ref) ORDER BY f.ref LIMIT $5",
);
const FORGET_SEEN: Stmt = Stmt::new("reconcile.forget_seen", "DELETE FROM reconcile_seen WHERE run = $1");

const FORGET: Stmt = Stmt::new("reconcile.forget", "DELETE FROM reconcile_finding WHERE run = $1");

/// Writes findings down; one that is there already keeps its cause.
pub fn put(tx: &mut Tx<'_>, run: i64, findings: &[Finding]) -> Result<(), StoreError> {
    let row = |found: &Finding| {
        let Finding { object, path, what, ours, stripes, ours_at_s, cause, event_ref, fixed } = found;
        let (kind, event_ref) = (object.kind.code(), event_ref.as_ref().map_or("", Ref::as_str));
        args![run, kind, &object.id, path, what, ours, stripes, *ours_at_s, cause, event_ref, *fixed].to_vec()
    };
    tx.put(&PUT, findings.iter().map(row).collect()).map(drop)
}

pub fn findings(r: &mut Read<'_>, run: i64) -> Result<Vec<Finding>, StoreError> {
    r.rows(&FINDINGS, &args![run])?.iter().map(read).collect()
}

pub fn set_cause(tx: &mut Tx<'_>, run: i64, found: &Finding) -> Result<(), StoreError> {
    let event_ref = found.event_ref.as_ref().map_or("", Ref::as_str);
    let args = args![run, found.object.kind.code(), &found.object.id, &found.path, &found.cause, event_ref];
    tx.exec(&CAUSE, &args).map(drop)
}

pub fn set_fixed(tx: &mut Tx<'_>, run: i64, found: &Finding) -> Result<(), StoreError> {
    tx.exec(&FIXED, &args![run, found.object.kind.code(), &found.object.id, &found.path]).map(drop)
}

/// These objects are in Stripe's list.
pub fn put_seen(tx: &mut Tx<'_>, run: i64, objects: &[ObjectKey]) -> Result<(), StoreError> {
    let row = |object: &ObjectKey| args![run, object.kind.code(), &object.id].to_vec();
    tx.put(&PUT_SEEN, objects.iter().map(row).collect()).map(drop)
}

/// The first object of a kind that the run has seen behind `after`, in the order of ids.
pub fn next_seen(
    r: &mut Read<'_>,
    run: i64,
    kind: Kind,
    after: &str,
) -> Result<Option<ObjectKey>, StoreError> {
    let row = r.one(&NEXT_SEEN, &args![run, kind.code(), after])?;
    row.map(|row| Ok(ObjectKey::new(kind, row.reference(0)?))).transpose()
}

/// Objects of a kind that facts are about and that the run has not seen, behind `after` in the order of ids.
pub fn unseen(
    r: &mut Read<'_>,
    run: i64,
    book: i64,
    kind: Kind,
    after: &str,
    limit: i64,
) -> Result<Vec<ObjectKey>, StoreError> {
    let rows = r.rows(&UNSEEN, &args![book, kind.code(), run, after, limit])?;
    rows.iter().map(|row| Ok(ObjectKey::new(kind, row.reference(0)?))).collect()
}

/// When the run is over.
pub fn forget_seen(tx: &mut Tx<'_>, run: i64) -> Result<(), StoreError> {
    tx.exec(&FORGET_SEEN, &args![run]).map(drop)
}

/// What a run has found and seen, of one that nobody goes on with.
pub(crate) fn forget(tx: &mut Tx<'_>, run: i64) -> Result<(), StoreError> {
    tx.exec(&FORGET, &args![run])?;
    forget_seen(tx, run)
}

fn read(row: &Row) -> Result<Finding, StoreError> {
    Ok(Finding {
        object: row.object(0)?,
        path: row.text(2)?,
        what: row.text(3)?,
        ours: row.text(4)?,
        stripes: row.text(5)?,
        ours_at_s: row.int(6)?,
        cause: row.text(7)?,
        event_ref: Ref::parse(row.str(8)?),
        fixed: row.flag(9)?,
    })
}
