//! Facts about how customers pay: payment methods, and the intents that set them up. No names, no addresses, no numbers but
//! the last four digits that a customer is shown.

use serde::{Deserialize, Serialize};

use crate::key::Ref;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PaymentMethod {
    /// Stripe's word: `card`, `sepa_debit`, ...
    pub method_type: String,
    pub customer: Option<Ref>,
    /// Of a card; of an account the bank's name is left out.
    pub brand: Option<String>,
    pub last4: Option<String>,
    pub exp_month: Option<i64>,
    pub exp_year: Option<i64>,
    pub country: Option<String>,
    /// `credit`, `debit`, `prepaid`.
    pub funding: Option<String>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SetupIntent {
    pub status: String,
    pub customer: Option<Ref>,
    pub payment_method: Option<Ref>,
    pub usage: Option<String>,
    /// `last_setup_error.code`, or its type.
    pub failure_code: Option<String>,
    pub created_s: i64,
}
