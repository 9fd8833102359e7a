//! Money moving: intents, charges, refunds, disputes. They must not know
//! what was sold; links are ids.

use kernel::Currency;

use super::Meta;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Intent {
    pub id: String,
    pub amount: i64,
    pub amount_received: i64,
    pub currency: Currency,
    pub customer: Option<String>,
    pub email: Option<String>,
    /// Stripe's word: `succeeded`, `requires_payment_method`, `requires_capture`, `processing`.
    pub status: &'static str,
    pub manual_capture: bool,
    pub charge: Option<String>,
    /// Only versions before basil show it.
    pub invoice: Option<String>,
    pub decline_code: Option<&'static str>,
    pub metadata: Meta,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charge {
    pub id: String,
    pub amount: i64,
    pub amount_captured: i64,
    /// Cumulative, whatever became of the refunds.
    pub amount_refunded: i64,
    pub currency: Currency,
    pub customer: Option<String>,
    pub email: Option<String>,
    pub intent: Option<String>,
    /// Only versions before basil show it.
    pub invoice: Option<String>,
    /// `succeeded`, `pending`, `failed`.
    pub status: &'static str,
    pub disputed: bool,
    pub decline_code: Option<&'static str>,
    /// Embedded only in versions before 2022-11-15.
    pub refunds: Vec<Refund>,
    pub metadata: Meta,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: Currency,
    pub charge: Option<String>,
    pub intent: Option<String>,
    pub customer: Option<String>,
    /// `pending`, `requires_action`, `succeeded`, `failed`, `canceled`.
    pub status: &'static str,
    pub created_s: i64,
}

/// A balance transaction of a dispute: money out (negative) or back, and its fee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BalanceMove {
    pub id: String,
    pub amount: i64,
    pub fee: i64,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dispute {
    pub id: String,
    pub amount: i64,
    pub currency: Currency,
    pub charge: String,
    pub intent: Option<String>,
    pub reason: &'static str,
    /// Stripe's word, `warning_needs_response`, `needs_response`, `won`, `lost`, ...
    pub status: &'static str,
    pub due_by_s: i64,
    pub moves: Vec<BalanceMove>,
    pub created_s: i64,
}
