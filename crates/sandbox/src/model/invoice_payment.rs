//! What one payment gives to one invoice (visible from basil on). It must not know why the money came.

use kernel::Currency;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InvoicePayment {
    pub id: String,
    pub invoice: String,
    /// `None`: recorded by hand, money outside Stripe.
    pub intent: Option<String>,
    /// `open`, `paid`, `canceled`.
    pub status: &'static str,
    pub amount_requested: i64,
    pub amount_paid: i64,
    pub currency: Currency,
    pub is_default: bool,
    pub created_s: i64,
    pub paid_s: Option<i64>,
    pub canceled_s: Option<i64>,
}
