//! Charges: `charge.*`, and those that intents of before November 2022 embed. It must not know what a
//! charge paid for: before basil it names its invoice, since then only its intent.

use kernel::fact::Charge;
use kernel::{Body, Kind, ObjectKey, Ref};

use super::out::Out;
use super::refund;
use crate::object::Obj;

/// Rank: 0 pending, 1 succeeded or failed, 2 partly refunded, 3 wholly refunded.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    within(object, None, out);
}

/// A charge inside its intent may leave out the intent.
pub(crate) fn within(object: &Obj<'_>, intent: Option<&Ref>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Charge, object) else { return };
    let intent = object.reference("payment_intent").or_else(|| intent.cloned());
    out.link(&key, Kind::Intent, intent.as_ref());
    out.link(&key, Kind::Invoice, object.reference("invoice").as_ref());
    fact(&key, object, intent.clone(), out);
    for row in &object.list("refunds").rows {
        refund::within(row, Some(&key.id), intent.as_ref(), out);
    }
}

fn fact(key: &ObjectKey, object: &Obj<'_>, intent: Option<Ref>, out: &mut Out<'_>) {
    let Some(currency) = Out::currency(object) else { return };
    let status = status(object);
    let amount_minor = object.amount("amount");
    let amount_refunded_minor = object.amount("amount_refunded");
    let rank = match status.as_str() {
        _ if object.flag("refunded") == Some(true) => 3,
        _ if amount_refunded_minor > 0 => 2,
        "succeeded" | "failed" => 1,
        _ => 0,
    };
    let body = Charge {
        amount_captured_minor: captured(object, &status, amount_minor),
        status,
        currency,
        amount_minor,
        amount_refunded_minor,
        intent,
        customer: object.reference("customer"),
        created_s: object.created(),
    };
    out.fact(key, object, rank, Body::Charge(body));
}

/// The oldest versions have `paid` instead.
fn status(object: &Obj<'_>) -> String {
    object.text("status").unwrap_or_else(|| match object.flag("paid") {
        Some(true) => "succeeded".to_owned(),
        Some(false) => "failed".to_owned(),
        None => String::new(),
    })
}

/// Before `amount_captured` there was only the flag: all of it or nothing.
fn captured(object: &Obj<'_>, status: &str, amount: i64) -> i64 {
    let all = status == "succeeded" && object.flag("captured") != Some(false);
    object.int("amount_captured").unwrap_or(if all { amount } else { 0 })
}
