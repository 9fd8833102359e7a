//! A bill with exact numbers: what an invoice is to say, and the invoice made of it. The arithmetic is
//! the invoice's own; this only spreads discounts and taxes over lines.

use std::sync::Arc;

use kernel::Currency;

use super::{DAY_S, History};
use crate::model::{
    Applied, Customer, Discount, Invoice, InvoiceStatus, Line, Meta, Object, Price, Shipping, Subscription,
    Tax,
};

/// What to bill. Amounts are explicit; nothing is derived from prices or rates.
#[derive(Clone, Debug)]
pub struct Bill {
    currency: Currency,
    /// (amount, proration, its own price)
    lines: Vec<(i64, bool, Option<Price>)>,
    /// (discount, amount, of an item)
    discounts: Vec<(Discount, i64, bool)>,
    tax_inclusive: i64,
    tax_exclusive: i64,
    shipping: Option<(i64, i64)>,
    starting_balance: i64,
    customer: Option<Customer>,
    subscription: Option<Subscription>,
    price: Option<Price>,
    reason: &'static str,
    metadata: Meta,
}

impl Bill {
    #[must_use]
    pub fn of(amount: i64, currency: Currency) -> Self {
        Self {
            currency,
            lines: vec![(amount, false, None)],
            discounts: Vec::new(),
            tax_inclusive: 0,
            tax_exclusive: 0,
            shipping: None,
            starting_balance: 0,
            customer: None,
            subscription: None,
            price: None,
            reason: "manual",
            metadata: Vec::new(),
        }
    }

    /// A further line.
    #[must_use]
    pub fn line(mut self, amount: i64) -> Self {
        self.lines.push((amount, false, None));
        self
    }

    /// A further line, of another price than the bill's.
    #[must_use]
    pub fn line_of(mut self, amount: i64, price: &Price) -> Self {
        self.lines.push((amount, false, Some(price.clone())));
        self
    }

    /// All lines are prorations, plus this one.
    #[must_use]
    pub fn proration(mut self, amount: i64) -> Self {
        self.lines.push((amount, true, None));
        self.lines.iter_mut().for_each(|line| line.1 = true);
        self.reason = "subscription_update";
        self
    }

    /// Tax within the prices (line taxes only).
    #[must_use]
    pub fn tax_inclusive(mut self, amount: i64) -> Self {
        self.tax_inclusive = amount;
        self
    }

    /// Tax on top (line taxes only).
    #[must_use]
    pub fn tax_exclusive(mut self, amount: i64) -> Self {
        self.tax_exclusive = amount;
        self
    }

    /// Shipping as priced, and the tax within it.
    #[must_use]
    pub fn shipping(mut self, amount: i64, tax_inclusive: i64) -> Self {
        self.shipping = Some((amount, tax_inclusive));
        self
    }

    #[must_use]
    pub fn discount(mut self, discount: &Discount, amount: i64) -> Self {
        self.discounts.push((discount.clone(), amount, false));
        self
    }

    /// A discount of the first item alone, taken before the invoice's.
    #[must_use]
    pub fn item_discount(mut self, discount: &Discount, amount: i64) -> Self {
        self.discounts.push((discount.clone(), amount, true));
        self
    }

    /// The customer has this much credit (positive).
    #[must_use]
    pub fn credit(mut self, credit: i64) -> Self {
        self.starting_balance = -credit;
        self
    }

    #[must_use]
    pub fn customer(mut self, customer: &Customer) -> Self {
        self.customer = Some(customer.clone());
        self
    }

    #[must_use]
    pub fn subscription(mut self, subscription: &Subscription, reason: &'static str) -> Self {
        self.subscription = Some(subscription.clone());
        self.reason = reason;
        self
    }

    #[must_use]
    pub fn price(mut self, price: &Price) -> Self {
        self.price = Some(price.clone());
        self
    }

