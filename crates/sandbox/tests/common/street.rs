//! A sandbox served on a free port, a client that calls it, and a receiver that keeps what it was sent and
//! answers as told.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use sandbox::deliver::{Chaos, Retries};
use sandbox::serve::{Options, Sandbox};
use serde_json::Value;

/// The wall's time of every test here: deliveries are signed for it.
pub(crate) const WALL_S: i64 = 1_800_000_000;
/// 2026-01-01, where the sandbox's frozen time begins.
pub(crate) const START_S: i64 = 1_767_225_600;

pub(crate) struct Street {
    pub(crate) at: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    served: Option<std::thread::JoinHandle<()>>,
}

impl Street {
    pub(crate) fn open(seed: u64, chaos: &str) -> Self {
        Self::open_at(START_S, seed, chaos)
    }

    /// The same, begun at another time.
    pub(crate) fn open_at(start_s: i64, seed: u64, chaos: &str) -> Self {
        let chaos = Chaos::parse(chaos, seed).expect("a chaos");
        let options = Options { seed, start_s, frozen: true, chaos, retries: Retries::default() };
        let sandbox = Arc::new(Sandbox::new(options, Arc::new(|| WALL_S)));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let at = listener.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let served = std::thread::spawn(move || {
            runtime.block_on(sandbox::serve::serve(listener, sandbox, async {
                drop(stopped.await);
            }));
        });
        Self { at, stop: Some(stop), served: Some(served) }
    }

    /// The status and the JSON; `None`: the connection was cut.
    pub(crate) fn try_call(&self, method: &str, path: &str, form: &str) -> Option<(u16, Value)> {
        let (head, body) = self.exchange(method, path, form)?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(&body).expect("answers are JSON")))
    }

    /// The head and the body as they come; `None`: the connection was cut.
    pub(crate) fn exchange(&self, method: &str, path: &str, form: &str) -> Option<(String, String)> {
        self.sent(method, path, form, "")
    }

    /// A `POST` under an idempotency key; the head and the status.
    pub(crate) fn keyed(&self, path: &str, form: &str, key: &str) -> (String, u16) {
        let header = format!("Idempotency-Key: {key}\r\n");
        let (head, _) = self.sent("POST", path, form, &header).expect("an answer");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (head, status)
    }

    fn sent(&self, method: &str, path: &str, form: &str, more: &str) -> Option<(String, String)> {
        let mut stream = TcpStream::connect(self.at).ok()?;
        let path =
            if method == "GET" && !form.is_empty() { format!("{path}?{form}") } else { path.to_owned() };
        let body = if method == "GET" { "" } else { form };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer sk_test_street\r\nConnection: close\r\n{more}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        Some((head.to_owned(), body.to_owned()))
    }

    /// The JSON of a call that must succeed.
    pub(crate) fn call(&self, method: &str, path: &str, form: &str) -> Value {
        let (status, body) = self.try_call(method, path, form).expect("an answer");
        assert_eq!(status, 200, "{method} {path} {form}: {body}");
        body
    }

    /// Registers a receiver; gives the endpoint's id and secret.
    pub(crate) fn listen(&self, receiver: &Receiver, more: &str) -> (String, String) {
        let form = format!("url=http://{}/hooks&enabled_events[]=*{more}", receiver.at);
        let made = self.call("POST", "/v1/webhook_endpoints", &form);
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        (text("id"), text("secret"))
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(served) = self.served.take() {
            drop(served.join());
        }
    }
}

/// One delivery as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) signature: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) event: Value,
}

impl Arrived {
    pub(crate) fn id(&self) -> &str {
        self.event["id"].as_str().unwrap_or_default()
    }
}

pub(crate) struct Receiver {
    pub(crate) at: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Receiver {
    /// Answers with these statuses first, then with 200.
    pub(crate) fn answering(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("an address");
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(VecDeque::from(statuses.to_vec())));
        let kept = Arc::clone(&arrived);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                std::thread::spawn(move || while serve_one(&stream, &kept, &script).is_some() {});
            }
        });
        Self { at, arrived }
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("no panic").clone()
    }
}

fn serve_one(stream: &TcpStream, kept: &Mutex<Vec<Arrived>>, script: &Mutex<VecDeque<u16>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut signature, mut length, mut line) = (String::new(), 0, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        match header.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value)) {
            Some((name, value)) if name == "stripe-signature" => value.clone_into(&mut signature),
            Some((name, value)) if name == "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut raw = vec![0; length];
    reader.read_exact(&mut raw).ok()?;
    let event = serde_json::from_slice(&raw).ok()?;
    kept.lock().ok()?.push(Arrived { signature, raw, event });
    let status = script.lock().ok()?.pop_front().unwrap_or(200);
    let mut stream = stream;
    stream.write_all(format!("HTTP/1.1 {status} Told\r\nContent-Length: 0\r\n\r\n").as_bytes()).ok()
}
