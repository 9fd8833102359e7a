//! Transfers to connected accounts, with what of them was taken back.

use kernel::fact::Transfer;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 2 reversed, 1 partly reversed, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Transfer, object) else { return };
    let Some(currency) = Out::currency(object) else { return };
    let amount_reversed_minor = object.amount("amount_reversed");
    let whole = object.flag("reversed") == Some(true);
    let body = Transfer {
        currency,
        amount_minor: object.amount("amount"),
        amount_reversed_minor,
        destination: object.reference("destination"),
        destination_payment: object.reference("destination_payment"),
        source_transaction: object.reference("source_transaction"),
        balance_transaction: object.reference("balance_transaction"),
        transfer_group: object.text("transfer_group"),
        created_s: object.created(),
    };
    out.link(&key, Kind::Account, body.destination.as_ref());
    let rank = if whole { 2 } else { u8::from(amount_reversed_minor > 0) };
    out.fact(&key, object, rank, Body::Transfer(body));
}
