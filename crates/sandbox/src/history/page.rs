//! What is on a checkout page before anybody pays: the price, codes, taxes, and what the merchant wrote
//! down beside it. It must not know what comes of it.

use crate::model::{Coupon, Customer, Meta, Price, PromotionCode, percent, ratio};

/// A tax the merchant collects: basis points, within the price or on top.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TaxRule {
    pub bps: i64,
    pub inclusive: bool,
}

impl TaxRule {
    /// The tax of an amount after discounts.
    #[must_use]
    pub(crate) fn of(self, amount: i64) -> i64 {
        if self.inclusive { ratio(amount, self.bps, 10_000 + self.bps) } else { percent(amount, self.bps) }
    }
}

/// What is on the page. Start from [`Checkout::of`] and set what matters.
#[derive(Clone, Debug)]
pub struct Checkout {
    pub price: Price,
    pub customer: Option<Customer>,
    pub codes: Vec<PromotionCode>,
    /// Applied by the merchant's server, without a code.
    pub coupons: Vec<Coupon>,
    pub tax: Option<TaxRule>,
    pub shipping: i64,
    pub trial_days: i64,
    pub client_reference_id: Option<String>,
    /// Of the session, of the subscription, of the intent: Stripe never copies one to another.
    pub session_metadata: Meta,
    pub subscription_metadata: Meta,
    pub intent_metadata: Meta,
    /// `invoice_creation.enabled` of a one-off.
    pub with_invoice: bool,
    /// The method is slow: completed now, paid (or not) later.
    pub asynchronous: bool,
    pub manual_capture: bool,
}

impl Checkout {
    #[must_use]
    pub fn of(price: &Price) -> Self {
        Self {
            price: price.clone(),
            customer: None,
            codes: Vec::new(),
            coupons: Vec::new(),
            tax: None,
            shipping: 0,
            trial_days: 0,
            client_reference_id: None,
            session_metadata: Vec::new(),
            subscription_metadata: Vec::new(),
            intent_metadata: Vec::new(),
            with_invoice: false,
            asynchronous: false,
            manual_capture: false,
        }
    }

    #[must_use]
    pub fn customer(mut self, customer: &Customer) -> Self {
        self.customer = Some(customer.clone());
        self
    }

    #[must_use]
    pub fn code(mut self, code: &PromotionCode) -> Self {
        self.codes.push(code.clone());
        self
    }

    #[must_use]
    pub fn coupon(mut self, coupon: &Coupon) -> Self {
        self.coupons.push(coupon.clone());
        self
    }

    #[must_use]
    pub fn trial(mut self, days: i64) -> Self {
        self.trial_days = days;
        self
    }

    #[must_use]
    pub fn reference(mut self, client_reference_id: &str) -> Self {
        self.client_reference_id = Some(client_reference_id.to_owned());
        self
    }
}
