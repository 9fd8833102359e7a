//! Facts about what is sold: products and prices. Nothing in the books depends on them; people look them up.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Product {
    pub name: Option<String>,
    pub active: bool,
    pub default_price: Option<Ref>,
    pub unit_label: Option<String>,
    pub tax_code: Option<String>,
    pub deleted: bool,
    pub updated_s: Option<i64>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Price {
    pub product: Option<Ref>,
    pub active: bool,
    pub currency: Option<Currency>,
    /// `one_time`, `recurring`.
    pub price_type: String,
    /// `per_unit`, `tiered`.
    pub billing_scheme: Option<String>,
    /// `None` with tiers, with amounts the buyer chooses, and with fractions of a minor unit.
    pub unit_amount_minor: Option<i64>,
    /// As Stripe writes it, fractions of a minor unit included.
    pub unit_amount_decimal: Option<String>,
    /// `day`, `week`, `month`, `year`.
    pub interval: Option<String>,
    pub interval_count: Option<i64>,
    /// `licensed`, `metered`.
    pub usage_type: Option<String>,
    pub lookup_key: Option<String>,
    pub nickname: Option<String>,
    pub tax_behavior: Option<String>,
    pub deleted: bool,
    pub created_s: i64,
}
