//! What crosses from one account's books into another's: transfers, what is taken back, application fees. A
//! book only says what is to cross; here it does. It must not know why.

use std::sync::Arc;

use super::balance::{self, Move};
use super::{Book, BookKey, World};
use crate::model::{ApplicationFee, Charge, Fee, PaymentMethod, Transfer};

/// Something to happen in another account's books.
pub(crate) enum Crossing {
    Sent {
        transfer: Arc<Transfer>,
        application_fee: Option<i64>,
    },
    TakenBack {
        transfer: Arc<Transfer>,
        amount: i64,
    },
    /// The platform's part of a direct charge.
    Fee {
        charge: Arc<Charge>,
        amount: i64,
    },
}

impl World {
    /// Lets everything cross that waits, on the time of the books it comes to.
    pub(crate) fn cross(&mut self) {
        let waits = |book: &Book| !book.payments.crossing.is_empty();
        let keys: Vec<BookKey> =
            self.books.iter().filter(|(_, book)| waits(book)).map(|(key, _)| key.clone()).collect();
        for from in keys {
            let Some(book) = self.book(&from) else { continue };
            for crossing in std::mem::take(&mut book.payments.crossing) {
                self.one(&from, crossing);
            }
        }
    }

    fn one(&mut self, from: &BookKey, crossing: Crossing) {
        let platform = BookKey { account: None, livemode: from.livemode };
        let account = |id: &str| BookKey { account: Some(id.to_owned()), livemode: from.livemode };
        match crossing {
            Crossing::Sent { transfer, application_fee } => {
                let key = account(&transfer.destination);
                let received = self.book(&key).and_then(|book| received(book, &transfer, application_fee));
                if let (Some(charge), Some(amount), Some(book)) = (received, application_fee, self.book(from))
                {
                    fee(book, &transfer.destination, &charge, amount, transfer.source_transaction.clone());
                }
            }
            Crossing::TakenBack { transfer, amount } => {
                if let Some(book) = self.book(&account(&transfer.destination)) {
                    taken_back(book, &transfer, amount);
                }
            }
            Crossing::Fee { charge, amount } => {
                let Some(owner) = from.account.clone() else { return };
                let Some(book) = self.book(&platform) else { return };
                let made = fee(book, &owner, &charge, amount, None);
                if let Some(book) = self.book(from)
                    && let Some(old) = book.charges.get(&charge.id).cloned()
                {
                    let new = Charge { application_fee: Some(made.id.clone()), ..Charge::clone(&old) };
                    book.charges.put(&old.id, new);
                }
            }
        }
    }
}

/// The part of a charge's fees that goes to the platform.
pub(super) fn fee_row(amount: i64) -> Fee {
    Fee {
        amount,
        kind: "application_fee",
        description: "Application fee".into(),
        application: Some("ca_sandbox".into()),
    }
}

/// A transfer arrives as a payment.
fn received(book: &mut Book, transfer: &Transfer, fee: Option<i64>) -> Option<Arc<Charge>> {
    let id = transfer.destination_payment.clone()?;
    let moved = Move {
        amount: transfer.amount,
        currency: transfer.currency,
        kind: "payment",
        category: "charge",
        source: id.clone(),
        description: None,
        fees: fee.map(fee_row).into_iter().collect(),
        at_once: false,
    };
    let moved = balance::record(book, moved);
    let charge = Charge {
        balance_transaction: Some(moved.id.clone()),
        source_transfer: Some(transfer.id.clone()),
        application_fee_amount: fee,
        ..Charge::blank(&id, transfer.amount, transfer.currency, PaymentMethod::usual(), book.now_s())
    };
    let charge = book.charges.put(&id, charge);
    Some(charge)
}

fn taken_back(book: &mut Book, transfer: &Transfer, amount: i64) {
    let Some(id) = transfer.destination_payment.clone() else { return };
    let moved = Move {
        amount: -amount,
        currency: transfer.currency,
        kind: "payment_refund",
        category: "refund",
        source: id.clone(),
        description: None,
        fees: Vec::new(),
        at_once: true,
    };
    balance::record(book, moved);
    if let Some(old) = book.charges.get(&id).cloned() {
        let new = Charge { amount_refunded: old.amount_refunded + amount, ..Charge::clone(&old) };
        let new = book.charges.put(&id, new);
        book.emit_changed("charge.refunded", &old, &new);
    }
}

fn fee(
    book: &mut Book,
    account: &str,
    charge: &Charge,
    amount: i64,
    originating_transaction: Option<String>,
) -> Arc<ApplicationFee> {
    let id = book.id("fee");
    let moved = Move {
        amount,
        currency: charge.currency,
        kind: "application_fee",
        category: "platform_earning",
        source: id.clone(),
        description: None,
        fees: Vec::new(),
        at_once: false,
    };
    let moved = balance::record(book, moved);
    let fee = ApplicationFee {
        id: id.clone(),
        account: account.to_owned(),
        amount,
        amount_refunded: 0,
        currency: charge.currency,
        charge: charge.id.clone(),
        originating_transaction,
        balance_transaction: Some(moved.id.clone()),
        created_s: book.now_s(),
    };
    let fee = book.application_fees.put(&id, fee);
    book.emit("application_fee.created", &fee);
    fee
}
