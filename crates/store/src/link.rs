//! Links between objects: a set that only grows. Both directions are indexed, since a true-up follows them
//! from a payment to its sale and from a code to everything that used it.

use kernel::{ObjectKey, fact::Link};

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, Value, int, text};

pub(crate) const ALL: &[&Stmt] = &[&FROM, &TO, &TO_FIRST, &TO_NEXT];

const PUT: Put = Put {
    table: "link",
    cols: &[int("book"), int("from_kind"), text("from_ref"), int("to_kind"), text("to_ref")],
    conflict: Conflict::Ignore,
};

const FROM: Stmt = Stmt::new(
    "link.from",
    "SELECT f.from_kind, f.from_ref, f.to_kind, f.to_ref FROM {of_keys:link from_kind from_ref} \
     ORDER BY f.from_kind, f.from_ref, f.to_kind, f.to_ref",
);
const TO: Stmt = Stmt::new(
    "link.to",
    "SELECT f.from_kind, f.from_ref, f.to_kind, f.to_ref FROM {of_keys:link to_kind to_ref} \
     ORDER BY f.to_kind, f.to_ref, f.from_kind, f.from_ref",
);
const TO_FIRST: Stmt = Stmt::new(
    "link.to_first",
    "SELECT from_kind, from_ref FROM link WHERE book = $1 AND to_kind = $2 AND to_ref = $3 \
     ORDER BY from_kind, from_ref LIMIT $4",
);
const TO_NEXT: Stmt = Stmt::new(
    "link.to_next",
    "SELECT from_kind, from_ref FROM link WHERE book = $1 AND to_kind = $2 AND to_ref = $3 \
     AND (from_kind, from_ref) > ($5, $6) ORDER BY from_kind, from_ref LIMIT $4",
);

/// Adds the links that are new and says how many were.
pub fn put(tx: &mut Tx<'_>, book: i64, links: &[Link]) -> Result<u64, StoreError> {
    tx.put(&PUT, rows(book, links))
}

/// The rows that [`put`] writes, also for a benchmark that writes the same ones otherwise.
#[doc(hidden)]
#[must_use]
pub fn rows(book: i64, links: &[Link]) -> Vec<Vec<Value>> {
    let row = |link: &Link| {
        let Link { from, to } = link;
        args![book, from.kind.code(), &from.id, to.kind.code(), &to.id].to_vec()
    };
    links.iter().map(row).collect()
}

/// What these objects name.
pub fn from_keys(r: &mut Read<'_>, book: i64, keys: &[ObjectKey]) -> Result<Vec<Link>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    r.rows(&FROM, &args![book, keys])?.iter().map(read).collect()
}

/// What names these objects.
pub fn to_keys(r: &mut Read<'_>, book: i64, keys: &[ObjectKey]) -> Result<Vec<Link>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    r.rows(&TO, &args![book, keys])?.iter().map(read).collect()
}

/// A page of what names one object: for a coupon or code that thousands of discounts name.
pub fn to_page(
    r: &mut Read<'_>,
    book: i64,
    to: &ObjectKey,
    after: Option<&ObjectKey>,
    limit: i64,
) -> Result<Vec<ObjectKey>, StoreError> {
    let kind = to.kind.code();
    let rows = match after {
        None => r.rows(&TO_FIRST, &args![book, kind, &to.id, limit])?,
        Some(after) => r.rows(&TO_NEXT, &args![book, kind, &to.id, limit, after.kind.code(), &after.id])?,
    };
    rows.iter().map(|row| row.object(0)).collect()
}

fn read(row: &Row) -> Result<Link, StoreError> {
    Ok(Link { from: row.object(0)?, to: row.object(2)? })
}
