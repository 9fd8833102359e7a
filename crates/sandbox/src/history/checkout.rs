//! What comes of a checkout page: a one-off (`buy`), now or after a slow method, or a subscription
//! (`subscribe`) with its first invoice. It must not know who owns a code.

use std::sync::Arc;

use super::pay::Funds;
use super::{Bill, Checkout, DAY_S, History, Payment, Sub, TaxRule};
use crate::model::{Address, Discount, Failure, Item, Mode, Object, PaymentStatus, Session, Subscription};

/// A one-off: its session, and its money once there is any.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OneOff {
    pub session: Session,
    pub payment: Payment,
}

impl History {
    /// A one-off through the checkout page. The clock stays; an asynchronous one stays unpaid.
    pub fn buy(&mut self, page: &Checkout) -> OneOff {
        let mut session = self.session(page, Mode::Payment);
        if page.with_invoice {
            return self.buy_invoiced(page, session);
        }
        let funds = Funds {
            amount: session.total(),
            currency: session.currency,
            customer: session.customer.clone(),
            email: Some(session.email.clone()),
            invoice: None,
            metadata: page.intent_metadata.clone(),
        };
        let mut payment = Payment { sale: session.id.clone(), invoice: None, intent: None, charge: None };
        if session.total() == 0 {
            session.payment_status = PaymentStatus::NoPaymentRequired;
        } else if page.asynchronous || page.manual_capture {
            let mut intent = self.intent(funds);
            intent.status = if page.asynchronous { "processing" } else { "requires_capture" };
            intent.manual_capture = page.manual_capture;
            intent.amount_received = 0;
            session.intent = Some(intent.id.clone());
            session.payment_status = PaymentStatus::Unpaid;
            let kind = if page.asynchronous {
                "payment_intent.processing"
            } else {
                "payment_intent.amount_capturable_updated"
            };
            self.emit(kind, Object::from(intent.clone()));
            payment.intent = Some(intent);
        } else {
            let (intent, charge) = self.card(funds);
            session.intent = Some(intent.id.clone());
            payment = Payment { intent: Some(intent), charge: Some(charge), ..payment };
        }
        self.emit("checkout.session.completed", Object::from(session.clone()));
        OneOff { session, payment }
    }

    fn buy_invoiced(&mut self, page: &Checkout, mut session: Session) -> OneOff {
        let mut bill = Bill::of(page.price.unit_minor, page.price.currency).price(&page.price);
        if let Some(customer) = &page.customer {
            bill = bill.customer(customer);
        }
        let discounts = self.discounts(page);
        let bill = taxed(priced(bill, &discounts, page.price.unit_minor), page.tax);
        let invoice = self.invoice(&bill);
        let payment = self.pay(invoice);
        session.invoice = Some(payment.sale.clone());
        session.intent = payment.intent.as_ref().map(|intent| intent.id.clone());
        self.emit("checkout.session.completed", Object::from(session.clone()));
        OneOff { session, payment }
    }

    /// The slow method's money arrives.
    pub fn async_succeeds(&mut self, one_off: &mut OneOff) {
        let amount = one_off.session.total();
        self.captured(one_off, amount);
        one_off.session.payment_status = PaymentStatus::Paid;
        let session = Object::from(one_off.session.clone());
        self.emit("checkout.session.async_payment_succeeded", session);
    }

    /// The slow method's money does not arrive.
    pub fn async_fails(&mut self, one_off: &mut OneOff) {
        if let Some(intent) = one_off.payment.intent.as_mut() {
            intent.status = "requires_payment_method";
            intent.failure = Some(Failure::declined("debit_not_authorized"));
            self.emit("payment_intent.payment_failed", Object::from(intent.clone()));
        }
        let session = Object::from(one_off.session.clone());
        self.emit("checkout.session.async_payment_failed", session);
    }

    /// Captures (part of) what a manual-capture intent authorised.
    pub fn captured(&mut self, one_off: &mut OneOff, amount: i64) {
        let Some(mut intent) = one_off.payment.intent.take() else { return };
        intent.status = "succeeded";
        intent.amount_received = amount;
        let charge = self.charge(&intent);
        intent.charge = Some(charge.id.clone());
        self.emit("charge.succeeded", Object::from(charge.clone()));
        self.emit("payment_intent.succeeded", Object::from(intent.clone()));
        one_off.payment.intent = Some(intent);
        one_off.payment.charge = Some(charge);
    }

    /// A subscription through the checkout page, with its first invoice: paid, or zero in a trial, or still open with
    /// a slow method.
    pub fn subscribe(&mut self, page: &Checkout) -> (Sub, Payment) {
        let session = self.session(page, Mode::Subscription);
        let mut discounts = self.discounts(page);
        let id = self.id("sub");
        for discount in &mut discounts {
            discount.subscription = Some(id.clone());
        }
        let subscription = self.subscription_made(page, id, discounts);
        self.emit("customer.subscription.created", Object::from(subscription.clone()));
        for discount in subscription.discounts.clone() {
            self.emit("customer.discount.created", Object::from(discount));
        }
        let uses = vec![0; subscription.discounts.len()];
        let mut sub = Sub { subscription, customer: page.customer.clone(), tax: page.tax, uses };
        let payment = self.first_invoice(&mut sub, page);
        self.complete(session, &sub, &payment);
        (sub, payment)
    }

