//! Facts about connected accounts and what moves between them and the platform.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    pub account_type: Option<String>,
    pub country: Option<String>,
    pub default_currency: Option<Currency>,
    pub charges_enabled: bool,
    pub payouts_enabled: bool,
    pub details_submitted: bool,
    pub disabled_reason: Option<String>,
    /// How many requirements are due.
    pub currently_due: i64,
    pub deleted: bool,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Capability {
    pub account: Option<Ref>,
    /// `card_payments`, `transfers`, ...
    pub capability: String,
    pub status: String,
    pub requested: bool,
}

/// The platform that an account is connected to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Application {
    pub deauthorized: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApplicationFee {
    pub account: Option<Ref>,
    pub charge: Option<Ref>,
    pub currency: Currency,
    pub amount_minor: i64,
    pub amount_refunded_minor: i64,
    pub balance_transaction: Option<Ref>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FeeRefund {
    pub fee: Option<Ref>,
    pub currency: Currency,
    pub amount_minor: i64,
    pub balance_transaction: Option<Ref>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Transfer {
    pub currency: Currency,
    pub amount_minor: i64,
    pub amount_reversed_minor: i64,
    /// An account.
    pub destination: Option<Ref>,
    pub destination_payment: Option<Ref>,
    pub source_transaction: Option<Ref>,
    pub balance_transaction: Option<Ref>,
    pub transfer_group: Option<String>,
    pub created_s: i64,
}
