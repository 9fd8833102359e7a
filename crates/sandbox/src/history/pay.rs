//! Money for an invoice: paid by card, in parts, outside Stripe, or not at all. Each verb emits what
//! Stripe emits: the intent, the charge, the invoice twice, and from basil on the invoice payment.

use kernel::Currency;

use super::History;
use crate::model::{
    Charge, Customer, Failure, Intent, Invoice, InvoicePayment, InvoiceStatus, Meta, Object, PaymentMethod,
};

/// Money that came, or a sale that needed none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// The sale's id: the invoice's, else the session's.
    pub sale: String,
    pub invoice: Option<Invoice>,
    pub intent: Option<Intent>,
    pub charge: Option<Charge>,
}

/// Who pays what, for an intent and its charge.
#[derive(Clone, Debug)]
pub(crate) struct Funds {
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) customer: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) invoice: Option<String>,
    pub(crate) metadata: Meta,
}

impl Funds {
    fn of(invoice: &Invoice, amount: i64) -> Self {
        Self {
            amount,
            currency: invoice.currency,
            customer: invoice.customer.clone(),
            email: Some(invoice.email.clone()),
            invoice: Some(invoice.id.clone()),
            metadata: Vec::new(),
        }
    }
}

impl History {
    /// Pays an invoice by card, whole. An invoice that is due nothing is paid without money.
    pub fn pay(&mut self, mut invoice: Invoice) -> Payment {
        let due = invoice.amount_due() - invoice.paid;
        if due == 0 {
            self.mark_paid(&mut invoice);
            return Payment { sale: invoice.id.clone(), invoice: Some(invoice), intent: None, charge: None };
        }
        let (intent, charge) = self.card(Funds::of(&invoice, due));
        invoice.intent = Some(intent.id.clone());
        invoice.charge = Some(charge.id.clone());
        invoice.attempts = 1;
        invoice.paid += due;
        self.mark_paid(&mut invoice);
        self.invoice_payment(&invoice, Some(&intent.id), due);
        Payment {
            sale: invoice.id.clone(),
            invoice: Some(invoice),
            intent: Some(intent),
            charge: Some(charge),
        }
    }

    /// Marks an invoice as paid by money that never touched Stripe.
    pub fn pay_out_of_band(&mut self, mut invoice: Invoice) -> Payment {
        let due = invoice.amount_due();
        invoice.paid = due;
        invoice.out_of_band = true;
        self.mark_paid(&mut invoice);
        self.invoice_payment(&invoice, None, due);
        Payment { sale: invoice.id.clone(), invoice: Some(invoice), intent: None, charge: None }
    }

    /// A part of what an invoice is due (basil and later); the last part makes it paid.
    pub fn pay_part(&mut self, invoice: &mut Invoice, amount: i64) -> Payment {
        let (intent, charge) = self.card(Funds::of(invoice, amount));
        let before = invoice.paid;
        invoice.paid += amount;
        self.invoice_payment(invoice, Some(&intent.id), amount);
        if invoice.paid == invoice.amount_due() {
            self.mark_paid(invoice);
        } else {
            let previous = vec![("amount_paid", before.to_string())];
            self.emit_changed("invoice.updated", Object::from(invoice.clone()), previous);
        }
        Payment {
            sale: invoice.id.clone(),
            invoice: Some(invoice.clone()),
            intent: Some(intent),
            charge: Some(charge),
        }
    }

    /// One intent that pays several invoices whole (basil and later).
    pub fn pay_together(&mut self, invoices: &mut [Invoice]) -> Option<Payment> {
        let first = invoices.first()?;
        let funds = Funds::of(first, invoices.iter().map(Invoice::amount_due).sum());
        let sale = first.id.clone();
        let (intent, charge) = self.card(Funds { invoice: None, ..funds });
        for invoice in invoices.iter_mut() {
            invoice.paid = invoice.amount_due();
            let paid = invoice.paid;
            self.mark_paid(invoice);
            self.invoice_payment(invoice, Some(&intent.id), paid);
        }
        Some(Payment { sale, invoice: None, intent: Some(intent), charge: Some(charge) })
    }

