//! Discounts of a subscription: made, told, counted. What they take off is worked out on invoices. It must not
//! know whether one may be given.

use std::sync::Arc;

use crate::model::{Discount, Subscription};
use crate::world::discount::{self, Holder, Purchase, Wanted};
use crate::world::{Book, Refusal};

pub(super) fn made(
    book: &mut Book,
    wanted: &[Wanted],
    holder: &Holder<'_>,
    purchase: Option<&Purchase<'_>>,
) -> Result<Vec<Arc<Discount>>, Refusal> {
    wanted.iter().map(|wanted| discount::make(book, wanted, holder, purchase)).collect()
}

fn has(list: &[Arc<Discount>], id: &str) -> bool {
    list.iter().any(|row| row.id == id)
}

/// Tells and counts those that were not there before.
pub(super) fn tell_new(book: &mut Book, before: &[Arc<Discount>], now: &Subscription) {
    let of_items = now.items.iter().flat_map(|item| &item.discounts).filter(|_| before.is_empty());
    let new = now.discounts.iter().chain(of_items).filter(|row| !has(before, &row.id));
    let new: Vec<Arc<Discount>> = new.cloned().collect();
    for row in &new {
        book.emit("customer.discount.created", row);
        discount::redeem(book, row);
    }
}

/// Tells those that are there no more.
pub(super) fn tell_gone(book: &mut Book, before: &[Arc<Discount>], now: &Subscription) {
    for row in before.iter().filter(|row| !has(&now.discounts, &row.id)) {
        book.emit("customer.discount.deleted", row);
    }
}
