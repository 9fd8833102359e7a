//! Facts about risk: early fraud warnings and reviews.

use serde::{Deserialize, Serialize};

use crate::key::Ref;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FraudWarning {
    pub charge: Option<Ref>,
    pub intent: Option<Ref>,
    pub fraud_type: String,
    pub actionable: bool,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Review {
    pub charge: Option<Ref>,
    pub intent: Option<Ref>,
    pub open: bool,
    pub reason: Option<String>,
    pub opened_reason: Option<String>,
    pub closed_reason: Option<String>,
    pub created_s: i64,
}
