//! A change to a subscription, worked out without effect: its items, its prorations, whether it is billed at
//! once. It must not know whether the change is made or only previewed.

use std::sync::Arc;

use super::new::{made_item, recurrence};
use super::update::Update;
use super::{Prorations, bill, discounts, prorate};
use crate::model::{Cancellation, InvoiceItem, Item, Line, Subscription};
use crate::world::calendar::Every;
use crate::world::discount::Holder;
use crate::world::price::taken_in;
use crate::world::{Book, Refusal};

/// Whether a change is billed at once.
pub(super) enum Bill {
    Later,
    /// With these lines of a new period.
    Now(Vec<Line>),
}

/// A change worked out, not made.
pub(super) struct Plan {
    pub(super) subscription: Subscription,
    /// Invoice items that it makes: its prorations.
    pub(super) made: Vec<InvoiceItem>,
    pub(super) bill: Bill,
}

pub(super) fn plan(book: &mut Book, old: &Arc<Subscription>, wanted: &Update) -> Result<Plan, Refusal> {
    let now_s = book.now_s();
    let mut new = plain(old, wanted, now_s);
    let items = changed_items(book, old, wanted)?;
    if let Some(said) = &wanted.wanted {
        let holder = Holder {
            customer: old.customer.as_deref(),
            subscription: Some(&old.id),
            currency: Some(old.currency),
            ..Holder::default()
        };
        new.discounts = discounts::made(book, said, &holder, None)?;
    }
    let every = recurrence(items.iter().map(|item| &*item.price))?;
    if wanted.trial_end_s.is_some_and(|end_s| end_s > now_s) {
        new.items = items;
        return Ok(Plan {
            subscription: trial_until(new, wanted, now_s),
            made: Vec::new(),
            bill: Bill::Later,
        });
    }
    let trial_ends = old.status == "trialing" && (wanted.trial_end_s.is_some() || wanted.anchor_now);
    if old.status == "trialing" && !trial_ends {
        new.items = items;
        return Ok(Plan { subscription: new, made: Vec::new(), bill: Bill::Later });
    }
    let total =
        |items: &[Item]| items.iter().map(|item| bill::priced(&item.price, item.quantity)).sum::<i64>();
    let begins_to_cost = total(&old.items) == 0 && total(&items) > 0;
    let other_interval = old.price().and_then(|price| Every::of(price)) != Some(every);
    if trial_ends || wanted.anchor_now || other_interval || begins_to_cost {
        return Ok(from_now(book, old, wanted, new, items, every));
    }
    Ok(within_period(book, old, wanted, new, items))
}

/// A new period begins now: what was billed beyond is credited, the new items are billed whole.
fn from_now(
    book: &mut Book,
    old: &Arc<Subscription>,
    wanted: &Update,
    mut new: Subscription,
    items: Vec<Item>,
    every: Every,
) -> Plan {
    let now_s = book.now_s();
    let mut prorations = Vec::new();
    if wanted.prorations != Prorations::None {
        for item in &old.items {
            prorations.extend(prorate::credits(book, old, item, now_s));
        }
    }
    new.items = items;
    new.items.iter_mut().for_each(|item| item.billed.clear());
    new.anchor_s = now_s;
    new.period_s = (now_s, every.boundary_after(now_s, now_s));
    if old.status == "trialing" {
        new.status = "active";
        new.trial_s = old.trial_s.map(|(start_s, _)| (start_s, now_s));
    }
    let lines = bill::lines(book, &new, new.period_s);
    Plan { subscription: new, made: prorations, bill: Bill::Now(lines) }
}

/// The period goes on: items that changed are credited as they were and debited as they are.
fn within_period(
    book: &mut Book,
    old: &Arc<Subscription>,
    wanted: &Update,
    mut new: Subscription,
    items: Vec<Item>,
) -> Plan {
    let at_s = wanted.proration_date_s.unwrap_or(book.now_s());
    new.items = items;
    let mut prorations = Vec::new();
    if wanted.prorations != Prorations::None {
        for before in &old.items {
            let after = new.items.iter().find(|item| item.id == before.id);
            if after.is_none_or(|after| costs_differently(before, after)) {
                prorations.extend(prorate::credits(book, old, before, at_s));
            }
        }
        for index in 0..new.items.len() {
            let mut item = new.items[index].clone();
            let before = old.items.iter().find(|before| before.id == item.id);
            if before.is_some_and(|before| !costs_differently(before, &item)) {
                continue;
            }
            item.billed.clear();
            prorations.extend(prorate::debit(book, &new, &mut item, at_s));
            new.items[index] = item;
        }
    }
    let now = wanted.prorations == Prorations::AlwaysInvoice && !prorations.is_empty();
    Plan { subscription: new, made: prorations, bill: if now { Bill::Now(Vec::new()) } else { Bill::Later } }
}

