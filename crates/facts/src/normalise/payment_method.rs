//! Payment methods. Read is what a customer is shown of one, never whose it is.

use kernel::fact::PaymentMethod;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0; what is detached may be attached again.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::PaymentMethod, object) else { return };
    let method_type = object.text("type").unwrap_or_default();
    let details = if method_type.is_empty() { None } else { object.object(&method_type) };
    let word = |name: &str| details.as_ref().and_then(|details| details.text(name));
    let number = |name: &str| details.as_ref().and_then(|details| details.int(name));
    let body = PaymentMethod {
        customer: object.reference("customer"),
        brand: word("brand"),
        last4: word("last4"),
        exp_month: number("exp_month"),
        exp_year: number("exp_year"),
        country: word("country"),
        funding: word("funding"),
        created_s: object.created(),
        method_type,
    };
    out.link(&key, Kind::Customer, body.customer.as_ref());
    out.fact(&key, object, 0, Body::PaymentMethod(body));
}
