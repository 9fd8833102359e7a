//! Facts about payouts: money that Stripe sends to the merchant's bank. What a partner receives is never called so.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Payout {
    /// `pending`, `in_transit`, `paid`, `failed`, `canceled`.
    pub status: String,
    pub currency: Currency,
    /// Negative when Stripe takes money from the bank.
    pub amount_minor: i64,
    /// `arrival_date`.
    pub arrival_s: Option<i64>,
    pub automatic: bool,
    /// `standard`, `instant`.
    pub method: Option<String>,
    pub destination: Option<Ref>,
    pub balance_transaction: Option<Ref>,
    pub failure_code: Option<String>,
    /// `completed`, `in_progress`, `not_applicable`.
    pub reconciliation_status: Option<String>,
    pub created_s: i64,
}
