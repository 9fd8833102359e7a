//! The life of a subscription after checkout: renewals, changes, the end.

use std::sync::Arc;

use super::checkout::{priced, taxed};
use super::{Bill, DAY_S, History, Payment, TaxRule};
use crate::json::quoted;
use crate::model::{Customer, Discount, Invoice, Object, Price, PromotionCode, Subscription};

/// A running subscription, and how often each of its discounts was used.
#[derive(Clone, Debug)]
pub struct Sub {
    pub subscription: Subscription,
    pub customer: Option<Customer>,
    pub tax: Option<TaxRule>,
    pub(crate) uses: Vec<u32>,
}

impl Sub {
    /// What it costs: a history's subscription is of one price.
    ///
    /// # Panics
    /// When its one item was taken away.
    #[must_use]
    pub fn price(&self) -> &Price {
        self.subscription.price().expect("a history's subscription has an item")
    }

    /// A bill of this subscription.
    #[must_use]
    pub fn on(&self, bill: Bill, reason: &'static str) -> Bill {
        let bill = bill.subscription(&self.subscription, reason);
        match &self.customer {
            Some(customer) => bill.customer(customer),
            None => bill,
        }
    }
}

impl History {
    /// The next period, paid by card: what the price, the remaining discounts and the tax say.
    pub fn renew(&mut self, sub: &mut Sub) -> Payment {
        self.next_period(sub);
        self.bill_period(sub, "subscription_cycle")
    }

    /// The next period's invoice, not paid yet.
    pub fn renew_unpaid(&mut self, sub: &mut Sub) -> Invoice {
        self.next_period(sub);
        self.period_invoice(sub, "subscription_cycle")
    }

    fn next_period(&mut self, sub: &mut Sub) {
        let length = if sub.price().interval == Some("year") { 365 } else { 30 };
        let previous = vec![("status", quoted(sub.subscription.status))];
        let was_trial = sub.subscription.status == "trialing";
        sub.subscription.status = "active";
        sub.subscription.period_s = (self.now_s, self.now_s + length * DAY_S);
        if was_trial {
            let object = Object::from(sub.subscription.clone());
            self.emit_changed("customer.subscription.updated", object, previous);
        }
    }

    pub(crate) fn bill_period(&mut self, sub: &mut Sub, reason: &'static str) -> Payment {
        let invoice = self.period_invoice(sub, reason);
        self.pay(invoice)
    }

    pub(super) fn period_invoice(&mut self, sub: &mut Sub, reason: &'static str) -> Invoice {
        let (amount, currency) = (sub.price().unit_minor, sub.price().currency);
        let now_s = self.now_s;
        let mut current: Vec<Discount> = Vec::new();
        for (discount, used) in sub.subscription.discounts.iter().zip(&mut sub.uses) {
            if discount.applies(now_s, *used) {
                *used += 1;
                current.push(Discount::clone(discount));
            }
        }
        let bill = sub.on(Bill::of(amount, currency), reason);
        let bill = taxed(priced(bill, &current, amount), sub.tax);
        let invoice = self.invoice_on_balance(sub, bill);
        sub.subscription.latest_invoice = Some(invoice.id.clone());
        invoice
    }

    /// An invoice that uses up the customer's credit, or adds to it when its total is negative.
    pub fn invoice_on_balance(&mut self, sub: &mut Sub, bill: Bill) -> Invoice {
        let credit = sub.customer.as_ref().map_or(0, |customer| -customer.balance);
        let invoice = self.invoice(&if credit > 0 { bill.credit(credit) } else { bill });
        if let Some(customer) = sub.customer.as_mut().filter(|row| row.balance != invoice.ending_balance()) {
            self.balance(customer, invoice.ending_balance());
        }
        invoice
    }

    /// A code is put on a running subscription.
    pub fn add_code(&mut self, sub: &mut Sub, code: &PromotionCode) -> Discount {
        let discount = self.discount(code, sub.customer.as_ref());
        let discount = Discount { subscription: Some(sub.subscription.id.clone()), ..discount };
        sub.subscription.discounts.push(Arc::new(discount.clone()));
        sub.uses.push(0);
        self.emit("customer.discount.created", Object::from(discount.clone()));
        let object = Object::from(sub.subscription.clone());
        self.emit_changed("customer.subscription.updated", object, vec![("discounts", "[]".into())]);
        discount
    }

    /// A discount is taken off a running subscription.
    pub fn remove_code(&mut self, sub: &mut Sub, discount: &Discount) {
        let before: Vec<String> = sub.subscription.discounts.iter().map(|row| quoted(&row.id)).collect();
        if let Some(place) = sub.subscription.discounts.iter().position(|row| row.id == discount.id) {
            sub.subscription.discounts.remove(place);
            sub.uses.remove(place);
        }
        self.emit("customer.discount.deleted", Object::from(discount.clone()));
        let previous = vec![("discounts", format!("[{}]", before.join(",")))];
        self.emit_changed("customer.subscription.updated", Object::from(sub.subscription.clone()), previous);
    }

    /// Another price from now on; the invoice of the change is the caller's.
    pub fn change_price(&mut self, sub: &mut Sub, price: &Price) {
        if let Some(item) = sub.subscription.items.first_mut() {
            item.price = Arc::new(price.clone());
        }
        let object = Object::from(sub.subscription.clone());
        self.emit_changed("customer.subscription.updated", object, vec![("items", "{\"data\":[]}".into())]);
    }

    /// Ends now.
    pub fn cancel(&mut self, sub: &mut Sub) {
        sub.subscription.status = "canceled";
        sub.subscription.canceled_at_s = Some(self.now_s);
        sub.subscription.ended_at_s = Some(self.now_s);
        sub.subscription.cancellation.reason = Some("cancellation_requested");
        let object = Object::from(sub.subscription.clone());
        self.emit("customer.subscription.deleted", object);
    }
}
