//! Transfers, their reversals, and application fees.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::{ApplicationFee, Transfer, TransferReversal};

pub(super) fn render(transfer: &Transfer, frame: Frame) -> String {
    let rows: Vec<String> = transfer.reversals.iter().map(|row| reversal(row, frame)).collect();
    let object = Obj::resource("transfer", &transfer.id)
        .int("amount", transfer.amount)
        .int("amount_reversed", transfer.amount_reversed)
        .opt_str("balance_transaction", transfer.balance_transaction.as_deref())
        .int("created", transfer.created_s)
        .str("currency", transfer.currency.as_str())
        .opt_str("description", transfer.description.as_deref())
        .str("destination", &transfer.destination)
        .opt_str("destination_payment", transfer.destination_payment.as_deref())
        .bool("livemode", frame.livemode)
        .map("metadata", &transfer.metadata)
        .list("reversals", &format!("/v1/transfers/{}/reversals", transfer.id), &rows)
        .bool("reversed", transfer.amount_reversed >= transfer.amount)
        .opt_str("source_transaction", transfer.source_transaction.as_deref())
        .str("source_type", "card")
        .opt_str("transfer_group", transfer.transfer_group.as_deref());
    finish(object, frame)
}

pub(super) fn reversal(row: &TransferReversal, frame: Frame) -> String {
    let object = Obj::resource("transfer_reversal", &row.id)
        .int("amount", row.amount)
        .opt_str("balance_transaction", row.balance_transaction.as_deref())
        .int("created", row.created_s)
        .str("currency", row.currency.as_str())
        .nulls("destination_payment_refund")
        .map("metadata", &row.metadata)
        .opt_str("source_refund", row.source_refund.as_deref())
        .str("transfer", &row.transfer);
    finish(object, frame)
}

pub(super) fn fee(fee: &ApplicationFee, frame: Frame) -> String {
    let source = Obj::new().str("charge", &fee.charge).str("type", "charge");
    let object = Obj::resource("application_fee", &fee.id)
        .str("account", &fee.account)
        .int("amount", fee.amount)
        .int("amount_refunded", fee.amount_refunded)
        .str("application", "ca_sandbox")
        .opt_str("balance_transaction", fee.balance_transaction.as_deref())
        .str("charge", &fee.charge)
        .int("created", fee.created_s)
        .str("currency", fee.currency.as_str())
        .obj("fee_source", source)
        .bool("livemode", frame.livemode)
        .opt_str("originating_transaction", fee.originating_transaction.as_deref())
        .bool("refunded", fee.amount_refunded >= fee.amount)
        .list("refunds", &format!("/v1/application_fees/{}/refunds", fee.id), &[]);
    finish(object, frame)
}
