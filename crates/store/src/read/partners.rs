//! What each partner brought and is owed, per currency, in one book.

use crate::db::{Read, Stmt, StoreError};

use super::overview::Totals;

pub(super) const TOTALS: Stmt = Stmt::new(
    "read.partners_totals",
    "SELECT partner, currency, count(*), CAST(sum(net_sold_minor) AS BIGINT), CAST(sum(net_minor) AS BIGINT),
       CAST(sum(CASE WHEN held = 0 AND (partly_paid <> 0 OR available_at IS NULL OR available_at > $2)
                     THEN commission_minor ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN held = 0 AND partly_paid = 0 AND available_at <= $2
                     THEN commission_minor ELSE 0 END) AS BIGINT),
       CAST(sum(CASE WHEN held <> 0 THEN commission_minor ELSE 0 END) AS BIGINT)
     FROM sale WHERE book = $1 AND partner {in:3} GROUP BY partner, currency ORDER BY partner, currency",
);

/// Sorted by partner, then currency. Partners without a sale in the book are absent.
pub fn totals(
    read: &mut Read<'_>,
    book: i64,
    as_of: i64,
    handles: Vec<String>,
) -> Result<Vec<(String, Totals)>, StoreError> {
    let rows = read.rows(&TOTALS, &args![book, as_of, handles])?;
    rows.iter()
        .map(|row| {
            let totals = Totals {
                currency: row.text(1)?,
                sales: row.int(2)?,
                net_sold_minor: row.int(3)?,
                net_minor: row.int(4)?,
                pending_minor: row.int(5)?,
                available_minor: row.int(6)?,
                held_minor: row.int(7)?,
            };
            Ok((row.text(0)?, totals))
        })
        .collect()
}
