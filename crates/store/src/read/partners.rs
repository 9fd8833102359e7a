//! What each partner brought and is owed, per currency, in one book.

use crate::db::{Read, Stmt, StoreError};

use super::overview::{Totals, totals_columns, totals_from};

pub(super) const TOTALS: Stmt = Stmt::new(
    "read.partners_totals",
    concat!(
        "SELECT partner, currency, ",
        totals_columns!(),
        " FROM sale WHERE book = $1 AND partner {in:3} GROUP BY partner, currency ORDER BY partner, currency"
    ),
);

/// Sorted by partner, then currency. Partners without a sale in the book are absent.
pub fn totals(
    read: &mut Read<'_>,
    book: i64,
    as_of: i64,
    handles: Vec<String>,
) -> Result<Vec<(String, Totals)>, StoreError> {
    let rows = read.rows(&TOTALS, &args![book, as_of, handles])?;
    rows.iter().map(|row| Ok((row.text(0)?, totals_from(row, 1)?))).collect()
}
