//! The accept loop: listeners in, connections served under time and number bounds, and on shutdown the
//! running requests finish first. It must not know what is served.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::Service;

use crate::access::Peer;
use crate::config::Limits;
use crate::router;
use crate::state::App;

/// Where to listen. With a gate of its own, the console's address does not take deliveries.
pub struct Listeners {
    pub console: TcpListener,
    pub gate: Option<TcpListener>,
}

/// Serves until `shutdown` is done and the running requests have finished (or their time is over).
pub async fn serve(listeners: Listeners, app: App, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let limits = app.limits;
    let (stop, stopped) = watch::channel(false);
    let mut loops = JoinSet::new();
    match listeners.gate {
        Some(gate) => {
            loops.spawn(accept(gate, router::gate(app.clone()), limits, stopped.clone()));
            loops.spawn(accept(listeners.console, router::console(app), limits, stopped));
        }
        None => {
            loops.spawn(accept(listeners.console, router::combined(app), limits, stopped));
        }
    }
    shutdown.await;
    // Fails only when no loop listens any more, which is what is wanted.
    let _ = stop.send(true);
    while loops.join_next().await.is_some() {}
    Ok(())
}

/// The accept loop alone with a router of the caller's, for what is compared with the house.
pub async fn serve_router(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(accept(listener, router, limits, stopped));
    shutdown.await;
    let _ = stop.send(true);
    let _ = serving.await;
}

async fn accept(listener: TcpListener, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let mut running = JoinSet::new();
    loop {
        let stopping = stop.clone();
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = next(&listener, &places) => accepted,
            Some(_) = running.join_next() => continue,
        };
        if let Some((stream, peer, place)) = accepted {
            let router = router.clone();
            running.spawn(async move {
                connection(stream, peer, router, limits, stopping).await;
                drop(place);
            });
        }
    }
    drop(listener);
    let drained = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain_timeout, drained).await.is_err() {
        tracing::warn!("some connections were cut at shutdown");
    }
}

async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            // Out of file descriptors, or the caller is gone already: neither ends the loop.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone: that is a stop too.
    let _ = stop.wait_for(|stop| *stop).await;
}

const BUFFER_BYTES_MAX: usize = 64 * 1024;

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    // Without it small answers wait for the other side's acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), request, peer));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    router.call(request).await
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