    /// A card declines: the intent, the charge and the invoice say so.
    pub fn pay_fails(&mut self, invoice: &mut Invoice) {
        let due = invoice.amount_due();
        let mut intent = self.intent(Funds::of(invoice, due));
        let mut charge = self.charge(&intent);
        charge.status = "failed";
        charge.amount_captured = 0;
        charge.failure = Some(Failure::declined("insufficient_funds"));
        charge.balance_transaction = None;
        intent.status = "requires_payment_method";
        intent.amount_received = 0;
        intent.failure = Some(Failure::declined("insufficient_funds"));
        intent.charge = Some(charge.id.clone());
        invoice.attempts += 1;
        invoice.intent = Some(intent.id.clone());
        self.emit("charge.failed", Object::from(charge));
        self.emit("payment_intent.payment_failed", Object::from(intent));
        self.emit("invoice.payment_failed", Object::from(invoice.clone()));
    }

    pub fn void(&mut self, invoice: &mut Invoice) {
        invoice.status = InvoiceStatus::Void;
        invoice.voided_s = Some(self.now_s);
        self.emit("invoice.voided", Object::from(invoice.clone()));
    }

    pub fn uncollectible(&mut self, invoice: &mut Invoice) {
        invoice.status = InvoiceStatus::Uncollectible;
        invoice.uncollectible_s = Some(self.now_s);
        self.emit("invoice.marked_uncollectible", Object::from(invoice.clone()));
    }

    /// A customer's balance after an invoice used or made credit, with its event.
    pub fn balance(&mut self, customer: &mut Customer, balance: i64) {
        let previous = vec![("balance", customer.balance.to_string())];
        customer.balance = balance;
        self.emit_changed("customer.updated", Object::from(customer.clone()), previous);
    }

    /// An intent and its charge, both succeeded, with their events.
    pub(crate) fn card(&mut self, funds: Funds) -> (Intent, Charge) {
        let mut intent = self.intent(funds);
        let charge = self.charge(&intent);
        intent.charge = Some(charge.id.clone());
        self.emit("charge.succeeded", Object::from(charge.clone()));
        self.emit("payment_intent.succeeded", Object::from(intent.clone()));
        (intent, charge)
    }

    /// A succeeded intent without an event.
    pub(crate) fn intent(&mut self, funds: Funds) -> Intent {
        Intent {
            amount_received: funds.amount,
            customer: funds.customer,
            email: funds.email,
            status: "succeeded",
            invoice: funds.invoice,
            payment_method: Some(PaymentMethod::usual().id.clone()),
            metadata: funds.metadata,
            ..Intent::blank(&self.id("pi"), funds.amount, funds.currency, self.now_s)
        }
    }

    /// The succeeded charge of an intent, without an event.
    pub(crate) fn charge(&mut self, intent: &Intent) -> Charge {
        let id = self.id("ch");
        Charge {
            amount_captured: intent.amount_received,
            customer: intent.customer.clone(),
            email: intent.email.clone(),
            intent: Some(intent.id.clone()),
            invoice: intent.invoice.clone(),
            balance_transaction: Some(format!("txn_{id}")),
            metadata: intent.metadata.clone(),
            ..Charge::blank(&id, intent.amount, intent.currency, PaymentMethod::usual(), self.now_s)
        }
    }

    fn mark_paid(&mut self, invoice: &mut Invoice) {
        invoice.status = InvoiceStatus::Paid;
        invoice.paid_s = Some(self.now_s);
        self.emit("invoice.paid", Object::from(invoice.clone()));
        self.emit("invoice.payment_succeeded", Object::from(invoice.clone()));
    }

    fn invoice_payment(&mut self, invoice: &Invoice, intent: Option<&str>, amount: i64) {
        let payment = InvoicePayment {
            id: self.id("inpay"),
            invoice: invoice.id.clone(),
            intent: intent.map(str::to_owned),
            amount_requested: amount,
            amount_paid: amount,
            status: "paid",
            currency: invoice.currency,
            is_default: true,
            created_s: self.now_s,
            paid_s: Some(self.now_s),
            canceled_s: None,
        };
        self.emit("invoice_payment.paid", Object::from(payment));
    }
}
