//! An early fraud warning.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::EarlyFraudWarning;

pub(super) fn render(warning: &EarlyFraudWarning, frame: Frame) -> String {
    let object = Obj::resource("radar.early_fraud_warning", &warning.id)
        .bool("actionable", warning.actionable)
        .str("charge", &warning.charge)
        .int("created", warning.created_s)
        .str("fraud_type", warning.fraud_type)
        .bool("livemode", frame.livemode)
        .opt_str("payment_intent", warning.intent.as_deref());
    finish(object, frame)
}
