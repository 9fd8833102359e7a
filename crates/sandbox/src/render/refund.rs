//! A refund.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::Refund;

pub(super) fn render(refund: &Refund, frame: Frame) -> String {
    let failed = matches!(refund.status, "failed" | "canceled");
    let transaction = format!("txn_{}", refund.id);
    let object = Obj::resource("refund", &refund.id)
        .int("amount", refund.amount)
        .opt_str("balance_transaction", Some(&transaction))
        .opt_str("charge", refund.charge.as_deref())
        .int("created", refund.created_s)
        .str("currency", refund.currency.as_str())
        .when(frame.version.dahlia(), |object| {
            object.opt_str("customer", refund.customer.as_deref()).nulls("customer_account payment_method")
        })
        .when(failed, |object| object.str("failure_reason", "expired_or_canceled_card"))
        .map("metadata", &[])
        .opt_str("payment_intent", refund.intent.as_deref())
        .str("reason", "requested_by_customer")
        .nulls("receipt_number source_transfer_reversal")
        .str("status", refund.status)
        .nulls("transfer_reversal");
    finish(object, frame)
}
