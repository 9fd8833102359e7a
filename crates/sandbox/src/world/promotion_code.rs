//! Promotion codes: made, limited, used up, switched off and on; one text is active once, whatever its case.
//! They are never deleted. It must not know who shares a code with whom.

use std::sync::Arc;

use super::clock::Job;
use super::{Book, Refusal};
use crate::model::{Meta, PromotionCode};
use kernel::Currency;

pub(crate) struct NewCode {
    pub(crate) coupon: String,
    /// Else one is made.
    pub(crate) code: Option<String>,
    pub(crate) active: bool,
    pub(crate) customer: Option<String>,
    pub(crate) expires_at_s: Option<i64>,
    pub(crate) max_redemptions: Option<i64>,
    pub(crate) first_time: bool,
    pub(crate) minimum: Option<(i64, Currency)>,
    pub(crate) minimum_options: Vec<(Currency, i64)>,
    pub(crate) metadata: Meta,
}

/// What an update may change.
pub(crate) struct Changed {
    pub(crate) active: bool,
    pub(crate) minimum_options: Vec<(Currency, i64)>,
    pub(crate) metadata: Meta,
}

/// How long a code is that nobody chose.
const MADE_CHARS: usize = 8;
const CODE_CHARS_MAX: usize = 500;

pub(crate) fn create(book: &mut Book, new: NewCode) -> Result<Arc<PromotionCode>, Refusal> {
    let coupon = book
        .coupons
        .get(&new.coupon)
        .cloned()
        .ok_or_else(|| Refusal::missing("coupon", "coupon", &new.coupon))?;
    if !coupon.valid {
        return Err(Refusal::invalid("coupon", format!("Coupon {} is no longer valid.", coupon.id)));
    }
    if let Some(id) = &new.customer
        && book.customers.get(id).is_none_or(|customer| customer.deleted)
    {
        return Err(Refusal::missing("customer", "customer", id));
    }
    if let (Some(own), Some(whole)) = (new.max_redemptions, coupon.max_redemptions)
        && own > whole
    {
        let message = "The promotion code's max_redemptions cannot be greater than the coupon's.";
        return Err(Refusal::invalid("max_redemptions", message));
    }
    if let Some(at_s) = new.expires_at_s {
        if at_s <= book.now_s() {
            return Err(Refusal::invalid("expires_at", "The expires_at timestamp must be in the future."));
        }
        if coupon.redeem_by_s.is_some_and(|by_s| at_s > by_s) {
            let message = "The promotion code's expires_at cannot be after the coupon's redeem_by.";
            return Err(Refusal::invalid("expires_at", message));
        }
    }
    let code = match new.code {
        Some(code) => well_formed(code)?,
        None => book.ids.token(MADE_CHARS).to_ascii_uppercase(),
    };
    if new.active {
        refuse_taken(book, &code, new.customer.as_deref(), "")?;
    }
    let id = book.id("promo");
    let row = PromotionCode {
        active: new.active,
        customer: new.customer,
        expires_at_s: new.expires_at_s,
        max_redemptions: new.max_redemptions,
        first_time: new.first_time,
        minimum: new.minimum,
        minimum_options: new.minimum_options,
        metadata: new.metadata,
        ..PromotionCode::blank(&id, &code, coupon, book.now_s())
    };
    if let Some(at_s) = row.expires_at_s {
        book.schedule(at_s, Job::ExpireCode(id.clone()));
    }
    book.codes.entry(key(&code)).or_default().push(id.clone());
    let row = book.promotion_codes.put(&id, row);
    book.emit("promotion_code.created", &row);
    Ok(row)
}

pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<PromotionCode>, Refusal> {
    let row = book.promotion_codes.get(id).ok_or_else(|| Refusal::missing("promotion code", param, id))?;
    Ok(current(book, row))
}

/// A code as it is shown: with its coupon as that is now, and active only while that may be used.
pub(crate) fn current(book: &Book, row: &Arc<PromotionCode>) -> Arc<PromotionCode> {
    let coupon = book.coupons.get(&row.coupon.id);
    if coupon.is_some_and(|coupon| Arc::ptr_eq(coupon, &row.coupon) && (coupon.valid || !row.active)) {
        return Arc::clone(row);
    }
    let valid = coupon.is_some_and(|coupon| coupon.valid);
    let coupon = Arc::clone(coupon.unwrap_or(&row.coupon));
    Arc::new(PromotionCode { coupon, active: row.active && valid, ..PromotionCode::clone(row) })
}

