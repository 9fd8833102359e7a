//! I37, least leak, at its loudest: canaries in every secret and in what customers wrote, good and bad deliveries and requests, and
//! everything that the program tells of its work: both formats of the log, metrics, error pages, exports, traces, reports.

use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{CONNECT, House, LIVE, TEST};
use crate::http;
use crate::listeners::Listener;
use crate::tools::eventually;

const CANARY: &str = "CANARY";

/// Lines that hold a canary.
fn hits(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.to_lowercase().contains("canary")).collect()
}

fn house(db: TestDatabase, format: &str, outside: &Listener) -> House {
    let url = db.url.replace("postgres://postgres@", "postgres://postgres:CANARYdb@");
    let mut house = House::new(db, &[]);
    let at = outside.address;
    for (name, value) in [
        ("COUNTINGHOUSE_DATABASE_URL", url),
        ("COUNTINGHOUSE_LOG", "trace".to_owned()),
        ("COUNTINGHOUSE_LOG_FORMAT", format.to_owned()),
        ("STRIPE_WEBHOOK_SECRET_TEST", format!("{TEST},whsec_CANARYtest")),
        ("STRIPE_WEBHOOK_SECRET_LIVE", format!("{LIVE},whsec_CANARYlive")),
        ("STRIPE_WEBHOOK_SECRET_CONNECT", format!("{CONNECT},whsec_CANARYconnect")),
        ("STRIPE_API_KEY_TEST", "sk_test_CANARYkey".to_owned()),
        ("STRIPE_API_BASE", format!("http://{at}")),
        ("COUNTINGHOUSE_OPERATOR_PASSWORD", "CANARYpassword-long-enough".to_owned()),
        ("COUNTINGHOUSE_API_TOKEN", TOKEN.to_owned()),
        ("COUNTINGHOUSE_ALERT_EVERY_S", "1".to_owned()),
        ("COUNTINGHOUSE_ALERT_HOOK_URL", "http://127.0.0.1:9/CANARYhook".to_owned()),
        ("COUNTINGHOUSE_ALERT_HOOK_SECRET", "CANARYhook-secret".to_owned()),
        ("COUNTINGHOUSE_ALERT_SLACK_URL", "http://127.0.0.1:9/CANARYslack".to_owned()),
        ("COUNTINGHOUSE_SMTP_URL", "smtp://CANARYuser:CANARYpass@127.0.0.1:9".to_owned()),
        ("COUNTINGHOUSE_ALERT_MAIL_FROM", "CANARYa@example.com".to_owned()),
        ("COUNTINGHOUSE_ALERT_MAIL_TO", "CANARYb@example.com".to_owned()),
        ("SENTRY_DSN", format!("http://CANARYdsn@{at}/7")),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{at}")),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=CANARYotlp".to_owned()),
    ] {
        house.set(name, &value);
    }
    house
}

const TOKEN: &str = "CANARYtoken-0123456789abcdef0123456789abcdef";

/// For a customer by the address that the good event has.
const SEARCH: &str = r#"{"text":"canary@mail.example"}"#;

/// What a customer may have written, wherever Stripe lets them.
const CUSTOMER: &str = r#""customer_name":"CANARYname","customer_email":"canary@mail.example","customer_phone":"CANARYphone","customer_address":{"line1":"CANARYstreet"},"metadata":{"note":"CANARYmeta","partner_ref":"CANARY partner"},"description":"CANARY\r\ndescription","receipt_email":"x@canary.example""#;

fn event(id: &str, object: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"event","type":"invoice.paid","created":1767225600,"livemode":false,"data":{{"object":{object}}}}}"#
    )
}

