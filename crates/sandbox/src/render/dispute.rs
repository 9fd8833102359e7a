//! A dispute, with the balance transactions that moved its money.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::{BalanceMove, Dispute};

pub(super) fn render(dispute: &Dispute, frame: Frame) -> String {
    let version = frame.version;
    let moves = dispute.moves.iter().map(|row| balance_move(row, dispute, frame));
    let inquiry = dispute.status.starts_with("warning_");
    let object = Obj::resource("dispute", &dispute.id)
        .int("amount", dispute.amount)
        .array("balance_transactions", moves)
        .str("charge", &dispute.charge)
        .int("created", dispute.created_s)
        .str("currency", dispute.currency.as_str())
        .empties("enhanced_eligibility_types")
        .obj("evidence", evidence())
        .obj("evidence_details", details(dispute, frame))
        .when(version.endive(), |object| object.nulls("intended_submission_method"))
        .bool("is_charge_refundable", inquiry)
        .bool("livemode", frame.livemode)
        .map("metadata", &[])
        .opt_str("payment_intent", dispute.intent.as_deref())
        .str("reason", dispute.reason)
        .str("status", dispute.status);
    finish(object, frame)
}

fn evidence() -> Obj {
    Obj::new()
        .nulls("access_activity_log billing_address cancellation_policy cancellation_policy_disclosure")
        .nulls("cancellation_rebuttal customer_communication")
        .str("customer_email_address", "buyer@example.com")
        .nulls("customer_name")
        .str("customer_purchase_ip", "203.0.113.7")
        .nulls("customer_signature duplicate_charge_documentation duplicate_charge_explanation")
        .nulls("duplicate_charge_id")
        .obj("enhanced_evidence", Obj::new())
        .nulls(
            "product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation",
        )
        .nulls("service_date service_documentation shipping_address shipping_carrier shipping_date")
        .nulls("shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text")
}

fn details(dispute: &Dispute, frame: Frame) -> Obj {
    let submitted = matches!(dispute.status, "under_review" | "won" | "lost" | "appeal_under_review");
    Obj::new()
        .int("due_by", dispute.due_by_s)
        .obj("enhanced_eligibility", Obj::new())
        .bool("has_evidence", submitted)
        .bool("past_due", false)
        .int("submission_count", i64::from(submitted))
        .when(frame.version.endive(), |object| {
            object.str("submission_method", if submitted { "manual" } else { "not_submitted" })
        })
}

fn balance_move(row: &BalanceMove, dispute: &Dispute, frame: Frame) -> String {
    let fee = Obj::new()
        .int("amount", row.fee)
        .nulls("application")
        .str("currency", dispute.currency.as_str())
        .str("description", "Dispute fee")
        .str("type", "stripe_fee");
    let fees = (row.fee != 0).then(|| fee.close());
    let object = Obj::resource("balance_transaction", &row.id)
        .int("amount", row.amount)
        .int("available_on", row.created_s + 2 * 86_400)
        .when(frame.version.clover(), |object| object.str("balance_type", "payments"))
        .int("created", row.created_s)
        .str("currency", dispute.currency.as_str())
        .str("description", "Chargeback withdrawal")
        .nulls("exchange_rate")
        .int("fee", row.fee)
        .array("fee_details", fees)
        .int("net", row.amount - row.fee)
        .str("reporting_category", if row.amount < 0 { "dispute" } else { "dispute_reversal" })
        .str("source", &dispute.id)
        .str("status", "available")
        .str("type", "adjustment");
    finish(object, frame)
}
