//! Coupons: made, renamed, used up, expired, deleted (discounts made of them stay). It must not know who
//! owns a code.

use std::sync::Arc;

use super::clock::Job;
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
    if let Some(at_s) = coupon.redeem_by_s {
        book.schedule(at_s, Job::ExpireCoupon(id.clone()));
    }
    let coupon = book.coupons.put(&id, coupon);
    book.emit("coupon.created", &coupon);
    Ok(coupon)
}

/// `param` is what the caller named it by.
pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Coupon>, Refusal> {
    book.coupons.get(id).cloned().ok_or_else(|| Refusal::missing("coupon", param, id))
}

/// What an update may change.
pub(crate) struct Changed {
    pub(crate) name: Option<String>,
    pub(crate) currency_options: Vec<(Currency, i64)>,
    pub(crate) metadata: Meta,
}

pub(crate) fn update(book: &mut Book, old: &Arc<Coupon>, changed: Changed) -> Arc<Coupon> {
    let Changed { name, currency_options, metadata } = changed;
    put(book, old, Coupon { name, currency_options, metadata, ..Coupon::clone(old) })
}

/// One more purchase was completed with it; the last allowed one uses it up.
pub(super) fn redeemed(book: &mut Book, id: &str) {
    let Some(old) = book.coupons.get(id).cloned() else { return };
    let times_redeemed = old.times_redeemed + 1;
    let left = old.max_redemptions.is_none_or(|most| times_redeemed < most);
    put(book, &old, Coupon { times_redeemed, valid: old.valid && left, ..Coupon::clone(&old) });
}

/// Its day has come, if it is still the coupon that had it.
pub(super) fn expire(book: &mut Book, id: &str) {
    let Some(old) = book.coupons.get(id).cloned() else { return };
    if old.valid && old.redeem_by_s.is_some_and(|at_s| at_s <= book.now_s()) {
        put(book, &old, Coupon { valid: false, ..Coupon::clone(&old) });
    }
}

fn put(book: &mut Book, old: &Arc<Coupon>, new: Coupon) -> Arc<Coupon> {
    let coupon = book.coupons.put(&old.id, new);
    book.emit_changed("coupon.updated", old, &coupon);
    coupon
}

pub(crate) fn delete(book: &mut Book, id: &str) -> Result<(), Refusal> {
    let coupon = book.coupons.remove(id).ok_or_else(|| Refusal::missing("coupon", "coupon", id))?;
    book.emit("coupon.deleted", Coupon { valid: false, ..Coupon::clone(&coupon) });
    Ok(())
}
