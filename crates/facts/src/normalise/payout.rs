//! Payouts to the merchant's bank.

use kernel::fact::Payout;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 3 failed or canceled (a paid payout can fail), 2 paid, 1 in transit, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Payout, object) else { return };
    let Some(currency) = Out::currency(object) else { return };
    let status = object.text("status").unwrap_or_default();
    let rank = match status.as_str() {
        "failed" | "canceled" => 3,
        "paid" => 2,
        "in_transit" => 1,
        _ => 0,
    };
    let body = Payout {
        status,
        currency,
        amount_minor: object.amount("amount"),
        arrival_s: object.second("arrival_date"),
        automatic: object.flag("automatic").unwrap_or(false),
        method: object.text("method"),
        destination: object.reference("destination"),
        balance_transaction: object.reference("balance_transaction"),
        failure_code: object.text("failure_code"),
        reconciliation_status: object.text("reconciliation_status"),
        created_s: object.created(),
    };
    out.link(&key, Kind::BalanceTransaction, body.balance_transaction.as_ref());
    out.fact(&key, object, rank, Body::Payout(body));
}