    #[must_use]
    pub fn metadata(mut self, name: &str, value: &str) -> Self {
        self.metadata.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Bill {
    /// What is left of the lines after discounts.
    pub(crate) fn net(&self) -> i64 {
        let lines: i64 = self.lines.iter().map(|(amount, ..)| amount).sum();
        lines - self.discounts.iter().map(|(_, amount, _)| amount).sum::<i64>()
    }
}

impl History {
    /// The invoice of a bill, finalized now (`invoice.finalized`), unpaid.
    pub fn invoice(&mut self, bill: &Bill) -> Invoice {
        let invoice = self.made(bill);
        self.emit("invoice.finalized", Object::from(invoice.clone()));
        invoice
    }

    fn made(&mut self, bill: &Bill) -> Invoice {
        let id = self.id("in");
        let number = format!("8F2C1A-{}", id.trim_start_matches("in_"));
        let customer = bill.customer.as_ref();
        let subscription = bill.subscription.as_ref();
        let of_subscription = || subscription.and_then(|subscription| subscription.customer.clone());
        let lines = self.lines(bill);
        Invoice {
            number,
            status: InvoiceStatus::Open,
            customer: customer.map(|customer| customer.id.clone()).or_else(of_subscription),
            email: customer
                .and_then(|customer| customer.email.clone())
                .unwrap_or_else(|| "buyer@example.com".into()),
            name: customer.and_then(|customer| customer.name.clone()).unwrap_or_else(|| "Buyer".into()),
            subscription: subscription.map(|subscription| subscription.id.clone()),
            subscription_metadata: subscription
                .map_or_else(Vec::new, |subscription| subscription.metadata.clone()),
            metadata: bill.metadata.clone(),
            billing_reason: bill.reason,
            lines,
            discounts: bill.discounts.iter().map(|(discount, ..)| Arc::new(discount.clone())).collect(),
            shipping: bill.shipping.map(shipping),
            starting_balance: bill.starting_balance,
            finalized_s: Some(self.now_s),
            ..Invoice::blank(&id, bill.currency, self.now_s)
        }
    }

    fn lines(&mut self, bill: &Bill) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for (amount, proration, price) in &bill.lines {
            lines.push(self.bare_line(bill, *amount, *proration, price.as_ref()));
        }
        for (discount, amount, item) in &bill.discounts {
            let weights: Vec<i64> = lines.iter().map(|line| (line.amount - line.discount()).max(0)).collect();
            let parts = if *item { first_only(*amount, lines.len()) } else { spread(*amount, &weights) };
            for (line, amount) in lines.iter_mut().zip(parts).filter(|(_, amount)| *amount != 0) {
                line.discounts.push(Applied { discount: discount.id.clone(), amount, item: *item });
            }
        }
        for (tax, inclusive) in [(bill.tax_inclusive, true), (bill.tax_exclusive, false)] {
            let weights: Vec<i64> = lines.iter().map(|line| (line.amount - line.discount()).max(0)).collect();
            for (line, amount) in
                lines.iter_mut().zip(spread(tax, &weights)).filter(|(_, amount)| *amount != 0)
            {
                line.taxes.push(tax_row(amount, inclusive, line.amount - line.discount()));
            }
        }
        lines
    }

    fn bare_line(&mut self, bill: &Bill, amount: i64, proration: bool, own: Option<&Price>) -> Line {
        let subscription = bill.subscription.as_ref();
        let own = own.or(bill.price.as_ref()).map(|price| Arc::new(price.clone()));
        let price = own.or_else(|| subscription.and_then(Subscription::price).map(Arc::clone));
        let price = price.unwrap_or_else(|| self.adhoc_price(amount, bill.currency));
        let id = self.id("il");
        Line {
            amount,
            proration,
            discountable: !proration,
            subscription: subscription.map(|row| row.id.clone()),
            subscription_item: subscription.and_then(|row| row.items.first()).map(|item| item.id.clone()),
            invoice_item: subscription.is_none().then(|| id.replacen("il_", "ii_", 1)),
            period_s: subscription.map_or((self.now_s, self.now_s + 30 * DAY_S), |row| row.period_s),
            metadata: subscription.map_or_else(Vec::new, |row| row.metadata.clone()),
            ..Line::blank(&id, price, self.now_s)
        }
    }

    fn adhoc_price(&self, amount: i64, currency: Currency) -> Arc<Price> {
        let blank = Price::blank("price_adhoc", "prod_adhoc", amount, currency, self.now_s);
        Arc::new(Price { name: "Consulting".into(), ..blank })
    }
}

fn shipping((amount, tax): (i64, i64)) -> Shipping {
    let rate = "shr_standard".to_owned();
    Shipping { rate, amount, tax: (tax != 0).then(|| tax_row(tax, true, amount)) }
}

fn tax_row(amount: i64, inclusive: bool, priced: i64) -> Tax {
    let rate = if inclusive { "txr_vat_inclusive" } else { "txr_sales_tax" };
    Tax { rate: rate.into(), amount, inclusive, taxable: if inclusive { priced - amount } else { priced } }
}

fn first_only(amount: i64, lines: usize) -> Vec<i64> {
    (0..lines).map(|index| if index == 0 { amount } else { 0 }).collect()
}

fn spread(amount: i64, weights: &[i64]) -> Vec<i64> {
    let parts = kernel::apportion(amount.abs(), weights).unwrap_or_default();
    parts.into_iter().map(|part| part * amount.signum()).collect()
}
