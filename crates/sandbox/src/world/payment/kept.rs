//! What payments keep beside their objects: who belongs to what, failures ordered for the next cards, and what
//! is to happen by itself. It must not know how any of it is done.

use std::collections::{HashMap, VecDeque};

use crate::model::Failure;
use crate::world::crossing::Crossing;
use crate::world::{Book, dispute, refund, session};

#[derive(Default)]
pub(crate) struct Payments {
    /// Saved payment methods by customer.
    pub(in crate::world) methods: HashMap<String, Vec<String>>,
    /// Refunds by charge.
    pub(in crate::world) refunds: HashMap<String, Vec<String>>,
    /// Disputes by charge.
    pub(in crate::world) disputes: HashMap<String, Vec<String>>,
    /// Charges by intent.
    pub(in crate::world) charges: HashMap<String, Vec<String>>,
    /// Checkout sessions by the invoice, the subscription or the intent they led to.
    pub(in crate::world) sessions: HashMap<String, String>,
    /// Where this sandbox is reached, for addresses of pages.
    pub(crate) base_url: String,
    /// What is to happen in other accounts' books.
    pub(in crate::world) crossing: Vec<Crossing>,
    /// The next cards fail so, whatever they are.
    pub(crate) fail_next: VecDeque<Failure>,
}

/// What happens by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Job {
    /// A slow method answers.
    Settle(String),
    /// An authorised payment was not captured in time.
    ExpireAuthorization(String),
    /// The buyer of a charge goes to the bank.
    Dispute(String),
    /// The card network warns of fraud.
    Warn(String),
    /// A refund arrives or comes back.
    SettleRefund(String),
    /// The time for evidence is over.
    EvidenceDue(String),
    /// The bank decides.
    Decide(String),
    ExpireSession(String),
}

pub(in crate::world) fn run(book: &mut Book, job: Job) {
    match job {
        Job::Settle(id) => super::settle::settle(book, &id),
        Job::ExpireAuthorization(id) => super::capture::expire(book, &id),
        Job::Dispute(id) => dispute::open_of_card(book, &id),
        Job::Warn(id) => dispute::warn(book, &id),
        Job::SettleRefund(id) => refund::settle(book, &id),
        Job::EvidenceDue(id) => dispute::evidence_due(book, &id),
        Job::Decide(id) => dispute::decide(book, &id),
        Job::ExpireSession(id) => session::expire_due(book, &id),
    }
}

impl Book {
    pub(in crate::world) fn schedule_payment(&mut self, at_s: i64, job: Job) {
        self.schedule(at_s, crate::world::clock::Job::Payment(job));
    }

    /// The test clock of a customer: everything about them happens on its line.
    pub(crate) fn line_of(&self, customer: Option<&str>) -> Option<String> {
        self.customers.get(customer?)?.test_clock.clone()
    }
}
