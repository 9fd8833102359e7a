//! A payment method, and the addresses and names that come with money.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::{Address, Bank, Card, Instrument, PaymentMethod, ShipTo};

pub(super) fn render(method: &PaymentMethod, frame: Frame) -> String {
    let billing = &method.billing;
    let billing = Obj::new()
        .obj("address", address(&billing.address))
        .opt_str("email", billing.email.as_deref())
        .opt_str("name", billing.name.as_deref())
        .opt_str("phone", billing.phone.as_deref())
        .when(frame.version.clover(), |object| object.nulls("tax_id"));
    let details = match &method.instrument {
        Instrument::Card(row) => card(row, frame),
        Instrument::UsBankAccount(row) => us_bank_account(row),
        Instrument::SepaDebit(row) => sepa_debit(row),
    };
    let object = Obj::resource("payment_method", &method.id)
        .when(frame.version > super::Version::V2020_08_27, |object| {
            object.str("allow_redisplay", "unspecified")
        })
        .obj("billing_details", billing)
        .obj(method.instrument.kind(), details)
        .int("created", method.created_s)
        .opt_str("customer", method.customer.as_deref())
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .bool("livemode", frame.livemode)
        .map("metadata", &method.metadata)
        .str("type", method.instrument.kind());
    finish(object, frame)
}

fn card(card: &Card, frame: Frame) -> Obj {
    let checks = Obj::new()
        .nulls("address_line1_check address_postal_code_check")
        .opt_str("cvc_check", card.cvc_check);
    let networks = Obj::new().strs("available", [card.brand]).nulls("preferred");
    Obj::new()
        .str("brand", card.brand)
        .obj("checks", checks)
        .str("country", card.country)
        .str("display_brand", card.brand)
        .int("exp_month", card.exp_month)
        .int("exp_year", card.exp_year)
        .str("fingerprint", &card.fingerprint)
        .str("funding", card.funding)
        .nulls("generated_from")
        .str("last4", &card.last4)
        .obj("networks", networks)
        .when(frame.version.basil(), |object| object.str("regulated_status", "unregulated"))
        .obj("three_d_secure_usage", Obj::new().bool("supported", true))
        .nulls("wallet")
}

fn us_bank_account(bank: &Bank) -> Obj {
    Obj::new()
        .str("account_holder_type", "individual")
        .str("account_type", "checking")
        .str("bank_name", "STRIPE TEST BANK")
        .nulls("financial_connections_account")
        .str("fingerprint", &bank.fingerprint)
        .str("last4", &bank.last4)
        .obj("networks", Obj::new().str("preferred", "ach").strs("supported", ["ach"]))
        .str("routing_number", "110000000")
        .nulls("status_details")
}

fn sepa_debit(bank: &Bank) -> Obj {
    Obj::new()
        .nulls("bank_code branch_code")
        .str("country", bank.country)
        .str("fingerprint", &bank.fingerprint)
        .obj("generated_from", Obj::new().nulls("charge setup_attempt"))
        .str("last4", &bank.last4)
}

pub(super) fn address(address: &Address) -> Obj {
    Obj::new()
        .opt_str("city", address.city.as_deref())
        .opt_str("country", address.country.as_deref())
        .opt_str("line1", address.line1.as_deref())
        .opt_str("line2", address.line2.as_deref())
        .opt_str("postal_code", address.postal_code.as_deref())
        .opt_str("state", address.state.as_deref())
}

pub(super) fn ship_to(to: &ShipTo) -> Obj {
    Obj::new()
        .obj("address", address(&to.address))
        .str("name", &to.name)
        .opt_str("phone", to.phone.as_deref())
}
