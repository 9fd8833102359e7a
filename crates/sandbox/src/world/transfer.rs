//! Transfers to connected accounts, taken back in part or whole. What happens in the other account's books is
//! `crossing`'s. It must not know what was sold.

use std::sync::Arc;

use kernel::Currency;

use super::balance::{self, Move};
use super::crossing::Crossing;
use super::{Book, Refusal};
use crate::model::{Charge, Meta, Transfer, TransferReversal};

pub(crate) struct NewTransfer {
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) destination: String,
    pub(crate) source_transaction: Option<String>,
    pub(crate) transfer_group: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Meta,
    /// Taken off it for the platform.
    pub(crate) application_fee: Option<i64>,
}

pub(crate) fn create(book: &mut Book, new: NewTransfer) -> Arc<Transfer> {
    let id = book.id("tr");
    let moved = money(book, &id, -new.amount, new.currency, "transfer");
    let transfer = Transfer {
        id: id.clone(),
        amount: new.amount,
        amount_reversed: 0,
        currency: new.currency,
        description: new.description,
        destination: new.destination,
        // Known before the other books hear of it.
        destination_payment: Some(book.id("py")),
        source_transaction: new.source_transaction,
        transfer_group: new.transfer_group,
        balance_transaction: Some(moved),
        reversals: Vec::new(),
        metadata: new.metadata,
        created_s: book.now_s(),
    };
    let transfer = book.transfers.put(&id, transfer);
    book.emit("transfer.created", &transfer);
    book.payments
        .crossing
        .push(Crossing::Sent { transfer: Arc::clone(&transfer), application_fee: new.application_fee });
    transfer
}

/// A destination charge sends its money on; the charge as it is then.
pub(super) fn of_charge(book: &mut Book, charge: &Arc<Charge>) -> Arc<Charge> {
    let Some(to) = charge.transfer_data.clone() else { return Arc::clone(charge) };
    let group =
        charge.transfer_group.clone().or_else(|| charge.intent.as_ref().map(|id| format!("group_{id}")));
    let new = NewTransfer {
        amount: to.amount.unwrap_or(charge.amount_captured),
        currency: charge.currency,
        destination: to.destination,
        source_transaction: Some(charge.id.clone()),
        transfer_group: group.clone(),
        description: None,
        metadata: Meta::new(),
        application_fee: charge.application_fee_amount,
    };
    let transfer = create(book, new);
    let sent = Charge { transfer: Some(transfer.id.clone()), transfer_group: group, ..Charge::clone(charge) };
    book.charges.put(&charge.id, sent)
}

pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<Transfer>, Refusal> {
    book.transfers.get(id).cloned().ok_or_else(|| Refusal::missing("transfer", "id", id))
}

/// Takes (part of) it back.
pub(crate) fn reverse(
    book: &mut Book,
    old: &Arc<Transfer>,
    amount: Option<i64>,
    source_refund: Option<String>,
    metadata: Meta,
) -> Result<Arc<TransferReversal>, Refusal> {
    let left = old.amount - old.amount_reversed;
    let amount = amount.unwrap_or(left);
    if amount > left || left == 0 {
        let message = format!("The amount to reverse is greater than what is left of the transfer ({left}).");
        return Err(Refusal::invalid("amount", message));
    }
    let id = book.id("trr");
    let moved = money(book, &id, amount, old.currency, "transfer_refund");
    let reversal = Arc::new(TransferReversal {
        id: id.clone(),
        amount,
        currency: old.currency,
        transfer: old.id.clone(),
        balance_transaction: Some(moved),
        source_refund,
        metadata,
        created_s: book.now_s(),
    });
    let mut new = Transfer { amount_reversed: old.amount_reversed + amount, ..Transfer::clone(old) };
    new.reversals.insert(0, Arc::clone(&reversal));
    let new = book.transfers.put(&old.id, new);
    book.emit_changed("transfer.reversed", old, &new);
    book.payments.crossing.push(Crossing::TakenBack { transfer: new, amount });
    Ok(reversal)
}

fn money(book: &mut Book, source: &str, amount: i64, currency: Currency, kind: &'static str) -> String {
    let row = Move {
        amount,
        currency,
        kind,
        category: kind,
        source: source.to_owned(),
        description: None,
        fees: Vec::new(),
        at_once: true,
    };
    balance::record(book, row).id.clone()
}
