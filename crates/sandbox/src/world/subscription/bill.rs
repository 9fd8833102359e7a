//! What a subscription is billed: its items for a period, drawn up as an invoice. It must not know when.

use std::sync::Arc;

use crate::model::{Customer, Discount, Invoice, InvoiceItem, Item, Line, Price, Subscription};
use crate::world::Book;
use crate::world::invoice::{Drawn, blank_for};

/// What so many of a price cost.
pub(crate) fn priced(price: &Price, quantity: i64) -> i64 {
    price.total(quantity)
}

/// The lines of every item for that period.
pub(super) fn lines(book: &mut Book, subscription: &Subscription, period_s: (i64, i64)) -> Vec<Line> {
    let mut lines = Vec::with_capacity(subscription.items.len());
    for item in &subscription.items {
        let id = book.id("il");
        let amount = priced(&item.price, item.quantity);
        let description = format!("{} × {}", item.quantity, item.price.name);
        lines.push(Line { description, amount, ..line(&id, subscription, item, period_s) });
    }
    lines
}

/// The lines of a trial: everything for nothing.
pub(super) fn trial_lines(book: &mut Book, subscription: &Subscription, period_s: (i64, i64)) -> Vec<Line> {
    let mut lines = Vec::with_capacity(subscription.items.len());
    for item in &subscription.items {
        let id = book.id("il");
        let description = format!("Trial period for {}", item.price.name);
        lines.push(Line { description, amount: 0, ..line(&id, subscription, item, period_s) });
    }
    lines
}

pub(super) fn line(id: &str, subscription: &Subscription, item: &Item, period_s: (i64, i64)) -> Line {
    Line {
        quantity: item.quantity,
        own_discounts: item.discounts.clone(),
        tax_rates: item.tax_rates.clone(),
        subscription: Some(subscription.id.clone()),
        subscription_item: Some(item.id.clone()),
        period_s,
        metadata: subscription.metadata.clone(),
        ..Line::blank(id, Arc::clone(&item.price), period_s.0)
    }
}

/// Draws up an invoice of a subscription: these waiting items, these lines, its discounts and taxes.
pub(super) fn draw(
    book: &mut Book,
    subscription: &Subscription,
    reason: &'static str,
    taken: Vec<Arc<InvoiceItem>>,
    lines: Vec<Line>,
) -> Drawn {
    let now_s = book.now_s();
    let customer = subscription.customer.as_ref().and_then(|id| book.customers.get(id)).cloned();
    let blank = match &customer {
        Some(customer) => blank_for(book, customer, subscription.currency),
        None => Invoice::blank(&book.id("in"), subscription.currency, now_s),
    };
    let days = subscription.collection.days_until_due();
    let invoice = Invoice {
        subscription: Some(subscription.id.clone()),
        subscription_metadata: subscription.metadata.clone(),
        billing_reason: reason,
        collection: subscription.collection,
        auto_advance: true,
        discounts: on_invoice(subscription, customer.as_deref(), now_s),
        default_tax_rates: subscription.default_tax_rates.clone(),
        due_s: days.map(|days| now_s + days * 86_400),
        period_s: (subscription.period_s.0.min(now_s), now_s),
        ..blank
    };
    Drawn::new(book, invoice, taken, lines)
}

/// The discounts that still run.
pub(super) fn current_discounts(subscription: &Subscription, now_s: i64) -> Vec<Arc<Discount>> {
    let runs = |discount: &&Arc<Discount>| discount.end_s.is_none_or(|end_s| now_s < end_s);
    subscription.discounts.iter().filter(runs).cloned().collect()
}

/// The subscription's discounts, or else its customer's.
fn on_invoice(subscription: &Subscription, customer: Option<&Customer>, now_s: i64) -> Vec<Arc<Discount>> {
    let own = current_discounts(subscription, now_s);
    if !own.is_empty() {
        return own;
    }
    let of_customer = customer.and_then(|customer| customer.discount.as_ref());
    let runs = of_customer.filter(|discount| discount.end_s.is_none_or(|end_s| now_s < end_s));
    runs.map(|discount| Arc::new(discount.clone())).into_iter().collect()
}

/// What waits for the next invoice of a subscription, in its currency.
pub(super) fn waiting(book: &Book, subscription: &Subscription) -> Vec<Arc<InvoiceItem>> {
    let Some(customer) = &subscription.customer else { return Vec::new() };
    let mut waiting = book.waiting(customer, Some(&subscription.id));
    waiting.retain(|item| item.currency == subscription.currency);
    waiting
}
