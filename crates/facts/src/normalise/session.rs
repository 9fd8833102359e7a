//! Checkout sessions. Sessions of before April 2025 with adaptive pricing carry the buyer's currency and a
//! `currency_conversion` back to the merchant's; all others carry the merchant's. It must not know which
//! sale a session belongs to.

use std::collections::BTreeSet;

use kernel::fact::{PaymentStatus, Session, SessionMode};
use kernel::{Body, Currency, Kind, NoteCode, ObjectKey, Ref, mul_div_floor};

use super::out::Out;
use super::{coupon, discount, promotion_code};
use crate::object::{Named, Obj};

/// Rank: 3 expired or paid, 2 complete without payment required, 1 complete and unpaid, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Session, object) else { return };
    let discounts = discounts(&key, object, out);
    let named = |name| object.reference(name);
    let (customer, subscription) = (named("customer"), named("subscription"));
    let (invoice, intent) = (named("invoice"), named("payment_intent"));
    out.link(&key, Kind::Customer, customer.as_ref());
    out.link(&key, Kind::Subscription, subscription.as_ref());
    out.link(&key, Kind::Invoice, invoice.as_ref());
    out.link(&key, Kind::Intent, intent.as_ref());
    let status = object.text("status");
    let payment_status = payment_status(object);
    let rank = rank(status.as_deref(), &payment_status);
    let amounts = Amounts::read(object).in_source_currency(object);
    let body = Session {
        mode: mode(object),
        status,
        payment_status,
        currency: amounts.currency,
        total_minor: amounts.total,
        subtotal_minor: amounts.subtotal,
        discount_minor: amounts.discount,
        tax_minor: amounts.tax,
        shipping_charged_minor: amounts.shipping_charged,
        shipping_net_minor: amounts.shipping_net,
        presented: amounts.presented,
        discounts,
        customer,
        subscription,
        invoice,
        intent,
        client_reference_id: object.text("client_reference_id"),
        partner_hint: object.partner_hint(),
        created_s: object.created(),
    };
    out.fact(&key, object, rank, Body::Session(Box::new(body)));
}

fn rank(status: Option<&str>, payment: &PaymentStatus) -> u8 {
    match (status, payment) {
        (Some("expired"), _) | (_, PaymentStatus::Paid) => 3,
        (Some("open"), _) => 0,
        (_, PaymentStatus::NoPaymentRequired) => 2,
        (Some("complete"), _) => 1,
        _ => 0,
    }
}

fn payment_status(object: &Obj<'_>) -> PaymentStatus {
    match object.text("payment_status").as_deref() {
        Some("paid") => PaymentStatus::Paid,
        Some("unpaid") => PaymentStatus::Unpaid,
        Some("no_payment_required") => PaymentStatus::NoPaymentRequired,
        None => PaymentStatus::Unknown(String::new()),
        Some(other) => {
            object.note_newer(NoteCode::EnumUnknown, "payment_status", other);
            PaymentStatus::Unknown(other.to_owned())
        }
    }
}

/// The oldest sessions do not say their mode; what they made does.
fn mode(object: &Obj<'_>) -> SessionMode {
    match object.text("mode").as_deref() {
        Some("payment") => SessionMode::Payment,
        Some("subscription") => SessionMode::Subscription,
        Some("setup") => SessionMode::Setup,
        None if object.reference("subscription").is_some() => SessionMode::Subscription,
        None if object.reference("payment_intent").is_some() => SessionMode::Payment,
        None if object.reference("setup_intent").is_some() => SessionMode::Setup,
        None => SessionMode::Unknown(String::new()),
        Some(other) => {
            object.note_newer(NoteCode::EnumUnknown, "mode", other);
            SessionMode::Unknown(other.to_owned())
        }
    }
}

struct Amounts {
    currency: Option<Currency>,
    total: i64,
    subtotal: i64,
    discount: i64,
    tax: i64,
    shipping_charged: i64,
    shipping_net: i64,
    presented: Option<(Currency, i64)>,
}

