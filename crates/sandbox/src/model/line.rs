//! A line of an invoice: what for, how much, what discounts took off it, and its taxes. It must not know what
//! the invoice does with the sum.

use std::sync::Arc;

use super::{Discount, Meta, Price, TaxRate};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tax {
    pub rate: String,
    pub amount: i64,
    pub inclusive: bool,
    pub taxable: i64,
}

/// What a discount took off one line. `item`: it is the line's own discount, taken before the invoice's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    pub discount: String,
    pub amount: i64,
    pub item: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub id: String,
    pub description: String,
    pub price: Arc<Price>,
    pub quantity: i64,
    /// Net of nothing; negative for credits.
    pub amount: i64,
    pub discounts: Vec<Applied>,
    /// The line's own, whatever they took.
    pub own_discounts: Vec<Arc<Discount>>,
    pub tax_rates: Vec<Arc<TaxRate>>,
    pub taxes: Vec<Tax>,
    pub proration: bool,
    pub subscription: Option<String>,
    pub subscription_item: Option<String>,
    /// The invoice item it came from; a subscription's own lines have none.
    pub invoice_item: Option<String>,
    /// What a credit gives back: (invoice, its lines).
    pub credited: Option<(String, Vec<String>)>,
    pub discountable: bool,
    pub period_s: (i64, i64),
    pub metadata: Meta,
}

impl Line {
    /// One of a price at its full amount, now, of no subscription.
    #[must_use]
    pub fn blank(id: &str, price: impl Into<Arc<Price>>, now_s: i64) -> Self {
        let price = price.into();
        Self {
            id: id.to_owned(),
            description: format!("1 × {}", price.name),
            quantity: 1,
            amount: price.unit_minor,
            price,
            discounts: Vec::new(),
            own_discounts: Vec::new(),
            tax_rates: Vec::new(),
            taxes: Vec::new(),
            proration: false,
            subscription: None,
            subscription_item: None,
            invoice_item: None,
            credited: None,
            discountable: true,
            period_s: (now_s, now_s),
            metadata: Meta::new(),
        }
    }

    /// What is left of it after discounts.
    #[must_use]
    pub fn net(&self) -> i64 {
        self.amount - self.discount()
    }

    #[must_use]
    pub fn discount(&self) -> i64 {
        self.discounts.iter().map(|applied| applied.amount).sum()
    }

    #[must_use]
    pub fn tax(&self, inclusive: bool) -> i64 {
        self.taxes.iter().filter(|tax| tax.inclusive == inclusive).map(|tax| tax.amount).sum()
    }
}
