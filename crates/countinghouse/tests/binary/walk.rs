//! The command line's contract (DESIGN.md section 8), walked as an operator would, beside a running server:
//! verbs, fields, exit codes. It must not check amounts beyond what the walk itself says.

use sandbox::{Checkout, Delivery, Duration, History, Off, Version, currency, render};
use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, SECRETS, TEST, rows};

/// MONEY.md section 6, in its order.
const EXPORT_FIELDS: [&str; 35] = [
    "account",
    "livemode",
    "sale",
    "partner",
    "code",
    "reason",
    "share_bps",
    "currency",
    "gross_minor",
    "discount_minor",
    "tax_minor",
    "shipping_minor",
    "total_minor",
    "paid_minor",
    "refunded_minor",
    "disputed_minor",
    "net_sold_minor",
    "net_minor",
    "rate_bps",
    "terms_version",
    "commission_minor",
    "pending_minor",
    "available_minor",
    "held_minor",
    "settled_minor",
    "receivable_minor",
    "status",
    "stripe_invoice_ref",
    "stripe_session_ref",
    "stripe_payment_intent_ref",
    "stripe_customer_ref",
    "stripe_subscription_ref",
    "sale_at",
    "available_at",
    "settled_at",
];

/// A promotion code ANNA20 (20 % off), a sale of 10000 with it, and one of 5000 without any.
struct Story {
    code: Vec<Delivery>,
    sales: Vec<Delivery>,
    promotion_code: String,
    with: String,
    without: String,
}

fn story() -> Story {
    let mut history = History::new("walk", false, None);
    history.at("2026-01-10T12:00:00Z");
    let code = history.code("ANNA20", Off::PercentBps(2000), Duration::Once);
    let price = history.price(10_000, currency("usd"), None);
    let other = history.price(5000, currency("usd"), None);
    let first = render(&history.take(), Version::Dahlia20260729);
    history.at("2026-01-12T12:00:00Z");
    let with = history.buy(&Checkout::of(&price).code(&code)).session.id;
    let without = history.buy(&Checkout::of(&other)).session.id;
    let sales = render(&history.take(), Version::Dahlia20260729);
    Story { code: first, sales, promotion_code: code.id, with, without }
}

/// Rows of the canonical export, fields in the order of the text.
fn export(house: &House) -> Vec<Value> {
    let text = house.ok("ledger export --format json");
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let names: Vec<&str> = line.split("\":").map(|part| part.rsplit('"').next().unwrap_or("")).collect();
        assert_eq!(names[..names.len() - 1], EXPORT_FIELDS, "{line}");
    }
    rows(serde_json::from_str(&text).expect("JSON"))
}

fn commission(house: &House, sale: &str) -> i64 {
    house.ok("events drain");
    let rows = export(house);
    let row = rows.iter().find(|row| row["sale"] == sale).unwrap_or_else(|| panic!("no row of {sale}"));
    row["commission_minor"].as_i64().expect("an amount")
}

fn post(house: &House, deliveries: &[Delivery]) {
    for delivery in deliveries {
        assert_eq!(house.post(TEST, &delivery.body), 200);
    }
}

#[test]
fn an_operator_walks_through_every_verb_beside_a_running_server() {
    for db in TestDatabase::each() {
        let mut house = House::new(db, &SECRETS);
        house.serve();
        let story = story();
        partners_and_codes(&house, &story);
        explained(&house, &story);
        terms_change(&house, &story);
        attribution_by_hand(&house, &story);
        ledger(&house);
        events(&house, &story);
        house.audit();
        let (code, log) = house.stop();
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(commission(&house, &story.with), 1200, "the same without a server");
    }
}

