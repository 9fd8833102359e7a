//! The fields by which two versions of one object of the same second are put in order: hashed as they are
//! now, and as `previous_attributes` says they were. It must not know what the values mean.

use kernel::Kind;
use kernel::hash::fnv1a;

use crate::json::{Node, Shape, unescape};

/// Top-level scalars that Stripe changes in steps. The order is part of the stored facts.
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
        ],
    }
}

/// (name, value) hashes of those fields that are there as scalars or null.
pub(crate) fn hashes<'a>(names: &[&str], field: impl Fn(&str) -> Option<Node<'a>>) -> Vec<(u64, u64)> {
    let hashed = names.iter().map(|name| Some((fnv1a(name.as_bytes()), value(field(name)?)?)));
    hashed.flatten().collect()
}

/// Text is decoded and marked by a quote, so that `"1"` is not `1` and escapes make no difference.
fn value(node: Node<'_>) -> Option<u64> {
    match node.shape() {
        Shape::Null => Some(fnv1a(b"null")),
        Shape::Bool(true) => Some(fnv1a(b"true")),
        Shape::Bool(false) => Some(fnv1a(b"false")),
        Shape::Number(text) => Some(fnv1a(text.as_bytes())),
        Shape::Text(escaped) => Some(fnv1a(format!("\"{}", unescape(escaped)).as_bytes())),
        Shape::Array | Shape::Object => None,
    }
}
