//! `webhooks setup` and `webhooks check` against a Stripe that keeps endpoints.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::house::House;
use crate::sandbox::Sandbox;
use crate::stripe::{Answer, Asked, Stripe};
use crate::tools::eventually;

const URL: &str = "https://books.example/api/webhooks/stripe";

/// Endpoints as Stripe keeps them; the first answers to a creation, as many as `lose`, are lost after the effect.
fn stripe(mut endpoints: Vec<Value>, mut lose: usize) -> Stripe {
    let mut replays: BTreeMap<String, String> = BTreeMap::new();
    Stripe::start(move |asked: &Asked| -> Answer {
        let id = asked.path.strip_prefix("/v1/webhook_endpoints/");
        let answer = match (asked.method.as_str(), id) {
            ("GET", _) => json!({"object": "list", "data": endpoints, "has_more": false}).to_string(),
            ("POST", None) => {
                let key = asked.header("idempotency-key").expect("a key").to_owned();
                if let Some(known) = replays.get(&key) {
                    lose = lose.saturating_sub(1);
                    return (lose == 0).then(|| (200, known.clone()));
                }
                let number = endpoints.len() + 1;
                let mut made = json!({
                    "id": format!("we_{number}"),
                    "url": asked.values("url")[0],
                    "status": "enabled",
                    "enabled_events": asked.values("enabled_events"),
                    "api_version": asked.values("api_version")[0],
                    "livemode": false,
                    "metadata": {"countinghouse_scope": asked.values("metadata")[0]},
                });
                endpoints.insert(0, made.clone());
                made["secret"] = json!(format!("whsec_canary{number}"));
                replays.insert(key, made.to_string());
                if lose > 0 {
                    return None;
                }
                made.to_string()
            }
            ("POST", Some(id)) => {
                let endpoint = endpoints.iter_mut().find(|one| one["id"] == id)?;
                endpoint["enabled_events"] = json!(asked.values("enabled_events"));
                endpoint["status"] = json!("enabled");
                endpoint["metadata"] = json!({"countinghouse_scope": asked.values("metadata")[0]});
                endpoint.to_string()
            }
            (_, Some(id)) => {
                endpoints.retain(|one| one["id"] != id);
                json!({"id": id, "deleted": true}).to_string()
            }
            _ => return Some((404, "{}".into())),
        };
        Some((200, answer))
    })
}

fn house(stripe: &Stripe) -> House {
    let mut house = House::new(TestDatabase::sqlite(), &[("STRIPE_API_KEY", "rk_test_canary")]);
    house.set("STRIPE_API_BASE", &stripe.address);
    house
}

fn setup(more: &str) -> String {
    format!("webhooks setup --url {URL}{more}")
}

fn secrets_of(house: &House) -> String {
    std::fs::read_to_string(house.folder().join("countinghouse.secrets")).expect("a secrets file")
}

#[test]
fn an_endpoint_is_made_once_its_secret_kept_and_its_events_taken() {
    let stripe = stripe(Vec::new(), 0);
    let mut house = house(&stripe);
    house.run("webhooks check").expect(1);
    let made = house.json(&setup(""));
    assert_eq!((&made["did"], &made["endpoint"]), (&json!("created"), &json!("we_1")));
    assert_eq!(made["differences"], json!([]));
    let asked = stripe.asked().into_iter().find(|asked| asked.method == "POST").expect("a creation");
    let types = asked.values("enabled_events");
    assert_eq!(types.len(), facts::subscribed().count());
    assert!(!types.contains(&"invoice.created".to_owned()));
    assert!(secrets_of(&house).contains("STRIPE_WEBHOOK_SECRET_TEST=whsec_canary1\n"));
    assert!(!secrets_of(&house).contains("#intent"), "nothing is left to be finished");
    assert_private(&house);

    house.ok("webhooks check");
    assert_eq!(house.json(&setup(""))["did"], "unchanged");
    let made = stripe
        .asked()
        .iter()
        .filter(|asked| asked.path == "/v1/webhook_endpoints" && asked.method == "POST")
        .count();
    assert_eq!(made, 1);

    house.serve();
    let body = br#"{"id":"evt_1","object":"event","livemode":false,"type":"x"}"#;
    assert_eq!(house.post("whsec_canary1", body), 200, "serve reads the secrets file");
    house.stop();
    assert!(!house.said().contains("canary"), "neither key nor secret is ever printed");
}

