//! Posts what is due to the receivers, several at once, and reports how each answered. The clock is driven
//! from here too: what falls due is what there is to send. It must not know what a delivery says.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Sandbox, stopped};
use crate::deliver::{Outcome, Sending};
use crate::sign::stripe_signature_rolling;

/// How many deliveries are under way at once.
const AT_ONCE: usize = 16;
/// How often the clock is looked at while nobody calls.
const TICK: Duration = Duration::from_millis(200);
/// How long a receiver may take. Stripe does not publish its own limit.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// A body longer than that is not read to its end; the connection is closed instead.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

type Wire = Client<HttpConnector, Full<Bytes>>;

pub(super) async fn run(sandbox: Arc<Sandbox>, mut stop: watch::Receiver<bool>) {
    let wire: Wire = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(AT_ONCE)
        .build_http();
    let mut under_way = JoinSet::new();
    loop {
        for sending in sandbox.due(AT_ONCE - under_way.len().min(AT_ONCE)) {
            under_way.spawn(deliver(Arc::clone(&sandbox), wire.clone(), sending));
        }
        tokio::select! {
            () = stopped(&mut stop) => return,
            Some(_) = under_way.join_next() => {}
            () = sandbox.work(), if under_way.len() < AT_ONCE => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

async fn deliver(sandbox: Arc<Sandbox>, wire: Wire, sending: Sending) {
    let (ticket, unheard) = (sending.ticket, sending.unheard);
    let posted = tokio::time::timeout(ANSWER_TIMEOUT, post(&wire, sending, sandbox.wall_s())).await;
    let outcome = match posted {
        _ if unheard => Outcome::Failed("no answer in time (chaos)".to_owned()),
        Ok(Ok(status)) => Outcome::Answered(status),
        Ok(Err(why)) => Outcome::Failed(why),
        Err(_) => Outcome::Failed(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())),
    };
    sandbox.answered(ticket, outcome);
}

/// Signed for the moment it is sent: a receiver's tolerance is about transit alone.
async fn post(wire: &Wire, sending: Sending, wall_s: i64) -> Result<u16, String> {
    if sending.url.starts_with("https:") {
        return Err("the sandbox delivers to http:// only".to_owned());
    }
    let secrets: Vec<&str> = sending.secrets.iter().map(String::as_str).collect();
    let signature = stripe_signature_rolling(&secrets, wall_s, &sending.body);
    let request = Request::post(&sending.url)
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .header(USER_AGENT, "Stripe/1.0 (sandbox)")
        .header("stripe-signature", signature)
        .body(Full::new(Bytes::from(sending.body)))
        .map_err(|why| why.to_string())?;
    let response = wire.request(request).await.map_err(|why| chain(&why))?;
    let status = response.status().as_u16();
    // Read so that the connection can be used again; what it says does not matter.
    drop(Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await);
    Ok(status)
}

/// An error with what is behind it: `client error (Connect): tcp connect error: Connection refused`.
fn chain(why: &dyn std::error::Error) -> String {
    let mut text = why.to_string();
    let mut source = why.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
