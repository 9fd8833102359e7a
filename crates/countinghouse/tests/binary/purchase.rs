//! `config check --session`: what a purchase would come to, asked of Stripe and written nowhere.

use std::collections::BTreeMap;

use sandbox::Version;
use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::house::{House, SECRETS, rows};
use crate::http;
use crate::sandbox::Sandbox;
use crate::stripe::{Answer, Asked, Stripe};

const VERSION: Version = Version::Dahlia20260729;

/// Every object of a money case as it was last, by id.
fn objects(case: &str) -> BTreeMap<String, Value> {
    let all = sandbox::cases::all();
    let case = all.into_iter().find(|known| known.name == case).expect("the case");
    let events = case.steps.iter().flat_map(|step| &step.events);
    let objects = events.filter_map(|event| sandbox::deliver(event, VERSION)).map(|delivery| {
        let event: Value = serde_json::from_slice(&delivery.body).expect("JSON");
        let object = event["data"]["object"].clone();
        (object["id"].as_str().expect("an id").to_owned(), object)
    });
    objects.collect()
}

/// A Stripe that has these objects, and expands discounts.
fn stripe(objects: BTreeMap<String, Value>) -> Stripe {
    Stripe::start(move |asked: &Asked| -> Answer {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        if path == "/v1/checkout/sessions" {
            let of = query.split('&').find_map(|pair| pair.strip_prefix("subscription="));
            let found: Vec<&Value> =
                objects.values().filter(|one| of.is_some() && one["subscription"].as_str() == of).collect();
            return Some((200, json!({"data": found, "has_more": false}).to_string()));
        }
        let id = path.rsplit('/').next().unwrap_or_default();
        let Some(object) = objects.get(id) else {
            return Some((404, json!({"error": {"code": "resource_missing"}}).to_string()));
        };
        let mut object = object.clone();
        let named: Vec<Value> = object["discounts"].as_array().cloned().unwrap_or_default();
        let whole =
            named.into_iter().map(|one| one.as_str().and_then(|id| objects.get(id)).cloned().unwrap_or(one));
        if object["object"] == "invoice" {
            object["discounts"] = whole.collect();
        }
        Some((200, object.to_string()))
    })
}

fn house(stripe: &Stripe) -> House {
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("STRIPE_API_BASE", &stripe.address);
    house.set("STRIPE_API_KEY_TEST", "rk_test_canary");
    house.ok("partner add anna --name Anna --email anna@partners.example --rate-bps 2000");
    house
}

fn id_of(objects: &BTreeMap<String, Value>, prefix: &str) -> String {
    objects.keys().find(|id| id.starts_with(prefix)).expect("such an object").clone()
}

fn check(house: &House, id: &str, code: i32) -> Value {
    let ran = house.run(&format!("config check --session {id} --json"));
    ran.expect(code);
    ran.json()
}

#[test]
fn a_session_whose_code_is_nobodys_says_what_to_adopt_and_then_whose_it_is() {
    let objects = objects("code_unmapped");
    let session = id_of(&objects, "cs_");
    let stripe = stripe(objects);
    let house = house(&stripe);
    let before = check(&house, &session, 1);
    assert_eq!((&before["would_attribute"], &before["reason"]), (&json!(false), &json!("code_unmapped")));
    let advice = before["advice"].as_str().expect("advice");
    assert!(advice.contains("code adopt HANDLE --code 'UNMAPPED'"), "{advice}");
    house.ok("code adopt anna --code UNMAPPED");
    let after = check(&house, &session, 0);
    assert_eq!((&after["partner"], &after["reason"]), (&json!("anna"), &json!("promotion_code")));
    assert_eq!(after["sale"], json!(session));
    assert_eq!(after["gaps"], json!([]));

    assert_eq!(house.events(), Vec::<Value>::new(), "nothing has entered the inbox");
    assert_eq!(
        rows(serde_json::from_str(&house.ok("ledger export --format json")).expect("JSON")),
        Vec::<Value>::new()
    );
    house.audit();
}

#[test]
fn an_invoice_is_looked_at_with_its_discounts_and_says_the_same() {
    let objects = objects("discount_unresolved");
    let invoice = id_of(&objects, "in_");
    let stripe = stripe(objects);
    let house = house(&stripe);
    house.ok("code adopt anna --code UNRESOLVED");
    let seen = check(&house, &invoice, 0);
    assert_eq!((&seen["partner"], &seen["code"]), (&json!("anna"), &json!("UNRESOLVED")));
}

