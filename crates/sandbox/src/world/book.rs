//! The objects of one account in one mode, and the little every lifecycle needs: the time, new ids, events.
//! A lifecycle lives in the file of its object (`coupon.rs`, ...) as functions over a `Book`. It must not
//! know another account's book: what crosses accounts goes through `World`.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::billing::Billing;
use super::clock::{Clock, Job};
use super::ids::Ids;
use super::payment::Payments;
use super::payout::Payouts;
use super::{BookKey, Table};
use crate::model::{
    Account, ApplicationFee, BalanceTransaction, Cause, Charge, Coupon, CreditNote, Customer,
    CustomerBalanceTransaction, Discount, Dispute, EarlyFraudWarning, Intent, Invoice, InvoiceItem,
    InvoicePayment, ModelEvent, PaymentMethod, Plain, Price, Product, PromotionCode, Refund, Session,
    SetupIntent, ShippingRate, Subscription, TaxId, TaxRate, TestClock, Transfer, WebhookEndpoint,
};

pub(crate) struct Book {
    pub(crate) key: BookKey,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
    /// The call being answered, for the events it makes.
    pub(crate) cause: Option<Cause>,
    /// What happened and was not taken for delivery yet.
    pub(super) fresh: Vec<Arc<ModelEvent>>,
    pub(crate) billing: Billing,
    pub(crate) payments: Payments,
    pub(crate) payouts: Payouts,
    /// The last 30 days, as `GET /v1/events` lists them.
    pub(crate) events: Table<ModelEvent>,
    /// By each sweep of them: when it was, and that everything before that place was told by then.
    pub(super) told_by: VecDeque<(i64, u64)>,
    /// The connected ones; of the platform's books only.
    pub(crate) accounts: Table<Account>,
    /// Customers who have paid for something.
    pub(super) buyers: HashSet<String>,
    pub(crate) customers: Table<Customer>,
    /// Customers by address, the oldest first; some may have changed it since.
    pub(super) emails: HashMap<String, Vec<String>>,
    /// By customer, the oldest first.
    pub(super) moves_of: HashMap<String, Vec<String>>,
    pub(super) tax_ids_of: HashMap<String, Vec<String>>,
    pub(crate) balance_moves: Table<CustomerBalanceTransaction>,
    pub(crate) tax_ids: Table<TaxId>,
    pub(crate) products: Table<Product>,
    pub(crate) prices: Table<Price>,
    /// Prices by their lookup keys.
    pub(super) lookup_keys: HashMap<String, String>,
    pub(crate) shipping_rates: Table<ShippingRate>,
    pub(crate) coupons: Table<Coupon>,
    pub(crate) promotion_codes: Table<PromotionCode>,
    /// Codes by their text in lower case, the oldest first.
    pub(super) codes: HashMap<String, Vec<String>>,
    pub(crate) discounts: Table<Discount>,
    pub(crate) subscriptions: Table<Subscription>,
    pub(crate) invoices: Table<Invoice>,
    pub(crate) invoice_items: Table<InvoiceItem>,
    pub(crate) invoice_payments: Table<InvoicePayment>,
    pub(crate) credit_notes: Table<CreditNote>,
    pub(crate) tax_rates: Table<TaxRate>,
    pub(crate) test_clocks: Table<TestClock>,
    pub(crate) sessions: Table<Session>,
    pub(crate) payment_methods: Table<PaymentMethod>,
    pub(crate) intents: Table<Intent>,
    pub(crate) balance_transactions: Table<BalanceTransaction>,
    pub(crate) charges: Table<Charge>,
    pub(crate) refunds: Table<Refund>,
    pub(crate) disputes: Table<Dispute>,
    pub(crate) early_fraud_warnings: Table<EarlyFraudWarning>,
    pub(crate) setup_intents: Table<SetupIntent>,
    pub(crate) transfers: Table<Transfer>,
    pub(crate) application_fees: Table<ApplicationFee>,
    pub(crate) webhook_endpoints: Table<WebhookEndpoint>,
    /// What was only triggered.
    pub(crate) shelf: Table<Plain>,
    /// By event: how many endpoints have not taken it yet (`pending_webhooks`). No entry: none.
    pub(crate) undelivered: HashMap<String, usize>,
}

