//! Setup intents: a method is saved for later, with the bank's question answered now. They must not know what
//! will be paid.

use std::sync::Arc;

use super::payment::challenge_url;
use super::{Book, Refusal, payment_method};
use crate::model::{Asks, Failure, Meta, NextAction, PaymentMethod, SetupIntent};

pub(crate) struct NewSetup {
    pub(crate) customer: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) usage: &'static str,
    pub(crate) method_types: Vec<&'static str>,
    pub(crate) automatic_methods: Option<bool>,
    pub(crate) on_behalf_of: Option<String>,
    pub(crate) session: Option<String>,
    pub(crate) metadata: Meta,
}

const NOT_AUTHENTICATED: Failure = Failure {
    code: "setup_intent_authentication_failure",
    decline_code: None,
    message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
};

pub(crate) fn create(book: &mut Book, new: NewSetup) -> Result<Arc<SetupIntent>, Refusal> {
    if let Some(customer) = new.customer.as_ref().filter(|id| book.customers.get(id).is_none()) {
        return Err(Refusal::missing("customer", "customer", customer));
    }
    let id = book.id("seti");
    let intent = SetupIntent {
        customer: new.customer,
        description: new.description,
        usage: new.usage,
        method_types: new.method_types,
        automatic_methods: new.automatic_methods,
        on_behalf_of: new.on_behalf_of,
        session: new.session,
        metadata: new.metadata,
        ..SetupIntent::blank(&id, book.now_s())
    };
    let intent = book.setup_intents.put(&id, intent);
    book.emit("setup_intent.created", &intent);
    Ok(intent)
}

pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<SetupIntent>, Refusal> {
    book.setup_intents.get(id).cloned().ok_or_else(|| Refusal::missing("setupintent", param, id))
}

/// Whether it can still be tried.
pub(crate) fn open(intent: &SetupIntent) -> bool {
    matches!(intent.status, "requires_payment_method" | "requires_confirmation" | "requires_action")
}

/// Puts a changed one; of its descriptive fields only, so nothing is told.
pub(crate) fn change(book: &mut Book, new: SetupIntent) -> Arc<SetupIntent> {
    let id = new.id.clone();
    book.setup_intents.put(&id, new)
}

/// Tries to save a method. A refusal by its bank is in the intent and an error.
pub(crate) fn confirm(
    book: &mut Book,
    old: &Arc<SetupIntent>,
    method: Option<String>,
    return_url: Option<String>,
) -> Result<Arc<SetupIntent>, Refusal> {
    if !open(old) {
        let message =
            format!("You cannot confirm this SetupIntent because it has a status of {}.", old.status);
        return Err(Refusal::request(message).code("setup_intent_unexpected_state"));
    }
    let Some(method) = method.or_else(|| old.payment_method.clone()) else {
        let message = "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.";
        return Err(Refusal::request(message).code("setup_intent_unexpected_state"));
    };
    let method = payment_method::resolve(book, &method)?;
    payment_method::usable(&method, old.customer.as_deref())?;
    if let Some(failure) = payment_method::refused_when_saved(&method) {
        failed(book, old, &method, failure);
        return Err(payment_method::refusal(failure));
    }
    if method.behavior.asks != Asks::Never && !method.answered && !method.set_up {
        let url = challenge_url(book, &old.id);
        let next = match return_url {
            Some(return_url) => NextAction::Redirect { url, return_url: Some(return_url) },
            None => NextAction::UseSdk,
        };
        let asking = SetupIntent {
            status: "requires_action",
            payment_method: Some(method.id.clone()),
            failure: None,
            failed_method: None,
            next_action: Some(next),
            ..SetupIntent::clone(old)
        };
        let intent = book.setup_intents.put(&old.id, asking);
        book.emit("setup_intent.requires_action", &intent);
        return Ok(intent);
    }
    Ok(succeeded(book, old, &method))
}

/// The buyer answers the bank, or fails to.
pub(crate) fn answer(
    book: &mut Book,
    old: &Arc<SetupIntent>,
    well: bool,
) -> Result<Arc<SetupIntent>, Refusal> {
    let method = old.payment_method.as_ref().and_then(|id| book.payment_methods.get(id)).cloned();
    let Some(method) = method.filter(|_| old.status == "requires_action") else {
        return Err(Refusal::request("This setup does not wait for an answer."));
    };
    if well {
        return Ok(succeeded(book, old, &method));
    }
    Ok(failed(book, old, &method, NOT_AUTHENTICATED))
}

fn succeeded(book: &mut Book, old: &Arc<SetupIntent>, method: &Arc<PaymentMethod>) -> Arc<SetupIntent> {
    let set_up = PaymentMethod { set_up: true, answered: false, ..PaymentMethod::clone(method) };
    let method = book.payment_methods.put(&method.id, set_up);
    if let Some(customer) = &old.customer {
        payment_method::put_to(book, &method, customer);
    }
    let bank = method.instrument.kind() != "card";
    let done = SetupIntent {
        status: "succeeded",
        payment_method: Some(method.id.clone()),
        failure: None,
        failed_method: None,
        next_action: None,
        latest_attempt: Some(book.id("setatt")),
        mandate: bank.then(|| book.id("mandate")),
        ..SetupIntent::clone(old)
    };
    let intent = book.setup_intents.put(&old.id, done);
    book.emit("setup_intent.succeeded", &intent);
    intent
}

fn failed(
    book: &mut Book,
    old: &Arc<SetupIntent>,
    method: &Arc<PaymentMethod>,
    failure: Failure,
) -> Arc<SetupIntent> {
    let failed = SetupIntent {
        status: "requires_payment_method",
        payment_method: None,
        failure: Some(failure),
        failed_method: Some(Arc::clone(method)),
        next_action: None,
        latest_attempt: Some(book.id("setatt")),
        ..SetupIntent::clone(old)
    };
    let intent = book.setup_intents.put(&old.id, failed);
    book.emit("setup_intent.setup_failed", &intent);
    intent
}

pub(crate) fn cancel(
    book: &mut Book,
    old: &Arc<SetupIntent>,
    reason: Option<&'static str>,
) -> Result<Arc<SetupIntent>, Refusal> {
    if !open(old) {
        let message =
            format!("You cannot cancel this SetupIntent because it has a status of {}.", old.status);
        return Err(Refusal::request(message).code("setup_intent_unexpected_state"));
    }
    let canceled = SetupIntent {
        status: "canceled",
        cancellation_reason: reason,
        next_action: None,
        ..SetupIntent::clone(old)
    };
    let intent = book.setup_intents.put(&old.id, canceled);
    book.emit("setup_intent.canceled", &intent);
    Ok(intent)
}
