//! Trials: announced before they end, and what happens when they do. It must not know what comes after.

use std::sync::Arc;

use super::{end, get};
use crate::model::{Collection, Invoice, Subscription};
use crate::world::billing::Job;
use crate::world::calendar::DAY_S;
use crate::world::{Book, invoice};

const ANNOUNCED_S: i64 = 3 * DAY_S;

pub(super) fn schedule(book: &mut Book, subscription: &Subscription) {
    if let Some((_, end_s)) = subscription.trial_s {
        let at_s = (end_s - ANNOUNCED_S).max(book.now_s());
        book.schedule_billing(at_s, Job::TrialWillEnd(subscription.id.clone()));
    }
}

/// Three days before a trial ends (or at once, when it is shorter).
pub(in crate::world) fn trial_will_end(book: &mut Book, id: &str) {
    let Ok(subscription) = get(book, id, "subscription") else { return };
    let left_s = subscription.trial_s.map_or(i64::MAX, |(_, end_s)| end_s - book.now_s());
    if subscription.status == "trialing" && left_s <= ANNOUNCED_S {
        book.emit("customer.subscription.trial_will_end", &subscription);
    }
}

/// At a trial's end: whether the first paid period begins. Without a payment method it may end or pause here.
pub(super) fn goes_on(book: &mut Book, old: &Arc<Subscription>) -> bool {
    let asked = Invoice {
        customer: old.customer.clone(),
        subscription: Some(old.id.clone()),
        ..Invoice::blank("", old.currency, old.created_s)
    };
    if old.collection != Collection::Automatic || invoice::default_method(book, &asked).is_some() {
        return true;
    }
    match old.trial_without_method {
        "cancel" => {
            end(book, old, "payment_failed");
            false
        }
        "pause" => {
            super::pause::becomes_paused(book, old);
            false
        }
        _ => true,
    }
}
