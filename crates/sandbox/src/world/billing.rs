//! What billing keeps beside its objects: how failed payments are tried again, which invoice items wait,
//! numbers given, and what is to happen by itself. It must not know what an invoice adds up to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::customer::{self, Move};
use super::refund::{self, NewRefund};
use super::{Book, Refusal, invoice, subscription};
use crate::model::{Customer, InvoiceItem, InvoicePayment, Subscription};

/// What becomes of a subscription whose invoice was tried in vain for the last time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AfterRetries {
    Cancel,
    Unpaid,
    PastDue,
}

/// How failed payments are tried again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Dunning {
    /// Days from each failure to the next try.
    pub(crate) retry_after_days: Vec<i64>,
    pub(crate) after: AfterRetries,
}

impl Default for Dunning {
    /// Eight tries within two weeks, then the subscription ends.
    fn default() -> Self {
        Self { retry_after_days: vec![1, 2, 2, 2, 2, 2, 3], after: AfterRetries::Cancel }
    }
}

#[derive(Default)]
pub(crate) struct Billing {
    pub(crate) dunning: Dunning,
    /// Waiting invoice items by customer, the oldest first.
    waiting: BTreeMap<String, Vec<String>>,
    /// The subscription that has (or had) an item.
    pub(super) of_item: HashMap<String, String>,
    /// The last invoice number of each customer.
    numbers: HashMap<String, i64>,
    /// Payments by invoice.
    pub(super) payments: HashMap<String, Vec<String>>,
    /// How many credit notes an invoice has.
    pub(super) notes: HashMap<String, Vec<String>>,
}

/// What happens by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Job {
    /// A subscription's period ends.
    Renew(String),
    /// Its next invoice is a week away.
    Upcoming(String),
    /// Its trial ends in three days.
    TrialWillEnd(String),
    CancelAt(String),
    /// Collection goes on after a pause.
    ResumeCollection(String),
    /// Its first invoice was not paid in time.
    ExpireIncomplete(String),
    ExpirePendingUpdate(String),
    /// An invoice's hour as a draft is over.
    Finalize(String),
    /// Its payment is tried (again).
    Collect(String),
    WillBeDue(String),
    Overdue(String),
}

pub(super) fn run(book: &mut Book, job: Job) {
    match job {
        Job::Renew(id) => subscription::renew(book, &id),
        Job::Upcoming(id) => subscription::upcoming(book, &id),
        Job::TrialWillEnd(id) => subscription::trial_will_end(book, &id),
        Job::CancelAt(id) => subscription::cancel_due(book, &id),
        Job::ResumeCollection(id) => subscription::resume_collection(book, &id),
        Job::ExpireIncomplete(id) => subscription::expire_incomplete(book, &id),
        Job::ExpirePendingUpdate(id) => subscription::expire_pending(book, &id),
        Job::Finalize(id) => invoice::finalize_due(book, &id),
        Job::Collect(id) => invoice::collect_due(book, &id),
        Job::WillBeDue(id) => invoice::will_be_due(book, &id),
        Job::Overdue(id) => invoice::overdue(book, &id),
    }
}

impl Book {
    pub(super) fn schedule_billing(&mut self, at_s: i64, job: Job) {
        self.schedule(at_s, super::clock::Job::Billing(job));
    }

    /// `8F2C1A05-0001`: the customer's own prefix and the next number.
    pub(super) fn invoice_number(&mut self, customer: &str) -> String {
        let prefix = self.customers.get(customer).map_or("DRAFT", |row| row.invoice_prefix.as_str());
        let prefix = prefix.to_owned();
        let number = self.billing.numbers.entry(customer.to_owned()).or_insert(0);
        *number += 1;
        format!("{prefix}-{number:04}")
    }

    /// An invoice item waits for its customer's next invoice.
    pub(super) fn wait(&mut self, item: &InvoiceItem) {
        self.billing.waiting.entry(item.customer.clone()).or_default().push(item.id.clone());
    }

    pub(super) fn wait_no_more(&mut self, item: &InvoiceItem) {
        if let Some(waiting) = self.billing.waiting.get_mut(&item.customer) {
            waiting.retain(|id| *id != item.id);
            if waiting.is_empty() {
                self.billing.waiting.remove(&item.customer);
            }
        }
    }

