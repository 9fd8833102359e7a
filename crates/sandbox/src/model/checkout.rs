//! A checkout session: what the buyer saw and agreed to. It must not know whether the money came; that is
//! the intent's and the invoice's business.

use kernel::Currency;

use super::Meta;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Payment,
    Subscription,
    Setup,
}

impl Mode {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Subscription => "subscription",
            Self::Setup => "setup",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaymentStatus {
    Paid,
    Unpaid,
    NoPaymentRequired,
}

impl PaymentStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Unpaid => "unpaid",
            Self::NoPaymentRequired => "no_payment_required",
        }
    }
}

/// Adaptive pricing as it was before basil: the session carries the buyer's currency, this the merchant's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conversion {
    pub source_currency: Currency,
    pub source_subtotal: i64,
    pub source_total: i64,
    pub fx_rate: &'static str,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    pub id: String,
    pub mode: Mode,
    /// `open`, `complete`, `expired`.
    pub status: &'static str,
    pub payment_status: PaymentStatus,
    pub currency: Currency,
    pub subtotal: i64,
    pub discount: i64,
    /// On top of the prices.
    pub tax_exclusive: i64,
    /// Within the prices.
    pub tax_inclusive: i64,
    pub shipping: i64,
    /// (coupon, promotion code)
    pub discounts: Vec<(String, Option<String>)>,
    pub customer: Option<String>,
    pub email: String,
    pub name: String,
    pub subscription: Option<String>,
    pub invoice: Option<String>,
    pub intent: Option<String>,
    pub client_reference_id: Option<String>,
    pub metadata: Meta,
    pub payment_link: Option<String>,
    pub conversion: Option<Conversion>,
    pub created_s: i64,
}

impl Session {
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.subtotal - self.discount + self.tax_exclusive + self.shipping
    }

    #[must_use]
    pub const fn tax(&self) -> i64 {
        self.tax_exclusive + self.tax_inclusive
    }
}
