//! A balance transaction, alone or inside a dispute.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::{BalanceTransaction, Fee};

pub(super) fn render(row: &BalanceTransaction, frame: Frame) -> String {
    let fees = row.fees.iter().map(|one| fee(one, row));
    let object = Obj::resource("balance_transaction", &row.id)
        .int("amount", row.amount)
        .int("available_on", row.available_on_s)
        .when(frame.version.clover(), |object| object.str("balance_type", "payments"))
        .int("created", row.created_s)
        .str("currency", row.currency.as_str())
        .opt_str("description", row.description.as_deref())
        .nulls("exchange_rate")
        .int("fee", row.fee())
        .array("fee_details", fees)
        .int("net", row.net())
        .str("reporting_category", row.reporting_category)
        .opt_str("source", row.source.as_deref())
        .str("status", if row.available { "available" } else { "pending" })
        .str("type", row.kind);
    finish(object, frame)
}

fn fee(fee: &Fee, row: &BalanceTransaction) -> String {
    Obj::new()
        .int("amount", fee.amount)
        .opt_str("application", fee.application.as_deref())
        .str("currency", row.currency.as_str())
        .str("description", &fee.description)
        .str("type", fee.kind)
        .close()
}
