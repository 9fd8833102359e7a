//! The fields by which two versions of one object of the same second are put in order: hashed as they are
//! now, and as `previous_attributes` says they were. Of a list counts which rows it has, of an object in it
//! what [`WITHIN`] names; other objects do not count, for of their past only what differs is said. It must not know what the values mean.

use kernel::Kind;
use kernel::hash::fnv1a;

use crate::json::{Node, Shape, unescape};

/// What of an object inside a list says that it is another one than before.
const WITHIN: [&str; 7] = ["id", "price", "plan", "quantity", "start_date", "end_date", "status"];

/// Top-level fields that Stripe changes in steps. The order is part of the stored facts.
pub(crate) const fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Invoice => {
            &["status", "paid", "attempt_count", "amount_paid", "amount_remaining", "amount_due", "total"]
        }
        Kind::Session => &["status", "payment_status", "amount_total", "payment_intent", "invoice"],
        Kind::Intent => &["status", "amount", "amount_received", "amount_capturable", "latest_charge"],
        Kind::Charge => &["status", "captured", "amount_captured", "amount_refunded", "refunded", "disputed"],
        Kind::Refund => &["status", "amount", "failure_reason"],
        Kind::Dispute => &["status", "amount", "is_charge_refundable"],
        Kind::InvoicePayment => &["status", "amount_paid"],
        Kind::CreditNote => &["status", "amount", "total"],
        Kind::Discount => &["promotion_code", "start", "end"],
        Kind::PromotionCode => &["active", "times_redeemed"],
        Kind::Coupon => &["valid", "times_redeemed", "name"],
        Kind::Customer => &["balance", "account_balance", "currency", "delinquent"],
        Kind::Subscription => &[
            "status",
            "cancel_at_period_end",
            "cancel_at",
            "canceled_at",
            "ended_at",
            "trial_end",
            "quantity",
            "items",
            "pause_collection",
            "latest_invoice",
            "default_payment_method",
            "schedule",
        ],
        Kind::Product => &["active", "name", "default_price", "updated"],
        Kind::Price => &["active", "nickname", "lookup_key"],
        Kind::PaymentMethod => &["customer"],
        Kind::SetupIntent => &["status", "payment_method"],
        Kind::Schedule => &["status", "subscription", "phases", "end_behavior"],
        Kind::Payout => &["status", "failure_code", "reconciliation_status", "arrival_date"],
        Kind::Transfer => &["amount_reversed", "reversed"],
        Kind::BalanceTransaction => &["status"],
        Kind::ApplicationFee => &["amount_refunded", "refunded"],
        Kind::FeeRefund | Kind::Application | Kind::Alert | Kind::PortalSession => &[],
        Kind::Account => &["charges_enabled", "payouts_enabled", "details_submitted"],
        Kind::Capability => &["status", "requested"],
        Kind::FraudWarning => &["actionable"],
        Kind::Review => &["open", "closed_reason"],
        Kind::Entitlements => &["entitlements"],
        Kind::CreditGrant => &["voided_at", "expires_at", "updated"],
        Kind::Meter => &["status", "updated"],
        Kind::PortalConfiguration => &["active", "is_default", "updated"],
        Kind::TaxId => &[],
        Kind::TestClock => &["status", "frozen_time"],
    }
}

/// (name, value) hashes of those fields that are there.
pub(crate) fn hashes<'a>(names: &[&str], field: impl Fn(&str) -> Option<Node<'a>>) -> Vec<(u64, u64)> {
    let hashed = names.iter().map(|name| Some((fnv1a(name.as_bytes()), value(field(name)?)?)));
    hashed.flatten().collect()
}

/// Of a list its rows, of Stripe's list objects too.
fn value(node: Node<'_>) -> Option<u64> {
    match node.shape() {
        Shape::Array => Some(list(node)),
        Shape::Object => node.fields()?.get("data").filter(|rows| rows.shape() == Shape::Array).map(list),
        _ => scalar(node),
    }
}

/// Text is decoded and marked by a quote, so that `"1"` is not `1` and escapes make no difference.
fn scalar(node: Node<'_>) -> Option<u64> {
    match node.shape() {
        Shape::Null => Some(fnv1a(b"null")),
        Shape::Bool(true) => Some(fnv1a(b"true")),
        Shape::Bool(false) => Some(fnv1a(b"false")),
        Shape::Number(text) => Some(fnv1a(text.as_bytes())),
        Shape::Text(escaped) => Some(fnv1a(format!("\"{}", unescape(escaped)).as_bytes())),
        Shape::Array | Shape::Object => None,
    }
}

fn list(node: Node<'_>) -> u64 {
    let rows = node.elements().unwrap_or_default();
    let row = |row: Node<'_>| if row.shape() == Shape::Object { within(row) } else { scalar(row) };
    bytes(rows.into_iter().filter_map(row))
}

/// An object counts as its id and what else says that it changed; of a price or plan only which it is.
fn within(node: Node<'_>) -> Option<u64> {
    let fields = node.fields()?;
    let mut hashes = Vec::new();
    for name in WITHIN {
        let Some(field) = fields.get(name) else { continue };
        let id = || field.fields().and_then(|named| named.get("id")).and_then(scalar);
        let hash = scalar(field).or_else(id);
        hashes.extend(hash.into_iter().flat_map(|hash| [fnv1a(name.as_bytes()), hash]));
    }
    (!hashes.is_empty()).then(|| bytes(hashes.into_iter()))
}

fn bytes(hashes: impl Iterator<Item = u64>) -> u64 {
    fnv1a(&hashes.flat_map(u64::to_le_bytes).collect::<Vec<u8>>())
}
