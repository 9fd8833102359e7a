//! A refund: money on its way back, and whether it arrived. It must not know why.

use kernel::Currency;

use super::Meta;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: Currency,
    pub charge: Option<String>,
    pub intent: Option<String>,
    pub customer: Option<String>,
    pub payment_method: Option<String>,
    /// `pending`, `requires_action`, `succeeded`, `failed`, `canceled`.
    pub status: &'static str,
    /// `duplicate`, `fraudulent`, `requested_by_customer`, `expired_uncaptured_charge`.
    pub reason: Option<&'static str>,
    pub failure_reason: Option<&'static str>,
    /// `processing`, `insufficient_funds`, `charge_pending`.
    pub pending_reason: Option<&'static str>,
    pub balance_transaction: Option<String>,
    pub failure_balance_transaction: Option<String>,
    pub transfer_reversal: Option<String>,
    pub metadata: Meta,
    pub created_s: i64,
}

impl Refund {
    /// One that succeeded, of a charge nobody named.
    #[must_use]
    pub fn blank(id: &str, amount: i64, currency: Currency, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            amount,
            currency,
            charge: None,
            intent: None,
            customer: None,
            payment_method: None,
            status: "succeeded",
            reason: None,
            failure_reason: None,
            pending_reason: None,
            balance_transaction: None,
            failure_balance_transaction: None,
            transfer_reversal: None,
            metadata: Meta::new(),
            created_s,
        }
    }
}