fn partners_and_codes(house: &House, story: &Story) {
    house.ok("partner add anna --name 'Anna Smith' --email anna@example.com --rate-bps 2000");
    house.ok("partner add bob --name Bob --email bob@example.com --rate-bps 1000");
    house.run("partner add anna --name Again --email a@example.com --rate-bps 1").expect(2);
    house.run("partner add 'no handle' --name X --email x@example.com --rate-bps 1").expect(2);
    house.run("partner add carl --name X --email x@example.com").expect(2);
    house.run("partner add carl --name X --email x@example.com --rate-bps 10001").expect(2);
    house.run("partner show nobody-known").expect(1);
    let listed = rows(house.json("partner list"));
    assert_eq!(listed.iter().map(|row| row["handle"].clone()).collect::<Vec<_>>(), ["anna", "bob"]);
    assert_eq!((&listed[0]["rate_bps"], &listed[0]["active"]), (&Value::from(2000), &Value::from(true)));

    let before = rows(house.json("code adopt anna --code anna20"));
    assert!(before.iter().all(|row| row["unbound"] == true), "Stripe has not mentioned it: {before:?}");
    assert!(house.ok("code list").contains("(unbound)"));
    house.run("code show ANNA20").expect(1);
    post(house, &story.code);
    house.ok("events drain");
    let shown = house.json("code show ANNA20");
    assert_eq!((&shown[0]["owner"], &shown[0]["takes"]), (&"anna".into(), &"20.00 %".into()));
    house.run("code adopt bob").expect(2);
    house.run("code adopt bob --code NEW --book moon").expect(2);
    house.run("code adopt nobody-known --code NEW").expect(1);
    let bound = house.json("code adopt bob --code ANNA20 --book test --from 2030-01-01");
    assert_eq!(
        (&bound[0]["unbound"], &bound[0]["promotion_code"]),
        (&false.into(), &story.promotion_code.as_str().into())
    );
    house.ok("code adopt bob --code BOB10 --book test");
    house.ok("code end bob --code BOB10");
    house.run("code end bob --code BOB10").expect(1);
    assert_eq!(rows(house.json("code list --partner bob")).len(), 2, "what was stays listed");
    post(house, &story.sales);
    assert_eq!(commission(house, &story.with), 1600, "20 % of 8000");
    assert_eq!(commission(house, &story.without), 0);
    let anna = house.json("partner show anna");
    assert_eq!(anna["totals"][0]["commission_minor"], 1600);
}

fn explained(house: &House, story: &Story) {
    let why = house.json(&format!("explain {}", story.with));
    for field in ["sale", "partner", "reason", "candidates", "terms", "lines", "entries", "events"] {
        assert!(why.get(field).is_some(), "explain --json has no {field}");
    }
    assert_eq!((&why["sale"], &why["partner"]), (&story.with.as_str().into(), &"anna".into()));
    for list in ["candidates", "lines", "entries", "events"] {
        assert!(why[list].as_array().is_some_and(|list| !list.is_empty()), "{list} is empty");
    }
    let nobody = house.json(&format!("explain {}", story.without));
    assert_eq!(nobody["partner"], Value::Null);
    let text = house.ok(&format!("explain {}", story.with));
    assert!(text.contains("anna") && text.contains("chosen"), "{text}");
    house.run("explain in_neverheardof").expect(1);
    house.run("explain cus_1").expect(2);
}

fn terms_change(house: &House, story: &Story) {
    house.run("terms set anna --rate-bps 1500").expect(2);
    let refused = house.run("terms set anna --rate-bps 1500 --for all --from 2026-01-01");
    refused.expect(1);
    assert!(refused.out.contains(&story.with), "the sales it would change are printed:\n{}", refused.out);
    assert!(refused.out.contains("16.00") && refused.out.contains("12.00"), "{}", refused.out);
    assert!(refused.err.contains("--retroactive"), "{}", refused.err);
    let refused = house.run("terms set anna --rate-bps 1500 --for all --from 2026-01-01 --json");
    refused.expect(1);
    assert_eq!(refused.json()["changes"][0]["commission_after_minor"], 1200, "for programs as JSON");
    assert_eq!(commission(house, &story.with), 1600, "nothing happened yet");
    house.ok("terms set anna --rate-bps 1500 --for all --from 2026-01-01 --retroactive");
    assert_eq!(commission(house, &story.with), 1200);
    house.ok("terms set anna --rate-bps 500 --for new");
    assert_eq!(commission(house, &story.with), 1200, "only new attributions");
    assert_eq!(house.json("terms show anna").as_array().map(Vec::len), Some(3));
    house.run("terms show nobody-known").expect(1);
    house.run("program start 2026-01-11 --book test").expect(0);
    house.run("program start 2026-02-01 --book test").expect(1);
    house.run("program start tomorrow").expect(2);
    assert_eq!(commission(house, &story.with), 1200);
}

fn attribution_by_hand(house: &House, story: &Story) {
    house.ok(&format!("attribute {} bob --book test", story.without));
    assert_eq!(commission(house, &story.without), 500, "10 % of 5000");
    house.run(&format!("attribute {} anna --book test", story.without)).expect(1);
    house.ok(&format!("attribute {} nobody --book test --retroactive", story.without));
    assert_eq!(commission(house, &story.without), 0);
    house.run("attribute ch_1 bob").expect(2);
    house.run(&format!("attribute {} nobody-known --book test", story.without)).expect(1);
    house.ok("partner deactivate bob");
    assert_eq!(house.json("partner show bob")["active"], false);
    house.ok("partner activate bob");
    assert_eq!(house.json("partner show bob")["active"], true);
    house.run("partner deactivate anna --from 2026-01-01").expect(1);
}

