//! Finished spans as OpenTelemetry's protocol has them: `ExportTraceServiceRequest` in protobuf, written by hand, since the message
//! is small and its field numbers never change. It must not know how spans come about.

use super::id::{Place, SpanId, TraceId};
use crate::observe::fields::Value;

/// A span that is over.
#[derive(Clone, Debug)]
pub(in crate::observe) struct Closed {
    pub(super) name: &'static str,
    pub(super) span: SpanId,
    pub(super) parent: Option<SpanId>,
    pub(super) started_ns: u64,
    pub(super) ended_ns: u64,
    pub(super) fields: Vec<(&'static str, Value)>,
    pub(super) links: Vec<Place>,
    pub(super) links_dropped: u64,
    pub(super) failed: bool,
}

/// The spans of one trace that were made here.
#[derive(Clone, Debug)]
pub(in crate::observe) struct Tree {
    pub(super) trace: TraceId,
    pub(super) spans: Vec<Closed>,
}

/// The body of a request. `resource`: names and values that say who speaks.
pub(in crate::observe) fn request(resource: &[(String, String)], trees: &[Tree]) -> Vec<u8> {
    message(|request| {
        request.message(1, |resource_spans| {
            resource_spans.message(1, |out| {
                for (name, text) in resource {
                    out.message(1, |out| out.attribute(name, &Value::Text(text.clone())));
                }
            });
            resource_spans.message(2, |scope_spans| {
                scope_spans.message(1, |scope| {
                    scope.bytes(1, b"countinghouse");
                    scope.bytes(2, env!("CARGO_PKG_VERSION").as_bytes());
                });
                for tree in trees {
                    for span in &tree.spans {
                        scope_spans.message(2, |out| out.span(tree.trace, span));
                    }
                }
            });
        });
    })
}

const FLAG_SAMPLED: u32 = 1;

fn message(fill: impl FnOnce(&mut Wire)) -> Vec<u8> {
    let mut wire = Wire(Vec::new());
    fill(&mut wire);
    wire.0
}

/// Protobuf's wire format, as far as it is needed.
struct Wire(Vec<u8>);

impl Wire {
    fn span(&mut self, trace: TraceId, span: &Closed) {
        self.bytes(1, &trace.0);
        self.bytes(2, &span.span.0);
        if let Some(parent) = &span.parent {
            self.bytes(4, &parent.0);
        }
        self.bytes(5, span.name.as_bytes());
        self.number(6, kind(span.name));
        self.fixed64(7, span.started_ns);
        self.fixed64(8, span.ended_ns.max(span.started_ns));
        for (name, value) in &span.fields {
            self.message(9, |out| out.attribute(&attribute_name(name), value));
        }
        for link in &span.links {
            self.message(13, |out| {
                out.bytes(1, &link.trace.0);
                out.bytes(2, &link.span.0);
                out.fixed32(6, FLAG_SAMPLED);
            });
        }
        if span.links_dropped > 0 {
            self.number(14, span.links_dropped);
        }
        if span.failed {
            self.message(15, |status| status.number(3, 2));
        }
        self.fixed32(16, FLAG_SAMPLED);
    }

    fn attribute(&mut self, name: &str, value: &Value) {
        self.bytes(1, name.as_bytes());
        self.message(2, |out| match value {
            Value::Text(text) => out.bytes(1, text.as_bytes()),
            Value::Flag(flag) => out.number(2, u64::from(*flag)),
            Value::Number(number) => out.number(3, number.cast_unsigned()),
        });
    }

    fn message(&mut self, field: u64, fill: impl FnOnce(&mut Self)) {
        self.bytes(field, &message(fill));
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn fixed64(&mut self, field: u64, number: u64) {
        self.varint(field << 3 | 1);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn fixed32(&mut self, field: u64, number: u32) {
        self.varint(field << 3 | 5);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn varint(&mut self, mut number: u64) {
        while number > 127 {
            self.0.push((number & 127) as u8 | 128);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

/// OpenTelemetry's own name for what it has a name for.
fn attribute_name(field: &str) -> String {
    match field {
        "method" => "http.request.method".to_owned(),
        "route" => "http.route".to_owned(),
        "status" => "http.response.status_code".to_owned(),
        other => format!("countinghouse.{other}"),
    }
}

/// `SpanKind`: who is asked, who asks, who takes from a queue, or neither.
fn kind(name: &str) -> u64 {
    match name {
        "receive" | "request" => 2,
        "fetch" | "call" | "alert" => 3,
        "apply" => 5,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_as_the_protocol_has_it() {
        let span = Closed {
            name: "apply",
            span: SpanId([2; 8]),
            parent: Some(SpanId([3; 8])),
            started_ns: 1,
            ended_ns: 2,
            fields: vec![("count", Value::Number(300)), ("idle", Value::Flag(true))],
            links: vec![Place { trace: TraceId([4; 16]), span: SpanId([5; 8]) }],
            links_dropped: 1,
            failed: true,
        };
        let written = message(|out| out.span(TraceId([1; 16]), &span));
        let mut expected = vec![0x0a, 16];
        expected.extend([1; 16]);
        expected.extend([0x12, 8, 2, 2, 2, 2, 2, 2, 2, 2]);
        expected.extend([0x22, 8, 3, 3, 3, 3, 3, 3, 3, 3]);
        expected.extend(b"\x2a\x05apply\x30\x05");
        expected.extend(b"\x39\x01\0\0\0\0\0\0\0\x41\x02\0\0\0\0\0\0\0");
        expected.extend(b"\x4a\x1a\x0a\x13countinghouse.count\x12\x03\x18\xac\x02");
        expected.extend(b"\x4a\x18\x0a\x12countinghouse.idle\x12\x02\x10\x01");
        expected.extend(b"\x6a\x21\x0a\x10");
        expected.extend([4; 16]);
        expected.extend(b"\x12\x08");
        expected.extend([5; 8]);
        expected.extend(b"\x35\x01\0\0\0\x70\x01\x7a\x02\x18\x02\x85\x01\x01\0\0\0");
        assert_eq!(written, expected);
    }
}
