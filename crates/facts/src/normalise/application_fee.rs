//! Application fees: what a platform takes of a connected account's charge.

use kernel::fact::ApplicationFee;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 2 refunded, 1 partly refunded, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::ApplicationFee, object) else { return };
    let Some(currency) = Out::currency(object) else { return };
    let amount_refunded_minor = object.amount("amount_refunded");
    let whole = object.flag("refunded") == Some(true);
    let body = ApplicationFee {
        account: object.reference("account"),
        charge: object.reference("charge"),
        currency,
        amount_minor: object.amount("amount"),
        amount_refunded_minor,
        balance_transaction: object.reference("balance_transaction"),
        created_s: object.created(),
    };
    out.link(&key, Kind::Account, body.account.as_ref());
    let rank = if whole { 2 } else { u8::from(amount_refunded_minor > 0) };
    out.fact(&key, object, rank, Body::ApplicationFee(body));
}
