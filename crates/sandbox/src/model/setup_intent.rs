//! A setup intent: a method to be saved for later, how far it got. It must not know what will be paid.

use std::sync::Arc;

use super::{Failure, Meta, NextAction, PaymentMethod};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetupIntent {
    pub id: String,
    pub customer: Option<String>,
    pub description: Option<String>,
    /// `requires_payment_method`, `requires_confirmation`, `requires_action`, `processing`, `succeeded`,
    /// `canceled`.
    pub status: &'static str,
    /// `off_session`, `on_session`.
    pub usage: &'static str,
    pub payment_method: Option<String>,
    pub method_types: Vec<&'static str>,
    /// Whether methods that redirect may be used. `None`: switched off.
    pub automatic_methods: Option<bool>,
    pub failure: Option<Failure>,
    pub failed_method: Option<Arc<PaymentMethod>>,
    pub next_action: Option<NextAction>,
    pub latest_attempt: Option<String>,
    pub mandate: Option<String>,
    pub on_behalf_of: Option<String>,
    pub cancellation_reason: Option<&'static str>,
    /// The checkout session it belongs to.
    pub session: Option<String>,
    pub metadata: Meta,
    pub created_s: i64,
}

impl SetupIntent {
    /// Waits for a method.
    #[must_use]
    pub fn blank(id: &str, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            customer: None,
            description: None,
            status: "requires_payment_method",
            usage: "off_session",
            payment_method: None,
            method_types: vec!["card"],
            automatic_methods: Some(true),
            failure: None,
            failed_method: None,
            next_action: None,
            latest_attempt: None,
            mandate: None,
            on_behalf_of: None,
            cancellation_reason: None,
            session: None,
            metadata: Meta::new(),
            created_s,
        }
    }

    #[must_use]
    pub fn client_secret(&self) -> String {
        format!("{}_secret_sandbox", self.id)
    }
}
