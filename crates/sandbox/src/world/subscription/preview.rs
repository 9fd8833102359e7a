//! What the next invoice of a subscription would be, also after a change or before there is one. Nothing is
//! entered. It must not know who asks.

use std::sync::Arc;

use super::begin;
use super::new::{self, NewSubscription};
use super::plan::{Bill, plan};
use super::update::Update;
use super::{bill, renew};
use crate::model::{Invoice, InvoiceItem, Subscription};
use crate::world::Book;
use crate::world::{Refusal, invoice};

fn named(book: &mut Book, mut invoice: Invoice) -> Invoice {
    invoice.id = book.id("upcoming_in");
    invoice.billing_reason = "upcoming";
    invoice
}

/// The invoice of the next period; `None` when there is none.
pub(super) fn next_invoice(book: &mut Book, old: &Subscription) -> Option<Invoice> {
    let taken = bill::waiting(book, old);
    of_period(book, old, taken)
}

fn of_period(book: &mut Book, old: &Subscription, taken: Vec<Arc<InvoiceItem>>) -> Option<Invoice> {
    let mut new = renew::next_period(old)?;
    let (start_s, end_s) = new.period_s;
    let lines = bill::lines(book, &new, (start_s, end_s));
    new.discounts = bill::current_discounts(&new, start_s);
    let drawn = bill::draw(book, &new, "upcoming", taken, lines);
    let invoice = Invoice {
        period_s: old.period_s,
        created_s: start_s,
        next_attempt_s: Some(start_s + 3600),
        ..drawn.invoice
    };
    Some(named(book, invoice))
}

/// The next invoice of a subscription, after a change if one is given.
pub(crate) fn upcoming_invoice(
    book: &mut Book,
    old: &Arc<Subscription>,
    wanted: Option<&Update>,
) -> Result<Invoice, Refusal> {
    let none = || Refusal::request("No upcoming invoices for customer").code("invoice_upcoming_none");
    if old.ended() || (wanted.is_none() && old.cancel_at_period_end) {
        return Err(none());
    }
    book.on(old.test_clock.as_deref(), |book| {
        let Some(wanted) = wanted else { return next_invoice(book, old).ok_or_else(none) };
        let plan = plan(book, old, wanted)?;
        let mut taken = bill::waiting(book, old);
        taken.extend(plan.made.into_iter().map(Arc::new));
        match plan.bill {
            Bill::Later => of_period(book, &plan.subscription, taken).ok_or_else(none),
            Bill::Now(lines) => {
                let drawn = bill::draw(book, &plan.subscription, "upcoming", taken, lines);
                Ok(named(book, drawn.invoice))
            }
        }
    })
}

/// The first invoice of a subscription not made yet.
pub(crate) fn of_new(book: &mut Book, mut wanted: NewSubscription) -> Result<Invoice, Refusal> {
    let customer = book.customers.get(&wanted.customer).cloned();
    let customer = customer.ok_or_else(|| Refusal::missing("customer", "customer", &wanted.customer))?;
    let clock = book.clock_of(&customer);
    book.on(clock.as_deref(), |book| {
        let (extras, in_part): (Vec<invoice::NewLine>, bool) =
            (std::mem::take(&mut wanted.extras), wanted.prorate);
        let mut subscription = new::made(book, wanted, &customer)?;
        let extras = begin::extras_in(extras, subscription.currency)?;
        let drawn = begin::first_invoice(book, &mut subscription, extras, in_part);
        Ok(named(book, drawn.invoice))
    })
}
