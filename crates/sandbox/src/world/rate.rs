//! Tax rates and shipping rates: made, renamed, switched off; never deleted. It must not know where they apply.

use std::sync::Arc;

use super::{Book, Refusal};
use crate::model::{ShippingRate, TaxRate};

/// A tax rate as asked for; id and time are given here.
pub(crate) fn create_tax(book: &mut Book, new: TaxRate) -> Arc<TaxRate> {
    let id = book.id("txr");
    let rate = TaxRate { id: id.clone(), created_s: book.now_s(), ..new };
    let rate = book.tax_rates.put(&id, rate);
    book.emit("tax_rate.created", &rate);
    rate
}

pub(crate) fn tax(book: &Book, id: &str, param: &str) -> Result<Arc<TaxRate>, Refusal> {
    book.tax_rates.get(id).cloned().ok_or_else(|| Refusal::missing("tax rate", param, id))
}

pub(crate) fn update_tax(book: &mut Book, old: &Arc<TaxRate>, new: TaxRate) -> Arc<TaxRate> {
    let rate = book.tax_rates.put(&old.id, new);
    book.emit_changed("tax_rate.updated", old, &rate);
    rate
}

/// A shipping rate as asked for; id and time are given here. Stripe tells nobody of it.
pub(crate) fn create_shipping(book: &mut Book, new: ShippingRate) -> Arc<ShippingRate> {
    let id = book.id("shr");
    let rate = ShippingRate { id: id.clone(), created_s: book.now_s(), ..new };
    book.shipping_rates.put(&id, rate)
}

pub(crate) fn shipping(book: &Book, id: &str, param: &str) -> Result<Arc<ShippingRate>, Refusal> {
    book.shipping_rates.get(id).cloned().ok_or_else(|| Refusal::missing("shipping rate", param, id))
}
