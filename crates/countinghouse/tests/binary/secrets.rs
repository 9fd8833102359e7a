//! I37, least leak: a canary stands in every place where a secret goes, everything the program can be made
//! to say is collected, and no canary is in it.

use testkit::TestDatabase;

use crate::house::House;
use crate::http;

/// Each is found in one place only.
const SECRETS: [(&str, &str); 14] = [
    ("STRIPE_WEBHOOK_SECRET", "whsec_CANARYalias"),
    ("STRIPE_WEBHOOK_SECRET_LIVE", "whsec_CANARYlive,acct_1=whsec_CANARYlabelled"),
    ("STRIPE_WEBHOOK_SECRET_TEST", "whsec_CANARYtest"),
    ("STRIPE_WEBHOOK_SECRET_CONNECT", "whsec_CANARYconnect"),
    ("STRIPE_API_KEY", "sk_live_CANARYkey"),
    ("COUNTINGHOUSE_OPERATOR_PASSWORD", "CANARYpassword-long-enough"),
    ("COUNTINGHOUSE_ALERT_EVERY_S", "1"),
    ("COUNTINGHOUSE_ALERT_HOOK_URL", "http://127.0.0.1:9/CANARYhook"),
    ("COUNTINGHOUSE_ALERT_HOOK_SECRET", "CANARYhook-secret"),
    ("COUNTINGHOUSE_ALERT_SLACK_URL", "http://127.0.0.1:9/CANARYslack"),
    ("COUNTINGHOUSE_SMTP_URL", "smtp://CANARYuser:CANARYpass@127.0.0.1:9"),
    ("COUNTINGHOUSE_ALERT_MAIL_FROM", "a@example.com"),
    ("COUNTINGHOUSE_ALERT_MAIL_TO", "b@example.com"),
    ("COUNTINGHOUSE_API_TOKEN", "CANARYtoken-0123456789abcdef0123456789abcdef"),
];

#[test]
fn no_output_or_log_ever_shows_a_secret() {
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("COUNTINGHOUSE_LOG", "trace");
    house.serve();
    let body = br#"{"id":"evt_1","object":"event","livemode":false,"type":"x"}"#;
    assert_eq!(house.post("whsec_CANARYtest", body), 200);
    assert_eq!(house.post("whsec_CANARYlive", body), 200);
    assert_eq!(house.post("whsec_wrong", body), 400);
    let mut pages = String::new();
    for path in ["/", "/healthz", "/readyz", "/metrics", "/api/openapi.json", "/api/v1/status", "/login"] {
        pages.push_str(&http::get(house.address(), path).expect("an answer").1);
    }
    for line in [
        "config dump",
        "config dump --json",
        "config check",
        "partner list",
        "events list --json",
        "events show evt_1 --json",
        "ledger show",
        "verify --deep",
        "replay --verify",
        "events drain",
        "alerts list --json",
        "alerts test",
    ] {
        house.run(line);
    }
    assert!(house.ok("config dump").contains("[set]"), "the dump says what is set");
    house.stop();
    wrong_places(&house);
    let said = format!("{}{pages}", house.said());
    assert!(said.len() > 10_000, "a leak needs something to be in: {} bytes", said.len());
    for line in said.lines() {
        assert!(!line.contains("CANARY"), "a secret was shown: {line}");
    }
    println!("no secret in {} bytes of output and logs", said.len());
}

/// Secrets where they are refused: errors like to quote.
fn wrong_places(house: &House) {
    for url in [
        "postgres://user:CANARYdb@127.0.0.1:1/none",
        "postgres://127.0.0.1:1/none?user=u&password=CANARYdb",
        "postgres://user:CANARY@db@127.0.0.1:1/none?sslmode=nonsense",
        "postgres://user:CANARYdb@127.0.0.1:notaport/none",
        "postgresql://user:CANARY%zz@127.0.0.1:1/none",
        "postgres:user:CANARYdb@127.0.0.1/none",
        "postgres//user:CANARYdb@127.0.0.1/none",
        "host=127.0.0.1 password=CANARYdb",
    ] {
        house.run(&format!("partner list --database-url '{url}'")).expect(2);
        house.run(&format!("config check --database-url '{url}'"));
        house.run(&format!("config dump --database-url '{url}'"));
    }
    let file = house.folder().join("wrong.toml");
    for text in [
        "stripe_webhook_secret_live = \"whsec_CANARYfile",
        "stripe_webhook_secret_live = whsec_CANARYfile",
        "stripe_webhook_secret_live = [\"whsec_CANARYfile\"]",
        "stripe_webhook_secret_live = \"whsec CANARYfile\"\nno_such_key = 1",
        "operator_password = 77CANARY",
    ] {
        std::fs::write(&file, text).expect("a file");
        house.run("config check --config wrong.toml").expect(2);
    }
}

#[test]
fn the_canaries_are_seen_where_a_secret_is_shown() {
    let house = House::new(TestDatabase::sqlite(), &[("COUNTINGHOUSE_ROLE", "CANARY")]);
    house.run("config check").expect(2);
    assert!(house.said().contains("CANARY"), "what is said is collected, so the test above can fail");
}
