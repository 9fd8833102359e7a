//! The automatic payouts: at midnight, of each currency, everything that is available by then. What sums to
//! nothing or less waits for a better day. It must not know what becomes of a payout.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Job, blank, enter, midnight_after};
use crate::model::Payout;
use crate::world::Book;
use crate::world::calendar::working_day_after;

/// Comes at midnight while anything waits.
pub(super) fn schedule(book: &mut Book) {
    if book.payouts.scheduled || book.payouts.waiting.is_empty() {
        return;
    }
    book.payouts.scheduled = true;
    let at_s = midnight_after(book.now_of(None));
    super::schedule(book, at_s, Job::Daily);
}

pub(super) fn run(book: &mut Book) {
    book.payouts.scheduled = false;
    if !book.payouts.manual {
        run_now(book);
    }
    schedule(book);
}

/// Pays out what is available now: one payout for each currency.
pub(crate) fn run_now(book: &mut Book) -> Vec<Arc<Payout>> {
    if book.payouts.held {
        return Vec::new();
    }
    let arrival_s = working_day_after(book.now_s());
    let mut made = Vec::new();
    for mut parts in available(book) {
        let rows = parts.iter().filter_map(|id| book.balance_transactions.get(id));
        let net: i64 = rows.clone().map(|row| row.net()).sum();
        let currency = rows.map(|row| row.currency).next();
        let Some(currency) = currency.filter(|_| net > 0) else {
            book.payouts.waiting.append(&mut parts);
            continue;
        };
        let payout = enter(book, Payout { arrival_s, ..blank(net, currency) });
        parts.extend(payout.balance_transaction.clone());
        book.payouts.parts.insert(payout.id.clone(), parts);
        made.push(payout);
    }
    made
}

/// Takes what is available from what waits, by currency.
fn available(book: &mut Book) -> Vec<Vec<String>> {
    let now_s = book.now_s();
    let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in std::mem::take(&mut book.payouts.waiting) {
        match book.balance_transactions.get(&id) {
            Some(row) if row.available || row.available_on_s <= now_s => {
                taken.entry(row.currency.as_str().to_owned()).or_default().push(id);
            }
            _ => book.payouts.waiting.push(id),
        }
    }
    taken.into_values().collect()
}
