//! A change that waits for its invoice to be paid: applied then, or given up after 23 hours. It must not know
//! what the change is.

use std::sync::Arc;

use super::{change, get, schedule_period};
use crate::model::{InvoiceStatus, PendingUpdate, Subscription};
use crate::world::billing::Job;
use crate::world::calendar::Every;
use crate::world::{Book, invoice};

const WAITS_S: i64 = 23 * 3600;

/// The change could not be paid: the subscription stays as it was, and the change waits.
pub(super) fn wait(book: &mut Book, old: &Arc<Subscription>, wanted: &Subscription, invoice: &str) {
    let expires_at_s = book.now_s() + WAITS_S;
    let update = PendingUpdate {
        expires_at_s,
        items: wanted.items.clone(),
        anchor_s: (wanted.anchor_s != old.anchor_s).then_some(wanted.anchor_s),
        invoice: invoice.to_owned(),
    };
    let latest_invoice = Some(invoice.to_owned());
    change(
        book,
        old,
        Subscription { pending_update: Some(update), latest_invoice, ..Subscription::clone(old) },
    );
    book.schedule_billing(expires_at_s, Job::ExpirePendingUpdate(old.id.clone()));
}

/// Its invoice was paid.
pub(super) fn apply(book: &mut Book, old: &Arc<Subscription>, update: &PendingUpdate) -> Arc<Subscription> {
    let mut new =
        Subscription { items: update.items.clone(), pending_update: None, ..Subscription::clone(old) };
    let every = new.price().and_then(|price| Every::of(price));
    if let (Some(anchor_s), Some(every)) = (update.anchor_s, every) {
        new.anchor_s = anchor_s;
        new.period_s = (anchor_s, every.boundary_after(anchor_s, anchor_s));
    }
    let new = change(book, old, new);
    if update.anchor_s.is_some() {
        schedule_period(book, &new);
    }
    book.emit("customer.subscription.pending_update_applied", &new);
    new
}

/// The change waited long enough: its invoice is void.
pub(in crate::world) fn expire_pending(book: &mut Book, id: &str) {
    let Ok(old) = get(book, id, "subscription") else { return };
    let Some(update) = old.pending_update.clone().filter(|row| row.expires_at_s <= book.now_s()) else {
        return;
    };
    if let Ok(open) = invoice::get(book, &update.invoice, "invoice")
        && open.status == InvoiceStatus::Open
    {
        let _ = invoice::void(book, &open);
    }
    drop_update(book, id);
}

/// Nothing comes of the change.
pub(super) fn drop_update(book: &mut Book, id: &str) {
    let Ok(old) = get(book, id, "subscription") else { return };
    if old.pending_update.is_none() {
        return;
    }
    let new = change(book, &old, Subscription { pending_update: None, ..Subscription::clone(&old) });
    book.emit("customer.subscription.pending_update_expired", &new);
}
