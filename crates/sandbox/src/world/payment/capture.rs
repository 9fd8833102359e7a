//! Authorised payments: captured in whole or in part, or left to expire. It must not know what waits for it.

use std::sync::Arc;

use super::{Outcome, charge, told};
use crate::model::{Charge, Intent};
use crate::world::{Book, Refusal};

/// Takes (part of) what was authorised; the rest is released.
pub(crate) fn capture(
    book: &mut Book,
    intent: &Arc<Intent>,
    amount: Option<i64>,
) -> Result<Arc<Intent>, Refusal> {
    if intent.status != "requires_capture" {
        let message = format!(
            "This PaymentIntent could not be captured because it has a status of {}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.",
            intent.status
        );
        return Err(Refusal::request(message).code("payment_intent_unexpected_state"));
    }
    let amount = amount.unwrap_or(intent.amount);
    if amount > intent.amount {
        let message = format!(
            "The requested capture amount is greater than the amount you can capture for this PaymentIntent. You can capture up to {}.",
            intent.amount
        );
        return Err(Refusal::invalid("amount_to_capture", message).code("amount_too_large"));
    }
    let Some(old) = intent.charge.as_ref().and_then(|id| book.charges.get(id)).cloned() else {
        return Err(Refusal::request("This PaymentIntent has no charge to capture."));
    };
    // What is not captured counts as refunded, as the charge shows it.
    let captured =
        Charge { amount_captured: amount, amount_refunded: old.amount - amount, ..Charge::clone(&old) };
    let captured = charge::received(book, &Arc::new(captured));
    let done = Intent { status: "succeeded", amount_received: amount, ..Intent::clone(intent) };
    let intent = book.intents.put(&intent.id, done);
    book.emit_changed("charge.captured", &old, &captured);
    book.emit("payment_intent.succeeded", &intent);
    told(book, &intent, Outcome::Succeeded);
    Ok(intent)
}

/// Seven days without a capture.
pub(super) fn expire(book: &mut Book, id: &str) {
    let held = book.intents.get(id).cloned().filter(|intent| intent.status == "requires_capture");
    if let Some(intent) = held {
        super::end(book, &intent, "automatic", "charge.expired");
    }
}