impl Book {
    pub(super) fn new(key: BookKey, seed: u64, now_s: i64) -> Self {
        let seed = seed ^ u64::from(key.livemode) ^ key.account.as_deref().map_or(0, hash);
        Self {
            key,
            clock: Clock::new(now_s),
            ids: Ids::new(seed),
            cause: None,
            fresh: Vec::new(),
            billing: Billing::default(),
            payments: Payments::default(),
            payouts: Payouts::new(),
            events: Table::new(),
            told_by: VecDeque::new(),
            accounts: Table::new(),
            buyers: HashSet::new(),
            customers: Table::new(),
            emails: HashMap::new(),
            moves_of: HashMap::new(),
            tax_ids_of: HashMap::new(),
            balance_moves: Table::new(),
            tax_ids: Table::new(),
            products: Table::new(),
            prices: Table::new(),
            lookup_keys: HashMap::new(),
            shipping_rates: Table::new(),
            coupons: Table::new(),
            promotion_codes: Table::new(),
            codes: HashMap::new(),
            discounts: Table::new(),
            subscriptions: Table::new(),
            invoices: Table::new(),
            invoice_items: Table::new(),
            invoice_payments: Table::new(),
            credit_notes: Table::new(),
            tax_rates: Table::new(),
            test_clocks: Table::new(),
            sessions: Table::new(),
            payment_methods: Table::new(),
            intents: Table::new(),
            balance_transactions: Table::new(),
            charges: Table::new(),
            refunds: Table::new(),
            disputes: Table::new(),
            early_fraud_warnings: Table::new(),
            setup_intents: Table::new(),
            transfers: Table::new(),
            application_fees: Table::new(),
            webhook_endpoints: Table::new(),
            shelf: Table::new(),
            undelivered: HashMap::new(),
        }
    }

    /// The time of the line being worked on: the main one, or a test clock's.
    pub(crate) fn now_s(&self) -> i64 {
        self.clock.now_s()
    }

    /// The time of that test clock's line (`None`: the main one).
    pub(crate) fn now_of(&self, clock_ref: Option<&str>) -> i64 {
        self.clock.now_of(clock_ref)
    }

    /// A new Stripe-like id, `in_1...`.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.ids.next(prefix)
    }

    /// Letters and digits, for what looks secret.
    pub(crate) fn token(&mut self, chars: usize) -> String {
        self.ids.token(chars)
    }

    /// Something to happen at that time on the line being worked on.
    pub(crate) fn schedule(&mut self, at_s: i64, job: Job) {
        self.clock.schedule(at_s, job);
    }

    /// Does `work` on a test clock's line (`None`: the main one), as everything of a customer on that clock.
    pub(crate) fn on<T>(&mut self, clock_ref: Option<&str>, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.clock.switch(clock_ref);
        let done = work(self);
        self.clock.switch(before.as_deref());
        done
    }

    /// Moves one line to `to_s`; every job due on the way is done at its own instant, in order.
    pub(crate) fn advance(&mut self, clock_ref: Option<&str>, to_s: i64) {
        self.on(clock_ref, |book| {
            while let Some(job) = book.clock.next_due(to_s) {
                book.run(job);
            }
            book.clock.reach(to_s);
        });
    }

    /// Does what is due already, on every line: a call may have made something due at once.
    pub(crate) fn catch_up(&mut self) {
        for line in self.clock.due_lines() {
            let now_s = self.on(line.as_deref(), |book| book.now_s());
            self.advance(line.as_deref(), now_s);
        }
    }

    fn run(&mut self, job: Job) {
        match job {
            Job::ForgetEvents => super::emit::forget_old(self),
            Job::Billing(job) => super::billing::run(self, job),
            Job::ExpireCode(id) => super::promotion_code::expire(self, &id),
            Job::LookUpTaxId(id) => super::customer::looked_up(self, &id),
            Job::ExpireCoupon(id) => super::coupon::expire(self, &id),
            Job::Payment(job) => super::payment::run(self, job),
            Job::Payout(job) => super::payout::run(self, job),
        }
    }
}

/// FNV-1a: an account's own stream of ids and chance.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
