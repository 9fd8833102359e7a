//! Taking money: an intent is confirmed with a payment method, and what comes of it. Used by calls about
//! intents, by invoices and by checkout pages alike. It must not know what is paid for.

mod attempt;
mod capture;
mod charge;
mod kept;
mod least;
mod settle;

use std::sync::Arc;

use kernel::Currency;

pub(crate) use attempt::{foresee, will_ask};
#[allow(unused_imports, reason = "for the API")]
pub(crate) use capture::capture;
pub(super) use kept::run;
pub(crate) use kept::{Job, Payments};
pub(crate) use least::{least, refuse_less};

use super::{Book, Kind, Refusal, invoice, payment_method, session};
use crate::model::{Charge, Intent, Meta, NextAction, TransferData};

/// Money to be taken.
pub(crate) struct Collect {
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) customer: Option<String>,
    /// `None`: nothing is tried; the intent waits for one.
    pub(crate) payment_method: Option<String>,
    pub(crate) invoice: Option<String>,
    /// The intent of an earlier try, to be tried again with this amount.
    pub(crate) intent: Option<String>,
    /// `false`: nothing is tried yet, somebody will confirm the intent.
    pub(crate) confirm: bool,
    /// The buyer is not there to answer a bank's question.
    pub(crate) off_session: bool,
    /// Saves the method for `on_session` or `off_session` use.
    pub(crate) setup_future_usage: Option<&'static str>,
    /// Takes application fee and destination as a subscription says them.
    pub(crate) application_fee: Option<i64>,
    pub(crate) destination: Option<String>,
    pub(crate) on_behalf_of: Option<String>,
    pub(crate) description: Option<String>,
    /// `receipt_email`.
    pub(crate) email: Option<String>,
    pub(crate) metadata: Meta,
}

impl Collect {
    /// Tried at once, the buyer being there, of nobody known.
    pub(crate) fn blank(amount: i64, currency: Currency) -> Self {
        Self {
            amount,
            currency,
            customer: None,
            payment_method: None,
            invoice: None,
            intent: None,
            confirm: true,
            off_session: false,
            setup_future_usage: None,
            application_fee: None,
            destination: None,
            on_behalf_of: None,
            description: None,
            email: None,
            metadata: Meta::new(),
        }
    }
}

/// What came of a try. `Processing` and `RequiresAction` are decided later: `invoice::intent_changed` tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Succeeded,
    /// The intent says why (`failure`); it is `requires_payment_method` now.
    Declined,
    RequiresAction,
    Processing,
    /// Nothing was tried: no method, or `confirm` was false.
    Unconfirmed,
}

pub(crate) struct Collected {
    pub(crate) intent: Arc<Intent>,
    pub(crate) charge: Option<Arc<Charge>>,
    pub(crate) outcome: Outcome,
}

/// Makes (or takes up) an intent and tries to pay it. A decline is an outcome; only what could never be tried
/// is refused.
pub(crate) fn collect(book: &mut Book, money: Collect) -> Result<Collected, Refusal> {
    let known = money.intent.as_ref().and_then(|id| book.intents.get(id)).cloned();
    let known = known.filter(|intent| open(intent));
    let off_session = money.off_session;
    let intent = match known {
        Some(known) => {
            let again = Intent { amount: money.amount, off_session, ..Intent::clone(&known) };
            book.intents.put(&known.id, again)
        }
        None => {
            let id = book.id("pi");
            let destination = money.destination.map(|destination| TransferData { destination, amount: None });
            let new = Intent {
                customer: money.customer,
                email: money.email,
                invoice: money.invoice,
                off_session,
                setup_future_usage: money.setup_future_usage,
                application_fee: money.application_fee,
                transfer_data: destination,
                on_behalf_of: money.on_behalf_of,
                description: money.description,
                metadata: money.metadata,
                ..Intent::blank(&id, money.amount, money.currency, book.now_s())
            };
            enter(book, new)
        }
    };
    let Some(method) = money.payment_method else { return Ok(unconfirmed(intent)) };
    let method = payment_method::resolve(book, &method)?;
    payment_method::usable(&method, intent.customer.as_deref())?;
    if !money.confirm {
        let named = Intent {
            status: "requires_confirmation",
            payment_method: Some(method.id.clone()),
            ..Intent::clone(&intent)
        };
        return Ok(unconfirmed(book.intents.put(&intent.id, named)));
    }
    Ok(attempt::attempt(book, &intent, &method))
}

fn unconfirmed(intent: Arc<Intent>) -> Collected {
    Collected { intent, charge: None, outcome: Outcome::Unconfirmed }
}

/// A new intent, told.
pub(crate) fn enter(book: &mut Book, intent: Intent) -> Arc<Intent> {
    let id = intent.id.clone();
    let intent = book.intents.put(&id, intent);
    book.emit("payment_intent.created", &intent);
    intent
}

pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Intent>, Refusal> {
    book.intents.get(id).cloned().ok_or_else(|| Refusal::missing("payment_intent", param, id))
}

/// Whether it can still be tried.
pub(crate) fn open(intent: &Intent) -> bool {
    matches!(intent.status, "requires_payment_method" | "requires_confirmation" | "requires_action")
}

