//! Discounted sales, and those of them that nobody earns on, per book and currency.

use crate::db::{Read, Stmt, StoreError};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeakageRow {
    pub book: i64,
    pub currency: String,
    /// Sales that carry a discount.
    pub discounted: i64,
    /// Those of them that have no partner.
    pub without_partner: i64,
    /// What the latter sold for, net, in minor units.
    pub net_sold_minor: i128,
}

pub(super) const COUNTS: Stmt = Stmt::new(
    "read.leakage_counts",
    concat!(
        "SELECT book, currency, count(DISTINCT subject), count(DISTINCT CASE WHEN partner = '' THEN subject END), ",
        wide_sum!("CASE WHEN partner = '' THEN net_sold_minor ELSE 0 END"),
        " FROM sale WHERE discount_minor > 0 GROUP BY book, currency ORDER BY book, currency"
    ),
);

/// Books and currencies without a discounted sale are left out.
pub fn counts(read: &mut Read<'_>) -> Result<Vec<LeakageRow>, StoreError> {
    let rows = read.rows(&COUNTS, &[])?;
    rows.iter()
        .map(|row| {
            Ok(LeakageRow {
                book: row.int(0)?,
                currency: row.text(1)?,
                discounted: row.int(2)?,
                without_partner: row.int(3)?,
                net_sold_minor: row.wide(4)?,
            })
        })
        .collect()
}
