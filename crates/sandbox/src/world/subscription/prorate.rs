//! Prorations: what was debited for time that will not be used is credited, what begins within a period is
//! debited in part. Amounts are net of discounts, as the classic billing mode has them. It must not know
//! which invoice takes them.

use std::sync::Arc;

use super::bill;
use crate::model::{Billed, Invoice, InvoiceItem, Item, Line, Subscription, ratio};
use crate::world::Book;
use crate::world::calendar::{Every, day};
use crate::world::invoice::amounts;

/// `proration_behavior`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Prorations {
    /// They wait for the next invoice.
    #[default]
    Create,
    /// They are billed now.
    AlwaysInvoice,
    None,
}

/// The whole period that ends when the current one does.
fn whole_period(subscription: &Subscription) -> (i64, i64) {
    let (start_s, end_s) = subscription.period_s;
    let every = subscription.price().and_then(|price| Every::of(price));
    let begin_s = every.map_or(start_s, |every| every.boundary_before(subscription.anchor_s, end_s));
    (begin_s.min(start_s), end_s)
}

/// The lines of a first period that is shorter than whole ones.
pub(super) fn first_part(book: &mut Book, subscription: &Subscription) -> Vec<Line> {
    let whole = whole_period(subscription);
    let span_s = subscription.period_s;
    let mut lines = bill::lines(book, subscription, span_s);
    for line in &mut lines {
        line.amount = ratio(line.amount, span_s.1 - span_s.0, whole.1 - whole.0);
        line.proration = true;
    }
    lines
}

/// What was debited for an item and is not used from then on, as credits.
pub(super) fn credits(
    book: &mut Book,
    subscription: &Subscription,
    item: &Item,
    at_s: i64,
) -> Vec<InvoiceItem> {
    let mut credits = Vec::new();
    for billed in item.billed.iter().filter(|billed| billed.span_s.1 > at_s) {
        let (start_s, end_s) = billed.span_s;
        let unused = ratio(billed.amount, end_s - at_s.max(start_s), end_s - start_s);
        if unused == 0 {
            continue;
        }
        let description =
            format!("Unused time on {} × {} after {}", item.quantity, item.price.name, day(at_s));
        let credited = billed.line.clone().map(|(invoice, line)| (invoice, vec![line]));
        let span_s = (at_s.max(start_s), end_s);
        let row = proration(book, subscription, item, span_s);
        credits.push(InvoiceItem { amount: -unused, description: Some(description), credited, ..row });
    }
    credits
}

/// What is left of the period for an item as it is now; noted on the item.
pub(super) fn debit(
    book: &mut Book,
    subscription: &Subscription,
    item: &mut Item,
    at_s: i64,
) -> Option<InvoiceItem> {
    let whole = whole_period(subscription);
    let amount = ratio(net_of(subscription, item), whole.1 - at_s, whole.1 - whole.0);
    if amount <= 0 {
        return None;
    }
    let description =
        format!("Remaining time on {} × {} after {}", item.quantity, item.price.name, day(at_s));
    let row = proration(book, subscription, item, (at_s, whole.1));
    item.billed.push(Billed { line: None, invoice_item: Some(row.id.clone()), amount, span_s: row.period_s });
    Some(InvoiceItem { amount, description: Some(description), ..row })
}

fn proration(book: &mut Book, subscription: &Subscription, item: &Item, period_s: (i64, i64)) -> InvoiceItem {
    let (id, now_s) = (book.id("ii"), book.now_s());
    InvoiceItem {
        quantity: item.quantity,
        discountable: false,
        tax_rates: item.tax_rates.clone(),
        subscription: Some(subscription.id.clone()),
        subscription_item: Some(item.id.clone()),
        proration: true,
        period_s,
        test_clock: subscription.test_clock.clone(),
        metadata: subscription.metadata.clone(),
        ..InvoiceItem::blank(
            &id,
            subscription.customer.as_deref().unwrap_or_default(),
            Arc::clone(&item.price),
            now_s,
        )
    }
}

/// What an item costs for a whole period after all discounts, taken as one invoice would take them.
fn net_of(subscription: &Subscription, item: &Item) -> i64 {
    let line = |item: &Item| Line {
        amount: bill::priced(&item.price, item.quantity),
        ..bill::line(&item.id, subscription, item, subscription.period_s)
    };
    let lines: Vec<Line> = subscription.items.iter().map(line).collect();
    let discounts = bill::current_discounts(subscription, subscription.period_s.0);
    let mut whole = Invoice {
        discounts: amounts::all_discounts(discounts, &lines),
        lines,
        ..Invoice::blank("", subscription.currency, subscription.created_s)
    };
    amounts::calculate(&mut whole);
    whole.lines.iter().find(|line| line.id == item.id).map_or(0, Line::net)
}
