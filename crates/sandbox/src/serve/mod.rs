//! The sandbox as a server: connections in, answers out, deliveries sent. It must not
//! know what a call means (`api`, `control` do), nor read the machine's clock: that is an argument.

mod ask;
mod courier;
mod http;
mod shared;
mod state;
mod waiting;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use ask::ask;
pub use shared::{Sandbox, Wall};
pub use state::Options;
pub(crate) use state::State;

/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long running calls may take to end after the server was told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves until `shutdown` is done and the running calls have ended.
pub async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>, shutdown: impl Future<Output = ()>) {
    if let Ok(at) = listener.local_addr() {
        sandbox.reached_at(format!("http://{at}"));
    }
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(accept(listener, Arc::clone(&sandbox), stopped.clone()));
    tasks.spawn(courier::run(sandbox, stopped));
    shutdown.await;
    // Fails only when nobody listens any more, which is what is wanted.
    let _ = stop.send(true);
    while tasks.join_next().await.is_some() {}
}

async fn accept(listener: TcpListener, sandbox: Arc<Sandbox>, mut stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => accepted,
            Some(_) = running.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                running.spawn(connection(stream, Arc::clone(&sandbox), stop.clone()));
            }
            Err(error) => {
                // Out of file descriptors, or the caller is gone already: neither ends the loop.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    let drained = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::debug!("some connections were cut at shutdown");
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone: that is a stop too.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn connection(stream: TcpStream, sandbox: Arc<Sandbox>, mut stop: watch::Receiver<bool>) {
    // Without it small answers wait for the other side's acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let sandbox = Arc::clone(&sandbox);
        async move { http::answer(&sandbox, request).await }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
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
