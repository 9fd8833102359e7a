//! One try of an intent with a method: the bank asks, pays, declines, or takes its time. It must not know who
//! wants to hear of it.

use std::sync::Arc;

use super::kept::Job;
use super::{Collected, Outcome, charge};
use crate::model::{self, Asks, Charge, Failure, Intent, NextAction, PaymentMethod};
use crate::world::{Book, payment_method};

/// How long an authorised payment waits for its capture.
const AUTHORIZATION_S: i64 = 7 * 86_400;

const UNANSWERED: Failure = Failure {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    message: "Your card was declined. This transaction requires authentication.",
};

/// Tries. The intent must wait for one, the method be usable.
pub(super) fn attempt(book: &mut Book, intent: &Arc<Intent>, method: &Arc<PaymentMethod>) -> Collected {
    let asked = payment_method::asks(method, intent.off_session);
    // Billing sends the customer a link; a plain call without the buyer there can only fail.
    if asked && intent.off_session && intent.invoice.is_none() {
        return declined(book, intent, method, UNANSWERED);
    }
    if asked {
        return ask(book, intent, method);
    }
    if let Some(failure) = book.payments.fail_next.pop_front() {
        return declined(book, intent, method, failure);
    }
    let behavior = method.behavior;
    match behavior.outcome {
        _ if behavior.settles_in_s > 0 => on_its_way(book, intent, method),
        model::Outcome::Declines(failure) => declined(book, intent, method, failure),
        _ if intent.manual_capture => authorized(book, intent, method),
        _ => paid(book, intent, method),
    }
}

fn ask(book: &mut Book, intent: &Arc<Intent>, method: &Arc<PaymentMethod>) -> Collected {
    let next = match &intent.next_action {
        Some(NextAction::Redirect { return_url, .. }) => {
            let url = super::challenge_url(book, &intent.id);
            NextAction::Redirect { url, return_url: return_url.clone() }
        }
        _ => NextAction::UseSdk,
    };
    let asking = Intent {
        status: "requires_action",
        payment_method: Some(method.id.clone()),
        next_action: Some(next),
        failure: None,
        failed_method: None,
        ..Intent::clone(intent)
    };
    let intent = book.intents.put(&intent.id, asking);
    book.emit("payment_intent.requires_action", &intent);
    Collected { intent, charge: None, outcome: Outcome::RequiresAction }
}

pub(super) fn declined(
    book: &mut Book,
    intent: &Arc<Intent>,
    method: &Arc<PaymentMethod>,
    failure: Failure,
) -> Collected {
    let new = charge::of(book, intent, method);
    let risk = if method.behavior.risk == "highest" { "highest" } else { new.risk };
    let charge = charge::enter(
        book,
        Charge { status: "failed", amount_captured: 0, failure: Some(failure), risk, ..new },
    );
    let failed = Intent {
        status: "requires_payment_method",
        payment_method: None,
        charge: Some(charge.id.clone()),
        failure: Some(failure),
        failed_method: Some(Arc::clone(method)),
        next_action: None,
        ..Intent::clone(intent)
    };
    let intent = book.intents.put(&intent.id, failed);
    book.emit("charge.failed", &charge);
    book.emit("payment_intent.payment_failed", &intent);
    used(book, method, &intent, false);
    Collected { intent, charge: Some(charge), outcome: Outcome::Declined }
}

fn on_its_way(book: &mut Book, intent: &Arc<Intent>, method: &Arc<PaymentMethod>) -> Collected {
    let new = charge::of(book, intent, method);
    let charge = charge::enter(book, Charge { status: "pending", ..new });
    let waiting = tried(intent, method, &charge, "processing");
    let intent = book.intents.put(&intent.id, waiting);
    book.emit("charge.pending", &charge);
    book.emit("payment_intent.processing", &intent);
    let at_s = book.now_s().checked_add(method.behavior.settles_in_s);
    if let Some(at_s) = at_s {
        book.schedule_payment(at_s, Job::Settle(intent.id.clone()));
    }
    used(book, method, &intent, true);
    Collected { intent, charge: Some(charge), outcome: Outcome::Processing }
}

