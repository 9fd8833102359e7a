//! Keys of the Stripe API as an operator meets them: refused where they do not belong, and `config check` on what
//! they may do.

use testkit::TestDatabase;

use crate::house::{House, SECRETS};
use crate::stripe::{Asked, Stripe};

fn house(stripe: &Stripe, key: (&str, &str)) -> House {
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("STRIPE_API_BASE", &stripe.address);
    house.set(key.0, key.1);
    house
}

/// A key that may only read what `read` names and write what `write` names.
fn restricted(read: &'static [&'static str], write: &'static [&'static str]) -> Stripe {
    Stripe::start(move |asked: &Asked| {
        let path = asked.path.split('?').next().unwrap_or_default();
        let allowed = if asked.method == "GET" { read } else { write };
        Some(match (allowed.contains(&path), asked.method.as_str()) {
            (false, _) => {
                (403, r#"{"error":{"type":"invalid_request_error","message":"no permission"}}"#.into())
            }
            (true, "GET") => (200, r#"{"object":"list","data":[],"has_more":false}"#.into()),
            (true, _) => {
                (400, r#"{"error":{"type":"invalid_request_error","code":"parameter_unknown"}}"#.into())
            }
        })
    })
}

const READ: &[&str] = &[
    "/v1/events",
    "/v1/invoices",
    "/v1/checkout/sessions",
    "/v1/subscriptions",
    "/v1/customers",
    "/v1/charges",
    "/v1/payment_intents",
    "/v1/disputes",
    "/v1/credit_notes",
    "/v1/coupons",
    "/v1/promotion_codes",
    "/v1/products",
];

#[test]
fn without_a_key_the_check_says_what_is_lost() {
    let mut house = House::sqlite();
    let out = house.ok("config check");
    assert!(out.contains("note  no Stripe key") && out.contains("discount_unresolved"), "{out}");
    house.set("STRIPE_API_KEY_TEST", "sk_live_canary");
    let ran = house.run("config check");
    ran.expect(2);
    assert!(ran.err.contains("STRIPE_API_KEY_TEST holds a live key"), "{}", ran.err);
}

#[test]
fn a_key_that_may_read_has_what_it_needs_and_says_what_it_cannot() {
    let stripe = restricted(READ, &[]);
    let house = house(&stripe, ("STRIPE_API_KEY_TEST", "rk_test_canary"));
    let report = house.json("config check");
    let key = &report["stripe_keys"][0];
    assert_eq!(
        (&key["book"], &key["kind"], &key["level"]),
        (&"test".into(), &"restricted".into(), &"read".into())
    );
    assert_eq!(key["missing"], serde_json::json!([]));
    assert_eq!(key["unneeded"], serde_json::json!([]));
    let unlisted = key["unlisted"].as_array().expect("a list");
    assert!(unlisted.contains(&"Balance: Read".into()) && unlisted.contains(&"Payouts: Read".into()));
    assert!(house.ok("config check").contains("Payouts: Read"), "named, and no fault");
    assert!(key["loses"].as_str().is_some_and(|loses| loses.contains("codes cannot be made")));
    for asked in stripe.asked() {
        let harmless = asked.method == "GET" || asked.body == "countinghouse_permission_probe=1";
        assert!(harmless, "a probe that could have an effect: {asked:?}");
    }
}

#[test]
fn a_key_that_lacks_something_or_may_too_much_is_named() {
    let stripe = restricted(&READ[1..], &["/v1/coupons", "/v1/promotion_codes", "/v1/refunds"]);
    let house = house(&stripe, ("STRIPE_API_KEY", "rk_live_canary"));
    let ran = house.run("config check --json");
    ran.expect(1);
    let key = &ran.json()["stripe_keys"][0];
    assert_eq!((&key["book"], &key["level"]), (&"live".into(), &"write".into()));
    assert_eq!(key["missing"], serde_json::json!(["Events: Read"]));
    assert_eq!(key["unneeded"], serde_json::json!(["Charges and Refunds: Write"]));
}

#[test]
fn a_revoked_key_is_told_from_one_that_may_nothing() {
    let stripe =
        Stripe::start(|_| Some((401, r#"{"error":{"message":"Invalid API Key: rk_test_canary"}}"#.into())));
    let house = house(&stripe, ("STRIPE_API_KEY", "rk_test_canary"));
    let ran = house.run("config check");
    ran.expect(1);
    assert!(ran.out.contains("MISS  the restricted key of book test cannot be used"), "{}", ran.out);
    assert!(!house.said().contains("canary"));
}

#[test]
fn a_key_goes_to_this_machine_or_over_tls() {
    let mut house = House::sqlite();
    house.set("STRIPE_API_BASE", "http://stripe.example");
    let ran = house.run("config check");
    ran.expect(2);
    assert!(ran.err.contains("STRIPE_API_BASE would send the key unencrypted"), "{}", ran.err);
    house.set("STRIPE_API_BASE", "https://api.stripe.com/v1");
    let ran = house.run("config check");
    ran.expect(2);
    assert!(ran.err.contains("STRIPE_API_BASE must not contain /v1"), "{}", ran.err);
}

#[test]
fn where_nothing_of_stripes_answers_a_key_is_not_said_to_be_good() {
    let stripe = Stripe::start(|_| {
        let body =
            r#"{"error":{"type":"invalid_request_error","message":"Unrecognized request URL (GET: /x)."}}"#;
        Some((404, body.into()))
    });
    for key in ["sk_test_canary", "rk_test_canary"] {
        let house = house(&stripe, ("STRIPE_API_KEY", key));
        let ran = house.run("config check");
        ran.expect(1);
        assert!(ran.out.contains("Look at STRIPE_API_BASE"), "{}", ran.out);
    }
}
