//! A setup intent.

use super::intent::{automatic, failed, next_action};
use super::{Frame, finish, payment_method};
use crate::json::Obj;
use crate::model::SetupIntent;

pub(super) fn render(intent: &SetupIntent, frame: Frame) -> String {
    let version = frame.version;
    let error = intent.failure.map(|failure| {
        let whole = intent.failed_method.as_ref().map(|method| payment_method::render(method, frame));
        failed(failure).opt_raw("payment_method", whole).close()
    });
    let object = Obj::resource("setup_intent", &intent.id)
        .when(version.endive(), |object| {
            object.strs("allowed_payment_method_types", intent.method_types.iter().copied())
        })
        .nulls("application")
        .opt_raw("automatic_payment_methods", intent.automatic_methods.map(automatic))
        .opt_str("cancellation_reason", intent.cancellation_reason)
        .str("client_secret", &intent.client_secret())
        .int("created", intent.created_s)
        .opt_str("customer", intent.customer.as_deref())
        .when(version.dahlia(), |object| object.nulls("customer_account"))
        .opt_str("description", intent.description.as_deref())
        .when(version.dahlia(), |object| object.empties("excluded_payment_method_types"))
        .nulls("flow_directions")
        .opt_raw("last_setup_error", error)
        .opt_str("latest_attempt", intent.latest_attempt.as_deref())
        .bool("livemode", frame.livemode)
        .opt_str("mandate", intent.mandate.as_deref())
        .map("metadata", &intent.metadata)
        .opt_raw("next_action", intent.next_action.as_ref().map(next_action))
        .opt_str("on_behalf_of", intent.on_behalf_of.as_deref())
        .opt_str("payment_method", intent.payment_method.as_deref())
        .nulls("payment_method_configuration_details payment_method_options")
        .strs("payment_method_types", intent.method_types.iter().copied())
        .nulls("single_use_mandate")
        .str("status", intent.status)
        .str("usage", intent.usage);
    finish(object, frame)
}
