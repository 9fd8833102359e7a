//! Facts about customers' tax ids: of which kind, and whether they were verified. Never the number.

use serde::{Deserialize, Serialize};

use crate::key::Ref;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaxId {
    pub customer: Option<Ref>,
    /// `eu_vat`, ...
    pub id_type: String,
    pub country: Option<String>,
    /// `pending`, `verified`, `unverified`, `unavailable`.
    pub verification: Option<String>,
    pub deleted: bool,
    pub created_s: i64,
}