fn ledger(house: &House) {
    let totals = house.json("ledger show");
    let anna = rows(totals).into_iter().find(|row| row["partner"] == "anna").expect("a total");
    assert_eq!(anna["commission_minor"], 1200);
    assert!(house.ok("ledger show").contains("12.00 usd"));
    house.ok("ledger verify");
    house.ok("verify --deep");
    assert_eq!(house.json("verify")["findings"].as_array().map(Vec::len), Some(0));
    assert_eq!(house.json("replay --verify")["differences"].as_array().map(Vec::len), Some(0));
    let csv = house.ok("ledger export --format csv");
    assert_eq!(csv.lines().next(), Some(EXPORT_FIELDS.join(",").as_str()));
    assert!(house.ok("ledger export --format beancount").contains(" open "));
    assert!(house.ok("ledger export --format hledger --book test").contains("account "));
    house.run("ledger export --format xml").expect(2);
    house.run("ledger export --book moon").expect(2);
    let status = |as_of: &str| {
        let text = house.ok(&format!("ledger export --as-of {as_of}"));
        let rows = rows(serde_json::from_str(&text).expect("JSON"));
        rows.iter().find(|row| row["partner"] == "anna").expect("a row")["status"].clone()
    };
    assert_eq!((status("2026-01-13"), status("2026-03-01")), ("pending".into(), "available".into()));
}

fn events(house: &House, story: &Story) {
    let all = rows(house.json("events list"));
    let fields = ["id", "type", "account", "livemode", "state", "reason", "attempts", "received_at"];
    assert!(all.iter().all(|row| fields.iter().all(|field| row.get(*field).is_some())), "{:?}", all.first());
    assert!(all.iter().all(|row| row["state"] == "done"));
    let kind = story.sales[0].event_type;
    let some = rows(house.json(&format!("events list --type {kind} --limit 1")));
    assert_eq!((some.len(), &some[0]["type"]), (1, &kind.into()));
    house.run("events list --state lost").expect(2);
    let id = &story.sales[0].event_ref;
    let body = house.json(&format!("events show {id}"))[0]["body"].as_str().map(str::to_owned);
    assert_eq!(body.as_deref().map(str::as_bytes), Some(story.sales[0].body.as_slice()), "as received");
    house.run("events show evt_neverheardof").expect(1);
    house.run(&format!("events retry {id}")).expect(1);
    assert_eq!(house.json("events drain")["level"], true);
    parked(house);

    let mut history = History::new("imported", false, None);
    history.at("2026-01-20T12:00:00Z");
    let price = history.price(700, currency("usd"), None);
    history.buy(&Checkout::of(&price));
    let lines = render(&history.take(), Version::Basil20250331);
    let mut text: Vec<u8> = lines.iter().flat_map(|line| [line.body.as_slice(), b"\n"].concat()).collect();
    text.extend_from_slice(b"\nnot an event\n");
    std::fs::write(house.folder().join("events.jsonl"), text).expect("a file");
    let counts = |done: &Value| ["new", "known", "quarantined"].map(|name| done[name].as_u64().unwrap_or(99));
    let (first, known) = (house.json("events import events.jsonl"), lines.len() as u64);
    assert_eq!(counts(&first), [known, 0, 1]);
    assert_eq!(counts(&house.json("events import events.jsonl"))[..2], [0, known], "twice is once");
    post(house, &lines);
    assert_eq!(counts(&house.json("events import events.jsonl"))[..2], [0, known]);
    house.run("events import no-such-file").expect(2);
    let strange = br#"{"id":"evt_strange","type":"strange","livemode":true}"#;
    assert_eq!(house.post(TEST, strange), 200);
    let quarantined = |line: &str| rows(house.json(&format!("events list --state quarantined {line}"))).len();
    assert_eq!((quarantined(""), quarantined("--type strange"), quarantined("--limit 1")), (2, 1, 1));
}

/// A thin event waits for a fetch, in plain sight, delays nobody and is not parked.
fn parked(house: &House) {
    let thin = br#"{"id":"evt_thin","object":"v2.core.event","type":"v1.invoice.paid","livemode":false}"#;
    assert_eq!(house.post(TEST, thin), 200);
    assert_eq!(house.json("events drain")["parked"], 0);
    let listed = rows(house.json("events list --state waiting"));
    assert_eq!(listed.iter().map(|row| row["id"].clone()).collect::<Vec<_>>(), ["evt_thin"]);
    let reason = listed[0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("thin_event: waits for event evt_thin") && reason.contains("key"), "{listed:?}");
    house.run("events retry evt_thin").expect(1);
}
