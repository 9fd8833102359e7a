//! A tax rate: so much of a price, within it or on top. It must not know where it is due.

use super::Meta;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaxRate {
    pub id: String,
    pub display_name: String,
    /// Millionths: 20 % is 200,000.
    pub rate_ppm: i64,
    pub inclusive: bool,
    pub active: bool,
    pub country: Option<String>,
    pub description: Option<String>,
    pub jurisdiction: Option<String>,
    pub state: Option<String>,
    pub tax_type: Option<String>,
    pub created_s: i64,
    pub metadata: Meta,
}
