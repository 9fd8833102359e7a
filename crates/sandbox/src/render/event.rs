//! The envelope around an object, and the deliveries of a history in one version. It must not know what
//! any object means, only which versions have the event at all.

use super::{Frame, Version, previous, rendered};
use crate::json::{Obj, quoted};
use crate::model::{ModelEvent, Object};

/// One webhook body, ready to sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    pub event_ref: String,
    pub event_type: &'static str,
    pub created_s: i64,
    pub account: Option<String>,
    pub livemode: bool,
    pub version: Version,
    pub body: Vec<u8>,
}

/// The deliveries of a history, in its order. Events a version does not have are left out.
#[must_use]
pub fn render(events: &[ModelEvent], version: Version) -> Vec<Delivery> {
    events.iter().filter_map(|event| deliver(event, version)).collect()
}

/// One event in one version; `None` when that version has no such event.
#[must_use]
pub fn deliver(event: &ModelEvent, version: Version) -> Option<Delivery> {
    deliver_pending(event, version, 1)
}

/// The same while so many endpoints have not taken it yet.
#[must_use]
pub fn deliver_pending(event: &ModelEvent, version: Version, pending: usize) -> Option<Delivery> {
    let event_type = event_type(event, version)?;
    Some(Delivery {
        event_ref: event.id.clone(),
        event_type,
        created_s: event.created_s,
        account: event.account.clone(),
        livemode: event.livemode,
        version,
        body: envelope(event, event_type, version, pending).into_bytes(),
    })
}

/// Invoice payments exist from basil on, by payment records from dahlia on; in 2020 a refund's later fate came as `charge.refund.updated`.
pub(crate) fn event_type(event: &ModelEvent, version: Version) -> Option<&'static str> {
    match (&event.object, event.kind) {
        (Object::InvoicePayment(payment), _) => {
            let can = if payment.intent.is_some() { version.basil() } else { version.dahlia() };
            can.then_some(event.kind)
        }
        (Object::Refund(_), "refund.updated" | "refund.failed") if version.ancient() => {
            Some("charge.refund.updated")
        }
        (_, kind) => Some(kind),
    }
}

fn envelope(event: &ModelEvent, event_type: &str, version: Version, pending: usize) -> String {
    let frame = Frame { version, livemode: event.livemode };
    let data = Obj::new()
        .raw("object", &rendered(&event.object, frame))
        .when(event.before.is_some() || !event.previous.is_empty(), |data| {
            data.raw("previous_attributes", &previous_attributes(event, frame))
        });
    let cause = event.cause.as_ref();
    let request = Obj::new()
        .opt_str("id", cause.map(|cause| cause.id.as_str()))
        .opt_str("idempotency_key", cause.and_then(|cause| cause.idempotency_key.as_deref()));
    Obj::new()
        .str("id", &event.id)
        .str("object", "event")
        .when(event.account.is_some(), |envelope| envelope.opt_str("account", event.account.as_deref()))
        .str("api_version", version.api_version())
        .when(version.basil() && event.account.is_some(), |envelope| {
            envelope.opt_raw("context", event.account.as_deref().map(quoted))
        })
        .int("created", event.created_s)
        .obj("data", data)
        .bool("livemode", event.livemode)
        .int("pending_webhooks", i64::try_from(pending).unwrap_or(i64::MAX))
        .obj("request", request)
        .str("type", event_type)
        .close()
}

/// Written by hand, or what differs from the object before.
fn previous_attributes(event: &ModelEvent, frame: Frame) -> String {
    match &event.before {
        Some(before) => previous::attributes(before, &event.object, frame),
        None => event.previous.iter().fold(Obj::new(), |fields, (name, json)| fields.raw(name, json)).close(),
    }
}
