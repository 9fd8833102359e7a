//! What belongs to one customer, from the mirror's views, and the events that told of it.

use kernel::ObjectKey;

use crate::db::{Read, Stmt, StoreError};

/// One object of a customer's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectLine {
    /// The kind's code.
    pub kind: i64,
    pub reference: String,
    pub status: Option<String>,
    pub currency: Option<String>,
    pub amount_minor: Option<i64>,
    pub at: Option<i64>,
}

pub(super) const OBJECTS: Stmt = Stmt::new(
    "read.customer_objects",
    "SELECT kind, ref, status, currency, minor, at FROM (
       SELECT CAST(1 AS BIGINT) AS kind, ref, status, currency, total_minor AS minor, coalesce(paid_at, created_at) AS at
         FROM stripe_invoice WHERE book = $1 AND ref {in:2}
       UNION ALL SELECT CAST(2 AS BIGINT), ref, payment_status, currency, total_minor, created_at
         FROM stripe_checkout_session WHERE book = $1 AND ref {in:2}
       UNION ALL SELECT CAST(3 AS BIGINT), ref, status, currency, amount_minor, created_at
         FROM stripe_payment_intent WHERE book = $1 AND ref {in:2}
       UNION ALL SELECT CAST(4 AS BIGINT), ref, status, currency, amount_minor, created_at
         FROM stripe_charge WHERE book = $1 AND ref {in:2}
       UNION ALL SELECT CAST(5 AS BIGINT), ref, status, currency, amount_minor, created_at
         FROM stripe_refund WHERE book = $1 AND ref {in:2}
       UNION ALL SELECT CAST(6 AS BIGINT), ref, status, currency, amount_minor, created_at
         FROM stripe_dispute WHERE book = $1 AND ref {in:2}
       UNION ALL SELECT CAST(13 AS BIGINT), ref, status, currency, CAST(NULL AS BIGINT), coalesce(start_at, created_at)
         FROM stripe_subscription WHERE book = $1 AND ref {in:2}
     ) AS story ORDER BY at, kind, ref LIMIT $3",
);

pub(super) const EVENTS: Stmt = Stmt::new(
    "read.customer_events",
    "SELECT f.event_ref, min(f.at_s) AS at_s FROM {of_keys:fact kind ref} GROUP BY f.event_ref \
     ORDER BY at_s, f.event_ref LIMIT $3",
);

/// Invoices, checkouts, payments, refunds, disputes and subscriptions among these, in the order of time; at most
/// `limit`.
pub fn objects(
    r: &mut Read<'_>,
    book: i64,
    keys: &[ObjectKey],
    limit: i64,
) -> Result<Vec<ObjectLine>, StoreError> {
    let refs: Vec<String> = keys.iter().map(|key| key.id.to_string()).collect();
    let rows = r.rows(&OBJECTS, &args![book, refs, limit])?;
    rows.iter()
        .map(|row| {
            Ok(ObjectLine {
                kind: row.int(0)?,
                reference: row.text(1)?,
                status: row.opt_text(2)?,
                currency: row.opt_text(3)?,
                amount_minor: row.opt_int(4)?,
                at: row.opt_int(5)?,
            })
        })
        .collect()
}

/// Ids of the events that said something about these, with Stripe's time in seconds; at most `limit`.
pub fn events(
    r: &mut Read<'_>,
    book: i64,
    keys: &[ObjectKey],
    limit: i64,
) -> Result<Vec<(String, i64)>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = r.rows(&EVENTS, &args![book, keys, limit])?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}
