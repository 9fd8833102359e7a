//! Who buys: customers, where they live, their tax ids, and what moved their balance. It must not know what
//! they buy.

use kernel::Currency;

use super::{Address, Discount, Meta, ShipTo};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub business_name: Option<String>,
    pub individual_name: Option<String>,
    pub description: Option<String>,
    pub phone: Option<String>,
    pub address: Option<Address>,
    pub shipping: Option<ShipTo>,
    pub currency: Option<Currency>,
    /// Negative: credit the customer has with the merchant.
    pub balance: i64,
    pub delinquent: bool,
    /// On everything this customer subscribes to.
    pub discount: Option<Discount>,
    /// What invoice numbers begin with.
    pub invoice_prefix: String,
    pub default_payment_method: Option<String>,
    pub invoice_footer: Option<String>,
    /// Name and value.
    pub invoice_fields: Vec<(String, String)>,
    pub preferred_locales: Vec<String>,
    /// `none`, `exempt`, `reverse`.
    pub tax_exempt: &'static str,
    /// The test clock this customer's time is on.
    pub test_clock: Option<String>,
    /// Kept to be told apart from what never was.
    pub deleted: bool,
    pub created_s: i64,
    pub metadata: Meta,
}

impl Customer {
    /// Somebody nothing is known of.
    #[must_use]
    pub fn blank(id: &str, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            email: None,
            name: None,
            business_name: None,
            individual_name: None,
            description: None,
            phone: None,
            address: None,
            shipping: None,
            currency: None,
            balance: 0,
            delinquent: false,
            discount: None,
            invoice_prefix: "8F2C1A".into(),
            default_payment_method: None,
            invoice_footer: None,
            invoice_fields: Vec::new(),
            preferred_locales: Vec::new(),
            tax_exempt: "none",
            test_clock: None,
            deleted: false,
            created_s,
            metadata: Meta::new(),
        }
    }
}

/// What moved a customer's balance, and what it was then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomerBalanceTransaction {
    pub id: String,
    pub customer: String,
    /// Stripe's word: `adjustment`, `applied_to_invoice`, `credit_note`, ...
    pub kind: &'static str,
    /// Negative: credit to the customer.
    pub amount: i64,
    pub ending_balance: i64,
    pub currency: Currency,
    pub invoice: Option<String>,
    pub credit_note: Option<String>,
    pub checkout_session: Option<String>,
    pub description: Option<String>,
    pub created_s: i64,
    pub metadata: Meta,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaxId {
    pub id: String,
    /// `None`: the account's own.
    pub customer: Option<String>,
    /// Stripe's word: `eu_vat`, `us_ein`, ...
    pub kind: String,
    pub value: String,
    pub country: Option<String>,
    /// `pending`, `verified`, `unverified`, `unavailable`.
    pub verification: &'static str,
    pub verified_name: Option<String>,
    pub created_s: i64,
}
