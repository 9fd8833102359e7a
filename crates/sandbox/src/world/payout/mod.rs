//! Payouts: made each day of what is available, or by a call; sent, arrived, failed. Which movements an automatic
//! one is made of is kept here. It must not know where any of the money came from.

mod daily;

use std::collections::HashMap;
use std::sync::Arc;

use kernel::Currency;

use super::balance::{self, Move};
use super::calendar::{DAY_S, working_day_after};
use super::{Book, Refusal, Table};
use crate::model::{BalanceTransaction, Meta, Payout};

pub(crate) use daily::run_now;

/// The bank is told a minute later, and only then is it known what a payout is made of.
const SENT_AFTER_S: i64 = 60;
/// An instant payout is at the bank after another.
const INSTANT_S: i64 = 2 * SENT_AFTER_S;

/// Reasons of banks, and what is said of each.
pub(crate) const FAILURES: [(&str, &str); 6] = [
    ("account_closed", "The bank account has been closed."),
    ("account_frozen", "The bank account has been frozen."),
    ("could_not_process", "The bank could not process this payout."),
    ("declined", "The bank has declined this payout."),
    ("incorrect_account_holder_name", "The bank account's holder has another name."),
    ("no_account", "There is no bank account with these details."),
];

/// What happens by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Job {
    /// Another day: what is available is paid out.
    Daily,
    Send(String),
    Arrive(String),
}

/// The payouts of a book, and what they are made of.
pub(crate) struct Payouts {
    pub(crate) rows: Table<Payout>,
    /// Movements that no automatic payout has taken yet, the oldest first.
    waiting: Vec<String>,
    /// Movements by automatic payout, its own among them.
    parts: HashMap<String, Vec<String>>,
    scheduled: bool,
    /// Nothing is paid out by itself: the account chose so.
    pub(crate) manual: bool,
    /// The account may not be paid.
    pub(crate) held: bool,
}

impl Payouts {
    pub(super) fn new() -> Self {
        Self {
            rows: Table::new(),
            waiting: Vec::new(),
            parts: HashMap::new(),
            scheduled: false,
            manual: false,
            held: false,
        }
    }
}

pub(super) fn run(book: &mut Book, job: Job) {
    match job {
        Job::Daily => daily::run(book),
        Job::Send(id) => send(book, &id),
        Job::Arrive(id) => arrive(book, &id),
    }
}

/// A movement that a later payout will take. Payouts belong to the account, so they keep the main time.
pub(super) fn wait(book: &mut Book, moved: &BalanceTransaction) {
    book.payouts.waiting.push(moved.id.clone());
    daily::schedule(book);
}

pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<Payout>, Refusal> {
    book.payouts.rows.get(id).cloned().ok_or_else(|| Refusal::missing("payout", "payout", id))
}

/// The movements an automatic payout is made of, the newest first; its own is among them.
pub(crate) fn parts<'a>(book: &'a Book, id: &str) -> Result<Vec<&'a Arc<BalanceTransaction>>, Refusal> {
    if !get(book, id)?.automatic {
        let message = "Balance transaction history can only be filtered on automatic payouts, not manual.";
        return Err(Refusal::invalid("payout", message));
    }
    let ids = book.payouts.parts.get(id).into_iter().flatten();
    let mut rows: Vec<(u64, &Arc<BalanceTransaction>)> = ids
        .filter_map(|id| Some((book.balance_transactions.place(id)?, book.balance_transactions.get(id)?)))
        .collect();
    rows.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// One asked for by a call.
pub(crate) struct NewPayout {
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) method: &'static str,
    pub(crate) description: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) metadata: Meta,
}

pub(crate) fn create(book: &mut Book, new: NewPayout) -> Result<Arc<Payout>, Refusal> {
    if book.payouts.held {
        let message = "Payouts are not enabled for this account. See `requirements` for what is missing.";
        return Err(Refusal::request(message).code("payouts_not_allowed"));
    }
    let totals = balance::totals(book);
    let available = totals.get(new.currency.as_str()).map_or(0, |(available, _)| *available);
    if new.amount > available {
        let message = "You have insufficient funds in your Stripe account for this payout: only what is available can be paid out.";
        return Err(Refusal::request(message).code("balance_insufficient"));
    }
    let now_s = book.now_s();
    let instant = new.method == "instant";
    let payout = Payout {
        description: new.description,
        statement_descriptor: new.statement_descriptor,
        metadata: new.metadata,
        method: new.method,
        automatic: false,
        arrival_s: if instant { now_s + INSTANT_S } else { working_day_after(now_s) },
        ..blank(new.amount, new.currency)
    };
    let made = enter(book, payout);
    // The next automatic payout is so much smaller.
    if let Some(id) = made.balance_transaction.clone() {
        book.payouts.waiting.push(id);
        daily::schedule(book);
    }
    Ok(made)
}

