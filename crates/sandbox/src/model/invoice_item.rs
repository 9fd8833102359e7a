//! An invoice item: something to be put on the next invoice, often a proration. It must not know which
//! invoice takes it.

use std::sync::Arc;

use kernel::Currency;

use super::{Discount, Line, Meta, Price, TaxRate};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InvoiceItem {
    pub id: String,
    pub customer: String,
    pub currency: Currency,
    pub price: Arc<Price>,
    pub quantity: i64,
    /// Negative for credits.
    pub amount: i64,
    pub description: Option<String>,
    pub discountable: bool,
    pub discounts: Vec<Arc<Discount>>,
    pub tax_rates: Vec<Arc<TaxRate>>,
    /// `None`: it waits for the next one.
    pub invoice: Option<String>,
    pub subscription: Option<String>,
    pub subscription_item: Option<String>,
    pub proration: bool,
    /// What a credit gives back: (invoice, its lines).
    pub credited: Option<(String, Vec<String>)>,
    pub period_s: (i64, i64),
    pub date_s: i64,
    pub test_clock: Option<String>,
    pub metadata: Meta,
}

impl InvoiceItem {
    /// One of a price, now, waiting.
    #[must_use]
    pub fn blank(id: &str, customer: &str, price: impl Into<Arc<Price>>, now_s: i64) -> Self {
        let price = price.into();
        Self {
            id: id.to_owned(),
            customer: customer.to_owned(),
            currency: price.currency,
            quantity: 1,
            amount: price.unit_minor,
            price,
            description: None,
            discountable: true,
            discounts: Vec::new(),
            tax_rates: Vec::new(),
            invoice: None,
            subscription: None,
            subscription_item: None,
            proration: false,
            credited: None,
            period_s: (now_s, now_s),
            date_s: now_s,
            test_clock: None,
            metadata: Meta::new(),
        }
    }

    /// The line it becomes.
    #[must_use]
    pub fn line(&self, id: &str) -> Line {
        let description = self.description.clone().unwrap_or_else(|| self.price.name.clone());
        Line {
            description,
            quantity: self.quantity,
            amount: self.amount,
            own_discounts: self.discounts.clone(),
            tax_rates: self.tax_rates.clone(),
            proration: self.proration,
            subscription: self.subscription.clone(),
            subscription_item: self.subscription_item.clone(),
            invoice_item: Some(self.id.clone()),
            credited: self.credited.clone(),
            discountable: self.discountable,
            period_s: self.period_s,
            metadata: self.metadata.clone(),
            ..Line::blank(id, Arc::clone(&self.price), self.date_s)
        }
    }
}
