//! A payment intent: what is to be paid, by whom, how far it got. It must not know what was sold; links are
//! ids.

use std::sync::Arc;

use kernel::Currency;

use super::{Failure, Meta, PaymentMethod};

/// What the buyer must do before it can go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NextAction {
    /// 3-D Secure, asked by this page; back to `return_url` afterwards.
    Redirect { url: String, return_url: Option<String> },
    /// 3-D Secure, asked by Stripe's own script.
    UseSdk,
}

/// Who gets the money (`transfer_data`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransferData {
    pub destination: String,
    /// `None`: all of it.
    pub amount: Option<i64>,
}

/// An address as an API says it; `None` where nothing was said.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Address {
    pub city: Option<String>,
    pub country: Option<String>,
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub postal_code: Option<String>,
    pub state: Option<String>,
}

impl Address {
    /// Where everybody lives who said nothing else.
    #[must_use]
    pub fn example(country: &str) -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self {
            city: text("Springfield"),
            country: text(country),
            line1: text("1 Main Street"),
            line2: None,
            postal_code: text("10001"),
            state: None,
        }
    }
}

/// Where goods go.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ShipTo {
    pub name: String,
    pub phone: Option<String>,
    pub address: Address,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Intent {
    pub id: String,
    pub amount: i64,
    pub amount_received: i64,
    pub currency: Currency,
    pub customer: Option<String>,
    /// `receipt_email`.
    pub email: Option<String>,
    /// Stripe's word: `requires_payment_method`, `requires_confirmation`, `requires_action`, `processing`,
    /// `requires_capture`, `succeeded`, `canceled`.
    pub status: &'static str,
    pub manual_capture: bool,
    pub manual_confirmation: bool,
    /// The latest.
    pub charge: Option<String>,
    /// Only versions before basil show it.
    pub invoice: Option<String>,
    /// The checkout session it pays.
    pub session: Option<String>,
    pub payment_method: Option<String>,
    /// Which kinds of method may pay it.
    pub method_types: Vec<&'static str>,
    /// `automatic_payment_methods`: whether methods that redirect may be used. `None`: switched off.
    pub automatic_methods: Option<bool>,
    /// Why the last try failed.
    pub failure: Option<Failure>,
    /// The method of the last failed try.
    pub failed_method: Option<Arc<PaymentMethod>>,
    pub next_action: Option<NextAction>,
    /// `on_session`, `off_session`.
    pub setup_future_usage: Option<&'static str>,
    /// The buyer is not there.
    pub off_session: bool,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub statement_descriptor_suffix: Option<String>,
    pub shipping: Option<ShipTo>,
    pub application_fee: Option<i64>,
    pub transfer_data: Option<TransferData>,
    pub transfer_group: Option<String>,
    pub on_behalf_of: Option<String>,
    pub canceled_at_s: Option<i64>,
    pub cancellation_reason: Option<&'static str>,
    pub metadata: Meta,
    pub created_s: i64,
}

impl Intent {
    /// To be paid by any method, which is not known yet.
    #[must_use]
    pub fn blank(id: &str, amount: i64, currency: Currency, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            amount,
            amount_received: 0,
            currency,
            customer: None,
            email: None,
            status: "requires_payment_method",
            manual_capture: false,
            manual_confirmation: false,
            charge: None,
            invoice: None,
            session: None,
            payment_method: None,
            method_types: vec!["card"],
            automatic_methods: Some(true),
            failure: None,
            failed_method: None,
            next_action: None,
            setup_future_usage: None,
            off_session: false,
            description: None,
            statement_descriptor: None,
            statement_descriptor_suffix: None,
            shipping: None,
            application_fee: None,
            transfer_data: None,
            transfer_group: None,
            on_behalf_of: None,
            canceled_at_s: None,
            cancellation_reason: None,
            metadata: Meta::new(),
            created_s,
        }
    }

    #[must_use]
    pub fn amount_capturable(&self) -> i64 {
        if self.status == "requires_capture" { self.amount } else { 0 }
    }

    #[must_use]
    pub fn client_secret(&self) -> String {
        format!("{}_secret_sandbox", self.id)
    }
}
