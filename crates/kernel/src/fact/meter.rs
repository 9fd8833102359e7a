//! Facts about usage: meters, alerts that fired, and credits that are used up before money is.

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Meter {
    /// `active`, `inactive`.
    pub status: String,
    pub event_name: Option<String>,
    pub display_name: Option<String>,
    /// `sum`, `count`, `last`.
    pub aggregation: Option<String>,
    pub updated_s: Option<i64>,
    pub created_s: i64,
}

/// The last time that an alert fired for a customer. It has no id: it is keyed by customer and alert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alert {
    pub alert: Option<Ref>,
    pub customer: Option<Ref>,
    pub title: Option<String>,
    pub meter: Option<Ref>,
    pub value: Option<i64>,
    pub threshold: Option<i64>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CreditGrant {
    pub customer: Option<Ref>,
    pub name: Option<String>,
    /// `paid`, `promotional`.
    pub category: Option<String>,
    pub currency: Option<Currency>,
    pub amount_minor: i64,
    pub effective_at_s: Option<i64>,
    pub expires_at_s: Option<i64>,
    pub voided_at_s: Option<i64>,
    pub updated_s: Option<i64>,
    pub created_s: i64,
}
