//! Facts about who buys, again and again: subscriptions and customers. Least data: no names, no e-mail.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

use super::sale::PartnerHint;

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
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
    /// Sorted by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<SubscriptionItem>,
    /// Stripe sent only the first items.
    #[serde(default, skip_serializing_if = "is_false")]
    pub items_truncated: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_s: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_start_s: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_at_s: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceled_at_s: Option<i64>,
    /// `pause_collection.behavior`: invoices are made and not collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<String>,
    /// `charge_automatically`, `send_invoice`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection_method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_payment_method: Option<Ref>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_invoice: Option<Ref>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Ref>,
}

/// What is subscribed to. Before basil the period is the subscription's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubscriptionItem {
    pub id: Ref,
    pub price: Option<Ref>,
    pub product: Option<Ref>,
    /// `None` of metered prices.
    pub quantity: Option<i64>,
    pub period_start_s: Option<i64>,
    pub period_end_s: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "it is what serde asks with")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Customer {
    pub currency: Option<Currency>,
    /// Negative: credit the customer has with the merchant.
    pub balance_minor: i64,
    pub deleted: bool,
    pub created_s: i64,
}
