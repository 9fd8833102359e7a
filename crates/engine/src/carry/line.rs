//! One event as a line of JSON, and back to the byte. The form is a contract with everybody who keeps such files:
//! fields are added, never renamed. It must not know where lines come from or go to.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Book, Ref, UnixMs};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::inbox::{Deliveries, Kept, QuarantineRow, Quarantined, Repeat};
use store::{Append, Source};

const EVENT: &str = "event";
const QUARANTINE: &str = "quarantine";

/// Raised when a line means something else than before to who only knows the older form.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    /// `event` or `quarantine`.
    #[serde(borrow)]
    countinghouse: Cow<'a, str>,
    format: u32,
    /// Its number in the inbox it was written from; in quarantine, its number there.
    seq: i64,
    #[serde(borrow)]
    account: Option<Cow<'a, str>>,
    livemode: Option<bool>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    event_type: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    api_version: Option<Cow<'a, str>>,
    /// Stripe's own, unix seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    created_s: Option<i64>,
    /// Unix milliseconds.
    received_at: UnixMs,
    /// webhook, fetch, list or import.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    source: Option<Cow<'a, str>>,
    /// Why it is in quarantine.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    reason: Option<Cow<'a, str>>,
    deliveries: i64,
    /// When the same bytes came again, as far as that is known.
    #[serde(borrow, skip_serializing_if = "Vec::is_empty", default)]
    repeats: Vec<Again<'a>>,
    /// When they came the last time, unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    repeated_at: Option<UnixMs>,
    #[serde(borrow)]
    headers: Cow<'a, str>,
    /// Of the body's bytes, in hexadecimal.
    #[serde(borrow)]
    sha256: Cow<'a, str>,
    /// The body, where it is UTF-8; else it is in `body_base64`.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    body: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    body_base64: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct Again<'a> {
    /// 2 is the first repeat.
    delivery: i64,
    received_at: UnixMs,
    #[serde(borrow)]
    source: Cow<'a, str>,
}

/// What a line carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Carried {
    /// `seq` is its number where it was written.
    Event {
        seq: i64,
        event: Append,
        deliveries: Deliveries,
    },
    Quarantined {
        row: QuarantineRow,
        deliveries: i64,
    },
}

/// Whether the line is one of ours, whatever was done to the order of its fields. Cheap for Stripe's own events.
#[must_use]
pub fn is_carried(line: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Sign {
        countinghouse: Option<String>,
    }
    match first_key(line) {
        Some(b"countinghouse") => true,
        None | Some(b"id" | b"object") => false,
        Some(_) => serde_json::from_slice::<Sign>(line).is_ok_and(|sign| sign.countinghouse.is_some()),
    }
}

/// Of an object's text, as far as it can be seen without reading it.
fn first_key(line: &[u8]) -> Option<&[u8]> {
    let inside = line.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
    inside.split(|byte| *byte == b'"').next()
}

/// Appends the line of an event, its end included.
pub fn write_event(kept: &Kept, out: &mut Vec<u8>) {
    let row = &kept.row;
    let (body, body_base64) = body_fields(&row.body);
    let line = Line {
        countinghouse: EVENT.into(),
        format: FORMAT,
        seq: row.seq,
        account: row.book.account.as_ref().map(|account| account.as_str().into()),
        livemode: Some(row.book.livemode),
        id: Some(row.event_ref.as_str().into()),
        event_type: Some(row.event_type.as_str().into()),
        api_version: row.api_version.as_deref().map(Into::into),
        created_s: Some(row.created_s),
        received_at: row.received_at,
        source: Some(row.source.name().into()),
        reason: None,
        deliveries: kept.deliveries.count,
        repeats: kept.deliveries.repeats.iter().map(again).collect(),
        repeated_at: kept.deliveries.repeated_at,
        headers: row.headers.as_str().into(),
        sha256: hex(&row.body_hash).into(),
        body,
        body_base64,
    };
    write(&line, out);
}