/// How a call confirms an intent.
pub(crate) struct Confirm {
    /// Instead of the intent's own.
    pub(crate) payment_method: Option<String>,
    pub(crate) off_session: bool,
    pub(crate) return_url: Option<String>,
    pub(crate) setup_future_usage: Option<&'static str>,
    pub(crate) error_on_action: bool,
}

/// Tries an intent, and tells whoever waits for it.
pub(crate) fn confirm(book: &mut Book, old: &Arc<Intent>, how: Confirm) -> Result<Collected, Refusal> {
    if !open(old) {
        let why = if old.status == "succeeded" {
            "it has already succeeded after being previously confirmed".to_owned()
        } else {
            format!("it has a status of {}", old.status)
        };
        let message = format!("You cannot confirm this PaymentIntent because {why}.");
        return Err(Refusal::request(message).code("payment_intent_unexpected_state").about(&old.id, None));
    }
    let Some(method) = how.payment_method.or_else(|| old.payment_method.clone()) else {
        let message = "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.";
        return Err(Refusal::request(message).code("payment_intent_unexpected_state").about(&old.id, None));
    };
    let method = payment_method::resolve(book, &method)?;
    payment_method::usable(&method, old.customer.as_deref())?;
    let kind = method.instrument.kind();
    if !old.method_types.contains(&kind) && old.automatic_methods.is_none() {
        let message = format!(
            "The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: {}.",
            old.method_types.join(", ")
        );
        return Err(
            Refusal::invalid("payment_method", message).code("payment_intent_incompatible_payment_method")
        );
    }
    if how.error_on_action && will_ask(&method) {
        let message = "This payment required an authentication action to complete, but `error_on_requires_action` was set.";
        return Err(Refusal::plain(402, Kind::Card, message)
            .code("authentication_required")
            .about(&old.id, None));
    }
    let next_action = how.return_url.map(|return_url| NextAction::Redirect {
        url: challenge_url(book, &old.id),
        return_url: Some(return_url),
    });
    let trying = Intent {
        off_session: how.off_session,
        setup_future_usage: how.setup_future_usage.or(old.setup_future_usage),
        next_action,
        ..Intent::clone(old)
    };
    let trying = book.intents.put(&old.id, trying);
    let tried = attempt::attempt(book, &trying, &method);
    told(book, &tried.intent, tried.outcome);
    Ok(tried)
}

/// The buyer answers the bank's question (3-D Secure), or fails to.
pub(crate) fn answer(book: &mut Book, intent: &Arc<Intent>, well: bool) -> Result<Collected, Refusal> {
    let asking = intent.status == "requires_action";
    let tried = if asking { attempt::answer(book, intent, well) } else { None };
    let tried = tried.ok_or_else(|| Refusal::request("This payment does not wait for an answer."))?;
    told(book, &tried.intent, tried.outcome);
    Ok(tried)
}

/// Where a browser answers the bank.
pub(crate) fn challenge_url(book: &Book, id: &str) -> String {
    format!("{}/checkout/3ds/{id}", book.payments.base_url)
}

/// What a decline is answered with.
pub(crate) fn refusal(tried: &Collected) -> Option<Refusal> {
    let failure = tried.intent.failure.filter(|_| tried.outcome == Outcome::Declined)?;
    let charge = tried.charge.as_ref().map(|charge| charge.id.as_str());
    Some(payment_method::refusal(failure).about(&tried.intent.id, charge))
}

/// Whoever waits for an intent hears what became of it.
fn told(book: &mut Book, intent: &Arc<Intent>, outcome: Outcome) {
    if let Some(id) = intent.invoice.clone() {
        invoice::intent_changed(book, &id, intent);
    }
    if outcome != Outcome::RequiresAction {
        session::intent_changed(book, intent);
    }
}

/// Ends an intent that nobody will pay (its invoice was voided, its session expired, or by a call).
pub(crate) fn cancel(
    book: &mut Book,
    id: &str,
    reason: Option<&'static str>,
) -> Result<Arc<Intent>, Refusal> {
    let intent = get(book, id, "intent")?;
    if !open(&intent) && intent.status != "requires_capture" {
        let message = format!(
            "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.",
            intent.status
        );
        return Err(Refusal::request(message).code("payment_intent_unexpected_state").about(id, None));
    }
    Ok(end(book, &intent, reason.unwrap_or_default(), "charge.refunded"))
}

/// Canceled: an authorised charge is released, told as `kind`.
fn end(book: &mut Book, old: &Arc<Intent>, reason: &'static str, kind: &'static str) -> Arc<Intent> {
    let held = old.status == "requires_capture";
    let charge = old.charge.as_ref().filter(|_| held).and_then(|id| book.charges.get(id)).cloned();
    if let Some(charge) = charge {
        let released = Charge { amount_refunded: charge.amount, ..Charge::clone(&charge) };
        let released = book.charges.put(&charge.id, released);
        book.emit_changed(kind, &charge, &released);
    }
    let canceled = Intent {
        status: "canceled",
        canceled_at_s: Some(book.now_s()),
        cancellation_reason: Some(reason).filter(|reason| !reason.is_empty()),
        next_action: None,
        ..Intent::clone(old)
    };
    let intent = book.intents.put(&old.id, canceled);
    book.emit("payment_intent.canceled", &intent);
    intent
}
