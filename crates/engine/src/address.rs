//! Finding customers by an e-mail address that the books do not hold: of every address that a body names a keyed hash is kept,
//! and what is asked for is hashed alike. It must not know Stripe's JSON.

use kernel::{Book, ObjectKey};
use sha2::{Digest, Sha256};
use store::Tx;
use store::inbox::InboxRow;

use crate::house::{EngineError, House};

/// Addresses of some rows, as they are kept.
pub(crate) type Said = Vec<(ObjectKey, String)>;

/// Found at most.
const FOUND_MAX: i64 = 200;

/// The key of this house: the hash of the first body it ever received. Nobody outside can know it, a rebuild finds the same,
/// and it needs no secret to be kept. Without it equal addresses of two houses would have equal hashes, and lists of
/// common addresses could be looked up in a stolen table of these alone.
pub(crate) fn key(house: &House) -> Result<[u8; 32], EngineError> {
    Ok(house.first_hash()?.unwrap_or_default())
}

/// What the row's body says, hashed with the key.
pub(crate) fn said(key: &[u8; 32], row: &InboxRow) -> Said {
    let kind = crate::project::apply::object_kind(row);
    let found = facts::addresses(kind, &row.body);
    found.into_iter().map(|(object, plain)| (object, kept(key, &plain))).collect()
}

fn kept(key: &[u8; 32], plain: &[u8; 32]) -> String {
    let hash = Sha256::new().chain_update(key).chain_update(plain).finalize();
    // 128 bits of it: two addresses of a business will not meet in that.
    hash[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes them down, but for those of whoever is deleted.
pub(crate) fn put(tx: &mut Tx<'_>, book: i64, said: &Said, gone: &[ObjectKey]) -> Result<(), EngineError> {
    store::address::put(tx, book, said)?;
    let keys: Vec<ObjectKey> = said.iter().map(|(key, _)| key).chain(gone).cloned().collect();
    Ok(store::address::forget(tx, book, &keys)?)
}

/// Whoever the address was ever said of; nobody when the text is no address.
pub(crate) fn find(house: &House, text: &str) -> Result<Vec<(Book, ObjectKey)>, EngineError> {
    let Some(plain) = facts::address(text) else { return Ok(Vec::new()) };
    let digest = kept(&key(house)?, &plain);
    house.db().read(|read| {
        let found = store::address::find(read, &digest, FOUND_MAX)?;
        found.into_iter().map(|(book, object)| Ok((store::book::get(read, book)?, object))).collect()
    })
}