#[cfg(unix)]
fn assert_private(house: &House) {
    use std::os::unix::fs::MetadataExt;
    let about = std::fs::metadata(house.folder().join("countinghouse.secrets")).expect("a secrets file");
    assert_eq!(about.mode() & 0o777, 0o600);
}

#[cfg(not(unix))]
fn assert_private(_: &House) {}

#[test]
fn a_creation_that_was_cut_off_is_finished_with_its_secret_and_makes_no_second_endpoint() {
    // All four tries of the first run have their effect and no answer.
    let stripe = stripe(Vec::new(), 4);
    let house = house(&stripe);
    house.run(&setup("")).expect(1);
    assert!(secrets_of(&house).contains("#intent webhooks-setup/test/account/"), "the key is on the disk");
    assert!(!secrets_of(&house).contains("whsec_canary"));
    let made = house.json(&setup(""));
    assert_eq!((&made["did"], &made["endpoint"]), (&json!("created"), &json!("we_1")));
    assert!(secrets_of(&house).contains("STRIPE_WEBHOOK_SECRET_TEST=whsec_canary1\n"));
    let keys: std::collections::BTreeSet<String> = stripe
        .asked()
        .iter()
        .filter_map(|asked| asked.header("idempotency-key").map(str::to_owned))
        .collect();
    assert_eq!(keys.len(), 1, "one intent, one key");
    assert_eq!(house.json("webhooks check").as_array().map(Vec::len), Some(1));
}

#[test]
fn what_differs_is_named_and_mended_as_far_as_it_can_be() {
    let odd = json!({
        "id": "we_9", "url": URL, "status": "disabled", "enabled_events": ["invoice.created", "invoice.paid"],
        "api_version": "2020-08-27", "metadata": {},
    });
    let stripe = stripe(vec![odd], 0);
    let house = house(&stripe);
    let codes = |line: &str| -> Vec<String> {
        let ran = house.run(&format!("{line} --json"));
        ran.expect(1);
        let json = ran.json();
        let found = json.as_array().map_or(&json, |list| &list[0]);
        let codes = found["differences"].as_array().expect("differences").iter();
        codes.map(|one| one["code"].as_str().expect("a code").to_owned()).collect()
    };
    assert_eq!(codes("webhooks check"), ["missing_types", "extra_types", "version", "disabled", "no_secret"]);
    assert_eq!(codes(&setup("")), ["version", "no_secret"]);
    assert_eq!(codes("webhooks check"), ["version", "no_secret"]);
    let replaced = house.json(&setup(" --replace"));
    assert_eq!((&replaced["did"], &replaced["differences"]), (&json!("replaced"), &json!([])));
    let order: Vec<String> =
        stripe.asked().iter().map(|asked| asked.method.clone()).filter(|m| m != "GET").collect();
    assert_eq!(order, ["POST", "POST", "DELETE"], "the new one first, then the old one goes");
    house.ok("webhooks check");
}

#[test]
fn a_secret_is_printed_only_where_that_is_asked_for() {
    let stripe = stripe(Vec::new(), 0);
    let house = house(&stripe);
    let out = house.ok(&setup(" --print-secret"));
    assert!(out.contains("STRIPE_WEBHOOK_SECRET_TEST=whsec_canary1"), "{out}");
    assert!(!house.folder().join("countinghouse.secrets").exists());
}

