//! One request over the wire and its whole answer, or where it failed: before anything was sent, or after, when
//! nobody knows what became of it. It must not know what is retried.

use std::io::ErrorKind;
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderValue, Method, Request};
use ureq::{Agent, Error, Timeout};
use zeroize::Zeroizing;

/// A list of a hundred large invoices is some megabytes.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

pub(crate) struct Wire {
    agent: Agent,
}

/// One request, ready to be sent as often as needed.
pub(crate) struct Sending<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) bearer: &'a Zeroizing<String>,
    pub(crate) version: &'a str,
    pub(crate) account: Option<&'a str>,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) body: &'a str,
}

pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) request_ref: Option<String>,
    /// Stripe answered from its memory of this idempotency key.
    pub(crate) replayed: bool,
    pub(crate) should_retry: Option<bool>,
    pub(crate) retry_after_ms: Option<u64>,
    /// By Stripe's clock, unix seconds.
    pub(crate) answered_at_s: Option<i64>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
pub(crate) enum Lost {
    /// Nothing reached Stripe.
    Before(String),
    /// It may have had its effect.
    After(String),
}

pub(crate) struct Timeouts {
    pub(crate) connect_ms: u64,
    /// From the first byte sent to the last byte read.
    pub(crate) whole_ms: u64,
}

impl Wire {
    pub(crate) fn new(timeouts: &Timeouts, proxy: Option<ureq::Proxy>) -> Self {
        let config = Agent::config_builder()
            // An answer of any status is an answer; a redirect is never followed, since the key would go along.
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .user_agent(concat!("countinghouse/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_millis(timeouts.connect_ms)))
            .timeout_global(Some(Duration::from_millis(timeouts.connect_ms + timeouts.whole_ms)))
            .build();
        Self { agent: config.new_agent() }
    }

    pub(crate) fn send(&self, sending: &Sending<'_>) -> Result<Received, Lost> {
        let mut request = Request::builder()
            .method(&sending.method)
            .uri(sending.url)
            .header("stripe-version", sending.version);
        // Both come from checked types; a header that cannot be written fails before anything is sent.
        let mut bearer =
            HeaderValue::from_str(sending.bearer).map_err(|why| Lost::Before(why.to_string()))?;
        bearer.set_sensitive(true);
        request = request.header("authorization", bearer);
        if let Some(account) = sending.account {
            request = request.header("stripe-account", account);
        }
        if let Some(key) = sending.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let answer = if sending.method == Method::POST {
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            self.agent.run(request.body(sending.body.as_bytes()).map_err(unsendable)?)
        } else {
            self.agent.run(request.body(()).map_err(unsendable)?)
        };
        let mut answer = answer.map_err(lost)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        // The head has come, so the request has been read: whatever fails now, its effect may be there.
        let body = body.map_err(|why| Lost::After(format!("the answer broke off: {why}")))?;
        Ok(Received {
            status,
            request_ref: text(&headers, "request-id").map(str::to_owned),
            replayed: text(&headers, "idempotent-replayed") == Some("true"),
            should_retry: text(&headers, "stripe-should-retry").and_then(|text| text.parse().ok()),
            retry_after_ms: text(&headers, "retry-after")
                .and_then(|text| text.parse::<u64>().ok())
                .map(|seconds| seconds.saturating_mul(1000)),
            answered_at_s: text(&headers, "date").and_then(second),
            body,
        })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `Sat, 21 Nov 2026 10:00:00 GMT`
fn second(date: &str) -> Option<i64> {
    let read = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(read.as_second())
}

fn unsendable(why: ureq::http::Error) -> Lost {
    Lost::Before(why.to_string())
}

/// Only what certainly failed before the request went out counts as before.
fn lost(why: Error) -> Lost {
    let before = match &why {
        Error::Timeout(Timeout::Resolve | Timeout::Connect)
        | Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::Tls(_)
        | Error::Rustls(_)
        | Error::BadUri(_)
        | Error::Http(_) => true,
        Error::Io(why) => matches!(
            why.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::AddrNotAvailable
                | ErrorKind::NotFound
        ),
        _ => false,
    };
    if before { Lost::Before(why.to_string()) } else { Lost::After(why.to_string()) }
}
