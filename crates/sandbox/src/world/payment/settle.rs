//! Slow methods: days later the bank says whether the money comes. It must not know what waits for it.

use super::{Outcome, charge, told};
use crate::model::{self, Charge, Intent};
use crate::world::Book;

/// The bank answers about an intent that is still on its way.
pub(super) fn settle(book: &mut Book, id: &str) {
    let Some(intent) = book.intents.get(id).cloned().filter(|intent| intent.status == "processing") else {
        return;
    };
    let charge = intent.charge.as_ref().and_then(|id| book.charges.get(id)).cloned();
    let Some(charge) = charge.filter(|charge| charge.status == "pending") else { return };
    if let model::Outcome::Declines(failure) = charge.method.behavior.outcome {
        let failed =
            Charge { status: "failed", amount_captured: 0, failure: Some(failure), ..Charge::clone(&charge) };
        let charge = book.charges.put(&charge.id, failed);
        let failed = Intent {
            status: "requires_payment_method",
            payment_method: None,
            failure: Some(failure),
            failed_method: Some(charge.method.clone()),
            ..Intent::clone(&intent)
        };
        let intent = book.intents.put(&intent.id, failed);
        book.emit("charge.failed", &charge);
        book.emit("payment_intent.payment_failed", &intent);
        told(book, &intent, Outcome::Declined);
        return;
    }
    let charge = charge::received(book, &charge);
    let done = Intent { status: "succeeded", amount_received: intent.amount, ..Intent::clone(&intent) };
    let intent = book.intents.put(&intent.id, done);
    book.emit("charge.succeeded", &charge);
    book.emit("payment_intent.succeeded", &intent);
    told(book, &intent, Outcome::Succeeded);
}
