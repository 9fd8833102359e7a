//! What one payment gave to one invoice. Only basil and later have it, and only dahlia and later can say
//! that it was money recorded by hand.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::InvoicePayment;

pub(super) fn render(payment: &InvoicePayment, frame: Frame) -> String {
    let by = match &payment.intent {
        Some(intent) => Obj::new().str("payment_intent", intent).str("type", "payment_intent"),
        None => Obj::new().str("payment_record", "prec_sandbox").str("type", "payment_record"),
    };
    let transitions =
        Obj::new().opt_int("canceled_at", payment.canceled_s).opt_int("paid_at", payment.paid_s);
    let object = Obj::resource("invoice_payment", &payment.id)
        .opt_int("amount_paid", payment.paid_s.map(|_| payment.amount_paid))
        .int("amount_requested", payment.amount_requested)
        .int("created", payment.created_s)
        .str("currency", payment.currency.as_str())
        .str("invoice", &payment.invoice)
        .bool("is_default", payment.is_default)
        .bool("livemode", frame.livemode)
        .obj("payment", by)
        .str("status", payment.status)
        .obj("status_transitions", transitions);
    finish(object, frame)
}
