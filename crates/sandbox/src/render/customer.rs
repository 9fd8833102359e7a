//! A customer.

use super::{Frame, address, finish};
use crate::json::Obj;
use crate::model::Customer;

pub(super) fn render(customer: &Customer, frame: Frame) -> String {
    let settings = Obj::new().nulls("custom_fields default_payment_method footer rendering_options");
    let object = Obj::resource("customer", &customer.id)
        .obj("address", address(customer.country))
        .int("balance", customer.balance)
        .int("created", customer.created_s)
        .opt_str("currency", customer.currency.as_ref().map(kernel::Currency::as_str))
        .nulls("default_source")
        .bool("delinquent", customer.delinquent)
        .nulls("description discount")
        .str("email", &customer.email)
        .str("invoice_prefix", "8F2C1A")
        .obj("invoice_settings", settings)
        .bool("livemode", frame.livemode)
        .map("metadata", &customer.metadata)
        .str("name", &customer.name)
        .nulls("phone")
        .empties("preferred_locales")
        .nulls("shipping")
        .str("tax_exempt", "none")
        .nulls("test_clock");
    finish(object, frame)
}
