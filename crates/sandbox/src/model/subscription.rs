//! A subscription: what is bought again and again, in which period, and how it ends. It must not know what an
//! invoice adds up to.

use std::sync::Arc;

use kernel::Currency;

use super::{Discount, Meta, Price, TaxRate};

/// One thing subscribed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    pub id: String,
    pub price: Arc<Price>,
    pub quantity: i64,
    pub created_s: i64,
    pub metadata: Meta,
    /// The item's own, taken before the subscription's.
    pub discounts: Vec<Arc<Discount>>,
    pub tax_rates: Vec<Arc<TaxRate>>,
    /// What was debited for times that may still be credited.
    pub billed: Vec<Billed>,
}

impl Item {
    /// One of a price.
    #[must_use]
    pub fn blank(id: &str, price: impl Into<Arc<Price>>, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            price: price.into(),
            quantity: 1,
            created_s,
            metadata: Meta::new(),
            discounts: Vec::new(),
            tax_rates: Vec::new(),
            billed: Vec::new(),
        }
    }
}

/// A debit of an item for a span of time: what a proration credits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Billed {
    /// (invoice, line); `None` while the debit waits for its invoice.
    pub line: Option<(String, String)>,
    /// The proration that made it.
    pub invoice_item: Option<String>,
    /// After discounts, before taxes on top.
    pub amount: i64,
    pub span_s: (i64, i64),
}

/// How invoices are collected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Collection {
    Automatic,
    /// Sent, to be paid within so many days.
    Send {
        days_until_due: i64,
    },
}

impl Collection {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "charge_automatically",
            Self::Send { .. } => "send_invoice",
        }
    }

    #[must_use]
    pub const fn days_until_due(self) -> Option<i64> {
        match self {
            Self::Automatic => None,
            Self::Send { days_until_due } => Some(days_until_due),
        }
    }
}

/// `pause_collection`: invoices go on, their collection does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pause {
    /// `keep_as_draft`, `mark_uncollectible`, `void`.
    pub behavior: &'static str,
    pub resumes_at_s: Option<i64>,
}

/// `cancellation_details`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Cancellation {
    pub comment: Option<String>,
    pub feedback: Option<&'static str>,
    /// `cancellation_requested`, `payment_failed`, `payment_disputed`.
    pub reason: Option<&'static str>,
}

/// A change that waits for its invoice to be paid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingUpdate {
    pub expires_at_s: i64,
    pub items: Vec<Item>,
    pub anchor_s: Option<i64>,
    pub invoice: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    pub id: String,
    pub customer: Option<String>,
    /// Stripe's word: `trialing`, `active`, `past_due`, `canceled`, ...
    pub status: &'static str,
    pub currency: Currency,
    pub items: Vec<Item>,
    pub discounts: Vec<Arc<Discount>>,
    pub default_tax_rates: Vec<Arc<TaxRate>>,
    pub created_s: i64,
    pub start_s: i64,
    /// Periods begin at this instant's day and time.
    pub anchor_s: i64,
    pub period_s: (i64, i64),
    pub trial_s: Option<(i64, i64)>,
    /// What the end of a trial without a payment method does: `create_invoice`, `cancel`, `pause`.
    pub trial_without_method: &'static str,
    pub cancel_at_period_end: bool,
    pub cancel_at_s: Option<i64>,
    pub canceled_at_s: Option<i64>,
    pub cancellation: Cancellation,
    pub ended_at_s: Option<i64>,
    pub collection: Collection,
    pub pause: Option<Pause>,
    pub pending_update: Option<PendingUpdate>,
    pub default_payment_method: Option<String>,
    /// `off`, `on_subscription`.
    pub save_default_payment_method: &'static str,
    pub pending_setup_intent: Option<String>,
    pub description: Option<String>,
    /// `billing_mode`: flexible instead of classic.
    pub flexible: bool,
    pub latest_invoice: Option<String>,
    pub test_clock: Option<String>,
    pub metadata: Meta,
}

impl Subscription {
    /// An active one of nothing yet, from then on.
    #[must_use]
    pub fn blank(id: &str, currency: Currency, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            customer: None,
            status: "active",
            currency,
            items: Vec::new(),
            discounts: Vec::new(),
            default_tax_rates: Vec::new(),
            created_s,
            start_s: created_s,
            anchor_s: created_s,
            period_s: (created_s, created_s),
            trial_s: None,
            trial_without_method: "create_invoice",
            cancel_at_period_end: false,
            cancel_at_s: None,
            canceled_at_s: None,
            cancellation: Cancellation::default(),
            ended_at_s: None,
            collection: Collection::Automatic,
            pause: None,
            pending_update: None,
            default_payment_method: None,
            save_default_payment_method: "off",
            pending_setup_intent: None,
            description: None,
            flexible: false,
            latest_invoice: None,
            test_clock: None,
            metadata: Meta::new(),
        }
    }

    /// The price of its (first) item.
    #[must_use]
    pub fn price(&self) -> Option<&Arc<Price>> {
        self.items.first().map(|item| &item.price)
    }

    /// Whether it is over for good.
    #[must_use]
    pub fn ended(&self) -> bool {
        matches!(self.status, "canceled" | "incomplete_expired")
    }
}
