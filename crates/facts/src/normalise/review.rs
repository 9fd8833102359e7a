//! Reviews: somebody is to look at a payment. From where it came is not read.

use kernel::fact::Review;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 closed, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Review, object) else { return };
    let open = object.flag("open").unwrap_or(false);
    let body = Review {
        charge: object.reference("charge"),
        intent: object.reference("payment_intent"),
        open,
        reason: object.text("reason"),
        opened_reason: object.text("opened_reason"),
        closed_reason: object.text("closed_reason"),
        created_s: object.created(),
    };
    out.link(&key, Kind::Charge, body.charge.as_ref());
    out.fact(&key, object, u8::from(!open), Body::Review(body));
}