/// The same of what is in quarantine.
pub fn write_quarantined(kept: &Quarantined, out: &mut Vec<u8>) {
    let row = &kept.row;
    let (body, body_base64) = body_fields(&row.body);
    let line = Line {
        countinghouse: QUARANTINE.into(),
        format: FORMAT,
        seq: kept.id,
        account: row.account.as_deref().map(Into::into),
        livemode: row.livemode,
        id: row.event_ref.as_deref().map(Into::into),
        event_type: row.event_type.as_deref().map(Into::into),
        api_version: None,
        created_s: None,
        received_at: row.received_at,
        source: None,
        reason: Some(row.reason.as_str().into()),
        deliveries: kept.deliveries,
        repeats: Vec::new(),
        repeated_at: None,
        headers: row.headers.as_str().into(),
        sha256: hex(&row.body_hash).into(),
        body,
        body_base64,
    };
    write(&line, out);
}

fn write(line: &Line<'_>, out: &mut Vec<u8>) {
    serde_json::to_writer(&mut *out, line).expect("texts and integers can be written to memory");
    out.push(b'\n');
}

fn body_fields(body: &[u8]) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
    match std::str::from_utf8(body) {
        Ok(text) => (Some(text.into()), None),
        Err(_) => (None, Some(STANDARD.encode(body).into())),
    }
}

/// Reads a line back. An error says what is wrong with it, by the event's id where it has one.
pub fn read(line: &[u8]) -> Result<Carried, String> {
    let line: Line<'_> =
        serde_json::from_slice(line).map_err(|why| format!("not a line of an export: {why}"))?;
    let id = line.id.as_deref().unwrap_or("without an id").to_owned();
    let wrong = |what: &str| format!("event {id}: {what}");
    if line.format != FORMAT {
        return Err(wrong(&format!("format {} is of a newer program; use that", line.format)));
    }
    let body = match (&line.body, &line.body_base64) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(text)) => STANDARD.decode(text.as_bytes()).map_err(|_| wrong("its body is no base64"))?,
        _ => return Err(wrong("it has no body, or two")),
    };
    let body_hash: [u8; 32] = Sha256::digest(&body).into();
    if hex(&body_hash) != line.sha256 {
        return Err(wrong("its body does not match its hash; the file was changed or is damaged"));
    }
    let text = |text: &Cow<'_, str>| text.clone().into_owned();
    match &*line.countinghouse {
        EVENT => {
            let odd = || wrong("a field is missing or odd");
            let deliveries = deliveries(&line).ok_or_else(odd)?;
            let event = event(&line, body, body_hash).ok_or_else(odd)?;
            Ok(Carried::Event { seq: line.seq, event, deliveries })
        }
        QUARANTINE => {
            let row = QuarantineRow {
                body_hash,
                reason: line.reason.as_ref().map(text).unwrap_or_default(),
                event_ref: line.id.as_ref().map(text),
                event_type: line.event_type.as_ref().map(text),
                account: line.account.as_ref().map(text),
                livemode: line.livemode,
                received_at: line.received_at,
                headers: text(&line.headers),
                body,
            };
            Ok(Carried::Quarantined { row, deliveries: line.deliveries.max(1) })
        }
        other => Err(wrong(&format!("'{other}' is neither an event nor of the quarantine"))),
    }
}

fn event(line: &Line<'_>, body: Vec<u8>, body_hash: [u8; 32]) -> Option<Append> {
    let account = match &line.account {
        Some(account) => Some(Ref::parse(account)?),
        None => None,
    };
    Some(Append {
        book: Book { account, livemode: line.livemode? },
        event_ref: Ref::parse(line.id.as_deref()?)?,
        event_type: line.event_type.as_deref()?.to_owned(),
        api_version: line.api_version.as_deref().map(str::to_owned),
        created_s: line.created_s?,
        received_at: line.received_at,
        source: Source::parse(line.source.as_deref()?)?,
        headers: line.headers.clone().into_owned(),
        body,
        body_hash,
    })
}

fn again(repeat: &Repeat) -> Again<'static> {
    let Repeat { delivery, received_at, source } = *repeat;
    Again { delivery, received_at, source: source.name().into() }
}

fn deliveries(line: &Line<'_>) -> Option<Deliveries> {
    let repeat = |again: &Again<'_>| {
        let source = Source::parse(&again.source)?;
        Some(Repeat { delivery: again.delivery, received_at: again.received_at, source })
    };
    let repeats = line.repeats.iter().map(repeat).collect::<Option<_>>()?;
    Some(Deliveries { count: line.deliveries.max(1), repeats, repeated_at: line.repeated_at })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
