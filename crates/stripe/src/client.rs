//! The client: one key, one base, one version, one pace. A call is written down once, then sent until it is
//! answered, refused or given up.

use std::fmt;
use std::sync::Arc;

use kernel::Ref;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use ureq::http::Method;

use crate::answer::Answer;
use crate::base::Base;
use crate::error::{Again, StripeError, clip};
use crate::form::{Form, segment};
use crate::idempotency::IdempotencyKey;
use crate::key::Key;
use crate::outside::Outside;
use crate::pace::Pace;
use crate::retry::{Verdict, WAIT_MS_MAX, judge};
use crate::transport::{Received, Sending, Timeouts, Wire};
use crate::version::ApiVersion;

/// How the client behaves. The defaults are right for Stripe itself.
#[derive(Clone, Debug)]
pub struct Options {
    pub base: Base,
    pub version: ApiVersion,
    /// Tries of one call, the first included.
    pub tries_max: u32,
    pub connect_ms: u64,
    /// For sending a request and reading its whole answer.
    pub answer_ms: u64,
    /// Calls in a second; `None` takes 80 for a live key and 20 for a test key, some below Stripe's limits of
    /// 100 and 25, since the business calls Stripe too.
    pub rate_per_s: Option<u32>,
    /// `http://host:port` of a proxy that calls to Stripe go through; never used for this machine.
    pub proxy: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base: Base::default(),
            version: ApiVersion::default(),
            tries_max: 4,
            connect_ms: 10_000,
            answer_ms: 60_000,
            rate_per_s: None,
            proxy: None,
        }
    }
}

/// Cheap to clone; clones share connections and pace. `Debug` shows no key.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    account: Option<Ref>,
}

struct Shared {
    key: Key,
    base: Base,
    version: ApiVersion,
    tries_max: u32,
    wire: Wire,
    pace: Pace,
    outside: Arc<dyn Outside>,
}

/// One call, written down.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) form: Form,
    pub(crate) key: Option<&'a IdempotencyKey>,
}

impl Client {
    /// `Err` only when the proxy's address cannot be read.
    pub fn new(key: Key, options: &Options, outside: Arc<dyn Outside>) -> Result<Self, StripeError> {
        let proxy = match options.proxy.as_deref().filter(|_| !options.base.is_loopback()) {
            // Its address may hold a login, so it is not repeated.
            Some(text) => Some(
                ureq::Proxy::new(text)
                    .map_err(|_| StripeError::Unsendable { what: "the proxy's address".to_owned() })?,
            ),
            None => None,
        };
        let timeouts = Timeouts { connect_ms: options.connect_ms, whole_ms: options.answer_ms };
        let rate_per_s = options.rate_per_s.unwrap_or(if key.livemode() { 80 } else { 20 });
        let shared = Shared {
            key,
            base: options.base.clone(),
            version: options.version.clone(),
            tries_max: options.tries_max.max(1),
            wire: Wire::new(&timeouts, proxy),
            pace: Pace::new(rate_per_s),
            outside,
        };
        Ok(Self { shared: Arc::new(shared), account: None })
    }

    /// The same client speaking for a connected account (`Stripe-Account`), or again for the own one.
    #[must_use]
    pub fn for_account(&self, account: Option<&Ref>) -> Self {
        Self { shared: Arc::clone(&self.shared), account: account.cloned() }
    }

    #[must_use]
    pub fn key(&self) -> &Key {
        &self.shared.key
    }

    #[must_use]
    pub fn version(&self) -> &ApiVersion {
        &self.shared.version
    }

