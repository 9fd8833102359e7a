//! Refunds: asked for, on their way, arrived, come back. They must not know why somebody wants money back.

use std::sync::Arc;

use super::balance::{self, Move};
use super::payment::Job;
use super::{Book, Refusal, dispute, transfer};
use kernel::money::decimal;

use crate::model::{Charge, Meta, Refund, Returns, ratio};

/// How long a refund that is not immediate takes.
const TAKES_S: i64 = 5;

pub(crate) struct NewRefund {
    pub(crate) charge: Arc<Charge>,
    /// `None`: all that is left.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) metadata: Meta,
    /// Takes the transfer of the charge back in the same part.
    pub(crate) reverse_transfer: bool,
}

impl NewRefund {
    /// All that is left of a charge.
    pub(crate) fn of(charge: Arc<Charge>) -> Self {
        Self { charge, amount: None, reason: None, metadata: Meta::new(), reverse_transfer: false }
    }
}

pub(crate) fn create(book: &mut Book, new: NewRefund) -> Result<Arc<Refund>, Refusal> {
    let charge = new.charge;
    let amount = allowed(book, &charge, new.amount)?;
    if new.reverse_transfer && charge.transfer.is_none() {
        let message = "The charge has no transfer to be reversed.";
        return Err(Refusal::invalid("reverse_transfer", message));
    }
    let card = charge.method.instrument.kind() == "card";
    let status = match charge.method.behavior.returns {
        Returns::Later => "pending",
        _ if !card => "pending",
        Returns::AtOnce | Returns::Bounce => "succeeded",
    };
    let id = book.id(if card { "re" } else { "pyr" });
    let moved = balance::record(book, money(&charge, &id, -amount, "refund"));
    let refund = Refund {
        charge: Some(charge.id.clone()),
        intent: charge.intent.clone(),
        customer: charge.customer.clone(),
        payment_method: Some(charge.method.id.clone()),
        status,
        reason: new.reason,
        pending_reason: (status == "pending").then_some("processing"),
        balance_transaction: Some(moved.id.clone()),
        metadata: new.metadata,
        ..Refund::blank(&id, amount, charge.currency, book.now_s())
    };
    let refund = book.refunds.put(&id, refund);
    book.payments.refunds.entry(charge.id.clone()).or_default().push(id.clone());
    book.emit("refund.created", &refund);
    counted(book, &charge, &refund, amount, "charge.refunded");
    if new.reverse_transfer {
        take_back(book, &charge, &refund)?;
    }
    if charge.amount_refunded + amount >= charge.amount_captured {
        dispute::given_back(book, &charge.id);
    }
    if status == "pending" || charge.method.behavior.returns == Returns::Bounce {
        book.schedule_payment(book.now_s() + TAKES_S, Job::SettleRefund(id));
    }
    Ok(refund)
}

/// The same part of its transfer comes back.
fn take_back(book: &mut Book, charge: &Charge, refund: &Refund) -> Result<(), Refusal> {
    let transfer = charge.transfer.as_ref().and_then(|id| book.transfers.get(id)).cloned();
    let Some(transfer) = transfer else { return Ok(()) };
    let left = transfer.amount - transfer.amount_reversed;
    let amount = ratio(transfer.amount, refund.amount, charge.amount_captured).min(left);
    if amount > 0 {
        transfer::reverse(book, &transfer, Some(amount), Some(refund.id.clone()), Meta::new())?;
    }
    Ok(())
}

fn allowed(book: &Book, charge: &Charge, amount: Option<i64>) -> Result<i64, Refusal> {
    let id = &charge.id;
    if charge.status != "succeeded" || charge.amount_captured == 0 {
        return Err(Refusal::request(format!(
            "Charge {id} has not been captured: there is nothing to refund."
        )));
    }
    if charge.disputed && !dispute::of_charge(book, id).iter().all(|dispute| dispute.inquiry()) {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(Refusal::request(message).code("charge_disputed"));
    }
    let left = charge.amount - charge.amount_refunded;
    if left <= 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(Refusal::request(message).code("charge_already_refunded"));
    }
    let amount = amount.unwrap_or(left);
    if amount > left {
        let (asked, left) = (decimal(amount, charge.currency), decimal(left, charge.currency));
        let message = format!("Refund amount ({asked}) is greater than unrefunded amount on charge ({left})");
        return Err(Refusal::invalid("amount", message).code("amount_too_large"));
    }
    Ok(amount)
}

