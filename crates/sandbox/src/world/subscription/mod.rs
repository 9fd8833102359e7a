//! Subscriptions: begun, renewed, changed, ended. What they are billed is put on invoices by `bill`; whether
//! it is paid comes back through `settle`. It must not know cards, nor who sold it.

mod begin;
mod bill;
mod discounts;
mod end;
mod new;
mod pause;
mod pending;
mod plan;
mod preview;
mod prorate;
mod renew;
mod settle;
mod trial;
mod update;

use std::sync::Arc;

pub(crate) use begin::create;
pub(crate) use bill::priced;
pub(crate) use end::{Cancel, cancel};
pub(super) use end::{cancel_due, end};
pub(crate) use new::{NewItem, NewSubscription, PaymentBehavior};
pub(crate) use pause::{pause_now, resume};
pub(super) use pause::{pause_of, resume_collection};
pub(super) use pending::expire_pending;
pub(crate) use preview::{of_new, upcoming_invoice};
pub(crate) use prorate::Prorations;
pub(super) use renew::{renew, upcoming};
pub(super) use settle::{
    expire_incomplete, invoice_closed, invoice_failed, invoice_on_its_way, invoice_paid,
};
pub(super) use trial::trial_will_end;
pub(crate) use update::{ItemChange, Update, update};

use super::billing::Job;
use super::{Book, Refusal};
use crate::model::Subscription;

/// `param` is what the caller named it by.
pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Subscription>, Refusal> {
    book.subscriptions.get(id).cloned().ok_or_else(|| Refusal::missing("subscription", param, id))
}

/// Puts a changed subscription and tells that it was updated.
fn change(book: &mut Book, old: &Arc<Subscription>, new: Subscription) -> Arc<Subscription> {
    book.index_items(&new);
    let new = book.subscriptions.put(&old.id, new);
    book.emit_changed("customer.subscription.updated", old, &new);
    new
}

pub(super) fn become_status(book: &mut Book, old: &Arc<Subscription>, status: &'static str) {
    change(book, old, Subscription { status, ..Subscription::clone(old) });
}

/// How long before its period ends a subscription's next invoice is announced.
const UPCOMING_S: i64 = 7 * super::calendar::DAY_S;

/// What is to happen at the end of the current period.
fn schedule_period(book: &mut Book, subscription: &Subscription) {
    let (start_s, end_s) = subscription.period_s;
    book.schedule_billing(end_s, Job::Renew(subscription.id.clone()));
    if end_s - start_s > UPCOMING_S {
        book.schedule_billing(end_s - UPCOMING_S, Job::Upcoming(subscription.id.clone()));
    }
}

fn schedule_cancel(book: &mut Book, subscription: &Subscription) {
    if let Some(at_s) = subscription.cancel_at_s {
        book.schedule_billing(at_s, Job::CancelAt(subscription.id.clone()));
    }
}
