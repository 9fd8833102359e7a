//! A payment intent: names its invoice until acacia only.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::Intent;

pub(super) fn render(intent: &Intent, frame: Frame) -> String {
    let version = frame.version;
    let capturable = if intent.status == "requires_capture" { intent.amount } else { 0 };
    let methods = Obj::new().str("allow_redirects", "always").bool("enabled", true);
    let object = Obj::resource("payment_intent", &intent.id)
        .when(version.endive(), |object| object.strs("allowed_payment_method_types", ["card"]))
        .int("amount", intent.amount)
        .int("amount_capturable", capturable)
        .obj("amount_details", Obj::new().obj("tip", Obj::new()))
        .int("amount_received", intent.amount_received)
        .nulls("application application_fee_amount")
        .obj("automatic_payment_methods", methods)
        .nulls("canceled_at cancellation_reason")
        .str("capture_method", if intent.manual_capture { "manual" } else { "automatic" })
        .str("client_secret", &format!("{}_secret_sandbox", intent.id))
        .str("confirmation_method", "automatic")
        .int("created", intent.created_s)
        .str("currency", intent.currency.as_str())
        .opt_str("customer", intent.customer.as_deref())
        .when(version.dahlia(), |object| object.nulls("customer_account"))
        .nulls("description")
        .when(version.clover(), |object| object.empties("excluded_payment_method_types"))
        .when(!version.basil(), |object| object.opt_str("invoice", intent.invoice.as_deref()))
        .opt_raw("last_payment_error", intent.decline_code.map(declined))
        .when(!version.ancient(), |object| object.opt_str("latest_charge", intent.charge.as_deref()))
        .bool("livemode", frame.livemode)
        .when(version.dahlia(), |object| object.nulls("managed_payments"))
        .map("metadata", &intent.metadata)
        .nulls("next_action on_behalf_of")
        .str("payment_method", "pm_1SandboxVisa4242")
        .nulls("payment_method_configuration_details")
        .obj("payment_method_options", Obj::new())
        .strs("payment_method_types", ["card"])
        .when(version.endive(), |object| object.nulls("payment_record"))
        .nulls("processing")
        .opt_str("receipt_email", intent.email.as_deref())
        .nulls("review setup_future_usage shipping source statement_descriptor statement_descriptor_suffix")
        .str("status", intent.status)
        .nulls("transfer_data transfer_group");
    finish(object, frame)
}

fn declined(code: &str) -> String {
    Obj::new()
        .str("code", "card_declined")
        .str("decline_code", code)
        .str("message", "Your card was declined.")
        .str("type", "card_error")
        .close()
}
