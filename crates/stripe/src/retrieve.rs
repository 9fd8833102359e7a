//! Any object that facts are about, by its id, with what it should carry along. What it says is read elsewhere;
//! here it is bytes.

use kernel::{Kind, Ref};
use serde::Deserialize;

use crate::answer::Answer;
use crate::client::{Client, path_of};
use crate::error::StripeError;
use crate::form::Form;
use crate::page::{Pages, Step};

/// What every object has.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Stub {
    pub id: String,
    #[serde(default)]
    pub object: String,
    /// `None`: the object does not say.
    #[serde(default)]
    pub livemode: Option<bool>,
    #[serde(default)]
    pub deleted: bool,
}

/// Discounts cannot be fetched by id: they are asked for on what carries them. So can a few others not.
#[must_use]
pub const fn can_be_fetched(kind: Kind) -> bool {
    collection(kind).is_some()
}

pub(crate) const fn collection(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Invoice => Some("/v1/invoices"),
        Kind::Session => Some("/v1/checkout/sessions"),
        Kind::Intent => Some("/v1/payment_intents"),
        Kind::Charge => Some("/v1/charges"),
        Kind::Refund => Some("/v1/refunds"),
        Kind::Dispute => Some("/v1/disputes"),
        Kind::InvoicePayment => Some("/v1/invoice_payments"),
        Kind::CreditNote => Some("/v1/credit_notes"),
        Kind::Discount => None,
        Kind::PromotionCode => Some("/v1/promotion_codes"),
        Kind::Coupon => Some("/v1/coupons"),
        Kind::Customer => Some("/v1/customers"),
        Kind::Subscription => Some("/v1/subscriptions"),
        Kind::Product => Some("/v1/products"),
        Kind::Price => Some("/v1/prices"),
        Kind::PaymentMethod => Some("/v1/payment_methods"),
        Kind::SetupIntent => Some("/v1/setup_intents"),
        Kind::Schedule => Some("/v1/subscription_schedules"),
        Kind::Payout => Some("/v1/payouts"),
        Kind::Transfer => Some("/v1/transfers"),
        Kind::BalanceTransaction => Some("/v1/balance_transactions"),
        Kind::ApplicationFee => Some("/v1/application_fees"),
        Kind::Account => Some("/v1/accounts"),
        Kind::FraudWarning => Some("/v1/radar/early_fraud_warnings"),
        Kind::Review => Some("/v1/reviews"),
        Kind::CreditGrant => Some("/v1/billing/credit_grants"),
        Kind::Meter => Some("/v1/billing/meters"),
        Kind::PortalConfiguration => Some("/v1/billing_portal/configurations"),
        Kind::TaxId => Some("/v1/tax_ids"),
        Kind::TestClock => Some("/v1/test_helpers/test_clocks"),
        // Named by two ids, or by their customer.
        Kind::FeeRefund | Kind::Capability | Kind::Alert | Kind::Entitlements => None,
        // Only ever shown once.
        Kind::Application | Kind::PortalSession => None,
    }
}

/// What is asked to come along whole, so that the discounts on an object say which coupon and code they are.
const fn with_discounts(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Invoice => &[
            "discounts",
            "discounts.promotion_code",
            "lines.data.discounts",
            "lines.data.discounts.promotion_code",
            "total_discount_amounts.discount",
        ],
        Kind::Session => &["total_details.breakdown"],
        Kind::Subscription => &["discounts", "discounts.promotion_code"],
        _ => &[],
    }
}

impl Client {
    /// The object with everything that explains its discounts.
    pub fn retrieve_explained(&self, kind: Kind, id: &Ref) -> Result<Answer<Stub>, StripeError> {
        self.retrieve(kind, id, with_discounts(kind))
    }

    /// The checkout sessions that began a subscription, newest first.
    #[must_use]
    pub fn sessions_of_subscription(&self, subscription: &Ref) -> Pages<Stub> {
        let mut form = Form::default();
        form.put("subscription", subscription);
        Pages::new(self, "/v1/checkout/sessions", form, Step::Older, None)
    }

    /// `expand`: paths such as `discounts`, at most four steps deep.
    pub fn retrieve(&self, kind: Kind, id: &Ref, expand: &[&str]) -> Result<Answer<Stub>, StripeError> {
        let unsendable = || StripeError::Unsendable { what: format!("{} {id}", kind.stripe_name()) };
        let path = path_of(collection(kind).ok_or_else(unsendable)?, id.as_str())?;
        let mut form = Form::default();
        form.list("expand", expand);
        self.get(path, form)
    }
}
