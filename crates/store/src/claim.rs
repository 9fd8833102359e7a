//! What each sale of a subscription argues for: the input of the subscription's own true-up.

use std::collections::BTreeMap;

use crate::db::{Conflict, Put, Read, Stmt, StoreError, Tx, int, text};

pub(crate) const ALL: &[&Stmt] = &[&DELETE, &OF_SUBSCRIPTIONS, &OF_SUBJECTS];

const PUT: Put = Put {
    table: "claim",
    cols: &[int("subject"), int("book"), text("subscription_ref"), text("body")],
    conflict: Conflict::Update { keys: 1, set: &["subscription_ref", "body"] },
};
const DELETE: Stmt = Stmt::new("claim.delete", "DELETE FROM claim WHERE subject {in:1}");
const OF_SUBSCRIPTIONS: Stmt = Stmt::new(
    "claim.of_subscriptions",
    "SELECT subscription_ref, body FROM claim WHERE book = $1 AND subscription_ref {in:2} ORDER BY subject",
);
const OF_SUBJECTS: Stmt =
    Stmt::new("claim.of_subjects", "SELECT subject, subscription_ref, body FROM claim WHERE subject {in:1}");

/// Writes claims: `(subject, subscription, body)`, each subject once.
pub fn put(tx: &mut Tx<'_>, book: i64, claims: &[(i64, String, String)]) -> Result<(), StoreError> {
    let row = |(subject, subscription, body): &(i64, String, String)| {
        args![*subject, book, subscription, body].to_vec()
    };
    tx.put(&PUT, claims.iter().map(row).collect()).map(drop)
}

pub fn delete(tx: &mut Tx<'_>, subjects: &[i64]) -> Result<(), StoreError> {
    if subjects.is_empty() { Ok(()) } else { tx.exec(&DELETE, &args![subjects]).map(drop) }
}

/// The claims of a subscription's sales.
pub fn of_subscription(r: &mut Read<'_>, book: i64, subscription: &str) -> Result<Vec<String>, StoreError> {
    let mut of = of_subscriptions(r, book, vec![subscription.to_owned()])?;
    Ok(of.remove(subscription).unwrap_or_default())
}

/// The same for many, by subscription; those without claims are left out.
pub fn of_subscriptions(
    r: &mut Read<'_>,
    book: i64,
    subscriptions: Vec<String>,
) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if subscriptions.is_empty() {
        return Ok(found);
    }
    for row in r.rows(&OF_SUBSCRIPTIONS, &args![book, subscriptions])? {
        found.entry(row.text(0)?).or_default().push(row.text(1)?);
    }
    Ok(found)
}

/// By subject: the subscription and the claim's body.
pub fn of_subjects(
    r: &mut Read<'_>,
    subjects: &[i64],
) -> Result<BTreeMap<i64, (String, String)>, StoreError> {
    let rows = r.rows(&OF_SUBJECTS, &args![subjects])?;
    rows.iter().map(|row| Ok((row.int(0)?, (row.text(1)?, row.text(2)?)))).collect()
}
