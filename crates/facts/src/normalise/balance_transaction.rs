//! Balance transactions: no event carries one, they are fetched and listed. Which payout carried one is known only to
//! whoever listed them by payout, who writes it into the row as `payout`.

use kernel::fact::BalanceTransaction;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 available, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::BalanceTransaction, object) else { return };
    let Some(currency) = Out::currency(object) else { return };
    let status = object.text("status").unwrap_or_default();
    let rank = u8::from(status == "available");
    let (amount_minor, fee_minor) = (object.amount("amount"), object.amount("fee"));
    let body = BalanceTransaction {
        transaction_type: object.text("type").unwrap_or_default(),
        reporting_category: object.text("reporting_category"),
        currency,
        amount_minor,
        fee_minor,
        net_minor: object.int("net").unwrap_or_else(|| amount_minor.saturating_sub(fee_minor)),
        source: object.reference("source"),
        payout: object.reference("payout"),
        status,
        available_on_s: object.second("available_on"),
        created_s: object.created(),
    };
    out.link(&key, Kind::Payout, body.payout.as_ref());
    out.fact(&key, object, rank, Body::BalanceTransaction(body));
}
