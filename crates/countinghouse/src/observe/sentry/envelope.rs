//! A report as Sentry's envelope format has it: a head, and one item that is an event. Written by hand: three lines of JSON with
//! what the list of fields let through. Pure.

use std::collections::BTreeMap;

use kernel::{UnixMs, time};
use serde::{Serialize, Serializer};

use crate::observe::fields::{Kept, Value};

/// What is the same in all reports of this process.
pub(in crate::observe) struct Origin {
    pub(in crate::observe) environment: Option<String>,
}

/// One failure.
pub(super) struct Report<'a> {
    pub(super) id: String,
    pub(super) at: UnixMs,
    pub(super) room: &'a str,
    pub(super) kept: &'a Kept,
}

#[derive(Serialize)]
struct Head<'a> {
    event_id: &'a str,
    sent_at: &'a str,
}

#[derive(Serialize)]
struct Item {
    r#type: &'static str,
    content_type: &'static str,
    length: usize,
}

#[derive(Serialize)]
struct Event<'a> {
    event_id: &'a str,
    timestamp: &'a str,
    platform: &'static str,
    level: &'static str,
    logger: &'a str,
    release: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    logentry: Words<'a>,
    /// Failures of one kind are one issue, whatever they are about.
    fingerprint: [&'a str; 2],
    extra: BTreeMap<&'static str, &'a Value>,
}

#[derive(Serialize)]
struct Words<'a> {
    formatted: &'a str,
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// `None` cannot happen: every part is a text or a number.
pub(super) fn envelope(origin: &Origin, report: &Report<'_>) -> Option<Vec<u8>> {
    let at = time::rfc3339(report.at);
    let event = Event {
        event_id: &report.id,
        timestamp: &at,
        platform: "other",
        level: "error",
        logger: report.room,
        release: concat!("countinghouse@", env!("CARGO_PKG_VERSION")),
        environment: origin.environment.as_deref(),
        logentry: Words { formatted: &report.kept.message },
        fingerprint: [report.room, &report.kept.message],
        extra: report.kept.fields.iter().map(|(name, value)| (*name, value)).collect(),
    };
    let event = serde_json::to_string(&event).ok()?;
    let head = serde_json::to_string(&Head { event_id: &report.id, sent_at: &at }).ok()?;
    let item = Item { r#type: "event", content_type: "application/json", length: event.len() };
    let item = serde_json::to_string(&item).ok()?;
    Some(format!("{head}\n{item}\n{event}\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_three_lines_and_its_length_is_right() {
        let fields = vec![("book", Value::Text("test".to_owned())), ("count", Value::Number(3))];
        let kept = Kept { message: "it \"failed\"".to_owned(), fields, dropped: 1 };
        let id = "0".repeat(32);
        let report = Report { id: id.clone(), at: 1_767_225_600_000, room: "engine::worker", kept: &kept };
        let origin = Origin { environment: Some("staging".to_owned()) };
        let text = String::from_utf8(envelope(&origin, &report).expect("one")).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], format!(r#"{{"event_id":"{id}","sent_at":"2026-01-01T00:00:00Z"}}"#));
        assert_eq!(
            lines[1],
            format!(r#"{{"type":"event","content_type":"application/json","length":{}}}"#, lines[2].len())
        );
        assert_eq!(
            lines[2],
            format!(
                r#"{{"event_id":"{id}","timestamp":"2026-01-01T00:00:00Z","platform":"other","level":"error","logger":"engine::worker","release":"countinghouse@{}","environment":"staging","logentry":{{"formatted":"it \"failed\""}},"fingerprint":["engine::worker","it \"failed\""],"extra":{{"book":"test","count":3}}}}"#,
                env!("CARGO_PKG_VERSION")
            )
        );
    }
}
