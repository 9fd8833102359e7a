//! Pauses: of collection (invoices go on), and of the subscription itself (nothing goes on). It must not know
//! why.

use std::sync::Arc;

use super::{bill, change, get, schedule_period};
use crate::model::{Invoice, InvoiceStatus, Subscription};
use crate::world::calendar::Every;
use crate::world::{Book, Refusal, invoice};

/// What is done with a paused subscription's final invoices; `None`: they are collected.
pub(in crate::world) fn pause_of(book: &Book, invoice: &Invoice) -> Option<&'static str> {
    let of = invoice.subscription.as_ref().and_then(|id| book.subscriptions.get(id))?;
    of.pause.as_ref().map(|pause| pause.behavior).filter(|behavior| *behavior != "keep_as_draft")
}

/// The pause of collection has lasted as long as was said.
pub(in crate::world) fn resume_collection(book: &mut Book, id: &str) {
    let Ok(old) = get(book, id, "subscription") else { return };
    let over =
        old.pause.as_ref().and_then(|pause| pause.resumes_at_s).is_some_and(|at_s| at_s <= book.now_s());
    if over {
        change(book, &old, Subscription { pause: None, ..Subscription::clone(&old) });
    }
}

/// Nothing goes on until somebody resumes it.
pub(super) fn becomes_paused(book: &mut Book, old: &Arc<Subscription>) {
    let new = change(book, old, Subscription { status: "paused", ..Subscription::clone(old) });
    book.emit("customer.subscription.paused", &new);
}

/// Pauses a running subscription.
pub(crate) fn pause_now(book: &mut Book, old: &Arc<Subscription>) -> Result<Arc<Subscription>, Refusal> {
    if !matches!(old.status, "active" | "trialing") {
        let message = format!("You cannot pause a subscription that is {}.", old.status);
        return Err(Refusal::request(message));
    }
    book.on(old.test_clock.as_deref(), |book| {
        becomes_paused(book, old);
        get(book, &old.id, "subscription")
    })
}

/// Goes on with a paused subscription: from now (`anchor_now`), or in the periods it had. It is active again
/// once the invoice of that is paid.
pub(crate) fn resume(
    book: &mut Book,
    old: &Arc<Subscription>,
    anchor_now: bool,
) -> Result<Arc<Subscription>, Refusal> {
    if old.status != "paused" {
        let message = "You cannot resume a subscription that is not paused.";
        return Err(Refusal::request(message));
    }
    book.on(old.test_clock.as_deref(), |book| resume_now(book, old, anchor_now))
}

fn resume_now(
    book: &mut Book,
    old: &Arc<Subscription>,
    anchor_now: bool,
) -> Result<Arc<Subscription>, Refusal> {
    let now_s = book.now_s();
    let within = old.period_s.1 > now_s && old.trial_s.is_none_or(|(_, end_s)| end_s <= now_s);
    if !anchor_now && within && old.items.iter().any(|item| !item.billed.is_empty()) {
        let new = change(book, old, Subscription { status: "active", ..Subscription::clone(old) });
        schedule_period(book, &new);
        book.emit("customer.subscription.resumed", &new);
        return Ok(new);
    }
    let mut new = Subscription::clone(old);
    let every = old.price().and_then(|price| Every::of(price));
    let Some(every) = every else { return Ok(Arc::clone(old)) };
    new.anchor_s = if anchor_now { now_s } else { old.anchor_s };
    new.period_s = (now_s, every.boundary_after(new.anchor_s, now_s));
    for item in &mut new.items {
        item.billed.clear();
    }
    let lines = bill::lines(book, &new, new.period_s);
    let taken = bill::waiting(book, &new);
    let drawn = bill::draw(book, &new, "subscription_update", taken, lines);
    drawn.note_billed(&mut new.items);
    new.latest_invoice = Some(drawn.invoice.id.clone());
    let new = change(book, old, new);
    schedule_period(book, &new);
    let draft = invoice::commit(book, drawn);
    let open = invoice::open(book, &draft);
    if open.status == InvoiceStatus::Open {
        invoice::try_to_collect(book, &open, None, true);
    }
    get(book, &old.id, "subscription")
}
