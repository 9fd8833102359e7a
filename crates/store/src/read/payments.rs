//! Payments that belong to no known sale, oldest first: listed with their age, never paid on.

use crate::db::{Read, Stmt, StoreError};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unlinked {
    pub reference: String,
    pub currency: String,
    pub amount_minor: i64,
    pub created_at: i64,
}

pub(super) const PAGE: Stmt = Stmt::new(
    "read.payments_page",
    "SELECT ref, currency, amount_minor, created_at FROM unlinked_payment
     WHERE book = $1 AND (created_at, ref) > ($2, $3) ORDER BY created_at, ref LIMIT $4",
);

/// The page that follows `(created_at, ref)`; the first follows `(-1, "")`.
pub fn page(
    read: &mut Read<'_>,
    book: i64,
    after: (i64, &str),
    limit: i64,
) -> Result<Vec<Unlinked>, StoreError> {
    let rows = read.rows(&PAGE, &args![book, after.0, after.1, limit])?;
    rows.iter()
        .map(|row| {
            Ok(Unlinked {
                reference: row.text(0)?,
                currency: row.text(1)?,
                amount_minor: row.int(2)?,
                created_at: row.int(3)?,
            })
        })
        .collect()
}
