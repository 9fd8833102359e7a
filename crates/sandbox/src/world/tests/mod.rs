//! Tests of lifecycles with hands on a book: what calls can't see, and more of it than calls could make.

mod api;
mod random;
mod stories;
mod transfers;
mod troubles;

use std::sync::Arc;

use super::subscription::{NewItem, NewSubscription};
use super::{Book, BookKey, World};
use super::{payment_method, price};
use crate::model::{Customer, Price, Product, TaxRate};
use kernel::Currency;

pub(super) const START_S: i64 = 1_767_225_600;
const OWN: BookKey = BookKey { account: None, livemode: false };

pub(super) fn usd() -> Currency {
    Currency::parse("usd").expect("a currency")
}

/// A world and hands on its own test book.
pub(super) struct Hands {
    pub(super) world: World,
}

impl Hands {
    pub(super) fn new(seed: u64) -> Self {
        Self { world: World::new(seed, START_S) }
    }

    pub(super) fn book(&mut self) -> &mut Book {
        self.world.book(&OWN).expect("the own book")
    }

    pub(super) fn price(&mut self, unit_minor: i64, unit: &'static str) -> Arc<Price> {
        let book = self.book();
        let product = Product::blank("prod_1", "Chat", book.now_s());
        book.products.put("prod_1", product);
        let price = Price { interval: Some(unit), ..Price::blank("", "", unit_minor, usd(), 0) };
        price::create(book, price::Of::Product("prod_1".into()), price, false).expect("a price")
    }

    /// Somebody whose card pays.
    pub(super) fn customer(&mut self) -> Arc<Customer> {
        let book = self.book();
        let id = book.id("cus");
        let customer = payer(&id, book.now_s());
        book.customers.put(&id, customer);
        let method = payment_method::resolve(book, "pm_card_visa").expect("a test card");
        let method = payment_method::attach(book, &method, &id).expect("attached");
        let customer =
            Customer { default_payment_method: Some(method.id.clone()), ..payer(&id, book.now_s()) };
        book.customers.put(&id, customer)
    }

    pub(super) fn days(&mut self, days: i64) {
        let to_s = self.world.now_s() + days * 86_400;
        self.world.tick(to_s);
    }

    /// What was told since the last call.
    pub(super) fn kinds(&mut self) -> Vec<&'static str> {
        self.world.take_events().iter().map(|event| event.kind).collect()
    }
}

fn payer(id: &str, created_s: i64) -> Customer {
    Customer {
        email: Some("buyer@example.com".into()),
        name: Some("Buyer".into()),
        ..Customer::blank(id, created_s)
    }
}

pub(super) fn of(customer: &str, price: &Arc<Price>, quantity: i64) -> NewSubscription {
    NewSubscription { items: vec![NewItem::of(price, quantity)], ..NewSubscription::blank(customer) }
}

/// A payment method of the customer that will decline.
pub(super) fn declines(hands: &mut Hands, customer: &Customer) -> String {
    let book = hands.book();
    let method = payment_method::resolve(book, "pm_card_chargeCustomerFail").expect("a test card");
    let method = payment_method::attach(book, &method, &customer.id).expect("attached");
    method.id.clone()
}

pub(super) fn rate(id: &str, rate_ppm: i64, inclusive: bool) -> Arc<TaxRate> {
    Arc::new(TaxRate {
        id: id.to_owned(),
        display_name: "VAT".into(),
        rate_ppm,
        inclusive,
        active: true,
        country: None,
        description: None,
        jurisdiction: None,
        state: None,
        tax_type: None,
        created_s: START_S,
        metadata: Vec::new(),
    })
}
