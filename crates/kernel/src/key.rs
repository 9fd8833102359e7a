//! Names of Stripe objects: what kind, and which id. `Ref` is a Stripe id (or a code's text) made safe
//! for every store: at most 255 bytes and free of NUL.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A reference that came from Stripe. Never empty, at most 255 bytes, no NUL. It is in every key, list and
/// view of a true-up, so a clone shares the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref(Arc<str>);

pub const REF_BYTES_MAX: usize = 255;

impl Ref {
    /// `None` when the text is empty, too long or carries a NUL: such an id names nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= REF_BYTES_MAX && !text.contains('\0');
        fits.then(|| Self(text.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Ref {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Ref {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(|text| Self(text.0.as_ref().into()))
    }
}

/// Text that is borrowed from its source where that can be.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of Stripe object that facts are about. The numbers are stored: add, never renumber.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Kind {
    Invoice = 1,
    Session = 2,
    Intent = 3,
    Charge = 4,
    Refund = 5,
    Dispute = 6,
    InvoicePayment = 7,
    CreditNote = 8,
    Discount = 9,
    PromotionCode = 10,
    Coupon = 11,
    Customer = 12,
    Subscription = 13,
    Product = 14,
    Price = 15,
    PaymentMethod = 16,
    SetupIntent = 17,
    Schedule = 18,
    Payout = 19,
    Transfer = 20,
    BalanceTransaction = 21,
    ApplicationFee = 22,
    FeeRefund = 23,
    Account = 24,
    Capability = 25,
    Application = 26,
    FraudWarning = 27,
    Review = 28,
    Entitlements = 29,
    CreditGrant = 30,
    Meter = 31,
    Alert = 32,
    PortalConfiguration = 33,
    PortalSession = 34,
    TaxId = 35,
    TestClock = 36,
}

impl Kind {
    pub const ALL: [Self; 36] = [
        Self::Invoice,
        Self::Session,
        Self::Intent,
        Self::Charge,
        Self::Refund,
        Self::Dispute,
        Self::InvoicePayment,
        Self::CreditNote,
        Self::Discount,
        Self::PromotionCode,
        Self::Coupon,
        Self::Customer,
        Self::Subscription,
        Self::Product,
        Self::Price,
        Self::PaymentMethod,
        Self::SetupIntent,
        Self::Schedule,
        Self::Payout,
        Self::Transfer,
        Self::BalanceTransaction,
        Self::ApplicationFee,
        Self::FeeRefund,
        Self::Account,
        Self::Capability,
        Self::Application,
        Self::FraudWarning,
        Self::Review,
        Self::Entitlements,
        Self::CreditGrant,
        Self::Meter,
        Self::Alert,
        Self::PortalConfiguration,
        Self::PortalSession,
        Self::TaxId,
        Self::TestClock,
    ];

    #[must_use]
    pub const fn code(self) -> i16 {
        self as i16
    }

    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| i64::from(kind.code()) == code)
    }

    /// Stripe's own name for the object (`invoice`, `checkout.session`, `payment_intent`, ...).
    #[must_use]
    pub const fn stripe_name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Session => "checkout.session",
            Self::Intent => "payment_intent",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::InvoicePayment => "invoice_payment",
            Self::CreditNote => "credit_note",
            Self::Discount => "discount",
            Self::PromotionCode => "promotion_code",
            Self::Coupon => "coupon",
            Self::Customer => "customer",
            Self::Subscription => "subscription",
            Self::Product => "product",
            Self::Price => "price",
            Self::PaymentMethod => "payment_method",
            Self::SetupIntent => "setup_intent",
            Self::Schedule => "subscription_schedule",
            Self::Payout => "payout",
            Self::Transfer => "transfer",
            Self::BalanceTransaction => "balance_transaction",
            Self::ApplicationFee => "application_fee",
            Self::FeeRefund => "fee_refund",
            Self::Account => "account",
            Self::Capability => "capability",
            Self::Application => "application",
            Self::FraudWarning => "radar.early_fraud_warning",
            Self::Review => "review",
            Self::Entitlements => "entitlements.active_entitlement_summary",
            Self::CreditGrant => "billing.credit_grant",
            Self::Meter => "billing.meter",
            Self::Alert => "billing.alert_triggered",
            Self::PortalConfiguration => "billing_portal.configuration",
            Self::PortalSession => "billing_portal.session",
            Self::TaxId => "tax_id",
            Self::TestClock => "test_helpers.test_clock",
        }
    }
}

/// One Stripe object within a book.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ObjectKey {
    pub kind: Kind,
    pub id: Ref,
}

impl ObjectKey {
    #[must_use]
    pub const fn new(kind: Kind, id: Ref) -> Self {
        Self { kind, id }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.stripe_name(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_refuses_what_a_store_could_not_keep() {
        assert!(Ref::parse("in_1").is_some());
        assert!(Ref::parse("").is_none());
        assert!(Ref::parse("in_\0").is_none());
        assert!(Ref::parse(&"x".repeat(255)).is_some());
        assert!(Ref::parse(&"x".repeat(256)).is_none());
    }

    #[test]
    fn every_kind_survives_its_stored_number() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(i64::from(kind.code())), Some(kind));
        }
        assert_eq!(Kind::from_code(0), None);
    }
}
