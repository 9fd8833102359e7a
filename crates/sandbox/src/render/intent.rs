//! A payment intent: names its invoice until acacia only; carries its charges in the oldest versions only.

use super::payment_method::{self, ship_to};
use super::{Frame, finish};
use crate::json::Obj;
use crate::model::{Failure, Intent, NextAction, TransferData};

pub(super) fn render(intent: &Intent, frame: Frame) -> String {
    let version = frame.version;
    let object = Obj::resource("payment_intent", &intent.id)
        .when(version.endive(), |object| {
            object.strs("allowed_payment_method_types", intent.method_types.iter().copied())
        })
        .int("amount", intent.amount)
        .int("amount_capturable", intent.amount_capturable())
        .obj("amount_details", Obj::new().obj("tip", Obj::new()))
        .int("amount_received", intent.amount_received)
        .nulls("application")
        .opt_int("application_fee_amount", intent.application_fee)
        .opt_raw("automatic_payment_methods", intent.automatic_methods.map(automatic))
        .opt_int("canceled_at", intent.canceled_at_s)
        .opt_str("cancellation_reason", intent.cancellation_reason)
        .str("capture_method", if intent.manual_capture { "manual" } else { "automatic" })
        .str("client_secret", &intent.client_secret())
        .str("confirmation_method", if intent.manual_confirmation { "manual" } else { "automatic" })
        .int("created", intent.created_s)
        .str("currency", intent.currency.as_str())
        .opt_str("customer", intent.customer.as_deref())
        .when(version.dahlia(), |object| object.nulls("customer_account"))
        .opt_str("description", intent.description.as_deref())
        .when(version.clover(), |object| object.empties("excluded_payment_method_types"))
        .when(!version.basil(), |object| object.opt_str("invoice", intent.invoice.as_deref()))
        .opt_raw("last_payment_error", intent.failure.map(|failure| error(failure, intent, frame)))
        .when(!version.ancient(), |object| object.opt_str("latest_charge", intent.charge.as_deref()))
        .bool("livemode", frame.livemode)
        .when(version.dahlia(), |object| object.nulls("managed_payments"))
        .map("metadata", &intent.metadata)
        .opt_raw("next_action", intent.next_action.as_ref().map(next_action))
        .opt_str("on_behalf_of", intent.on_behalf_of.as_deref())
        .opt_str("payment_method", intent.payment_method.as_deref())
        .nulls("payment_method_configuration_details")
        .obj("payment_method_options", Obj::new())
        .strs("payment_method_types", intent.method_types.iter().copied())
        .when(version.endive(), |object| object.nulls("payment_record"))
        .nulls("processing")
        .opt_str("receipt_email", intent.email.as_deref())
        .nulls("review")
        .opt_str("setup_future_usage", intent.setup_future_usage)
        .opt_raw("shipping", intent.shipping.as_ref().map(|to| ship_to(to).close()))
        .nulls("source")
        .opt_str("statement_descriptor", intent.statement_descriptor.as_deref())
        .opt_str("statement_descriptor_suffix", intent.statement_descriptor_suffix.as_deref())
        .str("status", intent.status)
        .opt_raw("transfer_data", intent.transfer_data.as_ref().map(transfer_data))
        .opt_str("transfer_group", intent.transfer_group.as_deref());
    finish(object, frame)
}

pub(super) fn automatic(redirects: bool) -> String {
    let allow = if redirects { "always" } else { "never" };
    Obj::new().str("allow_redirects", allow).bool("enabled", true).close()
}

fn error(failure: Failure, intent: &Intent, frame: Frame) -> String {
    let method = intent.failed_method.as_ref();
    failed(failure)
        .when(method.is_some(), |error| {
            let whole = method.map(|method| payment_method::render(method, frame));
            error.opt_str("charge", intent.charge.as_deref()).opt_raw("payment_method", whole)
        })
        .close()
}

/// The common part of the last error of an intent.
pub(super) fn failed(failure: Failure) -> Obj {
    Obj::new()
        .str("code", failure.code)
        .when(failure.decline_code.is_some(), |error| error.opt_str("decline_code", failure.decline_code))
        .str("message", failure.message)
        .str("type", if failure.of_request() { "invalid_request_error" } else { "card_error" })
}

pub(super) fn next_action(action: &NextAction) -> String {
    match action {
        NextAction::Redirect { url, return_url } => {
            let to = Obj::new().opt_str("return_url", return_url.as_deref()).str("url", url);
            Obj::new().obj("redirect_to_url", to).str("type", "redirect_to_url").close()
        }
        NextAction::UseSdk => {
            let sdk = Obj::new().str("type", "three_d_secure_redirect");
            Obj::new().str("type", "use_stripe_sdk").obj("use_stripe_sdk", sdk).close()
        }
    }
}

pub(super) fn transfer_data(to: &TransferData) -> String {
    Obj::new()
        .when(to.amount.is_some(), |object| object.opt_int("amount", to.amount))
        .str("destination", &to.destination)
        .close()
}
