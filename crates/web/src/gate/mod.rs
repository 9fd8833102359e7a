//! The webhook gate: checks the signature over the raw bytes, finds the book, hands the delivery to the
//! letter box, and answers 2xx only after its commit. It must not know what an event means, and never
//! refuses a verified one for its type, version or shape.

mod admit;
mod body;
mod letterbox;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use facts::SignatureError;
use kernel::Book;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tracing::Instrument;

use crate::metrics::Ending;
use crate::rim::{self, About, RequestId};
use crate::state::App;

pub use admit::{Verdict, admit};
use body::BodyError;
pub use body::Budget;
pub use letterbox::{Delivery, Done, Kept, LetterBox, NotKept, Place};

/// Where Stripe delivers. There is one gate; the second path is the same one by a shorter name.
pub const PATHS: [&str; 2] = ["/api/webhooks/stripe", "/webhooks/stripe"];

pub fn router() -> Router<App> {
    PATHS.into_iter().fold(Router::new(), |router, path| router.route(path, post(receive)))
}

async fn receive(State(app): State<App>, request: Request) -> Response {
    let mut about = None;
    let ending = take(&app, request, &mut about).await;
    app.metrics.count(ending);
    let mut response = answer(ending);
    response.extensions_mut().insert(rim::Ended(ending.label()));
    if let Some(about) = about {
        response.extensions_mut().insert(about);
    }
    response
}

fn answer(ending: Ending) -> Response {
    let retry = [(header::RETRY_AFTER, "5")];
    match ending {
        Ending::Accepted | Ending::Duplicate | Ending::Quarantined => {
            ([(header::CONTENT_TYPE, "application/json")], "{\"received\":true}").into_response()
        }
        Ending::BadHeader => (StatusCode::BAD_REQUEST, "no usable Stripe-Signature header\n").into_response(),
        Ending::BadSignature => (StatusCode::BAD_REQUEST, "signature does not match\n").into_response(),
        Ending::BadAge => (StatusCode::BAD_REQUEST, "signature time outside tolerance\n").into_response(),
        Ending::Broken => (StatusCode::BAD_REQUEST, "body incomplete\n").into_response(),
        Ending::TooSlow => (StatusCode::REQUEST_TIMEOUT, "body too slow\n").into_response(),
        Ending::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body too large\n").into_response(),
        Ending::NotStored => {
            (StatusCode::SERVICE_UNAVAILABLE, retry, "not stored, try again\n").into_response()
        }
    }
}

/// From the cheapest check to the dearest; the commit comes last. `about` is filled in as soon as it is known.
async fn take(app: &App, request: Request, about: &mut Option<About>) -> Ending {
    let (parts, body) = request.into_parts();
    let limits = &app.limits;
    if body::announced(&parts.headers, limits.body_bytes_max).is_err() {
        return Ending::TooLarge;
    }
    let Some(signature) = signature(&parts.headers) else { return Ending::BadHeader };
    let body = match body::read(body, limits.body_bytes_max, limits.body_timeout, &app.budget).await {
        Ok(body) => body,
        Err(BodyError::TooLarge) => return Ending::TooLarge,
        Err(BodyError::TooSlow) => return Ending::TooSlow,
        Err(BodyError::Broken) => return Ending::Broken,
        Err(BodyError::Crowded) => return Ending::NotStored,
    };
    let received_at = (app.clock)();
    let now_s = received_at.div_euclid(1000);
    let verify = tracing::info_span!(target: "traced", "verify");
    let verdict = verify.in_scope(|| admit(&app.secrets, signature, &body, now_s, limits.tolerance_s));
    let (place, signed_s) = match verdict {
        Verdict::Refuse(error) => return refused(error),
        Verdict::Store { book, envelope, signed_s } => {
            *about = rim::is_told().then(|| told(&book, &envelope));
            (Place::Inbox { book, envelope }, signed_s)
        }
        Verdict::Quarantine { reason, envelope, signed_s } => {
            let request = parts.extensions.get::<RequestId>().map(RequestId::as_str);
            tracing::warn!(request, reason, "a signed delivery fits no book and was put in quarantine");
            (Place::Quarantine { reason, envelope }, signed_s)
        }
    };
    let headers = kept_headers(&parts.headers, signed_s);
    let append = tracing::info_span!(target: "traced", "append");
    keep(app, Delivery { place, received_at, headers, body_hash: hash(&body), body }).instrument(append).await
}

fn told(book: &Book, envelope: &facts::Envelope) -> About {
    About { book: book.label(), event: envelope.id.to_string(), event_type: envelope.event_type.clone() }
}

/// The one signature header. Several lines of it, or bytes that are no text, are none.
fn signature(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all("stripe-signature").iter();
    let first = lines.next()?.to_str().ok()?;
    lines.next().is_none().then_some(first)
}

const fn refused(error: SignatureError) -> Ending {
    match error {
        SignatureError::NoMatch => Ending::BadSignature,
        SignatureError::OutsideTolerance => Ending::BadAge,
        _ => Ending::BadHeader,
    }
}

/// Waits for the commit. A dropped reply means it did not happen as far as we know: the sender comes again.
async fn keep(app: &App, delivery: Delivery) -> Ending {
    let (reply, outcome) = oneshot::channel();
    let done: Done = Box::new(move |result| {
        // The sender may have hung up; what was kept is kept.
        let _ = reply.send(result);
    });
    app.letterbox.submit(delivery, done);
    match tokio::time::timeout(app.limits.store_timeout, outcome).await {
        Ok(Ok(Ok(Kept::New))) => Ending::Accepted,
        Ok(Ok(Ok(Kept::Duplicate))) => Ending::Duplicate,
        Ok(Ok(Ok(Kept::Quarantined))) => Ending::Quarantined,
        Ok(Ok(Err(NotKept)) | Err(_)) | Err(_) => Ending::NotStored,
    }
}

fn hash(body: &Bytes) -> [u8; 32] {
    Sha256::digest(body).into()
}

const AGENT_CHARS_MAX: usize = 120;

/// Of the headers only what helps an operator: who delivered it, and the time that was signed.
fn kept_headers(headers: &HeaderMap, signed_s: i64) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let agent: String = agent.chars().take(AGENT_CHARS_MAX).collect();
    format!("{{\"user_agent\":{},\"signed_s\":{signed_s}}}", serde_json::Value::from(agent))
}
