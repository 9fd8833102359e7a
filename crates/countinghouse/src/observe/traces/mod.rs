//! Traces: the spans that the rooms open under the target `traced`, gathered per trace and sent as OpenTelemetry's protocol has
//! them. A room says only what it does and with which event; which trace that is, is worked out here. A span and those within it
//! leave together, when the outermost is over: only then is it known which event it was about.

mod id;
mod otlp;
mod sampler;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::fields::{Kept, Value};
use super::outlet::Slot;
use crate::clock;
use id::{Ids, Place, SpanId, TraceId};
use otlp::Closed;

pub(super) use otlp::{Tree, request};
pub(super) use sampler::Sampler;

/// The target of spans; that of the events within them which name what a batch consists of.
pub(super) const TARGET: &str = "traced";
const LINK_TARGET: &str = "traced::link";

/// As many as collectors keep by default.
const LINKS_MAX: usize = 128;
/// Spans within one outermost span.
const INNER_MAX: usize = 256;

pub(super) struct Traces {
    pub(super) sampler: Sampler,
    ids: Ids,
    out: Slot<Tree>,
}

/// A span under way, kept beside it in the registry.
struct Open {
    span: SpanId,
    trace: TraceId,
    started_ns: u64,
    kept: Kept,
    links: Vec<Place>,
    links_dropped: u64,
    /// Of the outermost: what is over already.
    inner: Vec<Closed>,
}

impl Traces {
    /// `seed` is of no other process.
    pub(super) const fn new(sampler: Sampler, seed: [u8; 32], out: Slot<Tree>) -> Self {
        Self { sampler, ids: Ids::new(seed), out }
    }

    /// The outermost span is over: its names are settled, and everything within it leaves.
    fn leave(&self, name: &'static str, open: Open) {
        if matches!(open.kept.fields.iter().find(|(field, _)| *field == "idle"), Some((_, Value::Flag(true))))
        {
            return;
        }
        let Settled { trace, span, parent, sampled } = settled(&open);
        if !self.sampler.takes(trace, sampled) {
            return;
        }
        let Open { span: was, links, links_dropped, started_ns, kept, inner, .. } = open;
        let links = links.into_iter().filter(|link| self.sampler.takes(link.trace, None)).collect();
        let mut spans = inner;
        for one in &mut spans {
            one.parent = one.parent.map(|parent| if parent == was { span } else { parent });
        }
        let whole = Open { span, trace, started_ns, kept, links, links_dropped, inner: Vec::new() };
        spans.push(closed(name, whole, parent));
        self.out.put(Tree { trace, spans });
    }
}

/// What an outermost span is called in the end.
struct Settled {
    trace: TraceId,
    span: SpanId,
    parent: Option<SpanId>,
    /// As the caller decided, if one did.
    sampled: Option<bool>,
}

fn settled(open: &Open) -> Settled {
    let own = Settled { trace: open.trace, span: open.span, parent: None, sampled: None };
    if let Some(parent) = open.kept.text("traceparent").and_then(web::TraceParent::parse) {
        let sampled = Some(parent.sampled);
        return Settled { trace: TraceId(parent.trace), parent: Some(SpanId(parent.span)), sampled, ..own };
    }
    let (Some(book), Some(event)) = (open.kept.text("book"), open.kept.text("event")) else { return own };
    let receipt = id::receipt(book, event);
    // What is linked to is the receipt that put it into the inbox; a repeated delivery is another span of the trace.
    let is_first = matches!(open.kept.text("result"), Some("accepted" | "fetched"));
    Settled { trace: receipt.trace, span: if is_first { receipt.span } else { open.span }, ..own }
}

fn closed(name: &'static str, open: Open, parent: Option<SpanId>) -> Closed {
    let failed =
        open.kept.text("error").is_some() || open.kept.number("status").is_some_and(|status| status >= 500);
    let mut fields = open.kept.fields;
    fields.retain(|(field, _)| !["traceparent", "idle"].contains(field));
    Closed {
        name,
        span: open.span,
        parent,
        started_ns: open.started_ns,
        ended_ns: clock::now_ns(),
        fields,
        links: open.links,
        links_dropped: open.links_dropped,
        failed,
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut kept = Kept::default();
        attributes.record(&mut kept);
        let Place { trace, span: name } = self.ids.fresh();
        let started_ns = clock::now_ns();
        let (links, inner) = (Vec::new(), Vec::new());
        span.extensions_mut().insert(Open {
            span: name,
            trace,
            started_ns,
            kept,
            links,
            links_dropped: 0,
            inner,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(&mut open.kept);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != LINK_TARGET {
            return;
        }
        let Some(span) = context.event_span(event) else { return };
        let mut kept = Kept::default();
        event.record(&mut kept);
        let (Some(book), Some(event)) = (kept.text("book"), kept.text("event")) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            if open.links.len() < LINKS_MAX {
                open.links.push(id::receipt(book, event));
            } else {
                open.links_dropped += 1;
            }
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        let Some(parent) = span.parent() else { return self.leave(span.name(), open) };
        let above = parent.extensions().get::<Open>().map(|parent| parent.span);
        let closed = closed(span.name(), open, above);
        if let Some(outermost) = outermost(&span).extensions_mut().get_mut::<Open>()
            && outermost.inner.len() < INNER_MAX
        {
            outermost.inner.push(closed);
        }
    }
}

fn outermost<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> SpanRef<'a, S> {
    let mut scope = span.scope().from_root();
    // A scope holds at least the span itself.
    scope.next().expect("a span is within its own scope")
}
