//! A Stripe with coupons, promotion codes and idempotency keys, over HTTP, that can be told to stop at a call:
//! before its effect or after it, until whoever waits for the answer has been killed. Its own, or one that passes
//! calls on to the sandbox.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stripe::{Answer, Asked, Stripe};
use crate::tools::now;

/// Where the next call that writes is held up, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hold {
    Before(usize),
    After(usize),
}

#[derive(Default)]
pub(crate) struct Objects {
    pub(crate) coupons: Vec<Value>,
    pub(crate) codes: Vec<Value>,
    keys: BTreeMap<String, (String, u16, String)>,
    hold: Option<Hold>,
    calls: usize,
    /// From its first call on, every call is refused for so long: another one is at it.
    busy: Option<Duration>,
    busy_until: Option<Instant>,
    /// How many calls are still refused with 429.
    pub(crate) too_many: usize,
    /// The key may do nothing here.
    pub(crate) denied: bool,
    /// Who answers instead of these.
    sandbox: Option<SocketAddr>,
}

pub(crate) struct Codes {
    pub(crate) stripe: Stripe,
    pub(crate) objects: Arc<Mutex<Objects>>,
    held: Receiver<()>,
    go: Sender<()>,
}

impl Codes {
    pub(crate) fn start() -> Self {
        Self::with(None)
    }

    /// In front of the sandbox.
    pub(crate) fn before(sandbox: SocketAddr) -> Self {
        Self::with(Some(sandbox))
    }

    fn with(sandbox: Option<SocketAddr>) -> Self {
        let objects = Arc::new(Mutex::new(Objects { sandbox, ..Objects::default() }));
        let (tell, held) = channel();
        let (go, wait) = channel();
        let shared = Arc::clone(&objects);
        let stripe = Stripe::start(move |asked| answer(&shared, asked, &tell, &wait));
        Self { stripe, objects, held, go }
    }

    pub(crate) fn hold(&self, hold: Hold) {
        let mut objects = self.objects.lock().expect("sound");
        objects.hold = Some(hold);
        objects.calls = 0;
    }

    /// Somebody else is at everything for so long, counted from the next call.
    pub(crate) fn busy_for(&self, time: Duration) {
        self.objects.lock().expect("sound").busy = Some(time);
    }

    /// Waits until a call is held up.
    pub(crate) fn wait_until_held(&self) {
        self.held.recv_timeout(Duration::from_secs(60)).expect("a call comes");
    }

    /// Lets it go on; its caller is gone.
    pub(crate) fn let_go(&self) {
        self.go.send(()).expect("somebody waits");
    }

    /// Coupons and codes.
    pub(crate) fn all(&self) -> (Vec<Value>, Vec<Value>) {
        let objects = self.objects.lock().expect("sound");
        match objects.sandbox {
            None => (objects.coupons.clone(), objects.codes.clone()),
            Some(at) => (listed(at, "/v1/coupons"), listed(at, "/v1/promotion_codes")),
        }
    }

    pub(crate) fn counts(&self) -> (usize, usize) {
        let (coupons, codes) = self.all();
        (coupons.len(), codes.len())
    }
}

/// Every object of a list in the sandbox, at the version the program is pinned to.
pub(crate) fn listed(at: SocketAddr, path: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    loop {
        let after = found.last().and_then(|last| last["id"].as_str());
        let after = after.map(|id| format!("&starting_after={id}")).unwrap_or_default();
        let asked = Asked {
            method: "GET".into(),
            path: format!("{path}?limit=100{after}"),
            headers: vec![
                ("authorization".into(), "Bearer sk_test_ofthebinary".into()),
                ("stripe-version".into(), "2026-10-28.endive".into()),
            ],
            body: String::new(),
        };
        let (status, text) = passed_on(at, &asked).expect("the sandbox answers");
        assert_eq!(status, 200, "{text}");
        let page: Value = serde_json::from_str(&text).expect("JSON");
        found.extend(page["data"].as_array().expect("a list").iter().cloned());
        if page["has_more"] != true {
            return found;
        }
    }
}

