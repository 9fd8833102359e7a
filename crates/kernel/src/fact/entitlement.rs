//! Facts about what a customer may use: the active entitlements, keyed by the customer, for the summary has no id.

use serde::{Deserialize, Serialize};

use crate::key::Ref;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entitlements {
    /// Sorted by id.
    pub active: Vec<Entitlement>,
    /// Stripe sent only the first rows.
    pub truncated: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entitlement {
    pub id: Ref,
    pub feature: Option<Ref>,
    pub lookup_key: Option<String>,
}
