//! The end of a subscription: now, at a time, or at the period's end. It must not know who decided.

use std::sync::Arc;

use super::{bill, get, prorate};
use crate::model::{Cancellation, Collection, Invoice, InvoiceItem, InvoiceStatus, Subscription};
use crate::world::{Book, Refusal, invoice};

/// How to cancel now.
#[derive(Default)]
pub(crate) struct Cancel {
    /// What waits is billed now.
    pub(crate) invoice_now: bool,
    /// Unused time is credited.
    pub(crate) prorate: bool,
    pub(crate) comment: Option<String>,
    pub(crate) feedback: Option<&'static str>,
}

pub(crate) fn cancel(
    book: &mut Book,
    old: &Arc<Subscription>,
    how: Cancel,
) -> Result<Arc<Subscription>, Refusal> {
    if old.ended() {
        let message = format!("No such subscription: '{}'", old.id);
        return Err(Refusal::missing("subscription", "id", &old.id).reworded(message));
    }
    book.on(old.test_clock.as_deref(), |book| {
        if how.prorate && old.status != "trialing" {
            let now_s = book.now_s();
            for item in &old.items {
                for credit in prorate::credits(book, old, item, now_s) {
                    enter_waiting(book, credit);
                }
            }
        }
        if how.invoice_now {
            bill_the_rest(book, old);
        }
        let old = get(book, &old.id, "id")?;
        let cancellation = Cancellation { comment: how.comment, feedback: how.feedback, reason: None };
        let old = Arc::new(Subscription { cancellation, ..Subscription::clone(&old) });
        end(book, &old, "cancellation_requested");
        get(book, &old.id, "id")
    })
}

/// A waiting item, entered.
pub(super) fn enter_waiting(book: &mut Book, item: InvoiceItem) {
    let id = item.id.clone();
    let item = book.invoice_items.put(&id, item);
    book.wait(&item);
    book.emit("invoiceitem.created", &item);
}

fn bill_the_rest(book: &mut Book, old: &Arc<Subscription>) {
    let taken = bill::waiting(book, old);
    if taken.is_empty() {
        return;
    }
    let drawn = bill::draw(book, old, "subscription_update", taken, Vec::new());
    let draft = invoice::commit(book, drawn);
    let latest_invoice = Some(draft.id.clone());
    book.subscriptions.put(&old.id, Subscription { latest_invoice, ..Subscription::clone(old) });
    let open = invoice::open(book, &draft);
    if open.status == InvoiceStatus::Open && open.collection == Collection::Automatic {
        invoice::try_to_collect(book, &open, None, true);
    }
}

/// It is over; its open invoice is not collected any more by itself.
pub(in crate::world) fn end(book: &mut Book, old: &Arc<Subscription>, reason: &'static str) {
    if book.subscriptions.get(&old.id).is_none_or(|now| now.ended()) {
        return;
    }
    let now_s = book.now_s();
    let new = Subscription {
        status: "canceled",
        canceled_at_s: old.canceled_at_s.or(Some(now_s)),
        ended_at_s: Some(now_s),
        cancellation: Cancellation { reason: Some(reason), ..old.cancellation.clone() },
        pending_update: None,
        ..Subscription::clone(old)
    };
    let new = book.subscriptions.put(&old.id, new);
    stop_collecting(book, &new);
    book.emit("customer.subscription.deleted", &new);
}

fn stop_collecting(book: &mut Book, subscription: &Subscription) {
    let latest = subscription.latest_invoice.as_ref().and_then(|id| book.invoices.get(id)).cloned();
    let open = |invoice: &Arc<Invoice>| matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Draft);
    if let Some(old) = latest.filter(open) {
        let new =
            Invoice { auto_advance: false, next_attempt_s: None, finalizes_s: None, ..Invoice::clone(&old) };
        let new = book.invoices.put(&old.id, new);
        book.emit_changed("invoice.updated", &old, &new);
    }
}

/// `cancel_at` has come, if it is still meant.
pub(in crate::world) fn cancel_due(book: &mut Book, id: &str) {
    let Ok(old) = get(book, id, "subscription") else { return };
    if old.cancel_at_s.is_some_and(|at_s| at_s <= book.now_s()) {
        end(book, &old, "cancellation_requested");
    }
}
