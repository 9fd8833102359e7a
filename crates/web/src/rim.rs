//! The rim of the house: every request gets an id, which goes back in a header, one line in the log, and a span where traces are
//! wanted. A failure inside is logged here and nowhere else. It must not tell what was asked for: routes are told as they are
//! declared, never with what stood in them.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::gate;
use crate::state::App;
use crate::traceparent::TraceParent;

/// The header in which a request's id goes back.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// Makes ids of requests: of this process, and in the order they came.
pub struct Requests {
    process: u64,
    next: AtomicU64,
}

/// A request's id, among its extensions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RequestId(String);

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Requests {
    pub(crate) const fn new(process: [u8; 8]) -> Self {
        Self { process: u64::from_le_bytes(process), next: AtomicU64::new(1) }
    }

    fn next(&self) -> RequestId {
        RequestId(format!("req_{:016x}_{:x}", self.process, self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

/// What went wrong inside, for the log alone: an extension of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Inside(pub(crate) String);

/// What a delivery was about, for the log and the trace: an extension of the answer.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) book: String,
    pub(crate) event: String,
    pub(crate) event_type: String,
}

/// How a delivery ended: an extension of the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended(pub(crate) &'static str);

/// Whether anybody wants to know what a delivery was about.
pub(crate) fn is_told() -> bool {
    tracing::enabled!(tracing::Level::INFO) || tracing::enabled!(target: "traced", tracing::Level::INFO)
}

pub(crate) async fn watch(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = app.requests.next();
    let began_at = app.now();
    let (method, route) = (method(request.method()), route(&request));
    let span = span(&id, method, &route, request.headers());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let about = response.extensions_mut().remove::<About>();
    let result = response.extensions_mut().remove::<Ended>().map(|ended| ended.0);
    let inside = response.extensions_mut().remove::<Inside>();
    record(&span, status, about.as_ref(), result, inside.as_ref());
    let (request, duration_ms) = (id.as_str(), app.now().saturating_sub(began_at).max(0));
    if let Some(Inside(error)) = &inside {
        tracing::error!(request, method, route, status, error, "a request failed inside");
    }
    let book = about.as_ref().map(|about| about.book.as_str());
    let event = about.as_ref().map(|about| about.event.as_str());
    let event_type = about.as_ref().map(|about| about.event_type.as_str());
    tracing::info!(request, method, route, status, duration_ms, result, book, event, event_type, "answered");
    if let Ok(value) = HeaderValue::from_str(request) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A method that somebody made up is not repeated.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// As it is declared: `/api/v1/sales/{id}`.
fn route(request: &Request) -> String {
    let declared = request.extensions().get::<MatchedPath>();
    declared.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned())
}

/// Deliveries have a trace of their own, made of book and event; whoever calls the API may bring theirs.
fn span(id: &RequestId, method: &'static str, route: &str, headers: &HeaderMap) -> Span {
    let request = id.as_str();
    if gate::PATHS.contains(&route) {
        return tracing::info_span!(
            target: "traced", "receive", request, method, route,
            status = Empty, result = Empty, book = Empty, event = Empty, event_type = Empty, error = Empty
        );
    }
    let span = tracing::info_span!(
        target: "traced", "request", request, method, route, traceparent = Empty, status = Empty, error = Empty
    );
    if !span.is_disabled() && route.starts_with("/api/v1/") {
        let given = headers.get("traceparent").and_then(|value| value.to_str().ok());
        if let Some(parent) = given.filter(|text| TraceParent::parse(text).is_some()) {
            span.record("traceparent", parent);
        }
    }
    span
}

fn record(span: &Span, status: u16, about: Option<&About>, result: Option<&str>, inside: Option<&Inside>) {
    if span.is_disabled() {
        return;
    }
    span.record("status", status);
    if let Some(result) = result {
        span.record("result", result);
    }
    if let Some(About { book, event, event_type }) = about {
        span.record("book", book.as_str()).record("event", event.as_str());
        span.record("event_type", event_type.as_str());
    }
    if let Some(Inside(error)) = inside {
        span.record("error", error.as_str());
    }
}
