//! Facts about money moving: intents, charges, refunds, disputes, invoice payments, credit notes.
//! Amounts are minor units of the object's own `currency`; times are unix seconds.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

use super::sale::PartnerHint;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Intent {
    /// Stripe's word: `succeeded`, `processing`, `canceled`, ...
    pub status: String,
    pub currency: Currency,
    pub amount_minor: i64,
    pub amount_received_minor: i64,
    pub customer: Option<Ref>,
    pub partner_hint: PartnerHint,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Charge {
    /// `succeeded`, `pending`, `failed`.
    pub status: String,
    pub currency: Currency,
    pub amount_minor: i64,
    pub amount_captured_minor: i64,
    /// Cumulative, over refunds in whatever state Stripe counts.
    pub amount_refunded_minor: i64,
    pub intent: Option<Ref>,
    pub customer: Option<Ref>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
    /// A value newer than this program, or none given (the oldest versions): counts as money that left.
    Unknown(String),
}

impl RefundStatus {
    /// Whether the refund reduces its sale (MONEY.md section 2).
    #[must_use]
    pub const fn counts(&self) -> bool {
        !matches!(self, Self::Failed | Self::Canceled)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refund {
    pub status: RefundStatus,
    pub currency: Currency,
    pub amount_minor: i64,
    pub charge: Option<Ref>,
    pub intent: Option<Ref>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// Any `warning_*`: an inquiry, no money moves.
    Inquiry,
    Prevented,
    /// `needs_response`, `under_review`, appeals, and anything newer than this program.
    Open(String),
    Won,
    Lost,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dispute {
    pub status: DisputeStatus,
    pub currency: Currency,
    pub amount_minor: i64,
    pub charge: Option<Ref>,
    pub intent: Option<Ref>,
    pub reason: Option<String>,
    /// `evidence_details.due_by`.
    pub due_by_s: Option<i64>,
    /// `created` of the newest balance transaction that gave money back, if any.
    pub reinstated_at_s: Option<i64>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoicePayment {
    pub invoice: Option<Ref>,
    /// `open`, `paid`, `canceled`.
    pub status: String,
    pub currency: Currency,
    /// 0 until paid.
    pub amount_paid_minor: i64,
    pub intent: Option<Ref>,
    pub charge: Option<Ref>,
    pub paid_at_s: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CreditNote {
    pub invoice: Option<Ref>,
    /// `issued`, `void`.
    pub status: String,
    pub currency: Currency,
    pub total_minor: i64,
    /// Money given back outside Stripe: the only part of a credit note that reduces a sale by itself.
    pub out_of_band_minor: i64,
    pub created_s: i64,
}
