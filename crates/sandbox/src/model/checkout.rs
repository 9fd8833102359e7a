//! A checkout session: what the buyer saw and agreed to. It must not know whether the money came; that is
//! the intent's and the invoice's business.

use std::sync::Arc;

use kernel::Currency;

use super::{Address, Meta, Price, ShipTo, ShippingRate, TaxRate, TransferData};

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

/// One thing on the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionItem {
    pub id: String,
    pub price: Arc<Price>,
    pub quantity: i64,
    /// The buyer may choose how many, within these.
    pub adjustable: Option<(i64, i64)>,
    pub tax_rates: Vec<Arc<TaxRate>>,
    pub subtotal: i64,
    pub discount: i64,
    pub tax_exclusive: i64,
    pub tax_inclusive: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    pub id: String,
    pub mode: Mode,
    /// `open`, `complete`, `expired`.
    pub status: &'static str,
    pub payment_status: PaymentStatus,
    pub currency: Currency,
    pub items: Vec<SessionItem>,
    pub subtotal: i64,
    pub discount: i64,
    /// On top of the prices.
    pub tax_exclusive: i64,
    /// Within the prices.
    pub tax_inclusive: i64,
    pub shipping: i64,
    /// (coupon, promotion code)
    pub discounts: Vec<(String, Option<String>)>,
    pub allow_codes: Option<bool>,
    pub customer: Option<String>,
    /// Whether the customer is a new one's: what was typed is theirs.
    pub customer_email: Option<String>,
    /// `always`, `if_required`.
    pub customer_creation: &'static str,
    /// What is known of the buyer; empty before anything is.
    pub email: String,
    pub name: String,
    pub phone: Option<String>,
    pub address: Address,
    pub subscription: Option<String>,
    pub invoice: Option<String>,
    pub intent: Option<String>,
    pub setup_intent: Option<String>,
    /// A method whose bank asks before anything is made with it.
    pub waiting: Option<String>,
    pub client_reference_id: Option<String>,
    pub metadata: Meta,
    pub payment_link: Option<String>,
    pub conversion: Option<Conversion>,
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    /// The page, while it is open.
    pub url: Option<String>,
    pub expires_s: i64,
    pub method_types: Vec<&'static str>,
    /// `always`, `if_required`: whether a free start needs a method.
    pub collect_method: &'static str,
    pub billing_address: &'static str,
    pub ask_phone: bool,
    pub ship_countries: Option<Vec<String>>,
    pub shipping_options: Vec<Arc<ShippingRate>>,
    pub shipping_rate: Option<String>,
    pub ship_to: Option<ShipTo>,
    pub locale: Option<String>,
    pub submit_type: Option<&'static str>,
    /// Makes an invoice of a one-off, with this metadata and description.
    pub invoice_creation: Option<(Meta, Option<String>)>,
    pub manual_capture: bool,
    pub setup_future_usage: Option<&'static str>,
    pub application_fee: Option<i64>,
    pub transfer_data: Option<TransferData>,
    pub on_behalf_of: Option<String>,
    /// Of the intent, the setup intent or the subscription it makes.
    pub made_description: Option<String>,
    pub made_metadata: Meta,
    pub trial_end_s: Option<i64>,
    pub trial_days: Option<i64>,
    pub trial_without_method: &'static str,
    pub created_s: i64,
}

impl Session {
    /// An open page with nothing on it.
    #[must_use]
    pub fn blank(id: &str, mode: Mode, currency: Currency, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            mode,
            status: "open",
            payment_status: PaymentStatus::Unpaid,
            currency,
            items: Vec::new(),
            subtotal: 0,
            discount: 0,
            tax_exclusive: 0,
            tax_inclusive: 0,
            shipping: 0,
            discounts: Vec::new(),
            allow_codes: None,
            customer: None,
            customer_email: None,
            customer_creation: "if_required",
            email: String::new(),
            name: String::new(),
            phone: None,
            address: Address::default(),
            subscription: None,
            invoice: None,
            intent: None,
            setup_intent: None,
            waiting: None,
            client_reference_id: None,
            metadata: Meta::new(),
            payment_link: None,
            conversion: None,
            success_url: None,
            cancel_url: None,
            url: None,
            expires_s: created_s + 86_400,
            method_types: vec!["card"],
            collect_method: if matches!(mode, Mode::Subscription) { "always" } else { "if_required" },
            billing_address: "auto",
            ask_phone: false,
            ship_countries: None,
            shipping_options: Vec::new(),
            shipping_rate: None,
            ship_to: None,
            locale: None,
            submit_type: None,
            invoice_creation: None,
            manual_capture: false,
            setup_future_usage: None,
            application_fee: None,
            transfer_data: None,
            on_behalf_of: None,
            made_description: None,
            made_metadata: Meta::new(),
            trial_end_s: None,
            trial_days: None,
            trial_without_method: "create_invoice",
            created_s,
        }
    }

    /// Where the buyer goes after paying.
    #[must_use]
    pub fn success(&self) -> Option<String> {
        Some(self.success_url.as_ref()?.replace("{CHECKOUT_SESSION_ID}", &self.id))
    }

    #[must_use]
    pub const fn total(&self) -> i64 {
        self.subtotal - self.discount + self.tax_exclusive + self.shipping
    }

    #[must_use]
    pub const fn tax(&self) -> i64 {
        self.tax_exclusive + self.tax_inclusive
    }
}
