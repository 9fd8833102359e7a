//! Every event type that can be triggered is, over HTTP, and arrives at an endpoint.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/street.rs"]
mod street;

use std::collections::BTreeMap;

use street::{Receiver, Street};

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what the test is about")]
fn every_listed_event_can_be_triggered_and_arrives() {
    let (street, receiver) = (Street::open(1, "none"), Receiver::answering(&[]));
    street.listen(&receiver, "");
    street.listen(&receiver, "&connect=true");
    let listed = street.call("GET", "/_sandbox/trigger", "");
    let mut ways: BTreeMap<String, usize> = BTreeMap::new();
    let mut failed = Vec::new();
    let mut wanted = Vec::new();
    for kind in listed["types"].as_array().expect("a list").iter().filter_map(|kind| kind.as_str()) {
        let (status, body) =
            street.try_call("POST", "/_sandbox/trigger", &format!("type={kind}")).expect("an answer");
        if status == 200 {
            *ways.entry(body["by"].to_string()).or_default() += 1;
            wanted.push((kind.to_owned(), body["event"].as_str().expect("an id").to_owned()));
        } else {
            failed.push(format!("{kind}: {}", body["error"]["message"]));
        }
    }
    street.call("POST", "/_sandbox/settle", "");
    let arrived: BTreeMap<String, String> = receiver
        .arrived()
        .iter()
        .map(|row| (row.id().to_owned(), row.event["type"].as_str().unwrap_or_default().to_owned()))
        .collect();
    println!("triggered: {ways:?}; failed: {}", failed.len());
    for (kind, id) in wanted {
        assert_eq!(arrived.get(&id), Some(&kind));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what the test is about")]
fn a_seeded_business_lives_and_the_oracle_says_what_is_due() {
    let (street, receiver) = (Street::open(4, "none"), Receiver::answering(&[]));
    street.listen(&receiver, "");
    let seeded = street.call("POST", "/_sandbox/seed", "customers=12&partners=2");
    assert_eq!(seeded["promotion_codes"].as_array().map(Vec::len), Some(2));
    street.call("POST", "/_sandbox/advance", "months=3");
    let state = street.call("GET", "/_sandbox/state", "counts=true");
    let due = street.call("GET", "/_sandbox/oracle", "rate_bps=1000&sales=true");
    println!("{}; {} events arrived; due: {}", state["objects"], receiver.arrived().len(), due["totals"]);
    let log = street.call("GET", "/_sandbox/deliveries", "limit=1");
    let arrived = u64::try_from(receiver.arrived().len()).expect("a count");
    assert_eq!(
        (log["totals"]["delivered"].as_u64(), log["totals"]["failed"].as_u64()),
        (Some(arrived), Some(0))
    );
    assert!(arrived > 300, "{arrived} events of a quarter of twelve customers");

    // By hand: 2900 a month less 20 %, three months, 15 %; then 1000 of the first payment goes back.
    let street = Street::open(5, "none");
    let price = &street.call("POST", "/_sandbox/seed", "customers=0&partners=1")["prices"][0];
    let form = "name=Zoe&email=z@example.com&payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    let customer = &street.call("POST", "/v1/customers", form)["id"];
    let code = &street.call("GET", "/v1/promotion_codes", "code=ANNA20")["data"][0]["id"];
    let text = |value: &serde_json::Value| value.as_str().expect("an id").to_owned();
    let form = format!(
        "customer={}&items[0][price]={}&discounts[0][promotion_code]={}",
        text(customer),
        text(price),
        text(code)
    );
    street.call("POST", "/v1/subscriptions", &form);
    street.call("POST", "/_sandbox/advance", "days=70");
    let total = || street.call("GET", "/_sandbox/oracle", "rates[anna]=1500")["totals"].clone();
    let row = |sales: i64, commission: i64| serde_json::json!([{"partner": "anna", "currency": "usd", "sales": sales, "commission_minor": commission}]);
    assert_eq!(total(), row(3, 3 * 348));
    let charge = &street.call("GET", "/v1/charges", "limit=1")["data"][0]["id"];
    street.call("POST", "/v1/refunds", &format!("charge={}&amount=1000", text(charge)));
    assert_eq!(total(), row(3, 2 * 348 + 198));
    street.call("POST", "/_sandbox/disputes", &format!("charge={}", text(charge)));
    let dispute = street.call("GET", "/_sandbox/state", "")["objects"]["dispute"][0]["id"].clone();
    street.call("POST", &format!("/_sandbox/disputes/{}/decide", text(&dispute)), "status=lost");
    assert_eq!(total(), row(3, 2 * 348));
    street.call("POST", "/_sandbox/cards/fail", "decline_code=insufficient_funds&times=20");
    street.call("POST", "/_sandbox/advance", "days=31");
    assert_eq!(total(), row(3, 2 * 348), "the next renewal is never paid");
}

#[test]
fn a_browser_gets_the_shop_and_the_page_of_a_session_at_its_own_address() {
    let street = Street::open(1, "none");
    let price = street.call("POST", "/_sandbox/seed", "customers=0")["prices"][2].clone();
    let form = format!(
        "mode=payment&line_items[0][price]={}&line_items[0][quantity]=1&success_url=https://shop.example.com/ok",
        price.as_str().expect("an id")
    );
    let session = street.call("POST", "/v1/checkout/sessions", &form);
    let url = session["url"].as_str().expect("an address").to_owned();
    let path =
        url.strip_prefix(&format!("http://{}", street.at)).expect("the server's own address").to_owned();
    for path in [path.as_str(), "/shop"] {
        let (head, body) = street.exchange("GET", path, "").expect("a page");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/html"), "{path}: {head}");
        assert!(body.contains("99.00") || path == "/shop", "{body}");
    }
    let buyer =
        "action=pay&email=ada@x.test&name=Ada&country=US&expiry=12+/+40&cvc=123&number=4242424242424242";
    let (head, _) = street.exchange("POST", &path, buyer).expect("an answer");
    assert!(head.contains("303") && head.contains("https://shop.example.com/ok"), "{head}");
}