fn money(charge: &Charge, refund: &str, amount: i64, kind: &'static str) -> Move {
    Move {
        amount,
        currency: charge.currency,
        kind,
        category: kind,
        source: refund.to_owned(),
        description: Some("REFUND FOR CHARGE".into()),
        fees: Vec::new(),
        at_once: true,
    }
}

/// The charge counts so much more (or less) as refunded and shows the refund as it is.
fn counted(book: &mut Book, old: &Arc<Charge>, refund: &Refund, amount: i64, kind: &'static str) {
    let mut new = Charge { amount_refunded: old.amount_refunded + amount, ..Charge::clone(old) };
    new.refunds.retain(|row| row.id != refund.id);
    new.refunds.insert(0, refund.clone());
    let new = book.charges.put(&old.id, new);
    book.emit_changed(kind, old, &new);
}

pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<Refund>, Refusal> {
    book.refunds.get(id).cloned().ok_or_else(|| Refusal::missing("refund", "id", id))
}

pub(crate) fn update(book: &mut Book, old: &Arc<Refund>, metadata: Meta) -> Arc<Refund> {
    changed(book, old, Refund { metadata, ..Refund::clone(old) })
}

fn changed(book: &mut Book, old: &Arc<Refund>, new: Refund) -> Arc<Refund> {
    let new = book.refunds.put(&old.id, new);
    book.emit_changed("refund.updated", old, &new);
    if old.status != new.status {
        book.emit_changed("charge.refund.updated", old, &new);
    }
    new
}

/// Takes back one that is still on its way.
pub(crate) fn cancel(book: &mut Book, old: &Arc<Refund>) -> Result<Arc<Refund>, Refusal> {
    if !matches!(old.status, "pending" | "requires_action") {
        let message = format!("You can't cancel a refund that is {}.", old.status);
        return Err(Refusal::request(message));
    }
    Ok(undone(book, old, "canceled", "merchant_request"))
}

/// The bank answers about one on its way, or sends back one that had arrived.
pub(super) fn settle(book: &mut Book, id: &str) {
    let Some(old) = book.refunds.get(id).cloned() else { return };
    let charge = old.charge.as_ref().and_then(|id| book.charges.get(id)).cloned();
    let bounces = charge.is_some_and(|charge| charge.method.behavior.returns == Returns::Bounce);
    match old.status {
        "pending" if !bounces => {
            changed(book, &old, Refund { status: "succeeded", pending_reason: None, ..Refund::clone(&old) });
        }
        "pending" | "succeeded" if bounces => {
            fail(book, &old);
        }
        _ => {}
    }
}

/// It comes back: the money is in the balance again.
pub(crate) fn fail(book: &mut Book, old: &Arc<Refund>) -> Arc<Refund> {
    let refund = undone(book, old, "failed", "expired_or_canceled_card");
    book.emit("refund.failed", &refund);
    refund
}

fn undone(book: &mut Book, old: &Arc<Refund>, status: &'static str, why: &'static str) -> Arc<Refund> {
    let charge = old.charge.as_ref().and_then(|id| book.charges.get(id)).cloned();
    let back = charge.as_ref().map(|charge| {
        let kind = if status == "failed" { "refund_failure" } else { "payment_failure_refund" };
        balance::record(book, money(charge, &old.id, old.amount, kind)).id.clone()
    });
    let new = Refund {
        status,
        failure_reason: Some(why),
        pending_reason: None,
        failure_balance_transaction: back,
        ..Refund::clone(old)
    };
    let refund = changed(book, old, new);
    if let Some(charge) = charge {
        counted(book, &charge, &refund, -old.amount, "charge.updated");
    }
    refund
}

/// The refunds of a charge, the newest first.
pub(crate) fn of_charge(book: &Book, charge: &str) -> Vec<Arc<Refund>> {
    let ids = book.payments.refunds.get(charge).map(Vec::as_slice).unwrap_or_default();
    ids.iter().rev().filter_map(|id| book.refunds.get(id).cloned()).collect()
}
