//! Charges of intents: made, and their money counted. It must not know what follows.

use std::sync::Arc;

use super::kept::Job;
use crate::model::{Charge, Intent, Outcome, PaymentMethod};
use crate::world::balance::{self, Move};
use crate::world::crossing::{self, Crossing};
use crate::world::{Book, transfer};

/// The charge a try of that intent makes, as if it succeeded.
pub(super) fn of(book: &mut Book, intent: &Intent, method: &Arc<PaymentMethod>) -> Charge {
    let id = book.id(if method.instrument.kind() == "card" { "ch" } else { "py" });
    Charge {
        customer: intent.customer.clone(),
        email: intent.email.clone(),
        intent: Some(intent.id.clone()),
        invoice: intent.invoice.clone(),
        authenticated: method.answered,
        risk: method.behavior.risk,
        description: intent.description.clone(),
        statement_descriptor: intent.statement_descriptor.clone(),
        statement_descriptor_suffix: intent.statement_descriptor_suffix.clone(),
        shipping: intent.shipping.clone(),
        application_fee_amount: intent.application_fee,
        transfer_data: intent.transfer_data.clone(),
        transfer_group: intent.transfer_group.clone(),
        on_behalf_of: intent.on_behalf_of.clone(),
        metadata: intent.metadata.clone(),
        ..Charge::blank(&id, intent.amount, intent.currency, Arc::clone(method), book.now_s())
    }
}

pub(super) fn enter(book: &mut Book, charge: Charge) -> Arc<Charge> {
    let id = charge.id.clone();
    if let Some(intent) = charge.intent.clone() {
        book.payments.charges.entry(intent).or_default().push(id.clone());
    }
    book.charges.put(&id, charge)
}

/// Its money is there: the balance counts it, and what the card is known for follows.
pub(super) fn received(book: &mut Book, old: &Arc<Charge>) -> Arc<Charge> {
    let card = old.method.instrument.kind() == "card";
    let direct_fee = old.application_fee_amount.filter(|_| book.key.account.is_some());
    let fees =
        [balance::processing_fee(old.amount_captured)].into_iter().chain(direct_fee.map(crossing::fee_row));
    let fees = fees.collect();
    let row = balance::record(
        book,
        Move {
            amount: old.amount_captured,
            currency: old.currency,
            kind: if card { "charge" } else { "payment" },
            category: "charge",
            source: old.id.clone(),
            description: old.description.clone(),
            fees,
            at_once: old.method.behavior.available_at_once,
        },
    );
    let new = Charge { status: "succeeded", balance_transaction: Some(row.id.clone()), ..Charge::clone(old) };
    let new = book.charges.put(&old.id, new);
    if let Some(amount) = direct_fee {
        book.payments.crossing.push(Crossing::Fee { charge: Arc::clone(&new), amount });
    }
    let new = transfer::of_charge(book, &new);
    match old.method.behavior.outcome {
        Outcome::Disputes { .. } => book.schedule_payment(book.now_s(), Job::Dispute(new.id.clone())),
        Outcome::Warns => book.schedule_payment(book.now_s(), Job::Warn(new.id.clone())),
        Outcome::Pays | Outcome::Declines(_) => {}
    }
    new
}
