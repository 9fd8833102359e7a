//! The overview's figures: what partners brought and what they are owed, per currency.

use crate::db::{Read, Row, Stmt, StoreError};

/// One currency of a book at an instant. Amounts in minor units.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    pub currency: String,
    pub sales: i64,
    /// Net sold, before anything was taken back.
    pub net_sold_minor: i128,
    /// The base of the commissions: after refunds and lost disputes.
    pub net_minor: i128,
    pub pending_minor: i128,
    pub available_minor: i128,
    pub held_minor: i128,
}

/// What `count(*)` and the sums of [`Totals`] are, as columns; `$2` is the instant.
macro_rules! totals_columns {
    () => {
        concat!(
            "count(*), ",
            wide_sum!("net_sold_minor"),
            ", ",
            wide_sum!("net_minor"),
            ", ",
            wide_sum!(
                "CASE WHEN held = 0 AND (partly_paid <> 0 OR available_at IS NULL OR available_at > $2) \
                 THEN commission_minor ELSE 0 END"
            ),
            ", ",
            wide_sum!(
                "CASE WHEN held = 0 AND partly_paid = 0 AND available_at <= $2 THEN commission_minor ELSE 0 END"
            ),
            ", ",
            wide_sum!("CASE WHEN held <> 0 THEN commission_minor ELSE 0 END"),
        )
    };
}
pub(super) use totals_columns;

pub(super) const TOTALS: Stmt = Stmt::new(
    "read.overview_totals",
    concat!(
        "SELECT currency, ",
        totals_columns!(),
        " FROM sale WHERE book = $1 AND partner <> '' GROUP BY currency ORDER BY currency"
    ),
);

/// Attributed sales of a book, by currency, with their commissions' standing at `as_of`.
pub fn totals(read: &mut Read<'_>, book: i64, as_of: i64) -> Result<Vec<Totals>, StoreError> {
    let rows = read.rows(&TOTALS, &args![book, as_of])?;
    rows.iter().map(|row| totals_from(row, 0)).collect()
}

/// A currency, then the columns of `totals_columns!`.
pub(super) fn totals_from(row: &Row, first: usize) -> Result<Totals, StoreError> {
    Ok(Totals {
        currency: row.text(first)?,
        sales: row.int(first + 1)?,
        net_sold_minor: row.wide(first + 2)?,
        net_minor: row.wide(first + 4)?,
        pending_minor: row.wide(first + 6)?,
        available_minor: row.wide(first + 8)?,
        held_minor: row.wide(first + 10)?,
    })
}

pub(super) const MONTH: Stmt = Stmt::new(
    "read.overview_month",
    concat!(
        "SELECT currency, ",
        wide_sum!("commission_minor"),
        " FROM sale WHERE book = $1 AND partner <> '' AND sale_at >= $2 AND sale_at < $3
         GROUP BY currency ORDER BY currency"
    ),
);

/// `(currency, commission)` of attributed sales in `[from, to)`.
pub fn month(read: &mut Read<'_>, book: i64, from: i64, to: i64) -> Result<Vec<(String, i128)>, StoreError> {
    let rows = read.rows(&MONTH, &args![book, from, to])?;
    rows.iter().map(|row| Ok((row.text(0)?, row.wide(1)?))).collect()
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
