//! From an HTTP request to a call of the API, and back. Which room a path belongs to is decided here. It
//! must not know what any call does.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method as Verb, Request, Response, StatusCode};

use super::Sandbox;
use super::state::Said;
use crate::api::{Answer, Method};
use crate::json::Obj;

pub(super) type Body = Full<Bytes>;

/// More than any call of Stripe's has.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The connection is to be cut without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
pub(super) struct Cut;

pub(super) async fn answer(
    sandbox: &Arc<Sandbox>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let method = match head.method {
        Verb::GET => Method::Get,
        Verb::POST => Method::Post,
        Verb::DELETE => Method::Delete,
        other => {
            let message = format!("Unrecognized request URL ({other}: {path}).");
            return Ok(written(refused(405, &message)));
        }
    };
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        return Ok(written(refused(413, "The request body is too large or ended early.")));
    };
    let request = crate::api::Request {
        method,
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: body.to_bytes().to_vec(),
        authorization: text(&head.headers, "authorization"),
        version: text(&head.headers, "stripe-version"),
        idempotency_key: text(&head.headers, "idempotency-key"),
        account: text(&head.headers, "stripe-account"),
    };
    if let Some(host) = text(&head.headers, "host").filter(|host| plain(host)) {
        sandbox.look(|state| state.world.reach_at(&format!("http://{host}")));
    }
    if let Some(answer) = super::waiting::answer(sandbox, &request).await {
        return Ok(written(answer));
    }
    match sandbox.call(&request) {
        Said::Answer(answer) => Ok(written(answer)),
        Said::Late(answer, seconds) => {
            // The call goes on when its caller has given up, and ends at its own time.
            let ends = tokio::spawn(end(Arc::clone(sandbox), request_ref(&answer), seconds));
            let _ = ends.await;
            Ok(written(answer))
        }
        Said::Cut => Err(Cut),
    }
}

async fn end(sandbox: Arc<Sandbox>, request_ref: String, seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    sandbox.look(|state| state.world.call_ended(&request_ref));
}

fn request_ref(answer: &Answer) -> String {
    let found = answer.headers.iter().find(|(name, _)| *name == "Request-Id");
    found.map(|(_, id)| id.clone()).unwrap_or_default()
}

/// A name or address and a port, nothing that could be more in a page.
fn plain(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'))
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn refused(status: u16, message: &str) -> Answer {
    let error = Obj::new().str("message", message).str("type", "invalid_request_error");
    Answer::new(status, Obj::new().obj("error", error).close())
}

/// JSON unless the answer says otherwise.
fn written(answer: Answer) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    response
}
