//! Facts that can be a sale: the invoice and the checkout session.
//!
//! Amounts are in minor units of `currency`. Their meaning is MONEY.md section 2's; the way they are
//! read from each API version is the business of `facts`.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
    Unknown(String),
}

/// What a merchant wrote into metadata to name a partner: `partner_ref`, then `partner_handle`, each as
/// written. Which of them names somebody, facts cannot know. Never an empty list.
pub type PartnerHint = Option<Hints>;

/// One or more words, the first to be tried first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Hints(Vec<String>);

/// A single word is stored as itself, as it was when there could be no second.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    One(String),
    More(Vec<String>),
}

impl Hints {
    /// `None` when there is no word at all.
    pub fn of(words: impl IntoIterator<Item = String>) -> PartnerHint {
        let words: Vec<String> = words.into_iter().collect();
        (!words.is_empty()).then_some(Self(words))
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<&str> for Hints {
    fn from(word: &str) -> Self {
        Self(vec![word.to_owned()])
    }
}

impl From<Stored> for Hints {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::One(word) => Self(vec![word]),
            Stored::More(words) => Self(words),
        }
    }
}

impl From<Hints> for Stored {
    fn from(Hints(mut words): Hints) -> Self {
        match words.len() {
            1 => Self::One(words.remove(0)),
            _ => Self::More(words),
        }
    }
}

/// `discount` is a `di_` id. Amounts of item discounts are included.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct DiscountAmount {
    pub discount: Ref,
    pub amount_minor: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invoice {
    pub status: InvoiceStatus,
    pub currency: Currency,
    pub total_minor: i64,
    pub subtotal_minor: i64,
    /// Sum of the tax rows that are inside / on top of the prices. Old single-`tax` invoices count as exclusive.
    pub tax_inclusive_minor: i64,
    pub tax_exclusive_minor: i64,
    /// `amount_shipping` as charged, and the same net of its own tax.
    pub shipping_charged_minor: i64,
    pub shipping_net_minor: i64,
    /// Sum of `total_discount_amounts`.
    pub discount_minor: i64,
    /// Every discount the invoice or one of its lines names, with what it took (0 when only named). Sorted.
    pub discounts: Vec<DiscountAmount>,
    /// The body told of every discount, each with an id: where `discounts` is empty, it said that there was none.
    #[serde(default)]
    pub discounts_said: bool,
    /// Cash by this invoice's own account of it: `amount_paid`; before basil with `paid_out_of_band`, `amount_due`.
    pub amount_paid_minor: i64,
    pub amount_due_minor: i64,
    pub billing_reason: Option<String>,
    pub customer: Option<Ref>,
    pub subscription: Option<Ref>,
    pub created_s: i64,
    /// `status_transitions.paid_at`, unix seconds.
    pub paid_at_s: Option<i64>,
    /// From the subscription's metadata as the invoice recorded them. Its own metadata name nobody.
    pub partner_hint: PartnerHint,
    /// The invoice carries such a record, even an empty one.
    #[serde(default)]
    pub metadata_snapshot: bool,
    pub lines: Vec<InvoiceLine>,
    /// Stripe sent only the first rows of `lines`.
    pub lines_truncated: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoiceLine {
    pub id: Ref,
    /// As Stripe gives it: before discounts of this line, may be negative (proration credit).
    pub amount_minor: i64,
    /// Sum of the line's `discount_amounts`.
    pub discount_minor: i64,
    /// Tax rows of the line that are inside its amount.
    pub tax_inclusive_minor: i64,
    pub product: Option<Ref>,
    pub price: Option<Ref>,
    pub period_start_s: Option<i64>,
    pub period_end_s: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionMode {
    Payment,
    Subscription,
    Setup,
    Unknown(String),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    Paid,
    Unpaid,
    NoPaymentRequired,
    Unknown(String),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    pub mode: SessionMode,
    /// `open`, `complete`, `expired`; `None` in versions that do not say.
    pub status: Option<String>,
    pub payment_status: PaymentStatus,
    /// Stripe's integration currency; `None` in setup mode. With the old `currency_conversion`: the source currency.
    pub currency: Option<Currency>,
    pub total_minor: i64,
    pub subtotal_minor: i64,
    pub discount_minor: i64,
    pub tax_minor: i64,
    pub shipping_charged_minor: i64,
    pub shipping_net_minor: i64,
    /// What the buyer saw, when an old session converted currencies: (currency, its `amount_total`).
    pub presented: Option<(Currency, i64)>,
    /// Discounts named by id: (promotion code, coupon). Either may be missing. Sorted.
    pub discounts: Vec<(Option<Ref>, Option<Ref>)>,
    pub customer: Option<Ref>,
    pub subscription: Option<Ref>,
    pub invoice: Option<Ref>,
    pub intent: Option<Ref>,
    pub client_reference_id: Option<String>,
    pub partner_hint: PartnerHint,
    pub created_s: i64,
}
