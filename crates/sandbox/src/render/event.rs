//! The envelope around an object, and the deliveries of a history in one version. It must not know what
//! any object means, only which versions have the event at all.

use super::{Frame, Version, rendered};
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
    let event_type = type_in(event, version)?;
    let object = rendered(&event.object, Frame { version, livemode: event.livemode });
    Some(Delivery {
        event_ref: event.id.clone(),
        event_type,
        created_s: event.created_s,
        account: event.account.clone(),
        livemode: event.livemode,
        version,
        body: envelope(event, event_type, version, &object).into_bytes(),
    })
}

/// Invoice payments exist from basil on, by payment records from dahlia on; in 2020 a refund's later fate came as `charge.refund.updated`.
fn type_in(event: &ModelEvent, version: Version) -> Option<&'static str> {
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

fn envelope(event: &ModelEvent, event_type: &str, version: Version, object: &str) -> String {
    let previous = event.previous.iter().fold(Obj::new(), |previous, (name, json)| previous.raw(name, json));
    let data = Obj::new()
        .raw("object", object)
        .when(!event.previous.is_empty(), |data| data.obj("previous_attributes", previous));
    let request = Obj::new().nulls("id idempotency_key");
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
        .int("pending_webhooks", 1)
        .obj("request", request)
        .str("type", event_type)
        .close()
}
