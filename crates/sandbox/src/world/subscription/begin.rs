//! A subscription begins: its first period or trial, its first invoice, and what that invoice's fate makes of
//! it. It must not know how prices are chosen.

use std::sync::Arc;

use kernel::Currency;

use super::new::{NewSubscription, PaymentBehavior, made};
use super::{bill, discounts, prorate, schedule_cancel, schedule_period, trial};
use crate::model::{Collection, Customer, InvoiceStatus, Object, Subscription};
use crate::world::billing::Job;
use crate::world::invoice::{self, Drawn, Tried};
use crate::world::price::taken_in;
use crate::world::{Book, Refusal};

/// How long a first invoice may stay unpaid.
const INCOMPLETE_S: i64 = 23 * 3600;

/// One-time things are billed in the subscription's currency.
pub(super) fn extras_in(
    mut extras: Vec<invoice::NewLine>,
    currency: Currency,
) -> Result<Vec<invoice::NewLine>, Refusal> {
    for (index, extra) in extras.iter_mut().enumerate() {
        extra.price = taken_in(&extra.price, currency, &format!("add_invoice_items[{index}][price]"))?;
    }
    Ok(extras)
}

/// Begins a subscription and bills its first period (or its trial, with nothing due).
pub(crate) fn create(book: &mut Book, new: NewSubscription) -> Result<Arc<Subscription>, Refusal> {
    let customer = book.customers.get(&new.customer).cloned();
    let customer = customer.ok_or_else(|| Refusal::missing("customer", "customer", &new.customer))?;
    let clock = book.clock_of(&customer);
    book.on(clock.as_deref(), |book| begin(book, new, &customer))
}

fn begin(
    book: &mut Book,
    mut new: NewSubscription,
    customer: &Customer,
) -> Result<Arc<Subscription>, Refusal> {
    let (behavior, off_session) = (new.payment_behavior, new.off_session);
    let (extras, in_part) = (std::mem::take(&mut new.extras), new.prorate);
    let mut subscription = made(book, new, customer)?;
    let extras = extras_in(extras, subscription.currency)?;
    let drawn = first_invoice(book, &mut subscription, extras, in_part);
    let free = drawn.invoice.amount_due() == 0;
    if !free && subscription.collection == Collection::Automatic {
        let tried = matches!(behavior, PaymentBehavior::AllowIncomplete | PaymentBehavior::ErrorIfIncomplete);
        let mut asked = drawn.invoice.clone();
        asked.default_payment_method = subscription.default_payment_method.clone();
        if tried && invoice::default_method(book, &asked).is_none() {
            return Err(no_method());
        }
        subscription.status = "incomplete";
    }
    let before = book.happened();
    let subscription = enter(book, subscription);
    let draft = invoice::commit(book, drawn);
    if subscription.collection != Collection::Automatic {
        return latest(book, &subscription);
    }
    let open = invoice::open(book, &draft);
    if open.status == InvoiceStatus::Open {
        book.schedule_billing(book.now_s() + INCOMPLETE_S, Job::ExpireIncomplete(subscription.id.clone()));
        if behavior == PaymentBehavior::DefaultIncomplete {
            invoice::expect_payment(book, &open);
            return latest(book, &subscription);
        }
        let tried = invoice::try_to_collect(book, &open, None, off_session);
        let paid = matches!(tried, Tried::Paid | Tried::Processing);
        if behavior == PaymentBehavior::ErrorIfIncomplete && !paid {
            let open = invoice::get(book, &open.id, "invoice")?;
            let refusal = invoice::refusal(book, &open, &tried);
            forget(book, &subscription, before);
            return Err(refusal);
        }
    }
    latest(book, &subscription)
}

pub(super) fn no_method() -> Refusal {
    let message = "This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.";
    Refusal::request(message).code("resource_missing")
}

pub(super) fn latest(book: &Book, subscription: &Arc<Subscription>) -> Result<Arc<Subscription>, Refusal> {
    super::get(book, &subscription.id, "subscription")
}

/// Draws up the first invoice: the trial for nothing, the way to a later anchor in part, or the first period.
pub(super) fn first_invoice(
    book: &mut Book,
    subscription: &mut Subscription,
    extras: Vec<invoice::NewLine>,
    in_part: bool,
) -> Drawn {
    let period_s = subscription.period_s;
    let partial = subscription.anchor_s > subscription.start_s;
    let mut lines = if subscription.trial_s.is_some() || (partial && !in_part) {
        bill::trial_lines(book, subscription, period_s)
    } else if partial {
        prorate::first_part(book, subscription)
    } else {
        bill::lines(book, subscription, period_s)
    };
    for extra in extras {
        lines.push(invoice::own_line(book, extra));
    }
    let taken = bill::waiting(book, subscription);
    let drawn = bill::draw(book, subscription, "subscription_create", taken, lines);
    drawn.note_billed(&mut subscription.items);
    subscription.latest_invoice = Some(drawn.invoice.id.clone());
    drawn
}

fn enter(book: &mut Book, subscription: Subscription) -> Arc<Subscription> {
    let id = subscription.id.clone();
    book.index_items(&subscription);
    let subscription = book.subscriptions.put(&id, subscription);
    book.emit("customer.subscription.created", &subscription);
    discounts::tell_new(book, &[], &subscription);
    schedule_period(book, &subscription);
    schedule_cancel(book, &subscription);
    trial::schedule(book, &subscription);
    subscription
}

/// The first invoice could not be paid, and then nothing should have been made: neither objects nor events,
/// only the money's own story stays.
fn forget(book: &mut Book, subscription: &Arc<Subscription>, before: usize) {
    book.subscriptions.remove(&subscription.id);
    if let Some(invoice) = &subscription.latest_invoice {
        invoice::undo(book, invoice, &[]);
    }
    book.unsay(before, |object| {
        matches!(
            object,
            Object::Subscription(_) | Object::Invoice(_) | Object::InvoicePayment(_) | Object::Discount(_)
        )
    });
}
