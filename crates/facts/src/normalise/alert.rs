//! Alerts that fired. What came has no id: it is keyed by its customer and the alert.

use kernel::fact::Alert;
use kernel::{Body, Kind, NoteCode, ObjectKey, Ref};

use super::out::Out;
use crate::object::{Named, Obj};

/// Rank: 0, one firing is as good as another.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let alert = object.named("alert").and_then(|alert| alert.id());
    let customer = object.reference("customer");
    let both = alert.as_ref().zip(customer.as_ref());
    let Some(id) = both.and_then(|(alert, customer)| Ref::parse(&format!("{customer}/{alert}"))) else {
        return object.note(NoteCode::ObjectWithoutId, "alert", "a firing is keyed by customer and alert");
    };
    let key = ObjectKey::new(Kind::Alert, id);
    let whole = object.named("alert").and_then(Named::whole);
    let threshold = whole.as_ref().and_then(|whole| whole.object("usage_threshold"));
    let body = Alert {
        title: whole.as_ref().and_then(|whole| whole.text("title")),
        meter: threshold.as_ref().and_then(|threshold| threshold.reference("meter")),
        value: object.int("value"),
        threshold: threshold.and_then(|threshold| threshold.int("gte")),
        created_s: object.created(),
        alert,
        customer,
    };
    out.link(&key, Kind::Customer, body.customer.as_ref());
    out.link(&key, Kind::Meter, body.meter.as_ref());
    out.fact(&key, object, 0, Body::Alert(body));
}
