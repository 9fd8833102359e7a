//! A refund.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::Refund;

pub(super) fn render(refund: &Refund, frame: Frame) -> String {
    let version = frame.version;
    let failed = refund.failure_balance_transaction.is_some();
    let pending = refund.pending_reason.is_some() && version.clover();
    let object = Obj::resource("refund", &refund.id)
        .int("amount", refund.amount)
        .opt_str("balance_transaction", refund.balance_transaction.as_deref())
        .opt_str("charge", refund.charge.as_deref())
        .int("created", refund.created_s)
        .str("currency", refund.currency.as_str())
        .when(version.dahlia(), |object| {
            object
                .opt_str("customer", refund.customer.as_deref())
                .nulls("customer_account")
                .opt_str("payment_method", refund.payment_method.as_deref())
        })
        .when(failed, |object| {
            object.opt_str("failure_balance_transaction", refund.failure_balance_transaction.as_deref())
        })
        .when(refund.failure_reason.is_some(), |object| {
            object.opt_str("failure_reason", refund.failure_reason)
        })
        .map("metadata", &refund.metadata)
        .opt_str("payment_intent", refund.intent.as_deref())
        .when(pending, |object| object.opt_str("pending_reason", refund.pending_reason))
        .opt_str("reason", refund.reason)
        .nulls("receipt_number source_transfer_reversal")
        .str("status", refund.status)
        .opt_str("transfer_reversal", refund.transfer_reversal.as_deref());
    finish(object, frame)
}
