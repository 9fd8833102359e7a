//! Setup intents: a payment method being made ready for later.

use kernel::fact::SetupIntent;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 3 succeeded or canceled, 1 processing, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::SetupIntent, object) else { return };
    let status = object.text("status").unwrap_or_default();
    let rank = match status.as_str() {
        "succeeded" | "canceled" => 3,
        "processing" => 1,
        _ => 0,
    };
    let error = object.object("last_setup_error");
    let body = SetupIntent {
        status,
        customer: object.reference("customer"),
        payment_method: object.reference("payment_method"),
        usage: object.text("usage"),
        failure_code: error.and_then(|error| error.text("code").or_else(|| error.text("type"))),
        created_s: object.created(),
    };
    out.link(&key, Kind::Customer, body.customer.as_ref());
    out.link(&key, Kind::PaymentMethod, body.payment_method.as_ref());
    out.fact(&key, object, rank, Body::SetupIntent(body));
}
