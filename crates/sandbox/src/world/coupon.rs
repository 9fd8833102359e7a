//! Coupons: made, renamed, used up, expired, deleted (discounts made of them stay). It must not know who
//! owns a code.

use std::sync::Arc;

use super::{Book, Refusal};
use crate::model::{Coupon, Duration, Meta, Off};
use kernel::Currency;

pub(crate) struct NewCoupon {
    /// The caller's own; else one is made.
    pub(crate) id: Option<String>,
    pub(crate) off: Off,
    pub(crate) currency_options: Vec<(Currency, i64)>,
    pub(crate) duration: Duration,
    /// Only these; empty: all.
    pub(crate) products: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) max_redemptions: Option<i64>,
    pub(crate) redeem_by_s: Option<i64>,
    pub(crate) metadata: Meta,
}

pub(crate) fn create(book: &mut Book, new: NewCoupon) -> Result<Arc<Coupon>, Refusal> {
    let now_s = book.now_s();
    if new.redeem_by_s.is_some_and(|at_s| at_s <= now_s) {
        return Err(Refusal::invalid("redeem_by", "The redeem_by timestamp must be in the future."));
    }
    let id = new.id.unwrap_or_else(|| book.ids.token(8));
    if book.coupons.get(&id).is_some() {
        return Err(Refusal::request("Coupon already exists.").code("resource_already_exists"));
    }
    let coupon = Coupon {
        name: new.name,
        off: new.off,
        currency_options: new.currency_options,
        duration: new.duration,
        products: new.products,
        max_redemptions: new.max_redemptions,
        redeem_by_s: new.redeem_by_s,
        metadata: new.metadata,
        ..Coupon::blank(&id, new.off, now_s)
    };
    let coupon = book.coupons.put(&id, coupon);
    book.emit("coupon.created", &coupon);
    Ok(coupon)
}

/// `param` is what the caller named it by.
pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Coupon>, Refusal> {
    book.coupons.get(id).cloned().ok_or_else(|| Refusal::missing("coupon", param, id))
}

pub(crate) fn update(
    book: &mut Book,
    old: &Arc<Coupon>,
    name: Option<String>,
    metadata: Meta,
) -> Arc<Coupon> {
    let coupon = book.coupons.put(&old.id, Coupon { name, metadata, ..Coupon::clone(old) });
    book.emit_changed("coupon.updated", old, &coupon);
    coupon
}

pub(crate) fn delete(book: &mut Book, id: &str) -> Result<(), Refusal> {
    let coupon = book.coupons.remove(id).ok_or_else(|| Refusal::missing("coupon", "coupon", id))?;
    book.emit("coupon.deleted", Coupon { valid: false, ..Coupon::clone(&coupon) });
    Ok(())
}