/// An automatic one, as it begins.
fn blank(amount: i64, currency: Currency) -> Payout {
    Payout {
        id: String::new(),
        amount,
        currency,
        arrival_s: 0,
        automatic: true,
        method: "standard",
        status: "pending",
        reconciled: false,
        failure: None,
        balance_transaction: None,
        failure_balance_transaction: None,
        description: Some("STRIPE PAYOUT".into()),
        statement_descriptor: None,
        metadata: Meta::new(),
        created_s: 0,
    }
}

/// It begins: the money has left the balance.
fn enter(book: &mut Book, new: Payout) -> Arc<Payout> {
    let id = book.id("po");
    let moved = money(book, &id, -new.amount, new.currency, "payout");
    let created_s = book.now_s();
    let payout = Payout { id: id.clone(), balance_transaction: Some(moved), created_s, ..new };
    let payout = book.payouts.rows.put(&id, payout);
    book.emit("payout.created", &payout);
    schedule(book, created_s + SENT_AFTER_S, Job::Send(id.clone()));
    schedule(book, payout.arrival_s.max(created_s + SENT_AFTER_S), Job::Arrive(id));
    payout
}

fn schedule(book: &mut Book, at_s: i64, job: Job) {
    book.on(None, |book| book.schedule(at_s, super::clock::Job::Payout(job)));
}

fn money(book: &mut Book, payout: &str, amount: i64, currency: Currency, kind: &'static str) -> String {
    let moved = Move {
        amount,
        currency,
        kind,
        category: if kind == "payout" { "payout" } else { "payout_reversal" },
        source: payout.to_owned(),
        description: Some("STRIPE PAYOUT".into()),
        fees: Vec::new(),
        at_once: true,
    };
    balance::record(book, moved).id.clone()
}

fn changed(book: &mut Book, old: &Arc<Payout>, new: Payout) -> Arc<Payout> {
    let new = book.payouts.rows.put(&old.id, new);
    book.emit_changed("payout.updated", old, &new);
    new
}

/// The bank has it; of an automatic one it is known now what it is made of.
fn send(book: &mut Book, id: &str) {
    let Some(old) = book.payouts.rows.get(id).cloned().filter(|old| old.status == "pending") else { return };
    let sent = Payout { status: "in_transit", reconciled: old.automatic, ..Payout::clone(&old) };
    let sent = changed(book, &old, sent);
    if sent.automatic {
        book.emit("payout.reconciliation_completed", &sent);
    }
}

fn arrive(book: &mut Book, id: &str) {
    let Some(old) = book.payouts.rows.get(id).cloned().filter(|old| old.status == "in_transit") else {
        return;
    };
    let paid = changed(book, &old, Payout { status: "paid", ..Payout::clone(&old) });
    book.emit("payout.paid", &paid);
}

/// The bank sends it back, also when it seemed to have arrived: the money is in the balance again, for a later
/// payout.
pub(crate) fn fail(
    book: &mut Book,
    old: &Arc<Payout>,
    failure: (&'static str, &'static str),
) -> Result<Arc<Payout>, Refusal> {
    if matches!(old.status, "failed" | "canceled") {
        return Err(Refusal::request(format!("Payout {} is {} already.", old.id, old.status)));
    }
    let new = Payout { failure: Some(failure), ..Payout::clone(old) };
    Ok(undone(book, old, new, "failed", "payout_failure"))
}

/// Taken back by a call, before the bank has it.
pub(crate) fn cancel(book: &mut Book, old: &Arc<Payout>) -> Result<Arc<Payout>, Refusal> {
    if old.automatic || old.status != "pending" {
        let message = "Only payouts that are pending and were made by a call can be canceled.";
        return Err(Refusal::request(message).code("payout_not_allowed"));
    }
    Ok(undone(book, old, Payout::clone(old), "canceled", "payout_cancel"))
}

fn undone(
    book: &mut Book,
    old: &Arc<Payout>,
    new: Payout,
    status: &'static str,
    kind: &'static str,
) -> Arc<Payout> {
    let back = money(book, &old.id, old.amount, old.currency, kind);
    let done = changed(book, old, Payout { status, failure_balance_transaction: Some(back), ..new });
    book.emit(if status == "failed" { "payout.failed" } else { "payout.canceled" }, &done);
    done
}

pub(crate) fn update(book: &mut Book, old: &Arc<Payout>, metadata: Meta) -> Arc<Payout> {
    changed(book, old, Payout { metadata, ..Payout::clone(old) })
}

/// The next midnight, UTC.
const fn midnight_after(at_s: i64) -> i64 {
    at_s - at_s.rem_euclid(DAY_S) + DAY_S
}
