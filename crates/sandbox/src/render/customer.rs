//! A customer, their tax ids, and what moved their balance.

use super::payment_method::{address, ship_to};
use super::{Frame, discount, finish};
use crate::json::Obj;
use crate::model::{Customer, CustomerBalanceTransaction, TaxId};

pub(super) fn render(customer: &Customer, frame: Frame) -> String {
    if customer.deleted {
        return Obj::resource("customer", &customer.id).bool("deleted", true).close();
    }
    let object = Obj::resource("customer", &customer.id)
        .opt_raw("address", customer.address.as_ref().map(|place| address(place).close()))
        .int("balance", customer.balance)
        .when(frame.version.clover(), |object| names(object, customer))
        .int("created", customer.created_s)
        .opt_str("currency", customer.currency.as_ref().map(kernel::Currency::as_str))
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .nulls("default_source")
        .bool("delinquent", customer.delinquent)
        .opt_str("description", customer.description.as_deref())
        .opt_raw("discount", customer.discount.as_ref().map(|row| discount::render(row, frame)))
        .opt_str("email", customer.email.as_deref())
        .str("invoice_prefix", &customer.invoice_prefix)
        .obj("invoice_settings", invoice_settings(customer))
        .bool("livemode", frame.livemode)
        .map("metadata", &customer.metadata)
        .opt_str("name", customer.name.as_deref())
        .opt_str("phone", customer.phone.as_deref())
        .strs("preferred_locales", customer.preferred_locales.iter().map(String::as_str))
        .opt_raw("shipping", customer.shipping.as_ref().map(|to| ship_to(to).close()))
        .str("tax_exempt", customer.tax_exempt)
        .opt_str("test_clock", customer.test_clock.as_deref());
    finish(object, frame)
}

/// Names that are there only once they were given.
fn names(object: Obj, customer: &Customer) -> Obj {
    let (business, individual) = (customer.business_name.as_deref(), customer.individual_name.as_deref());
    object
        .when(business.is_some(), |object| object.opt_str("business_name", business))
        .when(individual.is_some(), |object| object.opt_str("individual_name", individual))
}

fn invoice_settings(customer: &Customer) -> Obj {
    let rows = customer.invoice_fields.iter();
    let fields: Vec<String> =
        rows.map(|(name, value)| Obj::new().str("name", name).str("value", value).close()).collect();
    let settings = if fields.is_empty() {
        Obj::new().nulls("custom_fields")
    } else {
        Obj::new().array("custom_fields", fields)
    };
    settings
        .opt_str("default_payment_method", customer.default_payment_method.as_deref())
        .opt_str("footer", customer.invoice_footer.as_deref())
        .nulls("rendering_options")
}

pub(super) fn balance_transaction(moved: &CustomerBalanceTransaction, frame: Frame) -> String {
    let object = Obj::resource("customer_balance_transaction", &moved.id)
        .int("amount", moved.amount)
        .when(frame.version.basil(), |object| {
            object.opt_str("checkout_session", moved.checkout_session.as_deref())
        })
        .int("created", moved.created_s)
        .opt_str("credit_note", moved.credit_note.as_deref())
        .str("currency", moved.currency.as_str())
        .str("customer", &moved.customer)
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .opt_str("description", moved.description.as_deref())
        .int("ending_balance", moved.ending_balance)
        .opt_str("invoice", moved.invoice.as_deref())
        .bool("livemode", frame.livemode)
        .map("metadata", &moved.metadata)
        .str("type", moved.kind);
    finish(object, frame)
}

pub(super) fn tax_id(tax_id: &TaxId, frame: Frame) -> String {
    let owner = if tax_id.customer.is_some() { "customer" } else { "self" };
    let owner = Obj::new()
        .str("type", owner)
        .opt_str("customer", tax_id.customer.as_deref())
        .when(frame.version.dahlia(), |owner| owner.nulls("customer_account"));
    let verification = Obj::new()
        .str("status", tax_id.verification)
        .nulls("verified_address")
        .opt_str("verified_name", tax_id.verified_name.as_deref());
    let object = Obj::resource("tax_id", &tax_id.id)
        .opt_str("country", tax_id.country.as_deref())
        .int("created", tax_id.created_s)
        .opt_str("customer", tax_id.customer.as_deref())
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .bool("livemode", frame.livemode)
        .obj("owner", owner)
        .str("type", &tax_id.kind)
        .str("value", &tax_id.value)
        .obj("verification", verification);
    finish(object, frame)
}
