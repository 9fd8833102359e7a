//! A charge: one attempt to move money, and what came back of it. It must not know what was sold.

use std::sync::Arc;

use kernel::Currency;

use super::{Failure, Meta, PaymentMethod, Refund, ShipTo, TransferData};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charge {
    pub id: String,
    pub amount: i64,
    pub amount_captured: i64,
    /// Cumulative; refunds that failed or were canceled are not in it.
    pub amount_refunded: i64,
    pub currency: Currency,
    pub customer: Option<String>,
    /// `receipt_email`.
    pub email: Option<String>,
    pub intent: Option<String>,
    /// Only versions before basil show it.
    pub invoice: Option<String>,
    /// `succeeded`, `pending`, `failed`.
    pub status: &'static str,
    pub disputed: bool,
    pub failure: Option<Failure>,
    pub method: Arc<PaymentMethod>,
    /// The bank asked and the buyer answered.
    pub authenticated: bool,
    pub balance_transaction: Option<String>,
    /// Of a slow method that failed after it had counted.
    pub failure_balance_transaction: Option<String>,
    /// Shown only to versions before 2022-11-15; the others expand them.
    pub refunds: Vec<Refund>,
    /// `elevated`, `highest`, `normal`.
    pub risk: &'static str,
    /// `user_report` or `stripe_report` of `fraud_details`: (which, what).
    pub fraud: Option<(&'static str, &'static str)>,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub statement_descriptor_suffix: Option<String>,
    pub shipping: Option<ShipTo>,
    pub application: Option<String>,
    pub application_fee: Option<String>,
    pub application_fee_amount: Option<i64>,
    pub transfer_data: Option<TransferData>,
    pub transfer: Option<String>,
    pub transfer_group: Option<String>,
    /// Of a charge made by a transfer in the books of who got it.
    pub source_transfer: Option<String>,
    pub on_behalf_of: Option<String>,
    pub metadata: Meta,
    pub created_s: i64,
}

impl Charge {
    /// One that succeeded and was captured whole.
    #[must_use]
    pub fn blank(
        id: &str,
        amount: i64,
        currency: Currency,
        method: Arc<PaymentMethod>,
        created_s: i64,
    ) -> Self {
        Self {
            id: id.to_owned(),
            amount,
            amount_captured: amount,
            amount_refunded: 0,
            currency,
            customer: None,
            email: None,
            intent: None,
            invoice: None,
            status: "succeeded",
            disputed: false,
            failure: None,
            method,
            authenticated: false,
            balance_transaction: None,
            failure_balance_transaction: None,
            refunds: Vec::new(),
            risk: "normal",
            fraud: None,
            description: None,
            statement_descriptor: None,
            statement_descriptor_suffix: None,
            shipping: None,
            application: None,
            application_fee: None,
            application_fee_amount: None,
            transfer_data: None,
            transfer: None,
            transfer_group: None,
            source_transfer: None,
            on_behalf_of: None,
            metadata: Meta::new(),
            created_s,
        }
    }

    /// Whether all that was captured went back.
    #[must_use]
    pub fn refunded(&self) -> bool {
        self.amount_refunded > 0 && self.amount_refunded >= self.amount_captured
    }
}
