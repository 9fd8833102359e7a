//! Facts about balance transactions: what moved on Stripe's balance, and what Stripe took for it.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BalanceTransaction {
    /// Stripe's word: `charge`, `refund`, `payout`, `adjustment`, ...
    pub transaction_type: String,
    pub reporting_category: Option<String>,
    /// Of the balance, which need not be the charge's.
    pub currency: Currency,
    pub amount_minor: i64,
    pub fee_minor: i64,
    pub net_minor: i64,
    /// The charge, refund, payout, ... that moved it.
    pub source: Option<Ref>,
    /// The payout that carried it, when it was listed for one.
    pub payout: Option<Ref>,
    /// `pending`, `available`.
    pub status: String,
    pub available_on_s: Option<i64>,
    pub created_s: i64,
}
