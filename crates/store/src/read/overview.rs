//! The overview's figures: what partners brought and what they are owed, per currency.

use crate::db::{Read, Stmt, StoreError};

/// One currency of a book at an instant. Amounts in minor units.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    pub currency: String,
    pub sales: i64,
    /// Net sold, before anything was taken back.
    pub net_sold_minor: i64,
    /// The base of the commissions: after refunds and lost disputes.
    pub net_minor: i64,
    pub pending_minor: i64,
    pub available_minor: i64,
    pub held_minor: i64,
}

pub(super) const TOTALS: Stmt = Stmt::new(
    "read.overview_totals",
    "SELECT currency, count(*), CAST(sum(net_sold_minor) AS BIGINT), CAST(sum(net_minor) AS BIGINT),
       CAST(sum(CASE WHEN held = 0 AND (partly_paid <> 0 OR available_at IS NULL OR available_at > $2)
                     THEN commission_minor ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN held = 0 AND partly_paid = 0 AND available_at <= $2
                     THEN commission_minor ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN held <> 0 THEN commission_minor ELSE 0 END) AS BIGINT)
     FROM sale WHERE book = $1 AND partner <> '' GROUP BY currency ORDER BY currency",
);

/// Attributed sales of a book, by currency, with their commissions' standing at `as_of`.
pub fn totals(read: &mut Read<'_>, book: i64, as_of: i64) -> Result<Vec<Totals>, StoreError> {
    let rows = read.rows(&TOTALS, &args![book, as_of])?;
    rows.iter()
        .map(|row| {
            Ok(Totals {
                currency: row.text(0)?,
                sales: row.int(1)?,
                net_sold_minor: row.int(2)?,
                net_minor: row.int(3)?,
                pending_minor: row.int(4)?,
                available_minor: row.int(5)?,
                held_minor: row.int(6)?,
            })
        })
        .collect()
}

pub(super) const MONTH: Stmt = Stmt::new(
    "read.overview_month",
    "SELECT currency, CAST(sum(net_sold_minor) AS BIGINT), CAST(sum(commission_minor) AS BIGINT)
     FROM sale WHERE book = $1 AND partner <> '' AND sale_at >= $2 AND sale_at < $3
     GROUP BY currency ORDER BY currency",
);

/// `(currency, net sold, commission)` of attributed sales in `[from, to)`.
pub fn month(
    read: &mut Read<'_>,
    book: i64,
    from: i64,
    to: i64,
) -> Result<Vec<(String, i64, i64)>, StoreError> {
    let rows = read.rows(&MONTH, &args![book, from, to])?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?, row.int(2)?))).collect()
}

pub(super) const WAITING: Stmt = Stmt::new(
    "read.overview_waiting",
    "SELECT (SELECT count(*) FROM sale WHERE book = $1 AND reason = 'discount_unresolved'),
       (SELECT count(*) FROM unlinked_payment WHERE book = $1),
       (SELECT min(created_at) FROM unlinked_payment WHERE book = $1)",
);

/// What in a book waits for a person or for news from Stripe.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    pub discounts_unresolved: i64,
    pub payments_unlinked: i64,
    pub oldest_unlinked_at: Option<i64>,
}

pub fn waiting(read: &mut Read<'_>, book: i64) -> Result<Waiting, StoreError> {
    let Some(row) = read.one(&WAITING, &args![book])? else { return Ok(Waiting::default()) };
    Ok(Waiting {
        discounts_unresolved: row.int(0)?,
        payments_unlinked: row.int(1)?,
        oldest_unlinked_at: row.opt_int(2)?,
    })
}
