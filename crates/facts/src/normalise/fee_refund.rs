//! Refunds of application fees.

use kernel::fact::FeeRefund;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0, a refund of a fee has no states.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::FeeRefund, object) else { return };
    let Some(currency) = Out::currency(object) else { return };
    let body = FeeRefund {
        fee: object.reference("fee"),
        currency,
        amount_minor: object.amount("amount"),
        balance_transaction: object.reference("balance_transaction"),
        created_s: object.created(),
    };
    out.link(&key, Kind::ApplicationFee, body.fee.as_ref());
    out.fact(&key, object, 0, Body::FeeRefund(body));
}
