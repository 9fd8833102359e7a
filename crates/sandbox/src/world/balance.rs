//! The account's balance: every movement is a row, with Stripe's fees taken off what comes in by a charge. It
//! must not know why money moves.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::Currency;

use super::calendar::DAY_S;
use super::{Book, Refusal, payout};
use crate::model::{BalanceTransaction, Fee, percent};

/// Stripe's fee on a charge.
const FEE_BPS: i64 = 290;
const FEE_FIXED: i64 = 30;
/// What a dispute costs.
pub(super) const DISPUTE_FEE: i64 = 1500;
/// After so many days money can be paid out.
const PENDING_DAYS: i64 = 2;

/// A movement in the making.
pub(super) struct Move {
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    pub(super) source: String,
    pub(super) description: Option<String>,
    pub(super) fees: Vec<Fee>,
    pub(super) at_once: bool,
}

pub(super) fn record(book: &mut Book, new: Move) -> Arc<BalanceTransaction> {
    let (id, now_s) = (book.id("txn"), book.now_s());
    let day_s = now_s - now_s.rem_euclid(DAY_S);
    let row = BalanceTransaction {
        id: id.clone(),
        amount: new.amount,
        fees: new.fees,
        currency: new.currency,
        kind: new.kind,
        reporting_category: new.category,
        description: new.description,
        source: Some(new.source),
        available_on_s: if new.at_once { now_s } else { day_s + PENDING_DAYS * DAY_S },
        available: new.at_once,
        created_s: now_s,
    };
    let row = book.balance_transactions.put(&id, row);
    // What leaves by a payout is part of that payout.
    if new.kind != "payout" {
        payout::wait(book, &row);
    }
    row
}

/// What Stripe takes of a charge.
pub(super) fn processing_fee(amount: i64) -> Fee {
    Fee {
        amount: percent(amount, FEE_BPS) + FEE_FIXED,
        kind: "stripe_fee",
        description: "Stripe processing fees".into(),
        application: None,
    }
}

/// A movement as it is now: pending until its day.
pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<BalanceTransaction>, Refusal> {
    let row = book.balance_transactions.get(id);
    let row = row.ok_or_else(|| Refusal::missing("balance transaction", "id", id))?;
    Ok(aged(row, book.now_s()))
}

pub(crate) fn aged(row: &Arc<BalanceTransaction>, now_s: i64) -> Arc<BalanceTransaction> {
    if row.available || row.available_on_s > now_s {
        return Arc::clone(row);
    }
    Arc::new(BalanceTransaction { available: true, ..BalanceTransaction::clone(row) })
}

/// What is there by currency: (available, pending).
pub(crate) fn totals(book: &Book) -> BTreeMap<String, (i64, i64)> {
    let now_s = book.now_s();
    let mut totals: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in book.balance_transactions.oldest() {
        let (available, pending) = totals.entry(row.currency.as_str().to_owned()).or_default();
        let there = row.available || row.available_on_s <= now_s;
        *(if there { available } else { pending }) += row.net();
    }
    totals
}
