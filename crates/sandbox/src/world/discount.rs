//! Discounts: a coupon, by a code or bare, applied to something. Whether it may be is asked when it is wanted;
//! it is counted when the purchase is complete. It must not know what it takes off which line.

use std::sync::Arc;

use kernel::Currency;

use super::{Book, Refusal, calendar, coupon, promotion_code};
use crate::model::{Coupon, Discount, Duration, Object, PromotionCode};

/// What a caller named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    Coupon(String),
    PromotionCode(String),
    /// One that is there already and stays.
    Discount(String),
}

/// What it is applied to. All of it that is known; the rest is `None`.
#[derive(Clone, Default, Debug)]
pub(crate) struct Holder<'a> {
    pub(crate) customer: Option<&'a str>,
    pub(crate) subscription: Option<&'a str>,
    pub(crate) subscription_item: Option<&'a str>,
    pub(crate) invoice: Option<&'a str>,
    pub(crate) invoice_item: Option<&'a str>,
    /// Payment-mode sessions only.
    pub(crate) session: Option<&'a str>,
    /// What it is counted in; `None`: nothing is counted yet.
    pub(crate) currency: Option<Currency>,
}

/// What is bought: its amount before discounts and its products, as far as they are known (no products: not
/// asked for).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purchase<'a> {
    pub(crate) subtotal_minor: i64,
    pub(crate) currency: Currency,
    pub(crate) products: &'a [&'a str],
}

/// A discount from now on, if it may be given. Nothing is counted yet: see `redeem`.
pub(crate) fn make(
    book: &mut Book,
    wanted: &Wanted,
    holder: &Holder<'_>,
    purchase: Option<&Purchase<'_>>,
) -> Result<Arc<Discount>, Refusal> {
    let (coupon, code) = match wanted {
        Wanted::Discount(id) => {
            let found = book.discounts.get(id).cloned();
            let found = found.ok_or_else(|| Refusal::missing("discount", "discounts", id))?;
            refuse_currency(&found.coupon, holder.currency)?;
            return Ok(found);
        }
        Wanted::Coupon(id) => (coupon::get(book, id, "coupon")?, None),
        Wanted::PromotionCode(id) => {
            let code = promotion_code::get(book, id, "promotion_code")?;
            refuse_code(book, &code, holder.customer, purchase)?;
            (Arc::clone(&code.coupon), Some(code))
        }
    };
    refuse_coupon(&coupon, purchase)?;
    refuse_currency(&coupon, holder.currency)?;
    let start_s = book.now_s();
    let id = book.id("di");
    let text = |text: Option<&str>| text.map(str::to_owned);
    let end_s = match coupon.duration {
        Duration::Months(months) => Some(calendar::months_after(start_s, months)),
        Duration::Once | Duration::Forever => None,
    };
    let discount = Discount {
        promotion_code: code.map(|code| code.id.clone()),
        customer: text(holder.customer),
        subscription: text(holder.subscription),
        subscription_item: text(holder.subscription_item),
        invoice: text(holder.invoice),
        invoice_item: text(holder.invoice_item),
        checkout_session: text(holder.session),
        end_s,
        ..Discount::blank(&id, coupon, start_s)
    };
    Ok(book.discounts.put(&id, discount))
}

/// Whether it could be given; a page asks before anything is bought.
pub(crate) fn check(
    book: &Book,
    wanted: &Wanted,
    customer: Option<&str>,
    purchase: &Purchase<'_>,
) -> Result<(), Refusal> {
    match wanted {
        Wanted::Discount(_) => Ok(()),
        Wanted::Coupon(id) => refuse_coupon(coupon::get(book, id, "coupon")?.as_ref(), Some(purchase)),
        Wanted::PromotionCode(id) => {
            let code = promotion_code::get(book, id, "promotion_code")?;
            refuse_code(book, &code, customer, Some(purchase))?;
            refuse_coupon(&code.coupon, Some(purchase))
        }
    }
}

/// The purchase it was made for is complete: coupon and code count one more.
pub(crate) fn redeem(book: &mut Book, discount: &Discount) {
    coupon::redeemed(book, &discount.coupon.id);
    if let Some(id) = &discount.promotion_code {
        promotion_code::redeemed(book, id);
    }
}

fn refuse_coupon(coupon: &Coupon, purchase: Option<&Purchase<'_>>) -> Result<(), Refusal> {
    if !coupon.valid {
        let message = format!("Coupon {} is used up and cannot be applied.", coupon.id);
        let expired = format!("Coupon expired: {}", coupon.id);
        let used_up = coupon.max_redemptions.is_some_and(|most| coupon.times_redeemed >= most);
        let message = if used_up { message } else { expired };
        return Err(Refusal::invalid("coupon", message).code("coupon_expired"));
    }
    let Some(purchase) = purchase else { return Ok(()) };
    refuse_currency(coupon, Some(purchase.currency))?;
    if !purchase.products.is_empty() && !purchase.products.iter().any(|product| coupon.covers(product)) {
        let message = format!("The coupon {} does not apply to any of the products.", coupon.id);
        return Err(Refusal::invalid("coupon", message).code("coupon_not_applicable"));
    }
    Ok(())
}

/// An amount off is in one currency, unless the coupon has options in others.
fn refuse_currency(coupon: &Coupon, currency: Option<Currency>) -> Result<(), Refusal> {
    match currency.filter(|currency| coupon.off_in(*currency).is_none()) {
        None => Ok(()),
        Some(currency) => {
            let message = format!(
                "The coupon {} has no amount in {currency}, the currency of what it would be applied to.",
                coupon.id
            );
            Err(Refusal::invalid("coupon", message))
        }
    }
}

fn refuse_code(
    book: &Book,
    code: &PromotionCode,
    customer: Option<&str>,
    purchase: Option<&Purchase<'_>>,
) -> Result<(), Refusal> {
    let refused = |message: String| Err(Refusal::invalid("promotion_code", message));
    if !code.active {
        if !code.coupon.valid {
            return refuse_coupon(&code.coupon, None);
        }
        return refused(format!("This promotion code is inactive or has expired: {}", code.code));
    }
    if code.customer.is_some() && code.customer.as_deref() != customer {
        return refused("This promotion code cannot be redeemed by this customer.".into());
    }
    if code.first_time && customer.is_some_and(|customer| book.buyers.contains(customer)) {
        let message =
            "This promotion code cannot be redeemed because the associated customer has prior transactions.";
        return refused(message.into());
    }
    let Some(purchase) = purchase else { return Ok(()) };
    match code.minimum_in(purchase.currency) {
        Ok(Some(least)) if purchase.subtotal_minor < least => {
            refused(format!("This promotion code needs an amount of at least {least}."))
        }
        Err(()) => refused(format!("This promotion code has no minimum amount in {}.", purchase.currency)),
        Ok(_) => Ok(()),
    }
}

/// Remembers who has bought anything, for codes that are for first purchases only.
pub(super) fn notice(book: &mut Book, kind: &str, object: &Object) {
    let customer = match (kind, object) {
        ("charge.succeeded", Object::Charge(charge)) => &charge.customer,
        ("invoice.paid", Object::Invoice(invoice)) if invoice.total() > 0 => &invoice.customer,
        _ => return,
    };
    if let Some(id) = customer
        && !book.buyers.contains(id)
    {
        book.buyers.insert(id.clone());
    }
}
