//! A dispute, with the balance transactions that moved its money.

use super::{Frame, balance_transaction, finish};
use crate::json::Obj;
use crate::model::Dispute;

pub(super) fn render(dispute: &Dispute, frame: Frame) -> String {
    let version = frame.version;
    let moves = dispute.moves.iter().map(|row| balance_transaction::render(row, frame));
    let inquiry = dispute.inquiry();
    let object = Obj::resource("dispute", &dispute.id)
        .int("amount", dispute.amount)
        .array("balance_transactions", moves)
        .str("charge", &dispute.charge)
        .int("created", dispute.created_s)
        .str("currency", dispute.currency.as_str())
        .empties("enhanced_eligibility_types")
        .obj("evidence", evidence(dispute))
        .obj("evidence_details", details(dispute, frame))
        .when(version.endive(), |object| object.nulls("intended_submission_method"))
        .bool("is_charge_refundable", inquiry)
        .bool("livemode", frame.livemode)
        .map("metadata", &dispute.metadata)
        .opt_str("payment_intent", dispute.intent.as_deref())
        .str("reason", dispute.reason)
        .str("status", dispute.status);
    finish(object, frame)
}

/// Every field of the evidence, in Stripe's order.
pub(crate) const EVIDENCE: &[&str] = &[
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

fn evidence(dispute: &Dispute) -> Obj {
    let said =
        |name: &str| dispute.evidence.iter().find(|(key, _)| *key == name).map(|(_, text)| text.as_str());
    let rows = EVIDENCE.iter().fold(Obj::new(), |object, name| object.opt_str(name, said(name)));
    rows.obj("enhanced_evidence", Obj::new())
}

fn details(dispute: &Dispute, frame: Frame) -> Obj {
    let submitted = dispute.submissions > 0;
    Obj::new()
        .int("due_by", dispute.due_by_s)
        .obj("enhanced_eligibility", Obj::new())
        .bool("has_evidence", dispute.has_evidence)
        .bool("past_due", dispute.past_due)
        .int("submission_count", dispute.submissions)
        .when(frame.version.endive(), |object| {
            object.str("submission_method", if submitted { "manual" } else { "not_submitted" })
        })
}
