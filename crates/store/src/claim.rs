//! What each sale of a subscription argues for, readable by subscription. The argument itself is opaque.

use crate::db::{Read, Stmt, StoreError, Tx};

pub(crate) const ALL: &[&Stmt] = &[&PUT, &DELETE, &OF_SUBSCRIPTION];

const PUT: Stmt = Stmt::new(
    "claim.put",
    "INSERT INTO claim (subject, book, subscription_ref, body) VALUES ($1, $2, $3, $4) ON CONFLICT (subject) \
     DO UPDATE SET subscription_ref = excluded.subscription_ref, body = excluded.body",
);
const DELETE: Stmt = Stmt::new("claim.delete", "DELETE FROM claim WHERE subject = $1");
const OF_SUBSCRIPTION: Stmt = Stmt::new(
    "claim.of_subscription",
    "SELECT body FROM claim WHERE book = $1 AND subscription_ref = $2 ORDER BY subject",
);

pub fn put(
    tx: &mut Tx<'_>,
    subject: i64,
    book: i64,
    subscription: &str,
    body: &str,
) -> Result<(), StoreError> {
    tx.expect(&PUT, &args![subject, book, subscription, body], 1)
}

/// Says whether there was one.
pub fn delete(tx: &mut Tx<'_>, subject: i64) -> Result<bool, StoreError> {
    Ok(tx.exec(&DELETE, &args![subject])? > 0)
}

/// The claims of a subscription's sales.
pub fn of_subscription(r: &mut Read<'_>, book: i64, subscription: &str) -> Result<Vec<String>, StoreError> {
    r.rows(&OF_SUBSCRIPTION, &args![book, subscription])?.iter().map(|row| row.text(0)).collect()
}
