//! Collecting an open invoice: trying what is on file, trying again later, giving up. Cards are `payment`'s.

use std::sync::Arc;

use super::{Tried, became, change, pay};
use crate::model::{Collection, Intent, Invoice, InvoiceStatus, Subscription};
use crate::world::billing::{AfterRetries, Job};
use crate::world::calendar::DAY_S;
use crate::world::payment::{self, Collect, Outcome};
use crate::world::{Book, subscription};

/// Tries once. `method`: instead of what is on file.
pub(in crate::world) fn try_to_collect(
    book: &mut Book,
    old: &Arc<Invoice>,
    method: Option<&str>,
    off_session: bool,
) -> Tried {
    let method = method.map(str::to_owned).or_else(|| default_method(book, old));
    let Some(method) = method else {
        failed(book, old, None, "invoice.payment_failed");
        return Tried::NoMethod;
    };
    let Some((intent, outcome)) = take(book, old, &method, off_session) else {
        failed(book, old, None, "invoice.payment_failed");
        return Tried::NoMethod;
    };
    let invoice = Invoice {
        attempts: old.attempts + 1,
        intent: Some(intent.id.clone()),
        charge: intent.charge.clone(),
        ..Invoice::clone(old)
    };
    match outcome {
        Tried::Paid => {
            let invoice = book.invoices.put(&old.id, invoice);
            pay::received(book, &invoice, &intent);
        }
        Tried::Processing => {
            pay::expect(book, &invoice, &intent);
            let invoice = change(book, old, Invoice { next_attempt_s: None, ..invoice });
            subscription::invoice_on_its_way(book, &invoice);
        }
        Tried::ActionNeeded => {
            pay::expect(book, &invoice, &intent);
            let invoice = Arc::new(invoice);
            book.emit("invoice.payment_action_required", &invoice);
            failed(book, old, Some(&intent), "invoice.payment_failed");
        }
        Tried::Declined | Tried::NoMethod => {
            pay::expect(book, &invoice, &intent);
            failed(book, old, Some(&intent), "invoice.payment_failed");
        }
    }
    outcome
}

/// Makes the intent that somebody is to confirm.
pub(in crate::world) fn expect_payment(book: &mut Book, old: &Arc<Invoice>) {
    let money = Collect { confirm: false, ..money(book, old, None, false) };
    let Ok(made) = payment::collect(book, money) else { return };
    let invoice = Invoice { intent: Some(made.intent.id.clone()), ..Invoice::clone(old) };
    pay::expect(book, &invoice, &made.intent);
    change(book, old, invoice);
}

/// `None`: what is on file can't even be tried (it was detached, say).
fn take(
    book: &mut Book,
    invoice: &Arc<Invoice>,
    method: &str,
    off_session: bool,
) -> Option<(Arc<Intent>, Tried)> {
    let money = money(book, invoice, Some(method), off_session);
    let taken = payment::collect(book, money).ok()?;
    let tried = match taken.outcome {
        Outcome::Succeeded => Tried::Paid,
        Outcome::Processing => Tried::Processing,
        Outcome::RequiresAction => Tried::ActionNeeded,
        Outcome::Declined | Outcome::Unconfirmed => Tried::Declined,
    };
    Some((taken.intent, tried))
}

fn money(book: &Book, invoice: &Invoice, method: Option<&str>, off_session: bool) -> Collect {
    let of = invoice.subscription.as_ref().and_then(|id| book.subscriptions.get(id));
    let begins = invoice.billing_reason == "subscription_create";
    Collect {
        customer: invoice.customer.clone(),
        payment_method: method.map(str::to_owned),
        invoice: Some(invoice.id.clone()),
        intent: invoice.intent.clone(),
        off_session,
        setup_future_usage: (begins && of.is_some()).then_some("off_session"),
        description: of.map(|_| description(begins)),
        ..Collect::blank(invoice.amount_remaining(), invoice.currency)
    }
}

fn description(begins: bool) -> String {
    if begins { "Subscription creation".into() } else { "Subscription update".into() }
}

