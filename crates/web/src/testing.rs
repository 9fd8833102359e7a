//! For tests: a house in a temporary folder with everything wired, a clock that stands still until moved,
//! and requests that go straight into the router.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use engine::House;
use store::inbox::QuarantineRow;
use store::{Append, Appended, Inbox, InboxWriter, Source};
use tower::ServiceExt;

use crate::access::{Password, Peer};
use crate::config::{AccessConfig, Limits, Modes, Secret};
use crate::gate::{Delivery, Done, Kept, LetterBox, NotKept, Place};
use crate::router;
use crate::state::{App, Setup};
use crate::stripe_testing::Memory;

pub(crate) const NOW: i64 = 1_767_225_600_000;
pub(crate) const SECRET: &str = "whsec_test_own";

/// A house and its windows. The folder is gone when it is dropped.
pub(crate) struct Fixture {
    pub(crate) app: App,
    pub(crate) house: House,
    pub(crate) now: Arc<AtomicI64>,
    pub(crate) stripe: Arc<Memory>,
    folder: PathBuf,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What a request got.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Fixture {
    /// Test and live secrets of the own account, and a Connect secret.
    pub(crate) fn new() -> Self {
        Self::with(None, None, Limits::default(), None)
    }

    pub(crate) fn with(
        password: Option<&str>,
        api_token: Option<&str>,
        limits: Limits,
        letterbox: Option<Arc<dyn LetterBox>>,
    ) -> Self {
        let mut name = [0u8; 8];
        getrandom::fill(&mut name).expect("randomness");
        let folder = std::env::temp_dir().join(format!("countinghouse-web-{}", u64::from_le_bytes(name)));
        std::fs::create_dir_all(&folder).expect("a folder");
        let house = House::open(&format!("sqlite:{}", folder.join("books.db").display())).expect("a house");
        let letterbox = letterbox.unwrap_or_else(|| {
            let inbox = house.inbox().clone();
            let writer = InboxWriter::start(inbox.clone()).expect("a writer");
            Arc::new(Slot { inbox, writer })
        });
        let list = |text, modes, connect| Secret::parse_list(text, modes, connect).expect("secrets");
        let secrets = [
            list(SECRET, Modes::Test, false),
            list("whsec_live_own", Modes::Live, false),
            list("whsec_connect", Modes::Both, true),
        ];
        let stripe = Arc::new(Memory::default());
        let now = Arc::new(AtomicI64::new(NOW));
        let clock = now.clone();
        let password = password.map(|text| Password::parse(text).expect("long enough"));
        let app = App::try_new(Setup {
            house: house.clone(),
            stripe: stripe.clone(),
            letterbox,
            clock: Arc::new(move || clock.load(Ordering::SeqCst)),
            secrets: secrets.concat(),
            access: AccessConfig { password, api_token: api_token.map(str::to_owned) },
            limits,
            sinks: vec![Arc::new(crate::SinkCounts::new("otlp"))],
        });
        Self { app: app.expect("randomness"), house, now, stripe, folder }
    }

    /// Works off everything that was received.
    pub(crate) fn settle(&self) {
        while !engine::project::step(&self.house, NOW).expect("a step").idle() {}
    }

    pub(crate) fn router(&self) -> Router {
        router::combined(self.app.clone())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// A request from this machine itself.
    pub(crate) async fn local(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(local(method, path, body)).await
    }

    /// Delivers a body signed with a secret, as Stripe would.
    pub(crate) async fn deliver(&self, secret: &str, body: &[u8]) -> Answer {
        let key = facts::Secret::new(secret).expect("a key");
        let signature = facts::sign(body, &key, self.now.load(Ordering::SeqCst) / 1000);
        self.send(delivery(&signature, body.to_vec())).await
    }
}

pub(crate) fn delivery(signature: &str, body: Vec<u8>) -> Request<Body> {
    Request::post("/api/webhooks/stripe")
        .header("stripe-signature", signature)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .expect("a request")
}

pub(crate) fn local(method: &str, path: &str, body: &str) -> Request<Body> {
    let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:4242")
        .header("content-type", kind)
        .extension(Peer(([127, 0, 0, 1], 50_000).into()))
        .body(Body::from(body.to_owned()))
        .expect("a request")
}

/// As the binary wires it.
struct Slot {
    inbox: Inbox,
    writer: InboxWriter,
}

impl LetterBox for Slot {
    fn submit(&self, delivery: Delivery, done: Done) {
        let Delivery { place, received_at, headers, body, body_hash } = delivery;
        let body = body.to_vec();
        match place {
            Place::Inbox { book, envelope } => {
                let append = Append {
                    book,
                    event_ref: envelope.id,
                    event_type: envelope.event_type,
                    api_version: envelope.api_version,
                    created_s: envelope.created_s,
                    received_at,
                    source: Source::Webhook,
                    headers,
                    body,
                    body_hash,
                };
                let kept = |appended| match appended {
                    Appended::Duplicate { .. } => Kept::Duplicate,
                    Appended::New { .. } | Appended::Conflict { .. } => Kept::New,
                };
                self.writer
                    .submit(append, Box::new(move |result| done(result.map(kept).map_err(|_| NotKept))));
            }
            Place::Quarantine { reason, envelope } => {
                let row = QuarantineRow {
                    body_hash,
                    reason: reason.to_owned(),
                    event_ref: envelope.as_ref().map(|envelope| envelope.id.to_string()),
                    event_type: envelope.as_ref().map(|envelope| envelope.event_type.clone()),
                    account: envelope
                        .as_ref()
                        .and_then(|envelope| envelope.account.as_ref().map(ToString::to_string)),
                    livemode: envelope.as_ref().map(|envelope| envelope.livemode),
                    received_at,
                    headers,
                    body,
                };
                done(self.inbox.quarantine(&row).map(|()| Kept::Quarantined).map_err(|_| NotKept));
            }
        }
    }
}