    /// What waits for an invoice of that subscription (`None`: of no subscription).
    pub(super) fn waiting(&self, customer: &str, subscription: Option<&str>) -> Vec<Arc<InvoiceItem>> {
        let Some(waiting) = self.billing.waiting.get(customer) else { return Vec::new() };
        let items = waiting.iter().filter_map(|id| self.invoice_items.get(id));
        let fits = |item: &&Arc<InvoiceItem>| match (&item.subscription, subscription) {
            (Some(of), Some(subscription)) => of == subscription,
            (Some(_), None) => false,
            (None, _) => true,
        };
        items.filter(fits).cloned().collect()
    }

    /// The test clock a customer lives on.
    pub(super) fn clock_of(&self, customer: &Customer) -> Option<String> {
        customer.test_clock.clone()
    }

    /// What a customer's invoices are charged to.
    pub(super) fn method_of(&self, customer: &Customer) -> Option<String> {
        customer.default_payment_method.clone()
    }

    pub(super) fn method_of_intent(&self, intent: &str) -> Option<String> {
        self.intents.get(intent)?.payment_method.clone()
    }

    /// Gives an invoice's money back: the id of the refund.
    pub(super) fn refund_of(
        &mut self,
        invoice: &crate::model::Invoice,
        amount: i64,
    ) -> Result<String, Refusal> {
        let charge = invoice.charge.as_ref().and_then(|id| self.charges.get(id)).cloned();
        let charge = charge.ok_or_else(|| {
            Refusal::invalid("refund_amount", "The invoice has no payment that could be refunded.")
        })?;
        let new = NewRefund { amount: Some(amount), ..NewRefund::of(charge) };
        Ok(refund::create(self, new)?.id.clone())
    }

    /// Remembers whose items these are.
    pub(super) fn index_items(&mut self, subscription: &Subscription) {
        for item in &subscription.items {
            if !self.billing.of_item.contains_key(&item.id) {
                self.billing.of_item.insert(item.id.clone(), subscription.id.clone());
            }
        }
    }

    /// The subscription that has that item.
    pub(crate) fn subscription_of_item(&self, item: &str) -> Option<&Arc<Subscription>> {
        let of = self.subscriptions.get(self.billing.of_item.get(item)?)?;
        of.items.iter().any(|row| row.id == item).then_some(of)
    }

    /// The payments of an invoice, the newest first.
    pub(crate) fn payments_of_invoice(&self, invoice: &str) -> Vec<Arc<InvoicePayment>> {
        let ids = self.billing.payments.get(invoice).map(Vec::as_slice).unwrap_or_default();
        ids.iter().rev().filter_map(|id| self.invoice_payments.get(id).cloned()).collect()
    }

    /// A customer's first invoice makes its currency theirs.
    pub(super) fn take_currency(&mut self, old: &Arc<Customer>, currency: kernel::Currency) {
        if old.currency.is_none() {
            let new = Customer { currency: Some(currency), ..Customer::clone(old) };
            let new = self.customers.put(&old.id, new);
            self.emit_changed("customer.updated", old, &new);
        }
    }

    /// A customer's balance changes (negative is credit), with the transaction that says why.
    pub(super) fn add_to_balance(&mut self, customer: &str, amount: i64, why: &Why<'_>) -> Option<String> {
        let moved = Move {
            invoice: why.invoice.map(str::to_owned),
            credit_note: why.credit_note.map(str::to_owned),
            ..Move::new(why.kind, amount, why.currency)
        };
        customer::moved(self, customer, moved).map(|row| row.id.clone())
    }
}

/// Why a balance changes.
pub(super) struct Why<'a> {
    /// `applied_to_invoice`, `unapplied_from_invoice`, `credit_note`, `adjustment`.
    pub(super) kind: &'static str,
    pub(super) currency: kernel::Currency,
    pub(super) invoice: Option<&'a str>,
    pub(super) credit_note: Option<&'a str>,
}

impl<'a> Why<'a> {
    pub(super) fn invoice(kind: &'static str, invoice: &'a crate::model::Invoice) -> Self {
        Self { kind, currency: invoice.currency, invoice: Some(&invoice.id), credit_note: None }
    }
}