impl Amounts {
    fn read(object: &Obj<'_>) -> Self {
        let details = object.object("total_details");
        let detail = |name: &str| details.as_ref().map_or(0, |details| details.amount(name));
        let shipping_charged = detail("amount_shipping");
        let cost = object.object("shipping_cost");
        let net = |cost: &Obj<'_>| cost.amount("amount_total").saturating_sub(cost.amount("amount_tax"));
        Self {
            currency: object.currency("currency"),
            total: object.amount("amount_total"),
            subtotal: object.amount("amount_subtotal"),
            discount: detail("amount_discount"),
            tax: detail("amount_tax"),
            shipping_charged,
            shipping_net: cost.as_ref().map_or(shipping_charged, net),
            presented: None,
        }
    }

    /// Undoes the old conversion. The source's total and subtotal are given; the rest is scaled by them.
    fn in_source_currency(self, object: &Obj<'_>) -> Self {
        let Some(conversion) = object.object("currency_conversion") else { return self };
        let source = conversion.currency("source_currency");
        let (Some(source), Some(buyer)) = (source, self.currency) else { return self };
        if source == buyer {
            return self;
        }
        let total = conversion.amount("amount_total");
        let subtotal = conversion.amount("amount_subtotal");
        let (to, from) = if self.total > 0 { (total, self.total) } else { (subtotal, self.subtotal) };
        let scaled = |minor: i64| scale(object, minor, to, from);
        Self {
            currency: Some(source),
            total,
            subtotal,
            discount: scaled(self.discount),
            tax: scaled(self.tax),
            shipping_charged: scaled(self.shipping_charged),
            shipping_net: scaled(self.shipping_net),
            presented: Some((buyer, self.total)),
        }
    }
}

fn scale(object: &Obj<'_>, minor: i64, to: i64, from: i64) -> i64 {
    if minor == 0 || from <= 0 {
        return 0;
    }
    mul_div_floor(minor, to, from).unwrap_or_else(|_| {
        object.note(NoteCode::NumberOutOfRange, "currency_conversion", "cannot be scaled");
        0
    })
}

/// (promotion code, coupon) of every discount that the session names, sorted.
fn discounts(key: &ObjectKey, object: &Obj<'_>, out: &mut Out<'_>) -> Vec<(Option<Ref>, Option<Ref>)> {
    let mut pairs = BTreeSet::new();
    for named in object.names("discounts") {
        let pair = match &named {
            Named::Whole(row) if !row.has("id") => given(key, row, out),
            other => applied(key, other, out),
        };
        pairs.insert(pair);
    }
    let breakdown = object.object("total_details").and_then(|details| details.object("breakdown"));
    for row in breakdown.iter().flat_map(|breakdown| breakdown.objects("discounts")) {
        if let Some(named) = row.named("discount") {
            pairs.insert(applied(key, &named, out));
        }
    }
    pairs.remove(&(None, None));
    pairs.into_iter().collect()
}

/// `{coupon, promotion_code}`, both ids.
fn given(key: &ObjectKey, row: &Obj<'_>, out: &mut Out<'_>) -> (Option<Ref>, Option<Ref>) {
    if !row.has("coupon") && !row.has("promotion_code") {
        row.note_newer(NoteCode::DiscountShapeUnknown, "coupon", "neither coupon nor promotion code");
    }
    let coupon = coupon::named(row, "coupon", out);
    let promotion_code = promotion_code::named(row, "promotion_code", out);
    out.link(key, Kind::Coupon, coupon.as_ref());
    out.link(key, Kind::PromotionCode, promotion_code.as_ref());
    (promotion_code, coupon)
}

fn applied(key: &ObjectKey, named: &Named<'_>, out: &mut Out<'_>) -> (Option<Ref>, Option<Ref>) {
    let applied = discount::embedded(named, key, out);
    out.link(key, Kind::Coupon, applied.coupon.as_ref());
    out.link(key, Kind::PromotionCode, applied.promotion_code.as_ref());
    (applied.promotion_code, applied.coupon)
}
