//! Writing down what happened, tersely: a clock the writer sets, ids that follow from a tag, and verbs
//! (`subscribe`, `renew`, `refund`, ...) that put the events Stripe would send into one ordered list.
//! It must not know what anything earns.

mod bill;
mod catalog;
mod checkout;
mod dispute;
mod page;
mod pay;
mod refund;
mod subscription;

use std::collections::BTreeMap;

pub use bill::Bill;
pub use checkout::OneOff;
pub use page::{Checkout, TaxRule};
pub use pay::Payment;
pub use subscription::Sub;

use crate::model::{Address, Customer, ModelEvent, Object, Previous};
use kernel::Currency;

pub(crate) const DAY_S: i64 = 86_400;

/// A currency written in code.
#[must_use]
pub fn currency(code: &str) -> Currency {
    Currency::parse(code).expect("currencies in code are three letters")
}

/// Seconds of a date or instant written in code (`2026-01-05`, RFC 3339).
#[must_use]
pub fn seconds(at: &str) -> i64 {
    kernel::time::parse(at).expect("times in code are dates or RFC 3339") / kernel::time::SECOND_MS
}

/// A history being written, in one book at a time.
#[derive(Clone, Debug)]
pub struct History {
    tag: String,
    now_s: i64,
    account: Option<String>,
    livemode: bool,
    numbers: BTreeMap<&'static str, u32>,
    events: Vec<ModelEvent>,
}

impl History {
    /// `tag` is part of every id, so histories with different tags never collide in one book.
    #[must_use]
    pub fn new(tag: &str, livemode: bool, account: Option<&str>) -> Self {
        Self {
            tag: tag.to_owned(),
            now_s: 1_767_225_600,
            account: account.map(str::to_owned),
            livemode,
            numbers: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Sets the clock: `2026-01-05` or RFC 3339.
    pub fn at(&mut self, at: &str) -> &mut Self {
        self.at_s(seconds(at))
    }

    pub fn at_s(&mut self, now_s: i64) -> &mut Self {
        self.now_s = now_s;
        self
    }

    pub fn later(&mut self, seconds: i64) -> &mut Self {
        self.now_s += seconds;
        self
    }

    #[must_use]
    pub const fn now_s(&self) -> i64 {
        self.now_s
    }

    /// What follows happens in another book.
    pub fn book(&mut self, livemode: bool, account: Option<&str>) -> &mut Self {
        self.livemode = livemode;
        self.account = account.map(str::to_owned);
        self
    }

    /// A new id: `in_<tag>_0001`.
    pub fn id(&mut self, prefix: &'static str) -> String {
        let number = self.numbers.entry(prefix).or_insert(0);
        *number += 1;
        format!("{prefix}_{}{number:05}", self.tag)
    }

    /// Low level: exactly this object, now.
    pub fn emit(&mut self, kind: &'static str, object: Object) -> &mut Self {
        self.emit_changed(kind, object, Vec::new())
    }

    /// Low level: exactly this object, with what some fields were before (values are JSON).
    pub fn emit_changed(&mut self, kind: &'static str, object: Object, previous: Vec<Previous>) -> &mut Self {
        let event = ModelEvent {
            id: self.id("evt"),
            kind,
            created_s: self.now_s,
            account: self.account.clone(),
            livemode: self.livemode,
            object,
            previous,
            before: None,
            cause: None,
        };
        self.events.push(event);
        self
    }

    /// Takes back events not yet taken: Stripe did not send them, or nobody subscribed.
    pub fn without(&mut self, kind: &str) -> &mut Self {
        self.events.retain(|event| event.kind != kind);
        self
    }

    /// What happened since the last call.
    pub fn take(&mut self) -> Vec<ModelEvent> {
        std::mem::take(&mut self.events)
    }

    #[must_use]
    pub fn events(&self) -> &[ModelEvent] {
        &self.events
    }

    /// A new customer, with its event.
    pub fn customer(&mut self) -> Customer {
        let id = self.id("cus");
        let number = self.numbers.get("cus").copied().unwrap_or(0);
        let customer = Customer {
            email: Some(format!("buyer{number}+{}@example.com", self.tag)),
            name: Some(format!("Buyer {number}")),
            address: Some(Address::example("US")),
            ..Customer::blank(&id, self.now_s)
        };
        self.emit("customer.created", Object::from(customer.clone()));
        customer
    }
}