fn authorized(book: &mut Book, intent: &Arc<Intent>, method: &Arc<PaymentMethod>) -> Collected {
    let new = charge::of(book, intent, method);
    let charge = charge::enter(book, Charge { amount_captured: 0, ..new });
    let held = tried(intent, method, &charge, "requires_capture");
    let intent = book.intents.put(&intent.id, held);
    book.emit("charge.succeeded", &charge);
    book.emit("payment_intent.amount_capturable_updated", &intent);
    book.schedule_payment(book.now_s() + AUTHORIZATION_S, Job::ExpireAuthorization(intent.id.clone()));
    used(book, method, &intent, true);
    Collected { intent, charge: Some(charge), outcome: Outcome::Succeeded }
}

fn paid(book: &mut Book, intent: &Arc<Intent>, method: &Arc<PaymentMethod>) -> Collected {
    let new = charge::of(book, intent, method);
    let charge = charge::enter(book, new);
    let charge = charge::received(book, &charge);
    let done = Intent { amount_received: intent.amount, ..tried(intent, method, &charge, "succeeded") };
    let intent = book.intents.put(&intent.id, done);
    book.emit("charge.succeeded", &charge);
    book.emit("payment_intent.succeeded", &intent);
    used(book, method, &intent, true);
    Collected { intent, charge: Some(charge), outcome: Outcome::Succeeded }
}

/// The intent after a try that did not fail.
fn tried(intent: &Intent, method: &PaymentMethod, charge: &Charge, status: &'static str) -> Intent {
    Intent {
        status,
        payment_method: Some(method.id.clone()),
        charge: Some(charge.id.clone()),
        failure: None,
        failed_method: None,
        next_action: None,
        ..intent.clone()
    }
}

/// After a try the method is saved as the intent says, or used up; an answer counts once.
fn used(book: &mut Book, method: &Arc<PaymentMethod>, intent: &Intent, well: bool) {
    let saved = if well { intent.setup_future_usage.zip(intent.customer.as_deref()) } else { None };
    let set_up = method.set_up || saved.is_some_and(|(usage, _)| usage == "off_session");
    let used_up = well && saved.is_none() && method.customer.is_none();
    if method.answered || set_up != method.set_up || used_up {
        let new = PaymentMethod { answered: false, set_up, used_up, ..PaymentMethod::clone(method) };
        let new = book.payment_methods.put(&method.id, new);
        if let Some((_, customer)) = saved {
            payment_method::put_to(book, &new, customer);
        }
    } else if let Some((_, customer)) = saved {
        payment_method::put_to(book, method, customer);
    }
}

/// The buyer answers the bank's question, or does not.
pub(super) fn answer(book: &mut Book, intent: &Arc<Intent>, well: bool) -> Option<Collected> {
    let method = intent.payment_method.as_ref().and_then(|id| book.payment_methods.get(id)).cloned()?;
    if well {
        let answered = PaymentMethod { answered: true, ..PaymentMethod::clone(&method) };
        let method = book.payment_methods.put(&method.id, answered);
        return Some(attempt(book, intent, &method));
    }
    let failed = Intent {
        status: "requires_payment_method",
        payment_method: None,
        failure: Some(NOT_AUTHENTICATED),
        failed_method: Some(method),
        next_action: None,
        ..Intent::clone(intent)
    };
    let intent = book.intents.put(&intent.id, failed);
    book.emit("payment_intent.payment_failed", &intent);
    Some(Collected { intent, charge: None, outcome: Outcome::Declined })
}

pub(super) const NOT_AUTHENTICATED: Failure = Failure {
    code: "payment_intent_authentication_failure",
    decline_code: None,
    message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
};

/// Whether a method will be asked about when the buyer is there.
pub(crate) fn will_ask(method: &PaymentMethod) -> bool {
    method.behavior.asks != Asks::Never && payment_method::asks(method, false)
}

/// Why a try would fail at once, not counting what the bank asks.
pub(crate) fn foresee(book: &Book, method: &PaymentMethod) -> Option<Failure> {
    let ordered = book.payments.fail_next.front().copied();
    let behavior = method.behavior;
    let own = match behavior.outcome {
        model::Outcome::Declines(failure) if behavior.settles_in_s == 0 => Some(failure),
        _ => None,
    };
    ordered.or(own)
}
