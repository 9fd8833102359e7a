//! Leakage: which part of the discounted sales has no partner. A discount that was meant to be somebody's and is not
//! mapped shows here. It must not know why a sale is nobody's: that is the reason of each sale in the list.

use kernel::Book;
use serde::Serialize;

use crate::house::{EngineError, House};

/// One book and currency. Field names are a contract.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Leakage {
    pub book: String,
    pub currency: String,
    /// Sales that carry a discount.
    pub discounted: i64,
    /// Those of them without a partner.
    pub without_partner: i64,
    /// The second of the first, in basis points, rounded down.
    pub leakage_bps: i64,
    /// What the sales without a partner sold for, net, in minor units.
    pub net_sold_minor: i128,
}

/// The code that was used for a sale of nobody: its row carries none, its candidates do.
pub fn code_used(house: &House, book: &Book, sale: &str) -> Result<Option<String>, EngineError> {
    let explained = crate::explain::explain(house, Some(book), sale)?;
    let candidates = explained.into_iter().flat_map(|one| one.candidates);
    Ok(candidates.into_iter().find_map(|candidate| candidate.code))
}

/// Every book and currency that has a discounted sale; of one book if it is named.
pub fn leakage(house: &House, only: Option<&Book>) -> Result<Vec<Leakage>, EngineError> {
    house.db().read(|read| {
        let books = store::book::all(read)?;
        let mut found = Vec::new();
        for row in store::read::leakage::counts(read)? {
            let Some((_, book)) = books.iter().find(|(id, _)| *id == row.book) else { continue };
            if only.is_none_or(|only| only == book) {
                found.push(Leakage {
                    book: book.label(),
                    currency: row.currency,
                    discounted: row.discounted,
                    without_partner: row.without_partner,
                    leakage_bps: row.without_partner.saturating_mul(10_000) / row.discounted.max(1),
                    net_sold_minor: row.net_sold_minor,
                });
            }
        }
        Ok(found)
    })
}
