//! Thin events: what happened to which object, without the object. Their names are the snapshot types' with `v1.`
//! before them, their ids are made of the snapshot's. It must not know what any object means.

use crate::json::{Obj, quoted};
use crate::model::{ModelEvent, Object};

/// What tells a thin event's id from its snapshot's.
const MARK: &str = "evt_thin_";

/// The notification as it is delivered: signed and sent like any other.
#[must_use]
pub fn thin(event: &ModelEvent) -> Vec<u8> {
    notification(event).close().into_bytes()
}

/// The event as it is answered when asked for: with what the notification leaves out.
pub(crate) fn thin_whole(event: &ModelEvent) -> String {
    notification(event).obj("data", Obj::new()).close()
}

/// The id of the snapshot of a thin event.
pub(crate) fn snapshot_of(thin: &str) -> Option<String> {
    thin.strip_prefix(MARK).map(|own| format!("evt_{own}"))
}

fn notification(event: &ModelEvent) -> Obj {
    let own = event.id.strip_prefix("evt_").unwrap_or(&event.id);
    let created = kernel::time::rfc3339(event.created_s.saturating_mul(kernel::time::SECOND_MS));
    Obj::new()
        .str("id", &format!("{MARK}{own}"))
        .str("object", "v2.core.event")
        .str("type", &format!("v1.{}", event.kind))
        .str("created", &created)
        .bool("livemode", event.livemode)
        .opt_raw("context", event.account.as_deref().map(quoted))
        .nulls("reason")
        .str("snapshot_event", &event.id)
        .raw("related_object", &related(&event.object))
}

fn related(object: &Object) -> String {
    let Some((kind, path)) = place(object) else { return "null".to_owned() };
    let id = object.id();
    Obj::new().str("id", id).str("type", kind).str("url", &format!("/v1/{path}/{id}")).close()
}

/// What an object is called, and where it is asked for; `None` where it cannot be.
const fn place(object: &Object) -> Option<(&'static str, &'static str)> {
    Some(match object {
        Object::Account(_) => ("account", "accounts"),
        Object::ApplicationFee(_) => ("application_fee", "application_fees"),
        Object::Charge(_) => ("charge", "charges"),
        Object::Coupon(_) => ("coupon", "coupons"),
        Object::CreditNote(_) => ("credit_note", "credit_notes"),
        Object::Customer(_) => ("customer", "customers"),
        Object::Dispute(_) => ("dispute", "disputes"),
        Object::Discount(_) => ("discount", "discounts"),
        Object::Intent(_) => ("payment_intent", "payment_intents"),
        Object::Invoice(_) => ("invoice", "invoices"),
        Object::InvoicePayment(_) => ("invoice_payment", "invoice_payments"),
        Object::PaymentMethod(_) => ("payment_method", "payment_methods"),
        Object::Price(_) => ("price", "prices"),
        Object::Product(_) => ("product", "products"),
        Object::PromotionCode(_) => ("promotion_code", "promotion_codes"),
        Object::Refund(_) => ("refund", "refunds"),
        Object::Session(_) => ("checkout.session", "checkout/sessions"),
        Object::SetupIntent(_) => ("setup_intent", "setup_intents"),
        Object::Subscription(_) => ("subscription", "subscriptions"),
        Object::TestClock(_) => ("test_helpers.test_clock", "test_helpers/test_clocks"),
        Object::Transfer(_) => ("transfer", "transfers"),
        _ => return None,
    })
}
