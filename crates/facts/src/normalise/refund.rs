//! Refunds: `refund.*`, `charge.refund.updated`, and those that older charges embed. It must not know which
//! sale a refund reduces.

use kernel::fact::{Refund, RefundStatus};
use kernel::{Body, Kind, NoteCode, ObjectKey, Ref};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0 pending or requires_action, 1 succeeded, 2 failed or canceled (a succeeded refund can fail).
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    within(object, None, None, out);
}

/// A refund inside its charge may leave out what the charge says.
pub(crate) fn within(object: &Obj<'_>, charge: Option<&Ref>, intent: Option<&Ref>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Refund, object) else { return };
    let charge = object.reference("charge").or_else(|| charge.cloned());
    let intent = object.reference("payment_intent").or_else(|| intent.cloned());
    out.link(&key, Kind::Charge, charge.as_ref());
    out.link(&key, Kind::Intent, intent.as_ref());
    fact(&key, object, charge, intent, out);
}

fn fact(key: &ObjectKey, object: &Obj<'_>, charge: Option<Ref>, intent: Option<Ref>, out: &mut Out<'_>) {
    let Some(currency) = Out::currency(object) else { return };
    let status = status(object);
    let rank = match status {
        RefundStatus::Succeeded => 1,
        RefundStatus::Failed | RefundStatus::Canceled => 2,
        _ => 0,
    };
    let amount_minor = object.amount("amount");
    let body = Refund { status, currency, amount_minor, charge, intent, created_s: object.created() };
    out.fact(key, object, rank, Body::Refund(body));
}

fn status(object: &Obj<'_>) -> RefundStatus {
    match object.text("status").as_deref() {
        Some("pending") => RefundStatus::Pending,
        Some("requires_action") => RefundStatus::RequiresAction,
        Some("succeeded") => RefundStatus::Succeeded,
        Some("failed") => RefundStatus::Failed,
        Some("canceled") => RefundStatus::Canceled,
        None => RefundStatus::Unknown(String::new()),
        Some(other) => {
            object.note_newer(NoteCode::EnumUnknown, "status", other);
            RefundStatus::Unknown(other.to_owned())
        }
    }
}