/// Whether it can be used now.
pub(crate) fn is_active(book: &Book, row: &PromotionCode) -> bool {
    row.active && book.coupons.get(&row.coupon.id).is_some_and(|coupon| coupon.valid)
}

pub(crate) fn update(
    book: &mut Book,
    old: &Arc<PromotionCode>,
    changed: Changed,
) -> Result<Arc<PromotionCode>, Refusal> {
    if changed.active && !old.active {
        refuse_dead(book, old)?;
        refuse_taken(book, &old.code, old.customer.as_deref(), &old.id)?;
    }
    let new = PromotionCode {
        active: changed.active,
        minimum_options: changed.minimum_options,
        metadata: changed.metadata,
        ..PromotionCode::clone(old)
    };
    Ok(put(book, old, new))
}

/// Codes with that text, in any case, the newest first.
pub(crate) fn by_text<'a>(book: &'a Book, text: &str) -> impl Iterator<Item = &'a Arc<PromotionCode>> {
    let ids = book.codes.get(&key(text)).map_or(&[][..], Vec::as_slice);
    ids.iter().rev().filter_map(|id| book.promotion_codes.get(id))
}

/// The active code with that text, as a buyer types it: the buyer's own before everybody's.
pub(crate) fn typed(book: &Book, text: &str, customer: Option<&str>) -> Option<Arc<PromotionCode>> {
    let mut rows: Vec<Arc<PromotionCode>> = by_text(book, text.trim())
        .map(|row| current(book, row))
        .filter(|row| row.active && (row.customer.is_none() || row.customer.as_deref() == customer))
        .collect();
    rows.sort_by_key(|row| row.customer.is_none());
    rows.into_iter().next()
}

/// One more purchase was completed with it; the last allowed one switches it off.
pub(super) fn redeemed(book: &mut Book, id: &str) {
    let Some(old) = book.promotion_codes.get(id).map(|row| current(book, row)) else { return };
    let times_redeemed = old.times_redeemed + 1;
    let left = old.max_redemptions.is_none_or(|most| times_redeemed < most);
    let new = PromotionCode { times_redeemed, active: old.active && left, ..PromotionCode::clone(&old) };
    put(book, &old, new);
}

/// Its day has come.
pub(super) fn expire(book: &mut Book, id: &str) {
    let Some(old) = book.promotion_codes.get(id).map(|row| current(book, row)) else { return };
    if old.active {
        put(book, &old, PromotionCode { active: false, ..PromotionCode::clone(&old) });
    }
}

fn put(book: &mut Book, old: &Arc<PromotionCode>, new: PromotionCode) -> Arc<PromotionCode> {
    let row = book.promotion_codes.put(&old.id, new);
    book.emit_changed("promotion_code.updated", old, &row);
    row
}

/// An index key: texts are the same whatever their case.
fn key(text: &str) -> String {
    text.to_lowercase()
}

fn well_formed(code: String) -> Result<String, Refusal> {
    let fits = code.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '_'));
    if !fits || code.chars().count() > CODE_CHARS_MAX {
        let message = "The promotion code's code may only contain letters, digits, dashes and underscores.";
        return Err(Refusal::invalid("code", message));
    }
    Ok(code)
}

fn refuse_taken(book: &Book, code: &str, customer: Option<&str>, but: &str) -> Result<(), Refusal> {
    let taken = by_text(book, code)
        .filter(|row| row.id != but && row.customer.as_deref() == customer)
        .any(|row| is_active(book, row));
    if taken {
        let message = format!("An active promotion code with `code: {code}` already exists.");
        return Err(Refusal::invalid("code", message));
    }
    Ok(())
}

/// What ended by itself does not begin again.
fn refuse_dead(book: &Book, row: &PromotionCode) -> Result<(), Refusal> {
    let why = if !row.coupon.valid || book.coupons.get(&row.coupon.id).is_none() {
        "its coupon is no longer valid"
    } else if row.expires_at_s.is_some_and(|at_s| at_s <= book.now_s()) {
        "it has expired"
    } else if row.max_redemptions.is_some_and(|most| row.times_redeemed >= most) {
        "it has been redeemed as often as it may be"
    } else {
        return Ok(());
    };
    Err(Refusal::invalid("active", format!("This promotion code cannot be activated because {why}.")))
}
