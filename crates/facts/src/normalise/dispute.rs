//! Disputes. It must not know what a dispute does to a commission.
//!
//! The old status `charge_refunded` (the merchant gave the money back, the dispute was dropped) is read as
//! `Prevented`: the refund counts by itself, and the dispute is over.

use kernel::fact::{Dispute, DisputeStatus};
use kernel::{Body, Kind, NoteCode, ObjectKey};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0 inquiry, 1 open, 2 open under review, 3 won, lost or prevented. An appeal reopens a closed
/// dispute in a later second, or names the closed state as its past.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Dispute, object) else { return };
    out.link(&key, Kind::Charge, object.reference("charge").as_ref());
    out.link(&key, Kind::Intent, object.reference("payment_intent").as_ref());
    fact(&key, object, out);
}

fn fact(key: &ObjectKey, object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(currency) = Out::currency(object) else { return };
    let status = status(object);
    let rank = match &status {
        DisputeStatus::Inquiry => 0,
        DisputeStatus::Open(word) => 1 + u8::from(word.ends_with("under_review")),
        DisputeStatus::Won | DisputeStatus::Lost | DisputeStatus::Prevented => 3,
    };
    let evidence_due = object.object("evidence_details").and_then(|details| details.second("due_by"));
    let body = Dispute {
        status,
        currency,
        amount_minor: object.amount("amount"),
        charge: object.reference("charge"),
        intent: object.reference("payment_intent"),
        reason: object.text("reason"),
        due_by_s: evidence_due.or_else(|| object.second("evidence_due_by")),
        reinstated_at_s: reinstated(object),
        created_s: object.created(),
    };
    out.fact(key, object, rank, Body::Dispute(body));
}

fn status(object: &Obj<'_>) -> DisputeStatus {
    match object.text("status").as_deref() {
        Some("won") => DisputeStatus::Won,
        Some("lost") => DisputeStatus::Lost,
        Some("prevented" | "charge_refunded") => DisputeStatus::Prevented,
        Some(inquiry) if inquiry.starts_with("warning_") => DisputeStatus::Inquiry,
        Some(open) => {
            if !matches!(open, "needs_response" | "under_review") && !open.starts_with("appeal_") {
                object.note_newer(NoteCode::EnumUnknown, "status", open);
            }
            DisputeStatus::Open(open.to_owned())
        }
        None => DisputeStatus::Open(String::new()),
    }
}

/// When the newest movement gave money back.
fn reinstated(object: &Obj<'_>) -> Option<i64> {
    let moves = object.objects("balance_transactions");
    moves.iter().filter(|row| row.amount("amount") > 0).filter_map(|row| row.second("created")).max()
}
