//! Early fraud warnings: a card's issuer expects a dispute.

use kernel::fact::FraudWarning;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 when nothing can be done any more, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::FraudWarning, object) else { return };
    let actionable = object.flag("actionable").unwrap_or(true);
    let body = FraudWarning {
        charge: object.reference("charge"),
        intent: object.reference("payment_intent"),
        fraud_type: object.text("fraud_type").unwrap_or_default(),
        actionable,
        created_s: object.created(),
    };
    out.link(&key, Kind::Charge, body.charge.as_ref());
    out.fact(&key, object, u8::from(!actionable), Body::FraudWarning(body));
}
