//! Traces as a collector gets them: from the receipt of a delivery to what leaves the house, one event under one trace; and a
//! collector that is not there, or hangs, which nobody notices.

use testkit::TestDatabase;

use crate::house::{House, SECRETS, TEST, WEBHOOKS};
use crate::http;
use crate::listeners::{HANG, Listener};
use crate::operate::POISON;
use crate::otlp::{self, Span};
use crate::sandbox::Sandbox;
use crate::tools::eventually;

fn spans(collector: &Listener) -> Vec<Span> {
    collector.heard().iter().flat_map(|heard| otlp::read(&heard.bytes).1).collect()
}

fn named<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A house that the sandbox delivers thin events to, so that it has to ask for the objects; it may make codes there.
fn house(sandbox: &Sandbox, collector: &Listener, hook: &Listener) -> (House, String) {
    let made = sandbox.call("/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*");
    let (secret, id) = (made["secret"].as_str().expect("a secret"), made["id"].as_str().expect("an id"));
    sandbox.call(&format!("/_sandbox/webhook_endpoints/{id}/payload"), "payload=thin");
    let mut house = House::new(TestDatabase::sqlite(), &[("STRIPE_WEBHOOK_SECRET_TEST", secret)]);
    for (name, value) in [
        ("STRIPE_API_BASE", format!("http://{}", sandbox.at)),
        ("STRIPE_API_KEY_TEST", "sk_test_CANARYkey".to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", collector.address)),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20Q0FOQVJZ".to_owned()),
        ("OTEL_SERVICE_NAME", "books of the test".to_owned()),
        ("COUNTINGHOUSE_ALERT_EVERY_S", "1".to_owned()),
        ("COUNTINGHOUSE_ALERT_HOOK_URL", format!("http://{}/CANARYhook", hook.address)),
        ("COUNTINGHOUSE_ALERT_HOOK_SECRET", "CANARYhook-secret".to_owned()),
    ] {
        house.set(name, &value);
    }
    house.ok("partner add anna --name CANARYname --email anna@CANARY.example --rate-bps 1500");
    house.serve();
    sandbox
        .call(&format!("/v1/webhook_endpoints/{id}"), &format!("url=http://{}{WEBHOOKS}", house.address()));
    (house, secret.to_owned())
}

#[test]
fn an_events_trace_leads_from_its_receipt_to_what_leaves_the_house() {
    let sandbox = Sandbox::start("--frozen 2026-01-01 --seed 5");
    let (collector, hook) = (Listener::http(), Listener::http());
    let (mut house, secret) = house(&sandbox, &collector, &hook);
    house.json(&format!("sandbox trigger invoice.paid --at {}", sandbox.at));
    sandbox.call("/_sandbox/settle", "");
    let poison = POISON.replace("ID", "evt_a").replace("in_evt", "CANARYin_evt");
    assert_eq!(house.post(&secret, poison.as_bytes()), 200);
    let (status, body) =
        http::json(house.address(), "POST", "/api/v1/partners/anna/codes", CODE).expect("an answer");
    assert_eq!(status, 201, "{body}");
    let answer = http::raw(house.address(), "GET /api/v1/partners/anna?CANARY=1", &with(TRACEPARENT), "");
    assert!(answer.expect("an answer").starts_with("HTTP/1.1 200"));
    let wanted =
        ["receive", "verify", "append", "apply", "true_up", "fetch", "request", "deliver", "call", "alert"];
    eventually("every kind of span has come", || {
        let spans = spans(&collector);
        wanted.iter().all(|name| spans.iter().any(|span| span.name == *name)) && linked(&spans, "evt_a")
    });
    let first = spans(&collector);
    within_each_other(&first);
    // The same delivery again, at another process: the same trace, and a span of its own.
    house.stop();
    house.serve();
    assert_eq!(house.post(&secret, poison.as_bytes()), 200);
    eventually("it comes again", || receipts(&spans(&collector), "evt_a").len() == 2);
    let both = receipts(&spans(&collector), "evt_a");
    assert_eq!(both[0].trace, both[1].trace);
    assert_ne!(both[0].id, both[1].id);
    assert_eq!(both[1].says("countinghouse.result"), "duplicate");
    house.stop();
    let heard = collector.heard();
    for sent in &heard {
        assert_eq!(otlp::read(&sent.bytes).0["service.name"], "books of the test");
        assert!(sent.head.contains("post /v1/traces") && sent.header("authorization") == "basic q0foqvjz");
        assert!(!sent.body.contains("CANARY") && !sent.body.contains("example"), "{}", sent.body);
    }
    println!("{} spans in {} requests", spans(&collector).len(), heard.len());
}

