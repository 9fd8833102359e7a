//! Who buys: customers. It must not know what they buy.

use kernel::Currency;

use super::Meta;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Customer {
    pub id: String,
    pub email: String,
    pub name: String,
    pub country: &'static str,
    pub currency: Option<Currency>,
    /// Negative: credit the customer has with the merchant.
    pub balance: i64,
    pub delinquent: bool,
    pub created_s: i64,
    pub metadata: Meta,
}