#[test]
fn a_session_nobody_has_paid_yet_says_whose_it_would_be() {
    let mut objects = objects("code_unmapped");
    let session = id_of(&objects, "cs_");
    let open = objects.get_mut(&session).expect("the session");
    open["status"] = json!("open");
    open["payment_status"] = json!("unpaid");
    open["payment_intent"] = Value::Null;
    let stripe = stripe(objects);
    let house = house(&stripe);
    house.ok("code adopt anna --code UNMAPPED");
    let seen = check(&house, &session, 0);
    assert_eq!((&seen["partner"], &seen["sale"]), (&json!("anna"), &Value::Null));
    let out = house.ok(&format!("config check --session {session}"));
    assert!(out.contains("goes to anna") && out.contains("no sale yet"), "{out}");
}

#[test]
fn what_cannot_be_looked_at_says_why() {
    let stripe = stripe(BTreeMap::new());
    let mut house = house(&stripe);
    for (line, expected) in [
        ("config check --session cs_live_1", "set STRIPE_API_KEY"),
        ("config check --session pi_1", "neither a session (cs_...) nor an invoice"),
    ] {
        let ran = house.run(line);
        ran.expect(2);
        assert!(ran.err.contains(expected), "{line}: {}", ran.err);
    }
    let ran = house.run("config check --session cs_test_gone");
    assert!(ran.expect(1).err.contains("Stripe has no cs_test_gone in book test"), "{}", ran.err);
    house.set("STRIPE_API_KEY_TEST", "");
    let ran = house.run("config check --session cs_test_1");
    ran.expect(2);
    assert!(ran.err.contains("there is no key for book test: set STRIPE_API_KEY_TEST"), "{}", ran.err);
}

/// A buyer at a page of the sandbox; the page sends them on.
fn browse(sandbox: &Sandbox, page: &str, form: &str) {
    let (status, body) = http::form(sandbox.at, page, form).expect("a page");
    assert_eq!(status, 303, "{page} {form}: {body}");
}

#[test]
fn a_purchase_in_the_sandbox_is_looked_at_as_one_at_stripe_is() {
    let sandbox = Sandbox::start("--frozen 2026-01-01");
    let id = |path: &str, form: &str| sandbox.call(path, form)["id"].as_str().expect("an id").to_owned();
    let once = id("/v1/prices", "currency=usd&unit_amount=5000&product_data[name]=Tea");
    let month = "currency=usd&unit_amount=2000&product_data[name]=Chat&recurring[interval]=month";
    let plan = id("/v1/prices", month);
    id("/v1/coupons", "id=TEN&percent_off=10&duration=forever");
    let code = id("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=TEN&code=ANNA10");
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    house.set("STRIPE_API_KEY_TEST", "sk_test_binary");
    house.ok("partner add anna --name Anna --email anna@partners.example --rate-bps 2000");
    house.ok("code adopt anna --code ANNA10");
    let page = "success_url=https://x.test&allow_promotion_codes=true&line_items[0][price]";
    let buyer =
        "action=pay&email=ada@x.test&name=Ada&country=US&expiry=12+/+40&cvc=123&number=4242424242424242";
    for mode in [format!("mode=payment&{page}={once}"), format!("mode=subscription&{page}={plan}")] {
        let session = id("/v1/checkout/sessions", &mode);
        let at = format!("/checkout/{session}");
        assert_eq!(check(&house, &session, 1)["would_attribute"], json!(false), "{mode}: no code yet");
        browse(&sandbox, &at, "action=code&code=ANNA10");
        let open = check(&house, &session, 0);
        assert_eq!((&open["partner"], &open["sale"]), (&json!("anna"), &Value::Null), "{mode}: not paid yet");
        browse(&sandbox, &at, buyer);
        let paid = check(&house, &session, 0);
        assert_eq!((&paid["partner"], &paid["gaps"]), (&json!("anna"), &json!([])), "{mode}: {paid}");
        assert!(paid["sale"].is_string(), "{mode}: {paid}");
    }
    let card = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    let customer = id("/v1/customers", card);
    let form = format!("customer={customer}&items[0][price]={plan}&discounts[0][promotion_code]={code}");
    let made = sandbox.call("/v1/subscriptions", &form);
    let invoice = made["latest_invoice"].as_str().expect("an invoice");
    let seen = check(&house, invoice, 0);
    assert_eq!((&seen["partner"], &seen["code"]), (&json!("anna"), &json!("ANNA10")), "{seen}");
    assert_eq!((&seen["sale"], &seen["gaps"]), (&json!(invoice), &json!([])), "{seen}");
    house.audit();
}
