//! The hosted checkout page as a browser uses it: what is typed, where it leads, and what is made by it.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;
#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/street.rs"]
mod street;

use common::script::Script;
use street::Street;

/// A plan, a one-off, and a code for either.
fn shop() -> Script {
    let mut script = Script::new();
    script.run(
        r#"
        POST /v1/products name=Chat+<Pro> => 200 /id>prod
        POST /v1/prices product={prod}&unit_amount=2000&currency=usd&recurring[interval]=month => 200 /id>plan
        POST /v1/prices product={prod}&unit_amount=5000&currency=usd => 200 /id>once
        POST /v1/coupons percent_off=10&duration=forever&id=TEN => 200
        POST /v1/promotion_codes promotion[type]=coupon&promotion[coupon]=TEN&code=ANNA10 => 200 /id>promo
        "#,
    );
    script
}

const PAGE: &str = "success_url=https://x.test/ok?s={CHECKOUT_SESSION_ID}&cancel_url=https://x.test/no&allow_promotion_codes=true";
const BUYER: &str = "action=pay&email=ada@x.test&name=Ada&country=US&expiry=12+/+31&cvc=123&number";

/// Opens a page.
fn open(script: &mut Script, more: &str) -> String {
    let form = format!("{PAGE}&{more}")
        .replace("{plan}", script.name("plan"))
        .replace("{once}", script.name("once"));
    let (status, body) = script.call("POST", "/v1/checkout/sessions", &form);
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["status"], "open");
    body["id"].as_str().expect("an id").to_owned()
}

fn session(script: &mut Script, id: &str) -> serde_json::Value {
    script.call("GET", &format!("/v1/checkout/sessions/{id}"), "expand[]=line_items").1
}