fn costs_differently(before: &Item, after: &Item) -> bool {
    before.price.id != after.price.id || before.quantity != after.quantity
}

fn trial_until(mut new: Subscription, wanted: &Update, now_s: i64) -> Subscription {
    let end_s = wanted.trial_end_s.unwrap_or(now_s);
    let start_s = new.trial_s.map_or(now_s, |(start_s, _)| start_s);
    new.trial_s = Some((start_s, end_s));
    new.status = "trialing";
    new.anchor_s = end_s;
    new.period_s = (now_s, end_s);
    new
}

fn changed_items(book: &mut Book, old: &Subscription, wanted: &Update) -> Result<Vec<Item>, Refusal> {
    let mut items = old.items.clone();
    for (index, change) in wanted.items.iter().enumerate() {
        let Some(id) = &change.id else {
            let Some(price) = &change.price else {
                let name = format!("items[{index}][price]");
                return Err(Refusal::invalid(&name, format!("Missing required param: {name}."))
                    .code("parameter_missing"));
            };
            let price = &taken_in(price, old.currency, &format!("items[{index}][price]"))?;
            if items.iter().any(|item| item.price.id == price.id) {
                let message =
                    format!("Cannot add multiple subscription items with the same plan: {}", price.id);
                return Err(Refusal::invalid(&format!("items[{index}][price]"), message));
            }
            let new = super::NewItem {
                metadata: change.metadata.clone().unwrap_or_default(),
                tax_rates: change.tax_rates.clone().unwrap_or_default(),
                wanted: change.wanted.clone().unwrap_or_default(),
                ..super::NewItem::of(price, change.quantity.unwrap_or(1))
            };
            items.push(made_item(book, new, old.customer.as_deref().unwrap_or_default(), &old.id)?);
            continue;
        };
        let Some(place) = items.iter().position(|item| item.id == *id) else {
            return Err(Refusal::missing("subscription item", &format!("items[{index}][id]"), id));
        };
        if change.deleted {
            items.remove(place);
            continue;
        }
        let item = &mut items[place];
        if let Some(price) = &change.price {
            item.price = taken_in(price, old.currency, &format!("items[{index}][price]"))?;
        }
        item.quantity = change.quantity.unwrap_or(item.quantity);
        item.metadata = change.metadata.clone().unwrap_or_else(|| std::mem::take(&mut item.metadata));
        item.tax_rates = change.tax_rates.clone().unwrap_or_else(|| std::mem::take(&mut item.tax_rates));
        if let Some(wanted) = &change.wanted {
            let holder = Holder {
                customer: old.customer.as_deref(),
                subscription: Some(&old.id),
                subscription_item: Some(&item.id),
                currency: Some(old.currency),
                ..Holder::default()
            };
            item.discounts = discounts::made(book, wanted, &holder, None)?;
        }
    }
    if items.is_empty() {
        return Err(Refusal::request("A subscription must have at least one active plan."));
    }
    Ok(items)
}

/// The fields that need no arithmetic.
fn plain(old: &Subscription, wanted: &Update, now_s: i64) -> Subscription {
    let mut new = old.clone();
    if let Some(at_end) = wanted.cancel_at_period_end {
        new.cancel_at_period_end = at_end;
        new.cancel_at_s = at_end.then_some(old.period_s.1);
        asked_to_cancel(&mut new, at_end, now_s);
    }
    if let Some(at_s) = wanted.cancel_at_s {
        new.cancel_at_s = at_s;
        new.cancel_at_period_end = false;
        asked_to_cancel(&mut new, at_s.is_some(), now_s);
    }
    if let Some((comment, feedback)) = &wanted.cancellation {
        new.cancellation.comment.clone_from(comment);
        new.cancellation.feedback = *feedback;
    }
    new.trial_without_method = wanted.trial_without_method.unwrap_or(new.trial_without_method);
    new.collection = wanted.collection.unwrap_or(new.collection);
    new.default_payment_method = wanted.default_payment_method.clone().unwrap_or(new.default_payment_method);
    new.default_tax_rates = wanted.default_tax_rates.clone().unwrap_or(new.default_tax_rates);
    new.description = wanted.description.clone().unwrap_or(new.description);
    new.metadata = wanted.metadata.clone().unwrap_or(new.metadata);
    new.pause = wanted.pause.clone().unwrap_or(new.pause);
    new.save_default_payment_method =
        wanted.save_default_payment_method.unwrap_or(new.save_default_payment_method);
    new
}

fn asked_to_cancel(new: &mut Subscription, asked: bool, now_s: i64) {
    new.canceled_at_s = asked.then_some(now_s);
    new.cancellation = Cancellation {
        reason: asked.then_some("cancellation_requested"),
        ..std::mem::take(&mut new.cancellation)
    };
}
