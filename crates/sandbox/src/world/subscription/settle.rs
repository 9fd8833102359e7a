//! What the fate of its invoices makes of a subscription. It must not know how they are collected.

use std::sync::Arc;

use super::{change, get, pending};
use crate::model::{Customer, Invoice, InvoiceStatus, Subscription};
use crate::world::{Book, invoice};

fn of(book: &Book, invoice: &Invoice) -> Option<Arc<Subscription>> {
    let id = invoice.subscription.as_ref()?;
    book.subscriptions.get(id).filter(|subscription| !subscription.ended()).cloned()
}

pub(in crate::world) fn invoice_paid(book: &mut Book, invoice: &Arc<Invoice>) {
    delinquent(book, invoice, false);
    let Some(mut old) = of(book, invoice) else { return };
    if let Some(update) = old.pending_update.clone().filter(|update| update.invoice == invoice.id) {
        old = pending::apply(book, &old, &update);
    }
    if old.latest_invoice.as_ref() != Some(&invoice.id) {
        return;
    }
    let was = old.status;
    if matches!(was, "incomplete" | "past_due" | "unpaid" | "paused") {
        let status = if runs_trial(book, &old) { "trialing" } else { "active" };
        let new = change(book, &old, Subscription { status, ..with_method(book, &old, invoice) });
        if was == "paused" {
            book.emit("customer.subscription.resumed", &new);
        }
    }
}

fn runs_trial(book: &Book, subscription: &Subscription) -> bool {
    subscription.trial_s.is_some_and(|(_, end_s)| book.now_s() < end_s)
}

/// With the method that paid as its default, if it was asked to keep it.
fn with_method(book: &Book, old: &Arc<Subscription>, invoice: &Invoice) -> Subscription {
    let paid_with = || invoice.intent.as_ref().and_then(|id| book.method_of_intent(id));
    let keep = old.save_default_payment_method == "on_subscription";
    let default_payment_method =
        old.default_payment_method.clone().or_else(|| if keep { paid_with() } else { None });
    Subscription { default_payment_method, ..Subscription::clone(old) }
}

pub(in crate::world) fn invoice_failed(book: &mut Book, invoice: &Arc<Invoice>) {
    delinquent(book, invoice, true);
    let Some(old) = of(book, invoice) else { return };
    let waits = old.pending_update.as_ref().is_some_and(|update| update.invoice == invoice.id);
    if !waits && matches!(old.status, "active" | "trialing") {
        super::become_status(book, &old, "past_due");
    }
}

fn delinquent(book: &mut Book, invoice: &Invoice, delinquent: bool) {
    let Some(old) = invoice.customer.as_ref().and_then(|id| book.customers.get(id)).cloned() else { return };
    if old.delinquent != delinquent && invoice.intent.is_some() {
        let new = book.customers.put(&old.id, Customer { delinquent, ..Customer::clone(&old) });
        book.emit_changed("customer.updated", &old, &new);
    }
}

/// Its money is on the way: that is enough to begin.
pub(in crate::world) fn invoice_on_its_way(book: &mut Book, invoice: &Arc<Invoice>) {
    if let Some(old) = of(book, invoice).filter(|old| old.status == "incomplete") {
        super::become_status(book, &old, "active");
    }
}

/// It was voided or given up: what was owed is owed no more; a first invoice takes its subscription along.
pub(in crate::world) fn invoice_closed(book: &mut Book, invoice: &Arc<Invoice>) {
    let Some(old) = of(book, invoice) else { return };
    if old.pending_update.as_ref().is_some_and(|update| update.invoice == invoice.id) {
        pending::drop_update(book, &old.id);
        return;
    }
    if old.latest_invoice.as_ref() != Some(&invoice.id) {
        return;
    }
    match old.status {
        "incomplete" => {
            let now_s = book.now_s();
            let new = Subscription {
                status: "incomplete_expired",
                ended_at_s: Some(now_s),
                canceled_at_s: Some(now_s),
                ..Subscription::clone(&old)
            };
            change(book, &old, new);
        }
        "past_due" | "unpaid" => super::become_status(book, &old, "active"),
        _ => {}
    }
}

/// A first invoice that was not paid within 23 hours.
pub(in crate::world) fn expire_incomplete(book: &mut Book, id: &str) {
    let Ok(old) = get(book, id, "subscription") else { return };
    if old.status != "incomplete" {
        return;
    }
    let first = old.latest_invoice.as_ref().and_then(|id| book.invoices.get(id)).cloned();
    if let Some(first) = first.filter(|invoice| invoice.status == InvoiceStatus::Open) {
        let _ = invoice::void(book, &first);
    }
}
