//! A period ends and the next begins: its invoice, or the end. It must not know whether the invoice is paid.

use super::{bill, end, get, schedule_period, trial};
use crate::model::{Discount, Subscription};
use crate::world::calendar::Every;
use crate::world::{Book, invoice};

/// The period is over, if it still is the one that was meant.
pub(in crate::world) fn renew(book: &mut Book, id: &str) {
    let Ok(old) = get(book, id, "subscription") else { return };
    let now_s = book.now_s();
    if old.ended() || old.period_s.1 > now_s || matches!(old.status, "incomplete" | "paused") {
        return;
    }
    if old.cancel_at_period_end || old.cancel_at_s.is_some_and(|at_s| at_s <= now_s) {
        end(book, &old, "cancellation_requested");
        return;
    }
    if old.status == "trialing" && !trial::goes_on(book, &old) {
        return;
    }
    let Some(mut new) = next_period(&old) else { return };
    let ended: Vec<_> = take_ended(&mut new, now_s);
    let lines = bill::lines(book, &new, new.period_s);
    let taken = bill::waiting(book, &new);
    let mut drawn = bill::draw(book, &new, "subscription_cycle", taken, lines);
    drawn.invoice.period_s = (old.period_s.0, now_s);
    let keep_as_draft = old.pause.as_ref().is_some_and(|pause| pause.behavior == "keep_as_draft");
    drawn.invoice.auto_advance = !keep_as_draft && old.status != "unpaid";
    drawn.note_billed(&mut new.items);
    new.latest_invoice = Some(drawn.invoice.id.clone());
    let new = book.subscriptions.put(id, new);
    invoice::commit(book, drawn);
    for discount in &ended {
        book.emit("customer.discount.deleted", discount);
    }
    book.emit_changed("customer.subscription.updated", &old, &new);
    schedule_period(book, &new);
}

/// The subscription in its next period, with nothing billed for it yet.
pub(super) fn next_period(old: &Subscription) -> Option<Subscription> {
    let every = Every::of(old.price()?)?;
    let start_s = old.period_s.1;
    let mut new = Subscription {
        status: if old.status == "trialing" { "active" } else { old.status },
        period_s: (start_s, every.boundary_after(old.anchor_s, start_s)),
        ..old.clone()
    };
    for item in &mut new.items {
        item.billed.retain(|billed| billed.span_s.1 > start_s);
    }
    Some(new)
}

fn take_ended(subscription: &mut Subscription, now_s: i64) -> Vec<std::sync::Arc<Discount>> {
    let runs = |discount: &Discount| discount.end_s.is_none_or(|end_s| now_s < end_s);
    if subscription.discounts.iter().all(|discount| runs(discount)) {
        return Vec::new();
    }
    let all = std::mem::take(&mut subscription.discounts);
    let (kept, ended) = all.into_iter().partition(|discount| runs(discount));
    subscription.discounts = kept;
    ended
}

/// A week before: what the next invoice would be.
pub(in crate::world) fn upcoming(book: &mut Book, id: &str) {
    let Ok(old) = get(book, id, "subscription") else { return };
    let soon = old.period_s.1 - book.now_s() <= super::UPCOMING_S && old.period_s.1 > book.now_s();
    let goes_on = matches!(old.status, "active" | "past_due" | "trialing") && !old.cancel_at_period_end;
    if soon
        && goes_on
        && let Some(preview) = super::preview::next_invoice(book, &old)
    {
        book.emit("invoice.upcoming", preview);
    }
}