#[test]
fn a_wrong_call_says_what_to_do() {
    let stripe = stripe(Vec::new(), 0);
    let mut house = house(&stripe);
    for (line, expected) in [
        ("webhooks setup --url http://books.example/x", "is plain http"),
        ("webhooks setup --url books.example", "is not an address like https://"),
        ("webhooks setup --url https://b.example", "/api/webhooks/stripe"),
        ("webhooks setup --url http://127.0.0.1:14242/", "--any-path"),
        ("webhooks setup --url https://b.example/x --any-path --book live", "set STRIPE_API_KEY"),
        ("webhooks setup --url https://b.example/webhooks/stripe --book acct_1", "--connect"),
        ("webhooks check --book nonsense", "--book live or --book test"),
    ] {
        let ran = house.run(line);
        ran.expect(2);
        assert!(ran.err.contains(expected), "{line}: {}", ran.err);
    }
    house.set("STRIPE_API_KEY", "");
    let ran = house.run("webhooks check");
    ran.expect(2);
    assert!(ran.err.contains("no Stripe key"), "{}", ran.err);
    assert!(stripe.asked().is_empty());
}

#[test]
fn a_key_that_may_not_write_endpoints_is_told_so() {
    let stripe = Stripe::start(|_| Some((403, r#"{"error":{"message":"This key may not"}}"#.into())));
    let house = house(&stripe);
    let ran = house.run(&setup(""));
    ran.expect(2);
    assert!(ran.err.contains("Webhook Endpoints: Write"), "{}", ran.err);
}

#[test]
fn set_up_against_the_sandbox_its_deliveries_are_taken_and_the_check_finds_nothing() {
    let sandbox = Sandbox::start("--seed 7");
    let mut house = House::new(TestDatabase::sqlite(), &[("STRIPE_API_KEY_TEST", "sk_test_box")]);
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    // Its address is needed before it has one that stays: the endpoint is moved there afterwards.
    let made = house.json("webhooks setup --url http://127.0.0.1:9/api/webhooks/stripe");
    assert_eq!((&made["did"], &made["differences"]), (&json!("created"), &json!([])));
    house.ok("webhooks check");
    assert_eq!(house.json("webhooks setup --url http://127.0.0.1:9/api/webhooks/stripe")["did"], "unchanged");
    house.serve();
    let endpoint = format!("/v1/webhook_endpoints/{}", made["endpoint"].as_str().expect("an id"));
    sandbox.call(&endpoint, &format!("url=http://{}/api/webhooks/stripe", house.address()));
    house.ok("webhooks check");
    let triggered = house.json(&format!("sandbox trigger coupon.created --at {}", sandbox.at));
    let event = triggered["event"].as_str().expect("an id").to_owned();
    eventually("the event is kept", || house.events().iter().any(|row| row["id"] == event.as_str()));
    sandbox.call(&endpoint, "enabled_events[]=invoice.paid");
    let ran = house.run("webhooks check --json");
    ran.expect(1);
    assert_eq!(ran.json()[0]["differences"][0]["code"], "missing_types");
    house.stop();
    assert!(!house.said().contains("whsec_"), "the secret is in its file and nowhere else");
}

#[test]
fn a_restricted_key_of_the_sandbox_has_the_level_it_was_made_for() {
    let sandbox = Sandbox::start("--seed 8");
    let read = [
        "event",
        "invoice",
        "checkout_session",
        "subscription",
        "customer",
        "charge",
        "payment_intent",
        "dispute",
        "credit_note",
        "coupon",
        "promotion_code",
        "product",
    ];
    let read: String = read.iter().map(|name| format!("&permissions[]=rak_{name}_read")).collect();
    let write = "&permissions[]=rak_coupon_write&permissions[]=rak_promotion_code_write";
    for (key, permissions, level, missing) in [
        ("rk_test_reads", read.clone(), "read", json!([])),
        ("rk_test_writes", format!("{read}{write}"), "write", json!([])),
        (
            "rk_test_lacks",
            read.replace("&permissions[]=rak_coupon_read", ""),
            "read",
            json!(["Coupons: Read"]),
        ),
    ] {
        sandbox.call("/_sandbox/keys", &format!("key={key}{permissions}"));
        let mut house = House::sqlite();
        house.set("STRIPE_API_KEY_TEST", key);
        house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
        let ran = house.run("config check --json");
        let found = &ran.json()["stripe_keys"][0];
        assert_eq!((&found["level"], &found["missing"]), (&json!(level), &missing), "{key}: {found}");
        assert_eq!(found["unneeded"], json!([]), "{key}");
    }
}
