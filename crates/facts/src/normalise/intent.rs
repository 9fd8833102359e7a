//! Payment intents. Before basil they name their invoice; before November 2022 they embed their charges.
//! It must not know what was sold.

use kernel::fact::Intent;
use kernel::{Body, Kind, ObjectKey};

use super::charge;
use super::out::Out;
use crate::object::{Named, Obj};

/// Rank: 3 succeeded or canceled, 1 processing or requires_capture, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Intent, object) else { return };
    out.link(&key, Kind::Invoice, object.reference("invoice").as_ref());
    fact(&key, object, out);
    if let Some(latest) = object.named("latest_charge") {
        out.link(&key, Kind::Charge, latest.id().as_ref());
        if let Named::Whole(whole) = &latest {
            charge::within(whole, Some(&key.id), out);
        }
    }
    for row in &object.list("charges").rows {
        out.link(&key, Kind::Charge, row.reference("id").as_ref());
        charge::within(row, Some(&key.id), out);
    }
}

fn fact(key: &ObjectKey, object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(currency) = Out::currency(object) else { return };
    let status = object.text("status").unwrap_or_default();
    let rank = match status.as_str() {
        "succeeded" | "canceled" => 3,
        "processing" | "requires_capture" => 1,
        _ => 0,
    };
    let body = Intent {
        status,
        currency,
        amount_minor: object.amount("amount"),
        amount_received_minor: object.amount("amount_received"),
        customer: object.reference("customer"),
        partner_hint: object.partner_hint(),
        created_s: object.created(),
    };
    out.fact(key, object, rank, Body::Intent(body));
}
