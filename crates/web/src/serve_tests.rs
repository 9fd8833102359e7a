//! The accept loop over real sockets: slow callers are cut off, the gate can stand alone, and a request
//! that runs when the house is told to stop still gets its answer.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Listeners, serve};
use crate::config::Limits;
use crate::testing::{Fixture, NOW, SECRET};

struct Running {
    console: SocketAddr,
    gate: Option<SocketAddr>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

async fn start(fixture: &Fixture, own_gate: bool) -> Running {
    let bind = || TcpListener::bind("127.0.0.1:0");
    let console = bind().await.expect("a port");
    let gate = if own_gate { Some(bind().await.expect("a port")) } else { None };
    let address = |listener: &TcpListener| listener.local_addr().expect("an address");
    let (at, gate_at) = (address(&console), gate.as_ref().map(address));
    let (stop, stopped) = oneshot::channel();
    let listeners = Listeners { console, gate };
    let served = tokio::spawn(serve(listeners, fixture.app.clone(), async {
        let _ = stopped.await;
    }));
    Running { console: at, gate: gate_at, stop, served }
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

fn event() -> (String, String) {
    let body = r#"{"id":"evt_1","type":"x","livemode":false}"#.to_owned();
    let key = facts::Secret::new(SECRET).expect("a key");
    let signature = facts::sign(body.as_bytes(), &key, NOW / 1000);
    let length = body.len();
    let head = format!(
        "POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\nstripe-signature: {signature}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    );
    (head, body)
}

#[tokio::test]
async fn the_gate_can_have_a_port_of_its_own() {
    let fixture = Fixture::new();
    let running = start(&fixture, true).await;
    let gate = running.gate.expect("a gate");
    let (head, body) = event();
    assert!(exchange(gate, &format!("{head}{body}")).await.starts_with("HTTP/1.1 200"));
    assert!(exchange(gate, &get("/healthz")).await.starts_with("HTTP/1.1 200"));
    for path in ["/", "/api/v1/status", "/login", "/metrics"] {
        assert!(exchange(gate, &get(path)).await.starts_with("HTTP/1.1 404"), "{path}");
    }
    assert!(exchange(running.console, &get("/")).await.starts_with("HTTP/1.1 200"));
    assert!(exchange(running.console, &format!("{head}{body}")).await.starts_with("HTTP/1.1 404"));
    running.stop.send(()).expect("still running");
    running.served.await.expect("no panic").expect("served");
}

#[tokio::test]
async fn slow_headers_and_nonsense_are_cut_off() {
    let limits = Limits { header_timeout: Duration::from_millis(100), ..Limits::default() };
    let fixture = Fixture::with(None, None, limits, None);
    let running = start(&fixture, false).await;
    for start in ["GET / HTT", "POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\nx-a: b", ""] {
        let cut = tokio::time::timeout(Duration::from_secs(5), exchange(running.console, start)).await;
        assert!(!cut.expect("not kept waiting").starts_with("HTTP/1.1 200"), "{start}");
    }
    for nonsense in [
        "TRACE / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n".to_owned(),
        "GET http://evil.example/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned(),
        "POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "y".repeat(200_000)),
        format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(1000)),
    ] {
        let answer = tokio::time::timeout(Duration::from_secs(5), exchange_tolerant(running.console, &nonsense)).await;
        let answer = answer.expect("not kept waiting");
        let shown = nonsense.chars().take(60).collect::<String>();
        assert!(!answer.starts_with("HTTP/1.1 200") && !answer.starts_with("HTTP/1.1 5"), "{shown}: {answer}");
    }
    assert!(exchange(running.console, &get("/")).await.starts_with("HTTP/1.1 200"));
}

/// Of two lengths the chunks decide, as the standard has it, and nothing after them on that connection is
/// taken for a request: what a proxy before us read otherwise cannot smuggle one in.
#[tokio::test]
async fn two_lengths_of_one_body_smuggle_no_second_request_in() {
    let fixture = Fixture::new();
    let running = start(&fixture, false).await;
    let second = get("/healthz").replace("connection: close\r\n", "");
    for (first, other) in [
        ("content-length: 6", "transfer-encoding: chunked"),
        ("transfer-encoding: chunked", "content-length: 6"),
    ] {
        let head = format!("POST /webhooks/stripe HTTP/1.1\r\nhost: localhost\r\n{first}\r\n{other}\r\n\r\n");
        let sent = format!("{head}0\r\n\r\n{second}");
        let answer = tokio::time::timeout(Duration::from_secs(5), exchange_tolerant(running.console, &sent));
        let answer = answer.await.expect("the connection is closed");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 400"), "{head}: {answer}");
    }
    // The control: with one length both are answered.
    let sent = format!(
        "POST /webhooks/stripe HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n{}",
        get("/healthz")
    );
    assert_eq!(exchange_tolerant(running.console, &sent).await.matches("HTTP/1.1 ").count(), 2);
}

/// The other side may close before it has read everything.
async fn exchange_tolerant(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_running_request_is_answered_before_the_house_closes() {
    let fixture = Fixture::new();
    let running = start(&fixture, false).await;
    let (head, body) = event();
    let mut stream = TcpStream::connect(running.console).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.stop.send(()).expect("still running");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(running.console).await.is_err(), "nobody new is let in");
    stream.write_all(body.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let ended = tokio::time::timeout(Duration::from_secs(5), running.served).await;
    ended.expect("ends in time").expect("no panic").expect("served");
}
