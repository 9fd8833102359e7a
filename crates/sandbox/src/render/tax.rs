//! Tax rows: `tax_amounts` with `inclusive` until acacia, `taxes` with `tax_behavior` from basil.

use crate::json::Obj;
use crate::model::Tax;

pub(super) fn old(tax: &Tax) -> String {
    Obj::new()
        .int("amount", tax.amount)
        .bool("inclusive", tax.inclusive)
        .str("tax_rate", &tax.rate)
        .str("taxability_reason", "standard_rated")
        .int("taxable_amount", tax.taxable)
        .close()
}

pub(super) fn new(tax: &Tax) -> String {
    Obj::new()
        .int("amount", tax.amount)
        .str("tax_behavior", if tax.inclusive { "inclusive" } else { "exclusive" })
        .obj("tax_rate_details", Obj::new().str("tax_rate", &tax.rate))
        .str("taxability_reason", "standard_rated")
        .int("taxable_amount", tax.taxable)
        .str("type", "tax_rate_details")
        .close()
}
