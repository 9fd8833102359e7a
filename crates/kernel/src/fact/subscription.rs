//! Facts about who buys, again and again: subscriptions and customers. Least data: no names, no e-mail.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

use super::sale::PartnerHint;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// Stripe's word: `trialing`, `active`, `past_due`, `canceled`, ...
    pub status: String,
    pub customer: Option<Ref>,
    pub currency: Option<Currency>,
    pub partner_hint: PartnerHint,
    pub trial_end_s: Option<i64>,
    pub cancel_at_period_end: bool,
    pub ended_at_s: Option<i64>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Customer {
    pub currency: Option<Currency>,
    /// Negative: credit the customer has with the merchant.
    pub balance_minor: i64,
    pub deleted: bool,
    pub created_s: i64,
}
