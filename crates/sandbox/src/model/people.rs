//! Who buys, once and again: customers and subscriptions. It must not know what an invoice adds up to.

use kernel::Currency;

use super::{Discount, Meta, Price};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Customer {
    pub id: String,
    pub email: String,
    pub name: String,
    pub country: &'static str,
    pub currency: Option<Currency>,
    /// Negative: credit the customer has with the merchant.
    pub balance: i64,
    pub delinquent: bool,
    pub created_s: i64,
    pub metadata: Meta,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    pub id: String,
    pub price: Price,
    pub quantity: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    pub id: String,
    pub customer: Option<String>,
    /// Stripe's word: `trialing`, `active`, `past_due`, `canceled`, ...
    pub status: &'static str,
    pub item: Item,
    pub discounts: Vec<Discount>,
    pub created_s: i64,
    pub period_s: (i64, i64),
    pub trial_s: Option<(i64, i64)>,
    pub cancel_at_period_end: bool,
    pub canceled_at_s: Option<i64>,
    pub ended_at_s: Option<i64>,
    pub latest_invoice: Option<String>,
    pub metadata: Meta,
}