    fn first_invoice(&mut self, sub: &mut Sub, page: &Checkout) -> Payment {
        if page.asynchronous {
            let invoice = self.period_invoice(sub, "subscription_create");
            return Payment { sale: invoice.id.clone(), invoice: Some(invoice), intent: None, charge: None };
        }
        if page.trial_days == 0 {
            return self.bill_period(sub, "subscription_create");
        }
        let bill = Bill::of(0, page.price.currency);
        let bill = sub.on(bill, "subscription_create");
        let invoice = self.invoice(&bill);
        self.pay(invoice)
    }

    fn complete(&mut self, mut session: Session, sub: &Sub, payment: &Payment) {
        session.subscription = Some(sub.subscription.id.clone());
        session.invoice = Some(payment.sale.clone());
        if let Some(invoice) = &payment.invoice {
            session.subtotal = invoice.lines.iter().map(|line| line.amount).sum();
            session.discount = invoice.discount();
            session.tax_exclusive = invoice.tax(false);
            session.tax_inclusive = invoice.tax(true);
        }
        if session.total() == 0 {
            session.payment_status = PaymentStatus::NoPaymentRequired;
        } else if payment.invoice.as_ref().is_some_and(|invoice| invoice.paid_s.is_none()) {
            session.payment_status = PaymentStatus::Unpaid;
        }
        self.emit("checkout.session.completed", Object::from(session));
    }

    fn subscription_made(&mut self, page: &Checkout, id: String, discounts: Vec<Discount>) -> Subscription {
        let trial_s = (page.trial_days > 0).then(|| (self.now_s, self.now_s + page.trial_days * DAY_S));
        let length = if page.price.interval == Some("year") { 365 } else { 30 };
        let item = Item::blank(&self.id("si"), page.price.clone(), self.now_s);
        Subscription {
            customer: page.customer.as_ref().map(|customer| customer.id.clone()),
            status: if trial_s.is_some() { "trialing" } else { "active" },
            items: vec![item],
            discounts: discounts.into_iter().map(Arc::new).collect(),
            period_s: trial_s.unwrap_or((self.now_s, self.now_s + length * DAY_S)),
            trial_s,
            metadata: page.subscription_metadata.clone(),
            ..Subscription::blank(&id, page.price.currency, self.now_s)
        }
    }

    /// The discounts of a page, starting now; codes before bare coupons.
    fn discounts(&mut self, page: &Checkout) -> Vec<Discount> {
        let customer = page.customer.as_ref();
        let mut discounts = Vec::new();
        for code in &page.codes {
            discounts.push(self.discount(code, customer));
        }
        for coupon in &page.coupons {
            discounts.push(self.coupon_discount(coupon, customer));
        }
        discounts
    }

    fn session(&mut self, page: &Checkout, mode: Mode) -> Session {
        let unit = page.price.unit_minor;
        let coupons = page.codes.iter().map(|code| code.coupon.as_ref()).chain(&page.coupons);
        let mut left = unit;
        for coupon in coupons {
            left -= coupon.takes(left);
        }
        let tax = page.tax.map_or(0, |rule| rule.of(left));
        let inclusive = page.tax.is_some_and(|rule| rule.inclusive);
        let codes = page.codes.iter().map(|code| (code.coupon.id.clone(), Some(code.id.clone())));
        let customer = page.customer.as_ref();
        Session {
            status: "complete",
            payment_status: PaymentStatus::Paid,
            subtotal: unit,
            discount: unit - left,
            tax_exclusive: if inclusive { 0 } else { tax },
            tax_inclusive: if inclusive { tax } else { 0 },
            shipping: page.shipping,
            shipping_rate: Some("shr_standard".into()),
            discounts: codes.chain(page.coupons.iter().map(|coupon| (coupon.id.clone(), None))).collect(),
            allow_codes: Some(true),
            customer: customer.map(|customer| customer.id.clone()),
            email: customer
                .and_then(|customer| customer.email.clone())
                .unwrap_or_else(|| "guest@example.com".into()),
            name: customer.and_then(|customer| customer.name.clone()).unwrap_or_else(|| "Guest".into()),
            address: Address::example("US"),
            collect_method: "if_required",
            client_reference_id: page.client_reference_id.clone(),
            metadata: page.session_metadata.clone(),
            success_url: Some("https://example.com/thanks?session={CHECKOUT_SESSION_ID}".into()),
            cancel_url: Some("https://example.com/cancel".into()),
            ..Session::blank(&self.id("cs"), mode, page.price.currency, self.now_s)
        }
    }
}

/// Each discount takes from what the ones before left.
pub(crate) fn priced(mut bill: Bill, discounts: &[Discount], amount: i64) -> Bill {
    let mut left = amount;
    for discount in discounts {
        let takes = discount.coupon.takes(left);
        left -= takes;
        bill = bill.discount(discount, takes);
    }
    bill
}

pub(crate) fn taxed(bill: Bill, tax: Option<TaxRule>) -> Bill {
    let Some(rule) = tax else { return bill };
    let tax = rule.of(bill.net());
    if rule.inclusive { bill.tax_inclusive(tax) } else { bill.tax_exclusive(tax) }
}
