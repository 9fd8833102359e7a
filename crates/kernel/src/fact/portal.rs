//! Facts about the customer portal: its configurations, and that a customer opened it. Never a session's address: it lets
//! whoever knows it in.

use serde::{Deserialize, Serialize};

use crate::key::Ref;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PortalConfiguration {
    pub active: bool,
    pub is_default: bool,
    pub name: Option<String>,
    /// Whether customers may cancel, update, and change how they pay.
    pub cancel_enabled: Option<bool>,
    /// `immediately`, `at_period_end`.
    pub cancel_mode: Option<String>,
    pub update_enabled: Option<bool>,
    pub method_update_enabled: Option<bool>,
    pub updated_s: Option<i64>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PortalSession {
    pub customer: Option<Ref>,
    pub configuration: Option<Ref>,
    /// `subscription_cancel`, ...
    pub flow: Option<String>,
    pub created_s: i64,
}
