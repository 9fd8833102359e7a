//! Thin events: what one is about, from its envelope and the table of types. It must not know how an object is
//! fetched.

use kernel::{Kind, ObjectKey};

use crate::envelope::{Envelope, Payload};
use crate::registry::{self, Means};

/// What is to be done about a thin event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Thin {
    /// Its object says what has happened.
    Object(ObjectKey),
    /// It names no object; the event itself says more when Stripe is asked for it.
    Event,
    /// It is kept and nothing else; why.
    Stored(&'static str),
    /// Nobody knows its type, and its object is none of ours.
    Unknown,
}

/// What a thin event wants; `None` of a snapshot event.
#[must_use]
pub fn thin(envelope: &Envelope) -> Option<Thin> {
    let Payload::Thin { related, .. } = &envelope.payload else { return None };
    let means = registry::thin_row(&envelope.event_type).map(|row| row.means);
    let object = |kind: Kind| related.as_ref().map(|related| ObjectKey::new(kind, related.id.clone()));
    let said = related.as_ref().and_then(|related| related.kind);
    Some(match (means, said) {
        (Some(Means::Stored(why)), _) => Thin::Stored(why),
        (Some(Means::Read(_)) | None, Some(kind)) => object(kind).map_or(Thin::Unknown, Thin::Object),
        (Some(Means::Read(kind)), None) => object(kind).map_or(Thin::Event, Thin::Object),
        (None, None) => Thin::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Ref;

    #[test]
    fn a_thin_event_is_about_its_object_or_says_more_when_asked_or_is_only_kept() {
        let key = |kind, id| Thin::Object(ObjectKey::new(kind, Ref::parse(id).expect("an id")));
        let rows = [
            ("v1.invoice.paid", r#"{"id":"in_1","type":"invoice"}"#, key(Kind::Invoice, "in_1")),
            (
                "v1.customer.subscription.past_due",
                r#"{"id":"sub_1","type":"subscription"}"#,
                key(Kind::Subscription, "sub_1"),
            ),
            (
                "v2.core.account.updated",
                r#"{"id":"acct_1","type":"v2.core.account"}"#,
                key(Kind::Account, "acct_1"),
            ),
            ("v1.invoice.unheard_of", r#"{"id":"in_1","type":"invoice"}"#, key(Kind::Invoice, "in_1")),
            ("v1.billing.meter.error_report_triggered", "null", Thin::Event),
            ("v9.nobody.knows", r#"{"id":"x_1","type":"v9.nobody"}"#, Thin::Unknown),
            ("v9.nobody.knows", "null", Thin::Unknown),
            (
                "v2.core.event_destination.ping",
                r#"{"id":"ed_1","type":"v2.core.event_destination"}"#,
                Thin::Stored("about the sending of events, not about an object"),
            ),
        ];
        for (event_type, related, expected) in rows {
            let text = format!(
                r#"{{"id":"evt_1","object":"v2.core.event","type":"{event_type}","created":"2026-10-01T00:00:00.000Z",
                "livemode":false,"related_object":{related}}}"#
            );
            let envelope = Envelope::parse(text.as_bytes()).expect("an envelope");
            assert_eq!(thin(&envelope), Some(expected), "{event_type} {related}");
        }
    }
}
