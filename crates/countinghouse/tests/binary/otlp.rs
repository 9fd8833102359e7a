//! Reads what a collector of OpenTelemetry's would be sent: protobuf's wire format, and the few fields of a span that tests ask for.
//! Written from the protocol, without looking at what writes it.

use std::collections::BTreeMap;

/// One span, with ids as hexadecimal digits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Span {
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) took_ns: u64,
    pub(crate) attributes: BTreeMap<String, String>,
    /// Trace and span.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) failed: bool,
}

impl Span {
    pub(crate) fn says(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// The spans of one request, and what it says of who speaks.
pub(crate) fn read(body: &[u8]) -> (BTreeMap<String, String>, Vec<Span>) {
    let (mut resource, mut spans) = (BTreeMap::new(), Vec::new());
    for (_, resource_spans) in fields(body) {
        for (field, value) in fields(resource_spans.bytes()) {
            match field {
                1 => resource.extend(fields(value.bytes()).iter().map(|(_, pair)| attribute(pair.bytes()))),
                2 => {
                    let inside = fields(value.bytes());
                    spans.extend(
                        inside.iter().filter(|(field, _)| *field == 2).map(|(_, one)| span(one.bytes())),
                    );
                }
                other => panic!("field {other} of ResourceSpans"),
            }
        }
    }
    (resource, spans)
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(number) => panic!("{number} where bytes were expected"),
        }
    }

    fn number(&self) -> u64 {
        match self {
            Self::Number(number) => *number,
            Self::Bytes(_) => panic!("bytes where a number was expected"),
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes().to_vec()).expect("text")
    }
}

fn fields(mut rest: &[u8]) -> Vec<(u64, Value<'_>)> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let tag = varint(&mut rest);
        let value = match tag & 7 {
            0 => Value::Number(varint(&mut rest)),
            1 => Value::Number(u64::from_le_bytes(taken(&mut rest, 8).try_into().expect("8 bytes"))),
            2 => {
                let length = usize::try_from(varint(&mut rest)).expect("a length");
                Value::Bytes(taken(&mut rest, length))
            }
            5 => {
                Value::Number(u64::from(u32::from_le_bytes(taken(&mut rest, 4).try_into().expect("4 bytes"))))
            }
            other => panic!("wire type {other}"),
        };
        found.push((tag >> 3, value));
    }
    found
}

fn taken<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (first, after) = rest.split_at(count);
    *rest = after;
    first
}

fn varint(rest: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = taken(rest, 1)[0];
        number |= u64::from(byte & 127) << shift;
        shift += 7;
        if byte < 128 {
            return number;
        }
    }
}

fn attribute(pair: &[u8]) -> (String, String) {
    let pair = fields(pair);
    let value = fields(pair[1].1.bytes());
    let value = match &value[0] {
        (1, text) => text.text(),
        (2 | 3, number) => number.number().to_string(),
        (other, _) => panic!("value {other}"),
    };
    (pair[0].1.text(), value)
}

fn span(bytes: &[u8]) -> Span {
    let mut span = Span::default();
    let (mut from, mut to) = (0, 0);
    for (field, value) in fields(bytes) {
        match field {
            1 => span.trace = hex(value.bytes()),
            2 => span.id = hex(value.bytes()),
            4 => span.parent = hex(value.bytes()),
            5 => span.name = value.text(),
            7 => from = value.number(),
            8 => to = value.number(),
            9 => span.attributes.extend([attribute(value.bytes())]),
            13 => {
                let link = fields(value.bytes());
                span.links.push((hex(link[0].1.bytes()), hex(link[1].1.bytes())));
            }
            15 => {
                span.failed =
                    fields(value.bytes()).iter().any(|(field, code)| *field == 3 && code.number() == 2)
            }
            _ => {}
        }
    }
    span.took_ns = to.checked_sub(from).expect("ends after it began");
    span
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