    #[must_use]
    pub fn base(&self) -> &Base {
        &self.shared.base
    }

    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        path: String,
        form: Form,
    ) -> Result<Answer<T>, StripeError> {
        read(self.call(&Call { method: Method::GET, path, form, key: None })?)
    }

    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: String,
        form: Form,
        key: &IdempotencyKey,
    ) -> Result<Answer<T>, StripeError> {
        read(self.call(&Call { method: Method::POST, path, form, key: Some(key) })?)
    }

    /// Deleting twice is as good as once, so it needs no key: the second time there is nothing.
    pub(crate) fn delete<T: DeserializeOwned>(&self, path: String) -> Result<Answer<T>, StripeError> {
        read(self.call(&Call { method: Method::DELETE, path, form: Form::default(), key: None })?)
    }

    pub(crate) fn call(&self, call: &Call<'_>) -> Result<Received, StripeError> {
        let shared = &*self.shared;
        let encoded = call.form.encode();
        let (query, body) =
            if call.method == Method::POST { ("", encoded.as_str()) } else { (encoded.as_str(), "") };
        let mark = if query.is_empty() { "" } else { "?" };
        let url = format!("{}{}{mark}{query}", shared.base.as_str(), call.path);
        let bearer = shared.key.bearer();
        let sending = Sending {
            method: call.method.clone(),
            url: &url,
            bearer: &bearer,
            version: shared.version.as_str(),
            account: self.account.as_ref().map(Ref::as_str),
            idempotency_key: call.key.map(IdempotencyKey::as_str),
            body,
        };
        self.try_until_answered(&sending, &call.path)
    }

    fn try_until_answered(&self, sending: &Sending<'_>, path: &str) -> Result<Received, StripeError> {
        let shared = &*self.shared;
        let mut attempt = 0;
        // The first try of which nobody knows what became: later ones that certainly did nothing do not undo it.
        let mut unknown = None;
        loop {
            let turn = shared.pace.take(shared.outside.now_ms(), WAIT_MS_MAX);
            let turn = turn.map_err(|retry_after_ms| StripeError::RateLimited { retry_after_ms });
            self.wait(turn.map_err(|error| in_the_end(error, &mut unknown))?)?;
            let outcome = shared.wire.send(sending);
            let clean = |text: &str| clip(&shared.key.scrub(text));
            let (after_ms, error) = match judge(outcome, attempt, shared.outside.chance(), clean) {
                Verdict::Answered(received) => return Ok(received),
                Verdict::Over(error) => {
                    self.slow_down(&error);
                    return Err(in_the_end(error, &mut unknown));
                }
                Verdict::Again { after_ms, error } => (after_ms, error),
            };
            self.slow_down(&error);
            attempt += 1;
            if attempt >= shared.tries_max {
                return Err(in_the_end(error, &mut unknown));
            }
            tracing::debug!(method = %sending.method, route = collection(path), attempt, after_ms, %error, "calling Stripe again");
            if error.again() == Again::SameKeyOnly {
                unknown = unknown.or(Some(error));
            }
            self.wait(after_ms)?;
        }
    }

    /// One 429 concerns every call of this key.
    fn slow_down(&self, error: &StripeError) {
        if let StripeError::RateLimited { retry_after_ms } = error {
            let wait_ms = i64::try_from(*retry_after_ms).unwrap_or(i64::MAX);
            self.shared.pace.hold(self.shared.outside.now_ms().saturating_add(wait_ms));
        }
    }

    fn wait(&self, ms: u64) -> Result<(), StripeError> {
        if ms == 0 || self.shared.outside.pause(ms) { Ok(()) } else { Err(StripeError::Closing) }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("key", &self.shared.key)
            .field("base", &self.shared.base)
            .field("version", &self.shared.version)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// The error that stands for all tries.
fn in_the_end(last: StripeError, unknown: &mut Option<StripeError>) -> StripeError {
    match unknown.take() {
        Some(unknown) if last.again() == Again::Safe => unknown,
        _ => last,
    }
}

/// Of a call's path what stands before any id: `/v1/coupons`, `/v2/core/events`.
fn collection(path: &str) -> &str {
    let before_id = if path.starts_with("/v2/") { 3 } else { 2 };
    path.match_indices('/').nth(before_id).map_or(path, |(at, _)| &path[..at])
}

/// `/v1/coupons/ID`, with the id made safe.
pub(crate) fn path_of(collection: &str, id: &str) -> Result<String, StripeError> {
    let id = segment(id).ok_or_else(|| StripeError::Unsendable { what: clip(id) })?;
    Ok(format!("{collection}/{id}"))
}

pub(crate) fn read<T: DeserializeOwned>(received: Received) -> Result<Answer<T>, StripeError> {
    let object = parse(&received.body, received.status)?;
    Ok(Answer {
        object,
        body: received.body,
        request_ref: received.request_ref,
        replayed: received.replayed,
        answered_at_s: received.answered_at_s,
    })
}

/// One page of a list: each item's own bytes are kept.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) data: Vec<Box<RawValue>>,
    #[serde(default)]
    pub(crate) has_more: bool,
}

/// The parser's message names a field or a place and never a value.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8], status: u16) -> Result<T, StripeError> {
    serde_json::from_slice(body).map_err(|why| {
        let place = format!("line {} column {}", why.line(), why.column());
        let what = match why.classify() {
            serde_json::error::Category::Data => "a field is not what was expected, at",
            _ => "not JSON, at",
        };
        StripeError::BadAnswer { status, why: format!("{what} {place}") }
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_log_is_told_a_collection_and_no_id() {
        for (path, told) in [
            ("/v1/coupons", "/v1/coupons"),
            ("/v1/coupons/SMITH", "/v1/coupons"),
            ("/v1/invoices/in_1/lines", "/v1/invoices"),
            ("/v2/core/events/evt_1", "/v2/core/events"),
        ] {
            assert_eq!(super::collection(path), told);
        }
    }
}
