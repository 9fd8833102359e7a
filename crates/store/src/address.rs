//! Which customer, or which purchase without one, an e-mail address was said of. The address itself is never here, only what
//! the caller made of it.

use kernel::ObjectKey;

use crate::db::{Conflict, Put, Read, Stmt, StoreError, Tx, int, text};

pub(crate) const ALL: &[&Stmt] = &[&FIND, &FORGET];

const PUT: Put = Put {
    table: "address",
    cols: &[int("book"), int("kind"), text("ref"), text("digest")],
    conflict: Conflict::Ignore,
};

const FIND: Stmt = Stmt::new(
    "address.find",
    "SELECT kind, ref, book FROM address WHERE digest = $1 ORDER BY book, kind, ref LIMIT $2",
);
/// Whatever is deleted takes its addresses along, in either order of arrival.
const FORGET: Stmt = Stmt::new(
    "address.forget",
    "DELETE FROM address WHERE book = $1 AND (kind, ref) {in_keys:2} AND EXISTS \
     (SELECT 1 FROM gone g WHERE g.book = address.book AND g.kind = address.kind AND g.ref = address.ref)",
);

/// Remembers what these objects' addresses came to.
pub fn put(tx: &mut Tx<'_>, book: i64, said: &[(ObjectKey, String)]) -> Result<(), StoreError> {
    let row = |(key, digest): &(ObjectKey, String)| args![book, key.kind.code(), &key.id, digest].to_vec();
    tx.put(&PUT, said.iter().map(row).collect()).map(drop)
}

/// Forgets the addresses of those of these objects that are deleted.
pub fn forget(tx: &mut Tx<'_>, book: i64, keys: &[ObjectKey]) -> Result<(), StoreError> {
    if keys.is_empty() { Ok(()) } else { tx.exec(&FORGET, &args![book, keys]).map(drop) }
}

/// What that address was said of, in any book, at most `limit`.
pub fn find(r: &mut Read<'_>, digest: &str, limit: i64) -> Result<Vec<(i64, ObjectKey)>, StoreError> {
    let rows = r.rows(&FIND, &args![digest, limit])?;
    rows.iter().map(|row| Ok((row.int(2)?, row.object(0)?))).collect()
}
