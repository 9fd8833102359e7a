//! Payouts.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::Payout;

pub(super) fn render(payout: &Payout, frame: Frame) -> String {
    let failure = payout.failure;
    let reconciliation = match payout {
        Payout { automatic: false, .. } => "not_applicable",
        Payout { reconciled: true, .. } => "completed",
        Payout { .. } => "in_progress",
    };
    let object = Obj::resource("payout", &payout.id)
        .int("amount", payout.amount)
        .nulls("application_fee application_fee_amount")
        .int("arrival_date", payout.arrival_s)
        .bool("automatic", payout.automatic)
        .opt_str("balance_transaction", payout.balance_transaction.as_deref())
        .int("created", payout.created_s)
        .str("currency", payout.currency.as_str())
        .opt_str("description", payout.description.as_deref())
        .str("destination", "ba_sandbox")
        .opt_str("failure_balance_transaction", payout.failure_balance_transaction.as_deref())
        .opt_str("failure_code", failure.map(|(code, _)| code))
        .opt_str("failure_message", failure.map(|(_, message)| message))
        .bool("livemode", frame.livemode)
        .map("metadata", &payout.metadata)
        .str("method", payout.method)
        .nulls("original_payout")
        .when(frame.version.clover(), |object| object.nulls("payout_method"))
        .str("reconciliation_status", reconciliation)
        .nulls("reversed_by")
        .str("source_type", "card")
        .opt_str("statement_descriptor", payout.statement_descriptor.as_deref())
        .str("status", payout.status)
        .when(frame.version.basil(), |object| object.obj("trace_id", trace(payout)))
        .str("type", "bank_account");
    finish(object, frame)
}

/// What a bank finds the money by.
fn trace(payout: &Payout) -> Obj {
    let paid = payout.status == "paid";
    let status = match payout.status {
        "paid" => "supported",
        "pending" | "in_transit" => "pending",
        _ => "unsupported",
    };
    let value = paid.then(|| payout.id.trim_start_matches("po_").to_owned());
    Obj::new().str("status", status).opt_str("value", value.as_deref())
}