/// Good bodies, and bad ones that are signed all the same.
fn bodies() -> Vec<String> {
    let invoice = |amounts: &str| {
        format!(
            r#"{{"id":"in_1","object":"invoice","status":"paid","currency":"usd","customer":"cus_1",{amounts},{CUSTOMER},"lines":{{"data":[]}}}}"#
        )
    };
    let most = i64::MAX;
    vec![
        event("evt_good", &invoice(r#""total":1000,"subtotal":1000,"amount_paid":1000,"amount_due":1000"#)),
        event(
            "evt_poison",
            &invoice(&format!(
                r#""total":{most},"subtotal":{most},"amount_paid":{most},"amount_due":{most},"total_discount_amounts":[{{"amount":{most},"discount":"di_1"}}]"#
            ))
            .replace("in_1", "in_2"),
        ),
        event("evt_odd", &invoice(r#""total":"CANARYtotal","currency":"CANARY","created":["CANARY"]"#)),
        event("evt_odder", r#""CANARY instead of an object""#),
        event("evt_wrong_mode", &invoice(r#""total":1"#)).replace(r#""livemode":false"#, r#""livemode":true"#),
        event("evt_other", &invoice(r#""total":1"#)).replace(r#""livemode":false"#, r#""livemode":"CANARY""#),
        r#"{"id":{"CANARY":1},"livemode":false}"#.to_owned(),
        "CANARY is not JSON".to_owned(),
    ]
}

/// Requests that end well and badly, from people and from programs, with something private wherever there is room.
fn requests(house: &House) -> String {
    let mut said = String::new();
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    for (line, headers, body) in [
        ("GET /healthz", "", ""),
        ("GET /readyz", "", ""),
        ("GET /metrics", token.as_str(), ""),
        ("GET /api/v1/status", token.as_str(), ""),
        ("GET /api/v1/CANARY", token.as_str(), ""),
        ("GET /api/v1/sales/CANARY?book=test", token.as_str(), ""),
        ("GET /api/v1/status", "Authorization: Bearer CANARYwrong\r\n", ""),
        ("GET /api/v1/status?canary=CANARY", "traceparent: CANARY\r\nX-Request-Id: CANARY\r\n", ""),
        ("GET /CANARY/path?q=CANARY", "Cookie: session=CANARY\r\nUser-Agent: CANARY\r\n", ""),
        ("CANARY /api/v1/status", token.as_str(), ""),
        ("DELETE /api/v1/status", token.as_str(), ""),
        ("POST /api/v1/search", format!("{token}Content-Type: application/json\r\n").as_str(), SEARCH),
        ("POST /api/webhooks/stripe", "Stripe-Signature: t=1,v1=CANARY\r\n", "CANARY"),
        ("POST /api/webhooks/stripe", "", "CANARY"),
        (
            "POST /login",
            "Content-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: CANARY\r\nSec-Fetch-Site: same-origin\r\n",
            "password=CANARYguess",
        ),
    ] {
        said.push_str(&http::raw(house.address(), line, headers, body).expect("an answer"));
        said.push('\n');
    }
    said
}

fn exports(house: &House) -> String {
    let mut said = String::new();
    for line in [
        "ledger export --format json",
        "ledger export --format csv",
        "ledger export --format beancount",
        "ledger export --format hledger",
        "events list --json",
        "events parked --json",
        "alerts list --json",
        "config check --json",
        "config dump",
        "verify --deep",
    ] {
        let ran = house.run(line);
        said.push_str(&format!("{}\n{}\n", ran.out, ran.err));
    }
    said
}

#[test]
fn nothing_private_is_told_in_either_format_however_loud() {
    for db in TestDatabase::each() {
        for format in ["text", "json"] {
            let again =
                TestDatabase::each().into_iter().find(|other| other.engine == db.engine).expect("another");
            look_at(again, format);
        }
    }
}

fn look_at(db: TestDatabase, format: &str) {
    let (engine, outside) = (db.engine, Listener::http());
    let mut house = house(db, format, &outside);
    house.serve();
    for body in bodies() {
        assert_eq!(house.post(TEST, body.as_bytes()), 200, "{body}");
    }
    assert_eq!(house.post("whsec_wrong", bodies()[0].as_bytes()), 400);
    let pages = requests(&house);
    eventually("the bad sale is parked and told", || {
        let sent = outside.heard();
        ["/envelope/", "/v1/traces"].iter().all(|path| sent.iter().any(|heard| heard.head.contains(path)))
    });
    let exports = exports(&house);
    let log = house.stop().1;
    let sent: String = outside.heard().iter().map(|heard| heard.body.clone() + "\n").collect();
    for (what, text, least) in
        [("log", &log, 20), ("pages", &pages, 60), ("exports", &exports, 50), ("sent", &sent, 2)]
    {
        assert!(text.lines().count() > least, "a leak needs something to be in: {what}\n{text}");
        assert_eq!(hits(text), Vec::<&str>::new(), "{what} on {engine}, {format}");
    }
    is_in_order(&log, &pages, format);
    // The control: what was private did come in, and is seen where somebody asks for it.
    let shown = house.ok("events show evt_good --json");
    assert!(!hits(&shown).is_empty() && shown.contains(CANARY), "{shown}");
    println!("{engine}, {format}: nothing private in {} lines of the log", log.lines().count());
}

/// One line for each request, with the id that went back; every line of the JSON log is JSON.
fn is_in_order(log: &str, pages: &str, format: &str) {
    let ids: Vec<&str> = pages.lines().filter_map(|line| line.strip_prefix("x-request-id: ")).collect();
    assert_eq!(ids.len(), 15, "{pages}");
    for id in ids {
        let lines = log.lines().filter(|line| line.contains(id) && line.contains("answered")).count();
        assert_eq!(lines, 1, "{id}\n{log}");
    }
    if format == "json" {
        for line in log.lines() {
            serde_json::from_str::<Value>(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        }
    }
    assert_eq!(
        log.lines().filter(|line| line.contains("a sale cannot be calculated")).count(),
        1,
        "told once\n{log}"
    );
}

#[test]
fn a_canary_that_is_told_is_seen() {
    // A format that does not exist is repeated in the complaint, so what is collected can hold a canary.
    let house = House::new(TestDatabase::sqlite(), &[("COUNTINGHOUSE_LOG_FORMAT", CANARY)]);
    let ran = house.run("partner list");
    ran.expect(2);
    assert!(!hits(&ran.err).is_empty());
}