const CODE: &str = r#"{"code":"ANNA20","percent_off_bps":2000,"duration":"once","book":"test"}"#;

fn with(traceparent: &str) -> String {
    format!("traceparent: {traceparent}\r\n")
}

fn receipts(spans: &[Span], event: &str) -> Vec<Span> {
    let of = named(spans, "receive").into_iter().filter(|span| span.says("countinghouse.event") == event);
    of.cloned().collect()
}

/// An `apply` links to the span in which this event was received.
fn linked(spans: &[Span], event: &str) -> bool {
    let receipts = receipts(spans, event);
    let place = receipts.first().map(|span| (span.trace.clone(), span.id.clone()));
    place.is_some_and(|place| named(spans, "apply").iter().any(|apply| apply.links.contains(&place)))
}

fn within_each_other(spans: &[Span]) {
    let above = |span: &Span| {
        spans.iter().find(|other| other.id == span.parent && other.trace == span.trace).cloned()
    };
    for (inner, outer) in
        [("verify", "receive"), ("append", "receive"), ("call", "deliver"), ("deliver", "request")]
    {
        for span in named(spans, inner) {
            assert_eq!(above(span).map(|above| above.name).as_deref(), Some(outer), "{span:?}");
        }
    }
    for receipt in named(spans, "receive") {
        assert!(linked(spans, receipt.says("countinghouse.event")), "{receipt:?}");
        assert_eq!(
            (receipt.says("http.route"), receipt.says("http.response.status_code")),
            (WEBHOOKS, "200")
        );
    }
    // What was fetched was received in the span that fetched it.
    for fetch in named(spans, "fetch").into_iter().filter(|span| !span.failed) {
        let place = (fetch.trace.clone(), fetch.id.clone());
        assert!(named(spans, "apply").iter().any(|apply| apply.links.contains(&place)), "{fetch:?}");
    }
    let asked = named(spans, "request").into_iter().find(|span| span.parent == TRACEPARENT[36..52]);
    let asked = asked.expect("the caller's trace goes on");
    assert_eq!(
        (asked.trace.as_str(), asked.says("http.route")),
        (&TRACEPARENT[3..35], "/api/v1/partners/{handle}")
    );
    assert!(named(spans, "true_up").iter().all(|span| span.says("countinghouse.count") != "0"));
    assert!(spans.iter().any(|span| span.took_ns > 0));
    let mut ids: Vec<&str> = spans.iter().map(|span| span.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), spans.len(), "every span has a name of its own");
}

#[test]
fn a_collector_that_is_not_there_or_hangs_is_counted_and_nothing_else() {
    let hanging = Listener::http();
    hanging.answer(HANG);
    for endpoint in ["http://127.0.0.1:9".to_owned(), format!("http://{}", hanging.address)] {
        let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
        house.set("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint);
        house.serve();
        for number in 0..3000 {
            let body = format!(r#"{{"id":"evt_{number}","object":"event","livemode":false,"type":"x"}}"#);
            assert_eq!(house.post(TEST, body.as_bytes()), 200);
        }
        let told = |ending: &str| {
            let (_, metrics) = http::get(house.address(), "/metrics").expect("an answer");
            let name = format!("countinghouse_telemetry_total{{sink=\"otlp\",ending=\"{ending}\"}} ");
            let line = metrics.lines().find_map(|line| line.strip_prefix(&name)).expect("a counter");
            line.parse::<u64>().expect("a number")
        };
        eventually("what has no room is dropped and counted", || told("dropped") + told("failed") > 0);
        assert_eq!(told("sent"), 0);
        assert_eq!(house.stop().0, Some(0));
        house.audit();
    }
    assert!(!hanging.heard().is_empty(), "it was asked");
}

#[test]
fn without_a_sample_nothing_is_sent() {
    let collector = Listener::http();
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{}", collector.address));
    house.set("OTEL_TRACES_SAMPLER", "parentbased_always_off");
    house.serve();
    assert_eq!(house.post(TEST, br#"{"id":"evt_1","object":"event","livemode":false,"type":"x"}"#), 200);
    let answer = http::raw(house.address(), "GET /api/v1/status", &with(TRACEPARENT), "").expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"));
    house.stop();
    let names: Vec<String> = spans(&collector).into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["request"], "but for the one whose caller wants it");
}
