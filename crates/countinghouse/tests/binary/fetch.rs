//! A server that may read heals what events leave open, also when it is killed while it asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sandbox::{Delivery, Version};
use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, SECRETS, TEST, WEBHOOKS};
use crate::sandbox::Sandbox;
use crate::stripe::{Answer, Asked, Stripe};
use crate::tools::eventually;

const VERSION: Version = Version::Dahlia20260729;

/// The deliveries of a purchase whose discount no event explains, and the discount.
fn unexplained() -> (Vec<Delivery>, Value) {
    let all = sandbox::cases::all();
    let case = all.into_iter().find(|case| case.name == "discount_unresolved").expect("the case");
    let render = |event| sandbox::deliver(event, VERSION);
    let deliveries = case.steps[0].events.iter().filter_map(render).collect();
    let explains = render(&case.steps[1].events[0]).expect("rendered");
    (deliveries, object_of(&explains))
}

fn object_of(delivery: &Delivery) -> Value {
    let event: Value = serde_json::from_slice(&delivery.body).expect("JSON");
    event["data"]["object"].clone()
}

/// Answers with the invoice, its discount whole; the first `silent` times it hangs until the asker is gone.
fn invoices(deliveries: &[Delivery], discount: Value, silent: usize) -> (Stripe, Arc<AtomicBool>) {
    let paid = deliveries.iter().map(object_of).rfind(|object| object["object"] == "invoice");
    let mut invoice = paid.expect("an invoice");
    invoice["discounts"] = Value::Array(vec![discount]);
    let (asked, count) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    let seen = Arc::clone(&asked);
    let stripe = Stripe::start(move |request: &Asked| -> Answer {
        if !request.path.starts_with("/v1/invoices/") {
            return Some((200, r#"{"object":"list","data":[],"has_more":false}"#.into()));
        }
        seen.store(true, Ordering::SeqCst);
        if count.fetch_add(1, Ordering::SeqCst) < silent {
            return None;
        }
        Some((200, invoice.to_string()))
    });
    (stripe, asked)
}

fn house(stripe: &Stripe) -> House {
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("STRIPE_API_BASE", &stripe.address);
    house.set("STRIPE_API_KEY_TEST", "rk_test_canary");
    house.ok("partner add anna --name Anna --email anna@partners.example --rate-bps 2000");
    house.ok("code adopt anna --code UNRESOLVED");
    house
}

fn reason(house: &House) -> String {
    let rows: Value = serde_json::from_str(&house.ok("ledger export --format json")).expect("JSON");
    rows[0]["reason"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_server_with_a_key_heals_a_discount_that_no_event_explained() {
    let (deliveries, discount) = unexplained();
    let (stripe, _) = invoices(&deliveries, discount, 0);
    let mut house = house(&stripe);
    house.serve();
    for delivery in &deliveries {
        assert_eq!(house.post(TEST, &delivery.body), 200);
    }
    eventually("the sale is attributed", || reason(&house) == "promotion_code");
    let fetched = house.events().into_iter().filter(|event| event["source"] == "fetch").count();
    assert_eq!(fetched, 1);
    let asked =
        stripe.asked().into_iter().find(|asked| asked.path.starts_with("/v1/invoices/in_")).expect("asked");
    assert!(asked.path.contains("expand[0]=discounts"), "{}", asked.path);
    assert_eq!(asked.header("stripe-version"), Some(::stripe::PINNED));
    house.stop();
    house.audit();
    assert!(!house.said().contains("canary"));
}

/// Level is not all there is to say: without a key, with one that gets no answer, and with one that does.
#[test]
fn draining_fetches_what_a_key_may_read_and_says_what_waits_and_why() {
    let (deliveries, discount) = unexplained();
    for silent in [usize::MAX, 0] {
        let (stripe, _) = invoices(&deliveries, discount.clone(), silent);
        let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
        house.set("STRIPE_API_BASE", &stripe.address);
        house.ok("partner add anna --name Anna --email anna@partners.example --rate-bps 2000");
        house.ok("code adopt anna --code UNRESOLVED");
        house.serve();
        for delivery in &deliveries {
            assert_eq!(house.post(TEST, &delivery.body), 200);
        }
        house.stop();
        let drained = house.json("events drain");
        assert_eq!(
            (&drained["level"], &drained["waits"][0]["sales"]),
            (&true.into(), &1.into()),
            "{drained}"
        );
        let told = house.ok("events drain");
        assert!(told.contains("1 sale(s) wait") && told.contains("set STRIPE_API_KEY_TEST"), "{told}");
        house.set("STRIPE_API_KEY_TEST", "rk_test_canary");
        let told = house.ok("events drain");
        let (said, expected) = match silent {
            0 => (!told.contains("wait"), "promotion_code"),
            _ => (told.contains("1 sale(s) wait") && told.contains("asked 1 time(s)"), "discount_unresolved"),
        };
        assert!(said, "{told}");
        assert_eq!(reason(&house), expected);
        house.audit();
    }
}

#[test]
fn a_server_killed_while_it_asks_leaves_sound_books() {
    let (deliveries, discount) = unexplained();
    let (stripe, asked) = invoices(&deliveries, discount, usize::MAX);
    let mut house = house(&stripe);
    house.serve();
    for delivery in &deliveries {
        assert_eq!(house.post(TEST, &delivery.body), 200);
    }
    eventually("Stripe is asked", || asked.load(Ordering::SeqCst));
    house.kill();
    house.audit();
    assert_eq!(reason(&house), "discount_unresolved");
}

#[test]
fn a_server_heals_at_the_sandbox_what_it_was_not_told() {
    let sandbox = Sandbox::start("--frozen 2026-01-01");
    let id = |path: &str, form: &str| sandbox.call(path, form)["id"].as_str().expect("an id").to_owned();
    let only = "url=http://127.0.0.1:9/&enabled_events[]=invoice.paid";
    let endpoint = sandbox.call("/v1/webhook_endpoints", only);
    let secret = endpoint["secret"].as_str().expect("a secret").to_owned();
    let mut house = House::new(TestDatabase::sqlite(), &[("STRIPE_WEBHOOK_SECRET_TEST", &secret)]);
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    house.ok("partner add anna --name Anna --email anna@partners.example --rate-bps 2000");
    house.ok("code adopt anna --code UNRESOLVED");
    house.serve();
    let place = format!("/v1/webhook_endpoints/{}", endpoint["id"].as_str().expect("an id"));
    sandbox.call(&place, &format!("url=http://{}{WEBHOOKS}", house.address()));
    let month = "currency=usd&unit_amount=2000&product_data[name]=Chat&recurring[interval]=month";
    let plan = id("/v1/prices", month);
    id("/v1/coupons", "id=TEN&percent_off=10&duration=forever");
    let code = id("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=TEN&code=UNRESOLVED");
    let card = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    let customer = id("/v1/customers", card);
    let form = format!("customer={customer}&items[0][price]={plan}&discounts[0][promotion_code]={code}");
    sandbox.call("/v1/subscriptions", &form);
    sandbox.call("/_sandbox/settle", "");
    eventually("the sale is there", || reason(&house) == "discount_unresolved");
    house.stop();
    house.set("STRIPE_API_KEY_TEST", "sk_test_binary");
    house.serve();
    eventually("the sale is attributed", || reason(&house) == "promotion_code");
    assert!(house.events().iter().any(|event| event["source"] == "fetch"));
    house.stop();
    house.audit();
}
