//! What a new subscription is asked to be, and the subscription made of that, not entered yet. It must not know
//! what it is billed.

use std::sync::Arc;

use kernel::Currency;

use super::{bill, discounts};
use crate::model::{Collection, Customer, Item, Meta, Price, Subscription, TaxRate};
use crate::world::calendar::Every;
use crate::world::discount::{Holder, Purchase, Wanted};
use crate::world::{Book, Refusal, invoice};

const ITEMS_MAX: usize = 20;

/// One thing to subscribe to.
pub(crate) struct NewItem {
    pub(crate) price: Arc<Price>,
    pub(crate) quantity: i64,
    pub(crate) metadata: Meta,
    pub(crate) tax_rates: Vec<Arc<TaxRate>>,
    /// Its own discounts.
    pub(crate) wanted: Vec<Wanted>,
}

impl NewItem {
    pub(crate) fn of(price: &Arc<Price>, quantity: i64) -> Self {
        Self {
            price: Arc::clone(price),
            quantity,
            metadata: Meta::new(),
            tax_rates: Vec::new(),
            wanted: Vec::new(),
        }
    }
}

/// What an unpaid first invoice (or an unpaid change) means.
#[allow(clippy::enum_variant_names, reason = "the words of the API")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PaymentBehavior {
    /// Unpaid, it is `incomplete` and waits 23 hours.
    AllowIncomplete,
    /// Nothing is tried: it is `incomplete` until somebody confirms the intent.
    DefaultIncomplete,
    /// Unpaid, nothing was made.
    ErrorIfIncomplete,
    /// Of updates: unpaid, the change waits.
    PendingIfIncomplete,
}

pub(crate) struct NewSubscription {
    pub(crate) customer: String,
    pub(crate) items: Vec<NewItem>,
    /// The customer's, else the prices' own.
    pub(crate) currency: Option<Currency>,
    /// One-time things on the first invoice.
    pub(crate) extras: Vec<invoice::NewLine>,
    /// Discounts on all of it.
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) default_tax_rates: Vec<Arc<TaxRate>>,
    pub(crate) trial_end_s: Option<i64>,
    /// `create_invoice`, `cancel`, `pause`.
    pub(crate) trial_without_method: &'static str,
    pub(crate) anchor_s: Option<i64>,
    /// Whether a first period shorter than the price's is billed in part (else it is free).
    pub(crate) prorate: bool,
    pub(crate) cancel_at_s: Option<i64>,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) collection: Collection,
    pub(crate) payment_behavior: PaymentBehavior,
    /// Whether the customer is not there to answer a bank's question.
    pub(crate) off_session: bool,
    pub(crate) default_payment_method: Option<String>,
    pub(crate) save_default_payment_method: &'static str,
    pub(crate) description: Option<String>,
    /// `billing_mode`.
    pub(crate) flexible: bool,
    pub(crate) metadata: Meta,
}

impl NewSubscription {
    /// Begins now and charges what the customer has on file.
    pub(crate) fn blank(customer: &str) -> Self {
        Self {
            customer: customer.to_owned(),
            items: Vec::new(),
            currency: None,
            extras: Vec::new(),
            wanted: Vec::new(),
            default_tax_rates: Vec::new(),
            trial_end_s: None,
            trial_without_method: "create_invoice",
            anchor_s: None,
            prorate: true,
            cancel_at_s: None,
            cancel_at_period_end: false,
            collection: Collection::Automatic,
            payment_behavior: PaymentBehavior::AllowIncomplete,
            off_session: false,
            default_payment_method: None,
            save_default_payment_method: "off",
            description: None,
            flexible: false,
            metadata: Meta::new(),
        }
    }
}

