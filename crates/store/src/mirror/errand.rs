//! What the mirror has still to look at: lists of names, written with the facts they are about and taken by
//! whoever holds the mirror's lock. It must not know what the objects are.

use std::collections::BTreeSet;

use kernel::ObjectKey;

use crate::db::value::to_json;
use crate::db::{Conflict, Put, Read, Stmt, StoreError, Tx, int, text};

pub(crate) const ALL: &[&Stmt] = &[&LOCK, &NEXT, &DONE, &COUNT];

const PUT: Put = Put {
    table: "mirror_errand",
    cols: &[int("book"), text("facts"), text("named")],
    conflict: Conflict::Fail,
};
const LOCK: Stmt = Stmt::new("mirror.lock", "UPDATE cursor SET value = value + 1 WHERE name = 'mirrored'");
const NEXT: Stmt =
    Stmt::new("mirror.next", "SELECT id, book, facts, named FROM mirror_errand ORDER BY id LIMIT $1");
const DONE: Stmt = Stmt::new("mirror.done", "DELETE FROM mirror_errand WHERE id {in:1}");
const COUNT: Stmt =
    Stmt::new("mirror.count", "SELECT count(*) FROM (SELECT 1 FROM mirror_errand LIMIT 1) AS a");

/// Objects in one errand: what one transaction of the mirror does at least.
const OBJECTS_MAX: usize = 512;

/// Some objects of one book that facts are about, and some that others name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Errand {
    pub id: i64,
    pub book: i64,
    pub facts: BTreeSet<ObjectKey>,
    pub named: BTreeSet<ObjectKey>,
}

/// Asks for these objects to be looked at.
pub fn put(
    tx: &mut Tx<'_>,
    book: i64,
    facts: &BTreeSet<ObjectKey>,
    named: &BTreeSet<ObjectKey>,
) -> Result<(), StoreError> {
    let of_facts: Vec<&ObjectKey> = facts.iter().collect();
    let mut rows = Vec::new();
    for part in of_facts.chunks(OBJECTS_MAX) {
        rows.push(args![book, to_json(&pairs(part.iter().copied()))?, "[]"].to_vec());
    }
    // One that a fact is about gets its row by that.
    let others = pairs(named.difference(facts));
    if !others.is_empty() {
        rows.push(args![book, "[]", to_json(&others)?].to_vec());
    }
    tx.put(&PUT, rows).map(drop)
}

fn pairs<'a>(keys: impl Iterator<Item = &'a ObjectKey>) -> Vec<(i64, &'a str)> {
    keys.map(|key| (i64::from(key.kind.code()), key.id.as_str())).collect()
}

/// Waits until nobody else writes the mirror; until the transaction ends nobody else does.
pub fn lock(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.expect(&LOCK, &[], 1)
}

/// The oldest errands.
pub fn next(r: &mut Read<'_>, limit: i64) -> Result<Vec<Errand>, StoreError> {
    let rows = r.rows(&NEXT, &args![limit])?;
    let keys = |pairs: Vec<(i64, kernel::Ref)>| {
        let known = |(kind, id)| Some(ObjectKey::new(kernel::Kind::from_code(kind)?, id));
        pairs.into_iter().filter_map(known).collect()
    };
    rows.iter()
        .map(|row| {
            Ok(Errand {
                id: row.int(0)?,
                book: row.int(1)?,
                facts: keys(row.json(2)?),
                named: keys(row.json(3)?),
            })
        })
        .collect()
}

pub fn done(tx: &mut Tx<'_>, ids: &[i64]) -> Result<(), StoreError> {
    tx.exec(&DONE, &args![ids]).map(drop)
}

/// Whether anything is to be looked at.
pub fn any(r: &mut Read<'_>) -> Result<bool, StoreError> {
    Ok(r.one_int(&COUNT, &[])? > 0)
}