#[test]
fn a_subscription_is_bought_with_a_code() {
    let mut script = shop();
    let id = open(&mut script, "mode=subscription&line_items[0][price]={plan}&client_reference_id=anna");
    let page = format!("/checkout/{id}");
    let (status, _, shown) = script.browse("GET", &page, "");
    assert_eq!(status, 200);
    assert!(shown.contains("Chat &lt;Pro&gt;") && !shown.contains("Chat <Pro>"), "{shown}");
    let (status, _, shown) = script.browse("POST", &page, "action=code&code=NOBODY");
    assert_eq!(status, 422);
    assert!(shown.contains("This code is invalid.") && shown.contains("aria-describedby=\"code-error\""));
    let (status, to, _) = script.browse("POST", &page, "action=code&code=anna10");
    assert_eq!((status, to.as_str()), (303, page.as_str()));
    assert!(script.browse("GET", &page, "").2.contains("$18.00"));
    let (status, _, shown) = script.browse("POST", &page, &format!("{BUYER}=4000000000000002"));
    assert_eq!(status, 422);
    assert!(shown.contains("Your card was declined.") && shown.contains("role=\"alert\""), "{shown}");
    let (_, before) = script.call("GET", "/v1/customers", "");
    assert_eq!(before["data"].as_array().map(Vec::len), Some(0), "a decline makes nobody a customer");
    let (status, to, _) = script.browse("POST", &page, &format!("{BUYER}=4242+4242+4242+4242"));
    assert_eq!((status, to), (303, format!("https://x.test/ok?s={id}")));
    let made = session(&mut script, &id);
    assert_eq!(made["status"], "complete");
    assert_eq!(made["payment_status"], "paid");
    assert_eq!(made["amount_total"], 1800);
    assert_eq!(made["discounts"][0]["promotion_code"], script.name("promo"));
    assert_eq!(made["line_items"]["data"][0]["amount_discount"], 200);
    let path = format!("/v1/subscriptions/{}", made["subscription"].as_str().expect("a subscription"));
    assert_eq!(script.call("GET", &path, "").1["status"], "active");
    let path = format!("/v1/promotion_codes/{}", script.name("promo"));
    assert_eq!(script.call("GET", &path, "").1["times_redeemed"], 1);
    let kinds: Vec<&str> = script.happened.iter().map(|event| event.kind).collect();
    for kind in
        ["charge.failed", "customer.subscription.created", "customer.discount.created", "invoice.paid"]
    {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    assert!(kinds.contains(&"checkout.session.completed"), "{kinds:?}");
    assert_eq!(script.browse("GET", &page, "").0, 303, "a complete page leads to the shop");
}

#[test]
fn each_mode_and_option_completes_as_it_should() {
    // what is opened, the card, payment_status, total, events that must be there
    let rows: &[(&str, &str, &str, i64, &[&str])] = &[
        (
            "mode=payment&line_items[0][price]={once}",
            "4242424242424242",
            "paid",
            5000,
            &["payment_intent.succeeded"],
        ),
        (
            "mode=payment&line_items[0][price]={once}&line_items[0][quantity]=3",
            "4242424242424242",
            "paid",
            15000,
            &[],
        ),
        (
            "mode=payment&line_items[0][price]={once}&payment_intent_data[capture_method]=manual",
            "4242424242424242",
            "unpaid",
            5000,
            &["payment_intent.amount_capturable_updated"],
        ),
        (
            "mode=payment&line_items[0][price]={once}&customer_creation=always",
            "4242424242424242",
            "paid",
            5000,
            &["customer.created"],
        ),
        (
            "mode=payment&line_items[0][price]={once}&invoice_creation[enabled]=true",
            "4242424242424242",
            "paid",
            5000,
            &["invoice.paid", "customer.created"],
        ),
        (
            "mode=subscription&line_items[0][price]={plan}&subscription_data[trial_period_days]=14",
            "4242424242424242",
            "no_payment_required",
            0,
            &["customer.subscription.created"],
        ),
        (
            "mode=subscription&line_items[0][price]={plan}&line_items[1][price]={once}",
            "4242424242424242",
            "paid",
            7000,
            &["invoice.paid"],
        ),
    ];
    for (more, card, payment_status, total, events) in rows {
        let mut script = shop();
        let id = open(&mut script, more);
        let (status, to, shown) =
            script.browse("POST", &format!("/checkout/{id}"), &format!("{BUYER}={card}"));
        assert_eq!((status, to), (303, format!("https://x.test/ok?s={id}")), "{more}: {shown}");
        let made = session(&mut script, &id);
        assert_eq!(made["status"], "complete", "{more}");
        assert_eq!(made["payment_status"], *payment_status, "{more}");
        assert_eq!(made["amount_total"], *total, "{more}");
        let kinds: Vec<&str> = script.happened.iter().map(|event| event.kind).collect();
        for kind in events.iter().chain(&["checkout.session.completed"]) {
            assert!(kinds.contains(kind), "{more}: {kind} in {kinds:?}");
        }
    }
}

#[test]
fn the_bank_is_answered_before_anything_is_made() {
    for (more, waits) in [
        ("mode=payment&line_items[0][price]={once}", "pi_"),
        ("mode=subscription&line_items[0][price]={plan}", "cs_"),
        ("mode=payment&line_items[0][price]={once}&invoice_creation[enabled]=true", "cs_"),
    ] {
        let mut script = shop();
        let id = open(&mut script, more);
        let (page, form) = (format!("/checkout/{id}"), format!("{BUYER}=4000002760003184"));
        let (_, to, _) = script.browse("POST", &page, &form);
        assert!(to.starts_with(&format!("/checkout/3ds/{waits}")), "{more}: {to}");
        assert!(script.browse("GET", &to, "").2.contains("Complete authentication"));
        assert_eq!(script.browse("POST", &to, "answer=fail").0, 422, "{more}");
        assert_eq!(session(&mut script, &id)["status"], "open", "{more}");
        let (_, to, _) = script.browse("POST", &page, &form);
        let (_, after, shown) = script.browse("POST", &to, "answer=complete");
        assert_eq!(after, format!("https://x.test/ok?s={id}"), "{more}: {shown}");
        assert_eq!(session(&mut script, &id)["payment_status"], "paid", "{more}");
        assert!(script.browse("GET", &to, "").2.contains("Nothing to confirm"), "{more}");
    }
}

#[test]
fn late_money_is_told_when_it_comes_or_fails() {
    for (iban, event) in [
        ("DE89370400440532013000", "checkout.session.async_payment_succeeded"),
        ("AT861904300235473202", "checkout.session.async_payment_failed"),
    ] {
        let mut script = shop();
        let more = "mode=payment&line_items[0][price]={once}&payment_method_types[]=sepa_debit";
        let id = open(&mut script, more);
        let form = format!("action=pay&email=ada@x.test&name=Ada&country=DE&iban={iban}");
        assert_eq!(script.browse("POST", &format!("/checkout/{id}"), &form).0, 303);
        assert_eq!(session(&mut script, &id)["payment_status"], "unpaid");
        script.run("+5");
        assert_eq!(script.happened.last().map(|event| event.kind), Some(event));
    }
}

#[test]
fn a_setup_saves_a_card_and_a_forgotten_page_expires() {
    let mut script = shop();
    script.run(
        r#"
        POST /v1/customers email=ada@x.test&name=Ada => 200 /id>cus
        POST /v1/checkout/sessions mode=setup&customer={cus}&success_url=https://x.test/ok => 200 /setup_intent>seti /amount_total=null /id>cs
        "#,
    );
    let page = format!("/checkout/{}", script.name("cs"));
    assert_eq!(script.browse("POST", &page, &format!("{BUYER}=4000000000000002")).0, 422);
    assert_eq!(script.browse("POST", &page, &format!("{BUYER}=4242424242424242")).0, 303);
    script.run(
        r#"
        GET /v1/setup_intents/{seti} => 200 /status="succeeded"
        GET /v1/customers/{cus}/payment_methods => 200 /data/0/card/last4="4242"
        POST /v1/checkout/sessions mode=payment&line_items[0][price]={once}&success_url=https://x.test/ok => 200 /id>cs
        +86400
        GET /v1/checkout/sessions/{cs} => 200 /status="expired" /url=null
        POST /v1/checkout/sessions/{cs}/expire => 400
        POST /v1/checkout/sessions mode=payment&line_items[0][price]={plan}&success_url=https://x.test/ok => 400 /error/param="line_items"
        POST /v1/checkout/sessions mode=subscription&line_items[0][price]={once}&success_url=https://x.test/ok => 400 /error/param="line_items"
        POST /v1/checkout/sessions mode=payment&success_url=https://x.test/ok => 400 /error/param="line_items"
        POST /v1/checkout/sessions mode=payment&line_items[0][price]={once} => 400 /error/param="success_url"
        "#,
    );
    assert_eq!(script.browse("GET", &format!("/checkout/{}", script.name("cs")), "").0, 410);
}

#[test]
fn the_demo_shop_leads_to_the_page_and_back() {
    let mut script = shop();
    let (_, _, shown) = script.browse("GET", "/shop", "");
    assert!(shown.contains("Chat &lt;Pro&gt;") && shown.contains("$20.00 per month"), "{shown}");
    let form = format!("price={}", script.name("plan"));
    let (status, page, _) = script.browse("POST", "/shop", &form);
    assert_eq!(status, 303);
    let (status, _, shown) = script.browse("POST", &page, "action=pay&email=nobody&name=");
    assert_eq!(status, 422);
    assert!(shown.contains("Enter a valid email address.") && shown.contains("id=\"email-error\""));
    let (_, to, _) = script.browse("POST", &page, &format!("{BUYER}=4242424242424242"));
    assert!(to.starts_with("/shop/thanks?session_id=cs_test_"), "{to}");
    assert!(script.browse("GET", &to, "").2.contains("Your payment of $20.00 was received."));
    assert_eq!(script.browse("GET", "/checkout/cs_test_none", "").0, 404);
}

/// Accessible names and nothing loaded from anywhere.
#[test]
fn every_field_has_a_label_and_no_page_loads_anything() {
    let mut script = shop();
    let more = "mode=payment&line_items[0][price]={once}&line_items[0][adjustable_quantity][enabled]=true&payment_method_types[]=card&payment_method_types[]=sepa_debit&phone_number_collection[enabled]=true";
    let id = open(&mut script, more);
    let (_, _, shown) = script.browse("GET", &format!("/checkout/{id}"), "");
    for field in shown.split("<input ").skip(1).chain(shown.split("<select ").skip(1)) {
        let tag = field.split('>').next().unwrap_or_default();
        let id = tag.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
        let named = id.is_some_and(|id| shown.contains(&format!("for=\"{id}\"")));
        assert!(named || tag.contains("type=\"hidden\"") || tag.contains("type=\"radio\""), "{tag}");
    }
    for foreign in ["<script", "src=", "@import", "url("] {
        assert!(!shown.contains(foreign), "{foreign}");
    }
}

#[test]
fn the_server_shows_pages_as_html_and_sessions_say_where_they_are() {
    let street = Street::open(1, "");
    let id = |made: &serde_json::Value| made["id"].as_str().expect("an id").to_owned();
    let product = id(&street.call("POST", "/v1/products", "name=Chat"));
    let form = format!("product={product}&unit_amount=5000&currency=usd");
    let price = id(&street.call("POST", "/v1/prices", &form));
    let form = format!("mode=payment&line_items[0][price]={price}&success_url=https://x.test/ok");
    let made = street.call("POST", "/v1/checkout/sessions", &form);
    let page = format!("/checkout/{}", id(&made));
    assert_eq!(made["url"], format!("http://{}{page}", street.at));
    let (head, body) = street.exchange("GET", &page, "").expect("a page");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-type: text/html"), "{head}");
    assert!(body.contains("Pay $50.00"), "{body}");
    let (head, _) = street.exchange("POST", &page, &format!("{BUYER}=4242424242424242")).expect("an answer");
    assert!(head.starts_with("HTTP/1.1 303") && head.contains("location: https://x.test/ok"), "{head}");
    assert!(street.exchange("GET", "/shop", "").expect("a page").1.contains("Demo shop"));
}

#[test]
fn what_was_taken_off_and_added_is_told_in_parts_when_asked_for() {
    let mut script = shop();
    script.run("POST /v1/tax_rates display_name=VAT&percentage=20&inclusive=false => 200 /id>vat");
    let taxed = format!("&line_items[0][tax_rates][0]={}", script.name("vat"));
    for (mode, subtotal, plain) in [
        ("mode=payment&line_items[0][price]={once}", 5000, true),
        ("mode=payment&line_items[0][price]={once}&invoice_creation[enabled]=true", 5000, false),
        ("mode=subscription&line_items[0][price]={plan}", 2000, false),
    ] {
        let id = open(&mut script, &format!("{mode}{taxed}"));
        let page = format!("/checkout/{id}");
        let look = |script: &mut Script| {
            let form = "expand[]=total_details.breakdown";
            let (status, body) = script.call("GET", &format!("/v1/checkout/sessions/{id}"), form);
            assert_eq!(status, 200, "{body}");
            body["total_details"].clone()
        };
        assert_eq!(look(&mut script)["breakdown"]["discounts"], serde_json::json!([]), "{mode}");
        assert_eq!(script.browse("POST", &page, "action=code&code=ANNA10").0, 303);
        let open = look(&mut script);
        assert_eq!(script.browse("POST", &page, &format!("{BUYER}=4242424242424242")).0, 303);
        let paid = look(&mut script);
        for (when, seen) in [("open", &open), ("paid", &paid)] {
            let off = &seen["breakdown"]["discounts"][0];
            assert_eq!(off["amount"], subtotal / 10, "{mode} {when}: {seen}");
            assert_eq!(off["discount"]["promotion_code"], script.name("promo"), "{mode} {when}");
            assert_eq!(off["discount"]["source"]["coupon"], "TEN", "{mode} {when}");
            let tax = &seen["breakdown"]["taxes"][0];
            assert_eq!(tax["amount"], subtotal * 9 / 50, "{mode} {when}: {seen}");
            assert_eq!(tax["taxable_amount"], subtotal * 9 / 10, "{mode} {when}");
            assert_eq!(tax["rate"]["id"], script.name("vat"), "{mode} {when}");
        }
        let discount = &paid["breakdown"]["discounts"][0]["discount"];
        assert_eq!(discount["checkout_session"] == id.as_str(), plain, "{mode}: {discount}");
        let listed = script.call("GET", "/v1/checkout/sessions", "expand[]=data.total_details.breakdown").1;
        assert_eq!(listed["data"][0]["total_details"], paid, "{mode}");
        let unasked = script.call("GET", &format!("/v1/checkout/sessions/{id}"), "").1;
        assert!(unasked["total_details"].get("breakdown").is_none(), "{mode}");
    }
}

#[test]
fn a_code_that_leaves_too_little_to_charge_is_not_taken() {
    let mut script = shop();
    script.run(
        "POST /v1/coupons amount_off=4970&currency=usd&id=MOST => 200
         POST /v1/promotion_codes promotion[type]=coupon&promotion[coupon]=MOST&code=MOST => 200",
    );
    let id = open(&mut script, "mode=payment&line_items[0][price]={once}");
    let (status, _, shown) = script.browse("POST", &format!("/checkout/{id}"), "action=code&code=MOST");
    assert!(status == 422 && shown.contains("must be at least 0.50 usd"), "{shown}");
    assert_eq!(session(&mut script, &id)["amount_total"], 5000);
}

/// What is written on a subscription stays there; a one-off's payment carries what is written for it.
#[test]
fn a_declined_payment_carries_what_was_written_for_a_payment_and_not_for_a_subscription() {
    for (mode, price, data, carried) in [
        ("subscription", "{plan}", "subscription_data", serde_json::json!({})),
        ("payment", "{once}", "payment_intent_data", serde_json::json!({"partner_ref": "anna"})),
    ] {
        let mut script = shop();
        let form = format!("mode={mode}&line_items[0][price]={price}&{data}[metadata][partner_ref]=anna");
        let id = open(&mut script, &form);
        let page = format!("/checkout/{id}");
        assert_eq!(script.browse("POST", &page, &format!("{BUYER}=4000000000000002")).0, 422);
        let (_, intents) = script.call("GET", "/v1/payment_intents", "");
        let intent = &intents["data"][0];
        assert_eq!(
            (&intent["status"], &intent["metadata"]),
            (&"requires_payment_method".into(), &carried),
            "{mode}"
        );
    }
}