/// What is charged: the invoice's own method, its subscription's, its customer's.
pub(in crate::world) fn default_method(book: &Book, invoice: &Invoice) -> Option<String> {
    let own = invoice.default_payment_method.clone();
    let of_subscription = || {
        let of = invoice.subscription.as_ref().and_then(|id| book.subscriptions.get(id))?;
        of.default_payment_method.clone()
    };
    let of_customer = || {
        let customer = invoice.customer.as_ref().and_then(|id| book.customers.get(id))?;
        book.method_of(customer)
    };
    own.or_else(of_subscription).or_else(of_customer)
}

/// A try in vain: it is counted, told, and tried again later while there are tries left.
fn failed(book: &mut Book, old: &Arc<Invoice>, intent: Option<&Intent>, kind: &'static str) {
    let attempts = old.attempts + 1;
    let next_attempt_s = next_attempt(book, old, attempts);
    let invoice = Invoice {
        attempts,
        next_attempt_s,
        intent: intent.map(|intent| intent.id.clone()).or_else(|| old.intent.clone()),
        charge: intent.and_then(|intent| intent.charge.clone()).or_else(|| old.charge.clone()),
        ..Invoice::clone(old)
    };
    let invoice = became(book, kind, invoice);
    book.emit_changed("invoice.updated", old, &invoice);
    match next_attempt_s {
        Some(at_s) => book.schedule_billing(at_s, Job::Collect(invoice.id.clone())),
        None if retried(book, &invoice) => give_up(book, &invoice),
        None => {}
    }
    subscription::invoice_failed(book, &invoice);
}

/// Whether it is one of those that are tried again: not a first invoice that the customer has to confirm.
fn retried(book: &Book, invoice: &Invoice) -> bool {
    let of = invoice.subscription.as_ref().and_then(|id| book.subscriptions.get(id));
    invoice.auto_advance
        && invoice.collection == Collection::Automatic
        && of.is_none_or(|of| of.status != "incomplete")
}

fn next_attempt(book: &Book, invoice: &Invoice, attempts: i64) -> Option<i64> {
    let index = usize::try_from(attempts - 1).ok()?;
    let days = *book.billing.dunning.retry_after_days.get(index)?;
    retried(book, invoice).then(|| book.now_s() + days * DAY_S)
}

/// The time for another try has come, if it is still the one that was meant.
pub(in crate::world) fn collect_due(book: &mut Book, id: &str) {
    let now_s = book.now_s();
    let due = |invoice: &&Arc<Invoice>| {
        invoice.status == InvoiceStatus::Open && invoice.next_attempt_s.is_none_or(|at_s| at_s <= now_s)
    };
    let invoice = book.invoices.get(id).filter(due).cloned();
    if let Some(invoice) = invoice.filter(|invoice| invoice.auto_advance) {
        try_to_collect(book, &invoice, None, true);
    }
}

/// The last try was in vain.
pub(in crate::world) fn give_up(book: &mut Book, invoice: &Arc<Invoice>) {
    let of = invoice.subscription.as_ref().and_then(|id| book.subscriptions.get(id)).cloned();
    let Some(of) = of.filter(|of: &Arc<Subscription>| !of.ended()) else { return };
    match book.billing.dunning.after {
        AfterRetries::Cancel => subscription::end(book, &of, "payment_failed"),
        AfterRetries::Unpaid => subscription::become_status(book, &of, "unpaid"),
        AfterRetries::PastDue => {}
    }
}

/// An intent of an invoice became something else after the try that made it: it succeeded, failed, asks for
/// something, or was canceled.
pub(crate) fn intent_changed(book: &mut Book, invoice_ref: &str, intent: &Arc<Intent>) {
    let Some(invoice) = book.invoices.get(invoice_ref).cloned() else { return };
    if !matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible) {
        return;
    }
    book.on(invoice.test_clock.as_deref(), |book| match intent.status {
        "succeeded" => {
            pay::received(book, &invoice, intent);
        }
        "processing" => subscription::invoice_on_its_way(book, &invoice),
        "requires_action" => {
            book.emit("invoice.payment_action_required", &invoice);
        }
        "requires_payment_method" => {
            // Counted when it was tried: this is that try's outcome.
            let counted =
                Arc::new(Invoice { attempts: invoice.attempts.max(1) - 1, ..Invoice::clone(&invoice) });
            failed(book, &counted, Some(intent), "invoice.payment_failed");
        }
        _ => {}
    });
}
