//! Subjects: what is trued up. A subject's row is the lock of everything the books say about it, its `rev`
//! the number of entries posted, its `output` what the next layer reads (opaque here).
//!
//! Lock order: all subjects of a transaction in one call, in the order of their keys. Stubs are inserted
//! first, in the same order; who waits for somebody's stub then holds no lock that the other could want.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, int, text};
use crate::mark::Key;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Subject {
    pub id: i64,
    pub kind: i64,
    pub ref_: String,
    pub rev: i64,
    pub output: Option<String>,
    pub rules_version: i64,
}

pub(crate) const ALL: &[&Stmt] = &[&ANY, &LOCK, &KNOWN, &GET, &BY_IDS, &BUMP, &BUMP_ALL, &PAGE, &COUNT];

const STUBS: Put = Put {
    table: "subject",
    cols: &[int("book"), int("kind"), text("ref"), int("rev"), int("rules_version")],
    conflict: Conflict::Ignore,
};

const OUTPUTS: Put = Put {
    table: "subject",
    cols: &[
        int("id"),
        int("book"),
        int("kind"),
        text("ref"),
        int("rev"),
        text("output"),
        int("rules_version"),
    ],
    conflict: Conflict::Update { keys: 1, set: &["output", "rules_version"] },
};

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT id, kind, ref, rev, output, rules_version FROM subject ", $tail)
    };
}

const LOCK: Stmt = Stmt::new("subject.lock", select!("WHERE id {in:1} ORDER BY kind, ref {for_update}"));
const KNOWN: Stmt = Stmt::new("subject.known", "SELECT f.id, f.kind, f.ref FROM {of_keys:subject kind ref}");
const GET: Stmt = Stmt::new(
    "subject.get",
    "SELECT f.id, f.kind, f.ref, f.rev, f.output, f.rules_version FROM {of_keys:subject kind ref} \
     ORDER BY f.kind, f.ref",
);
const BY_IDS: Stmt = Stmt::new(
    "subject.by_ids",
    "SELECT id, kind, ref, rev, output, rules_version, book FROM subject WHERE id {in:1} ORDER BY id",
);
const BUMP: Stmt = Stmt::new("subject.bump", "UPDATE subject SET rev = rev + 1 WHERE id = $1 AND rev = $2");
const BUMP_ALL: Stmt = Stmt::new(
    "subject.bump_all",
    "UPDATE subject SET rev = rev + 1 WHERE id {in:2} AND (id, rev) {in_pairs:1}",
);
const PAGE: Stmt =
    Stmt::new("subject.page", select!("WHERE book = $1 AND kind {in:2} AND id > $3 ORDER BY id LIMIT $4"));
const ANY: Stmt =
    Stmt::new("subject.any", "SELECT count(*) FROM (SELECT 1 FROM subject WHERE book = $1 LIMIT 1) AS a");
const COUNT: Stmt = Stmt::new("subject.count", "SELECT count(*) FROM subject");

/// Locks these subjects until the transaction ends, making those that are new. In the order of their keys.
pub fn lock(tx: &mut Tx<'_>, book: i64, keys: &[Key]) -> Result<Vec<Subject>, StoreError> {
    let keys: BTreeSet<&Key> = keys.iter().collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids = known(tx, book, &keys)?;
    let new: BTreeSet<&Key> = keys.iter().copied().filter(|key| !ids.contains_key(key)).collect();
    if !new.is_empty() {
        let stub = |(kind, reference): &&Key| args![book, *kind, reference, 0_i64, 0_i64].to_vec();
        tx.put(&STUBS, new.iter().map(stub).collect())?;
        ids.extend(known(tx, book, &new)?);
    }
    let ids: Vec<i64> = ids.into_values().collect();
    let found: Vec<Subject> =
        tx.rows(&LOCK, &args![ids])?.iter().map(read).collect::<Result<_, StoreError>>()?;
    if found.len() == keys.len() { Ok(found) } else { Err(StoreError::Conflict) }
}

/// The numbers of those that have a row. A subject's row stays, so its number may be asked for first.
fn known(tx: &mut Tx<'_>, book: i64, keys: &BTreeSet<&Key>) -> Result<BTreeMap<Key, i64>, StoreError> {
    let list: Vec<Key> = keys.iter().map(|key| (*key).clone()).collect();
    let rows = tx.rows(&KNOWN, &args![book, list])?;
    rows.iter().map(|row| Ok(((row.int(1)?, row.text(2)?), row.int(0)?))).collect()
}

/// Those of these subjects that exist, without locking, in the order of their keys.
pub fn get(r: &mut Read<'_>, book: i64, keys: &[Key]) -> Result<Vec<Subject>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    r.rows(&GET, &args![book, keys])?.iter().map(read).collect()
}

/// Subjects by number, with their books.
pub fn by_ids(r: &mut Read<'_>, ids: &[i64]) -> Result<Vec<(i64, Subject)>, StoreError> {
    r.rows(&BY_IDS, &args![ids])?.iter().map(|row| Ok((row.int(6)?, read(row)?))).collect()
}

/// What the next layer reads of these locked subjects (each once), and the rules that said so.
pub fn set_outputs(
    tx: &mut Tx<'_>,
    book: i64,
    outputs: &[(&Subject, String)],
    rules_version: i64,
) -> Result<(), StoreError> {
    let row = |(subject, output): &(&Subject, String)| {
        args![subject.id, book, subject.kind, &subject.ref_, subject.rev, output, rules_version].to_vec()
    };
    tx.put(&OUTPUTS, outputs.iter().map(row).collect()).map(drop)
}

/// Compare-and-set of the revision.
pub fn bump_rev(tx: &mut Tx<'_>, id: i64, from_rev: i64) -> Result<(), StoreError> {
    tx.expect(&BUMP, &args![id, from_rev], 1)
}

/// Many at once: `(id, from_rev)`, each id once.
pub fn bump_revs(tx: &mut Tx<'_>, revs: &[(i64, i64)]) -> Result<(), StoreError> {
    if revs.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = revs.iter().map(|(id, _)| *id).collect();
    tx.expect(&BUMP_ALL, &args![revs.to_vec(), ids], revs.len() as u64)
}

/// A page of a book's subjects of these kinds, by number.
pub fn page(
    r: &mut Read<'_>,
    book: i64,
    kinds: &[i64],
    after_id: i64,
    limit: i64,
) -> Result<Vec<Subject>, StoreError> {
    r.rows(&PAGE, &args![book, kinds, after_id, limit])?.iter().map(read).collect()
}

/// Whether a book has a subject yet.
pub fn any(r: &mut Read<'_>, book: i64) -> Result<bool, StoreError> {
    Ok(r.one_int(&ANY, &args![book])? > 0)
}

pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}

fn read(row: &Row) -> Result<Subject, StoreError> {
    Ok(Subject {
        id: row.int(0)?,
        kind: row.int(1)?,
        ref_: row.text(2)?,
        rev: row.int(3)?,
        output: row.opt_text(4)?,
        rules_version: row.int(5)?,
    })
}
