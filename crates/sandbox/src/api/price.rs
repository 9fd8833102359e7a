//! `/v1/prices`. It must not know what is billed.

use crate::render::{self, Frame};
use crate::world::Book;

/// `tiers`.
pub(super) fn tiers(book: &Book, id: &str, _: Frame) -> Option<String> {
    let price = book.prices.get(id)?;
    price.tiers_mode.map(|_| render::tiers(&price.tiers))
}

/// `currency_options`.
pub(super) fn options(book: &Book, id: &str, _: Frame) -> Option<String> {
    book.prices.get(id).map(|price| render::price_options(price))
}
