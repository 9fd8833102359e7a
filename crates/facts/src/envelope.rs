//! The envelope of an event: which event, of which book, of what type. It is read on every request at the
//! gate, so it reads the top level once and touches nothing below. It must not know what events mean.

use std::borrow::Cow;

use kernel::{Kind, Ref};
use thiserror::Error;

use crate::json::{Fields, Node, Number, Shape, decode, scaled, unescape};

/// What can be said about an event without looking at its object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    pub id: Ref,
    /// `invoice.paid`; empty when the body does not say.
    pub event_type: String,
    pub api_version: Option<String>,
    /// Unix seconds; 0 when the body does not say.
    pub created_s: i64,
    pub livemode: bool,
    /// The connected account, from `account`, else the last `acct_` of `context`. `None`: the own account.
    pub account: Option<Ref>,
    pub payload: Payload,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payload {
    /// The object as it was travels in the event.
    Snapshot,
    /// Only a pointer: the object must be fetched.
    Thin {
        related: Option<Related>,
        /// The `evt_` id of the snapshot event about the same change.
        snapshot_event: Option<Ref>,
    },
}

/// What a thin event is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// `None`: not a kind that we read.
    pub kind: Option<Kind>,
    pub type_name: String,
    pub id: Ref,
    pub url: Option<String>,
}

/// Why a signed body fits no book. The caller keeps it in quarantine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum EnvelopeError {
    #[error("the body is not a JSON object")]
    NotJson,
    #[error("the event has no usable id")]
    IdUnreadable,
    #[error("the event's livemode is neither true nor false")]
    LivemodeUnreadable,
    #[error("the event names an account that cannot be read")]
    AccountUnreadable,
}

impl Envelope {
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let text = decode(bytes);
        let fields = Fields::parse(&text).ok_or(EnvelopeError::NotJson)?;
        let livemode = match fields.get("livemode").map(Node::shape) {
            Some(Shape::Bool(livemode)) => livemode,
            _ => return Err(EnvelopeError::LivemodeUnreadable),
        };
        Ok(Self {
            id: id(&fields).ok_or(EnvelopeError::IdUnreadable)?,
            event_type: event_type(&fields),
            api_version: text_of(&fields, "api_version"),
            created_s: created_s(&fields),
            livemode,
            account: account(&fields)?,
            payload: payload(&fields),
        })
    }
}

pub(crate) fn id(event: &Fields<'_>) -> Option<Ref> {
    Ref::parse(&decoded(event, "id")?)
}

pub(crate) fn event_type(event: &Fields<'_>) -> String {
    text_of(event, "type").unwrap_or_default()
}

/// Text that every store can keep: NUL replaced.
pub(crate) fn text_of(fields: &Fields<'_>, name: &str) -> Option<String> {
    decoded(fields, name).map(|text| text.replace('\0', "\u{fffd}"))
}

fn decoded<'a>(fields: &Fields<'a>, name: &str) -> Option<Cow<'a, str>> {
    match fields.get(name)?.shape() {
        Shape::Text(escaped) => Some(unescape(escaped)),
        _ => None,
    }
}

/// Seconds in v1 events, an RFC 3339 instant in v2 events.
pub(crate) fn created_s(event: &Fields<'_>) -> i64 {
    let seconds = match event.get("created").map(Node::shape) {
        Some(Shape::Number(text)) => match scaled(text, 0) {
            Number::Whole(seconds) | Number::Cut(seconds) => seconds,
            Number::OutOfRange => 0,
        },
        Some(Shape::Text(escaped)) => kernel::time::parse(&unescape(escaped))
            .map_or(0, |millis| millis.div_euclid(kernel::time::SECOND_MS)),
        _ => 0,
    };
    if (0..=kernel::time::SECONDS_MAX).contains(&seconds) { seconds } else { 0 }
}

/// An account that is there but unreadable must not pass for the own one.
fn account(event: &Fields<'_>) -> Result<Option<Ref>, EnvelopeError> {
    let named = |name: &str| event.get(name).filter(|node| !node.is_null());
    let Some(node) = named("account").or_else(|| named("context")) else { return Ok(None) };
    let Shape::Text(escaped) = node.shape() else { return Err(EnvelopeError::AccountUnreadable) };
    let text = unescape(escaped);
    let account = text.rsplit('/').find(|part| part.starts_with("acct_")).and_then(Ref::parse);
    account.map(Some).ok_or(EnvelopeError::AccountUnreadable)
}

pub(crate) fn is_thin(event: &Fields<'_>) -> bool {
    matches!(event.get("object").map(Node::shape), Some(Shape::Text("v2.core.event")))
}

fn payload(event: &Fields<'_>) -> Payload {
    if !is_thin(event) {
        return Payload::Snapshot;
    }
    let snapshot_event = decoded(event, "snapshot_event").and_then(|id| Ref::parse(&id));
    let related = event.get("related_object").and_then(Node::fields).and_then(|fields| {
        let type_name = text_of(&fields, "type").unwrap_or_default();
        let kind = Kind::ALL.into_iter().find(|kind| kind.stripe_name() == type_name);
        Some(Related { kind, type_name, id: id(&fields)?, url: text_of(&fields, "url") })
    });
    Payload::Thin { related, snapshot_event }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