/// The same call to the sandbox.
fn passed_on(at: SocketAddr, asked: &Asked) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(at).ok()?;
    let mut head = format!("{} {} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n", asked.method, asked.path);
    let kept = ["authorization", "stripe-version", "idempotency-key", "content-type", "stripe-account"];
    for (name, value) in asked.headers.iter().filter(|(name, _)| kept.contains(&name.as_str())) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n{}", asked.body.len(), asked.body));
    stream.write_all(head.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

fn answer(shared: &Mutex<Objects>, asked: &Asked, tell: &Sender<()>, wait: &Receiver<()>) -> Answer {
    let hold = {
        let mut objects = shared.lock().expect("sound");
        if objects.denied {
            let (status, value) =
                refusal(403, "", "The provided key does not have the required permissions.");
            return Some((status, value.to_string()));
        }
        if objects.too_many > 0 {
            objects.too_many -= 1;
            let (status, value) = refusal(429, "rate_limit", "Too many requests hit the API too quickly.");
            return Some((status, value.to_string()));
        }
        let call = objects.calls;
        objects.calls += 1;
        objects.hold.filter(|hold| matches!(hold, Hold::Before(at) | Hold::After(at) if *at == call))
    };
    let stop = || {
        tell.send(()).expect("the test waits");
        wait.recv().expect("the test goes on");
        None
    };
    match hold {
        Some(Hold::Before(_)) => {
            shared.lock().expect("sound").hold = None;
            stop()
        }
        Some(Hold::After(_)) => {
            shared.lock().expect("sound").hold = None;
            let _ = keyed(&mut shared.lock().expect("sound"), asked);
            stop()
        }
        None => keyed(&mut shared.lock().expect("sound"), asked),
    }
}

fn keyed(objects: &mut Objects, asked: &Asked) -> Answer {
    if let Some(time) = objects.busy.take() {
        objects.busy_until = Some(now() + time);
    }
    if objects.busy_until.is_some_and(|until| now() < until) {
        let busy =
            r#"{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"..."}}"#;
        return Some((409, busy.into()));
    }
    match objects.sandbox {
        Some(at) => passed_on(at, asked),
        None => Some(own(objects, asked)),
    }
}

fn own(objects: &mut Objects, asked: &Asked) -> (u16, String) {
    let key = asked.header("idempotency-key").map(str::to_owned);
    if let Some((body, status, text)) = key.as_ref().and_then(|key| objects.keys.get(key)) {
        let reused = r#"{"error":{"type":"idempotency_error","message":"Keys for idempotent requests..."}}"#;
        return if *body == asked.body { (*status, text.clone()) } else { (400, reused.into()) };
    }
    let (status, value) = act(objects, asked);
    if let Some(key) = key.filter(|_| status == 200) {
        objects.keys.insert(key, (asked.body.clone(), status, value.to_string()));
    }
    (status, value.to_string())
}

fn act(objects: &mut Objects, asked: &Asked) -> (u16, Value) {
    let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    let form = form(if asked.method == "GET" { query } else { &asked.body });
    let id = path.trim_start_matches("/v1/").split('/').nth(1).map(decoded);
    match (asked.method.as_str(), path.split('/').nth(2), id) {
        ("POST", Some("coupons"), None) => {
            let id = form.get("id").cloned().unwrap_or_default();
            if objects.coupons.iter().any(|coupon| coupon["id"] == *id) {
                return refusal(400, "resource_already_exists", "Coupon already exists.");
            }
            let percent = form.get("percent_off").and_then(|text| serde_json::from_str::<Value>(text).ok());
            let coupon = json!({"id": id, "object": "coupon", "percent_off": percent, "amount_off": null,
                "duration": form.get("duration"), "valid": true, "metadata": metadata(&form)});
            objects.coupons.push(coupon.clone());
            (200, coupon)
        }
        ("DELETE", Some("coupons"), Some(id)) => {
            objects.coupons.retain(|coupon| coupon["id"] != *id);
            (200, json!({"id": id, "object": "coupon", "deleted": true}))
        }
        ("POST", Some("promotion_codes"), None) => {
            let text = form.get("code").cloned().unwrap_or_default();
            let same = |code: &&Value| code["code"].as_str().is_some_and(|is| is.eq_ignore_ascii_case(&text));
            if objects.codes.iter().filter(same).any(|code| code["active"] == true) {
                return refusal(400, "", "An active promotion code with this text already exists.");
            }
            let code = json!({"id": format!("promo_{}", objects.codes.len() + 1), "object": "promotion_code",
                "code": text, "active": true, "times_redeemed": 0, "metadata": metadata(&form),
                "promotion": {"type": "coupon", "coupon": form.get("promotion[coupon]")}});
            objects.codes.push(code.clone());
            (200, code)
        }
        ("POST", Some("promotion_codes"), Some(id)) => {
            let Some(code) = objects.codes.iter_mut().find(|code| code["id"] == *id) else {
                return missing();
            };
            if let Some(active) = form.get("active") {
                code["active"] = json!(active == "true");
            }
            for (name, value) in metadata(&form).as_object().expect("a map") {
                code["metadata"][name] = value.clone();
            }
            (200, code.clone())
        }
        ("GET", Some(kind), Some(id)) => {
            let rows = if kind == "coupons" { &objects.coupons } else { &objects.codes };
            rows.iter().find(|row| row["id"] == *id).map_or_else(missing, |row| (200, row.clone()))
        }
        ("GET", Some("promotion_codes"), None) => {
            let wanted = form.get("code");
            let rows = objects.codes.iter().rev().filter(|code| {
                wanted
                    .is_none_or(|text| code["code"].as_str().is_some_and(|is| is.eq_ignore_ascii_case(text)))
            });
            (200, json!({"object": "list", "data": rows.collect::<Vec<_>>(), "has_more": false}))
        }
        _ => missing(),
    }
}

fn metadata(form: &BTreeMap<String, String>) -> Value {
    let of = |name: &str| name.strip_prefix("metadata[")?.strip_suffix(']').map(str::to_owned);
    form.iter()
        .filter_map(|(name, value)| Some((of(name)?, json!(value))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn refusal(status: u16, code: &str, message: &str) -> (u16, Value) {
    (status, json!({"error": {"type": "invalid_request_error", "code": code, "message": message}}))
}

fn missing() -> (u16, Value) {
    refusal(404, "resource_missing", "No such object")
}

fn form(text: &str) -> BTreeMap<String, String> {
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (decoded(k), decoded(v))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex: String = rest.by_ref().take(2).map(char::from).collect();
            bytes.push(u8::from_str_radix(&hex, 16).expect("percent-encoding"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}