/// The subscription as asked for, not entered yet.
pub(super) fn made(
    book: &mut Book,
    new: NewSubscription,
    customer: &Customer,
) -> Result<Subscription, Refusal> {
    let now_s = book.now_s();
    let mut new = new;
    in_currency(&mut new, customer);
    let every = recurrence(new.items.iter().map(|item| &*item.price))?;
    let Some(currency) = new.items.first().map(|item| item.price.currency) else {
        return Err(Refusal::invalid("items", "Missing required param: items.").code("parameter_missing"));
    };
    one_currency(customer, currency)?;
    if new.trial_end_s.is_some_and(|end_s| end_s <= now_s) {
        return Err(Refusal::invalid(
            "trial_end",
            "Invalid timestamp: must be an integer Unix timestamp in the future.",
        ));
    }
    let natural_s = every.boundary_after(now_s, now_s);
    if new.anchor_s.is_some_and(|at_s| at_s <= now_s || at_s > natural_s) {
        let message = format!(
            "`billing_cycle_anchor` cannot be later than next natural billing date ({natural_s}) for plan"
        );
        return Err(Refusal::invalid("billing_cycle_anchor", message));
    }
    let id = book.id("sub");
    let subtotal = new.items.iter().map(|item| bill::priced(&item.price, item.quantity)).sum();
    let products: Vec<&str> = new.items.iter().map(|item| item.price.product.as_str()).collect();
    let purchase = Purchase { subtotal_minor: subtotal, currency, products: &products };
    let holder = Holder {
        customer: Some(&customer.id),
        subscription: Some(&id),
        currency: Some(currency),
        ..Holder::default()
    };
    let discounts = discounts::made(book, &new.wanted, &holder, Some(&purchase))?;
    let mut items = Vec::with_capacity(new.items.len());
    for item in new.items {
        items.push(made_item(book, item, &customer.id, &id)?);
    }
    let anchor_s = new.trial_end_s.or(new.anchor_s).unwrap_or(now_s);
    let end_s = if anchor_s > now_s { anchor_s } else { natural_s };
    let trial_s = new.trial_end_s.map(|end_s| (now_s, end_s));
    Ok(Subscription {
        customer: Some(customer.id.clone()),
        status: if trial_s.is_some() { "trialing" } else { "active" },
        items,
        discounts,
        default_tax_rates: new.default_tax_rates,
        anchor_s,
        period_s: (now_s, end_s),
        trial_s,
        trial_without_method: new.trial_without_method,
        cancel_at_s: new.cancel_at_s.or_else(|| new.cancel_at_period_end.then_some(end_s)),
        cancel_at_period_end: new.cancel_at_period_end,
        canceled_at_s: (new.cancel_at_period_end || new.cancel_at_s.is_some()).then_some(now_s),
        collection: new.collection,
        default_payment_method: new.default_payment_method,
        save_default_payment_method: new.save_default_payment_method,
        description: new.description,
        flexible: new.flexible,
        test_clock: book.clock_of(customer),
        metadata: new.metadata,
        ..Subscription::blank(&id, currency, now_s)
    })
}

pub(super) fn made_item(
    book: &mut Book,
    new: NewItem,
    customer: &str,
    subscription: &str,
) -> Result<Item, Refusal> {
    let (id, now_s) = (book.id("si"), book.now_s());
    let holder = Holder {
        customer: Some(customer),
        subscription: Some(subscription),
        subscription_item: Some(&id),
        currency: Some(new.price.currency),
        ..Holder::default()
    };
    let discounts = discounts::made(book, &new.wanted, &holder, None)?;
    Ok(Item {
        quantity: new.quantity,
        metadata: new.metadata,
        discounts,
        tax_rates: new.tax_rates,
        ..Item::blank(&id, new.price, now_s)
    })
}

/// Prices with an option in the wanted currency (said, or the customer's) are taken in it.
fn in_currency(new: &mut NewSubscription, customer: &Customer) {
    let Some(currency) = new.currency.or(customer.currency) else { return };
    for item in &mut new.items {
        if item.price.currency != currency
            && let Some(price) = item.price.in_currency(currency)
        {
            item.price = Arc::new(price);
        }
    }
}

/// Everything of a customer is in one currency, an amount off included.
fn one_currency(customer: &Customer, currency: Currency) -> Result<(), Refusal> {
    let of_discount = || customer.discount.as_ref().and_then(|discount| discount.coupon.only_in(currency));
    match customer.currency.filter(|own| *own != currency).or_else(of_discount) {
        None => Ok(()),
        Some(other) => Err(Refusal::request(format!(
            "You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency {other}"
        ))),
    }
}

/// All items recur alike, in one currency.
pub(super) fn recurrence<'a>(prices: impl Iterator<Item = &'a Price>) -> Result<Every, Refusal> {
    let mut found = None;
    for (index, price) in prices.enumerate() {
        let param = format!("items[{index}][price]");
        let Some(every) = Every::of(price) else {
            let message = "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.";
            return Err(Refusal::invalid(&param, message));
        };
        match found {
            None => found = Some((every, price.currency)),
            Some((known, _)) if known != every => {
                let message = "Currently, all prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`. If you meant to update an existing subscription item, pass the subscription item ID.";
                return Err(Refusal::invalid(&param, message));
            }
            Some((_, currency)) if currency != price.currency => {
                let message = "All prices on a subscription must have the same currency.";
                return Err(Refusal::invalid(&param, message));
            }
            Some(_) => {}
        }
        if index >= ITEMS_MAX {
            return Err(Refusal::invalid("items", "A subscription may have up to 20 items."));
        }
    }
    let missing = || Refusal::invalid("items", "Missing required param: items.").code("parameter_missing");
    found.map(|(every, _)| every).ok_or_else(missing)
}
