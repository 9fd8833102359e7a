//! What happens to things by themselves, or by somebody who is no caller of the API: a tax number that is looked up,
//! a card that its bank renews, a price that is deleted, an invoice that cannot become final, a switched coupon.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;
#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/street.rs"]
mod street;

use common::script::Script;
use street::Street;

#[test]
fn a_customer_switched_from_one_coupon_to_another_is_one_update() {
    let mut script = Script::new();
    script.run(
        r#"
        POST /v1/coupons id=TEN&percent_off=10&duration=forever => 200
        POST /v1/coupons id=TWENTY&percent_off=20&duration=forever => 200
        POST /v1/customers email=a@b.test => 200 /id>cus
        "#,
    );
    script.version = Some("2024-10-28.acacia");
    script.run(
        r#"
        events coupon.created coupon.created customer.created
        POST /v1/customers/{cus} coupon=TEN => 200 /discount/coupon/id="TEN" /discount/id>first
        events customer.updated coupon.updated customer.discount.created
        POST /v1/customers/{cus} coupon=TWENTY => 200 /discount/coupon/id="TWENTY"
        events customer.updated coupon.updated customer.discount.updated
        POST /v1/customers/{cus} coupon= => 200 /discount=null
        events customer.updated customer.discount.deleted
        "#,
    );
    let switched = script.happened.iter().find(|event| event.kind == "customer.discount.updated");
    let body = sandbox::deliver(switched.expect("told"), sandbox::Version::Acacia20241028).expect("rendered");
    let event: serde_json::Value = serde_json::from_slice(&body.body).expect("JSON");
    assert_eq!(event["data"]["object"]["coupon"]["id"], "TWENTY");
    assert_eq!(event["data"]["previous_attributes"]["coupon"]["id"], "TEN");
    assert_eq!(event["data"]["previous_attributes"]["id"], script.name("first"));
}

#[test]
fn a_tax_number_is_looked_up_where_somebody_can_be_asked() {
    for (kind, value, at_first, later) in [
        ("eu_vat", "DE123456789", "pending", "verified"),
        ("eu_vat", "DE000000000", "pending", "verified"),
        ("eu_vat", "DE111111111", "pending", "unverified"),
        ("eu_vat", "DE222222222", "pending", "pending"),
        ("gb_vat", "GB111111111", "pending", "unverified"),
        ("au_abn", "12345678912", "pending", "verified"),
        ("us_ein", "12-3456789", "unavailable", "unavailable"),
    ] {
        let mut script = Script::new();
        let told = if at_first == later { "events" } else { "events customer.tax_id.updated" };
        let name = if later == "verified" { "\"Ann\"" } else { "null" };
        script.run(&format!(
            r#"
            POST /v1/customers name=Ann => 200 /id>cus
            POST /v1/customers/{{cus}}/tax_ids type={kind}&value={value} => 200 /id>txi /verification/status="{at_first}"
            events customer.created customer.tax_id.created
            +60
            {told}
            GET /v1/customers/{{cus}}/tax_ids/{{txi}} => 200 /verification/status="{later}" /verification/verified_name={name}
            "#
        ));
    }
}

#[test]
fn an_invoice_whose_place_of_tax_is_unknown_cannot_become_final() {
    let mut script = Script::new();
    script.run(
        r#"
        POST /v1/customers payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa => 200 /id>cus
        POST /v1/invoices customer={cus}&currency=usd&automatic_tax[enabled]=true => 200 /id>in /automatic_tax/enabled=true /automatic_tax/status="requires_location_inputs"
        POST /v1/invoiceitems customer={cus}&invoice={in}&amount=1000&currency=usd => 200
        "#,
    );
    script.happened.clear();
    let mut script = script;
    script.run("events");
    script.run(
        r#"
        POST /v1/invoices/{in}/finalize => 400 /error/code="customer_tax_location_invalid"
        events invoice.finalization_failed
        GET /v1/invoices/{in} => 200 /status="draft" /last_finalization_error/code="customer_tax_location_invalid"
        POST /v1/invoices/{in}/pay => 400 /error/code="customer_tax_location_invalid"
        events invoice.finalization_failed
        POST /v1/customers/{cus} address[country]=DE&address[postal_code]=10115 => 200
        POST /v1/invoices/{in}/finalize => 200 /status="open" /last_finalization_error=null /automatic_tax/status="complete"
        events customer.updated invoice.finalized
        POST /v1/invoices customer={cus}&currency=usd&automatic_tax[enabled]=true&auto_advance=true => 200 /id>two
        POST /v1/invoices/{two} automatic_tax[enabled]=false => 200 /automatic_tax/enabled=false
        POST /v1/customers/{cus} address= => 200 /address=null
        POST /v1/invoices/{two} automatic_tax[enabled]=true => 200
        +3600
        GET /v1/invoices/{two} => 200 /status="draft" /last_finalization_error/type="invalid_request_error"
        POST /v1/invoices/{two} automatic_tax[enabled]=false => 200
        POST /v1/invoices/{two}/finalize => 200
        "#,
    );
}

#[test]
fn a_bank_renews_a_card_and_stripe_deletes_a_price_that_nobody_used() {
    let street = Street::open(1, "none");
    let id =
        |path: &str, form: &str| street.call("POST", path, form)["id"].as_str().expect("an id").to_owned();
    let kinds = || -> Vec<String> {
        let events = street.call("GET", "/v1/events", "limit=1");
        let rows = events["data"].as_array().expect("rows");
        rows.iter().filter_map(|event| event["type"].as_str().map(str::to_owned)).collect()
    };
    let customer = id("/v1/customers", "email=a@b.test");
    let card = id("/v1/payment_methods/pm_card_visa/attach", &format!("customer={customer}"));
    let before = street.call("GET", &format!("/v1/payment_methods/{card}"), "");
    let renewed = street.call("POST", &format!("/_sandbox/cards/{card}/renew"), "last4=1881");
    assert_eq!(renewed["card"]["last4"], "1881");
    let year = |card: &serde_json::Value| card["card"]["exp_year"].as_i64().expect("a year");
    assert_eq!(year(&renewed), year(&before) + 4);
    assert_eq!(kinds(), ["payment_method.automatically_updated"]);
    let nobodys = street.try_call("POST", "/_sandbox/cards/pm_none/renew", "").expect("an answer").0;
    assert!(nobodys >= 400, "no such card");

    let product = id("/v1/products", "name=Tea");
    let price = |unit: i64| {
        id(
            "/v1/prices",
            &format!("product={product}&currency=usd&unit_amount={unit}&recurring[interval]=month"),
        )
    };
    let (used, unused) = (price(1000), price(2000));
    street.call(
        "POST",
        &format!("/v1/customers/{customer}"),
        &format!("invoice_settings[default_payment_method]={card}"),
    );
    street.call("POST", "/v1/subscriptions", &format!("customer={customer}&items[0][price]={used}"));
    let delete = |price: &str| {
        street.try_call("POST", &format!("/_sandbox/prices/{price}/delete"), "").expect("an answer")
    };
    assert_eq!(delete(&used).0, 400, "somebody has bought it");
    assert_eq!(delete(&unused).0, 200);
    assert_eq!(kinds(), ["price.deleted"]);
    assert_eq!(street.try_call("GET", &format!("/v1/prices/{unused}"), "").expect("an answer").0, 404);
    assert_eq!(delete(&unused).0, 404);
}

#[test]
fn events_are_listed_for_thirty_days_of_the_sandboxs_time_whichever_clock_they_happened_on() {
    const DAY_S: i64 = 86_400;
    for ahead_s in [400 * DAY_S, -400 * DAY_S] {
        let mut script = Script::new();
        let frozen_s = script.world.now_s() + ahead_s;
        script.run(&format!(
            r#"
            POST /v1/test_helpers/test_clocks frozen_time={frozen_s} => 200 /id>clock
            POST /v1/customers test_clock={{clock}} => 200 /id>cus
            POST /v1/coupons percent_off=10 => 200
            +{}
            GET /v1/events => 200 /data/0/type="coupon.created" /data/1/type="customer.created" /data/1/created={frozen_s} /data/2/type="test_helpers.test_clock.created"
            +{}
            GET /v1/events => 200 /data=[]
            POST /v1/customers/{{cus}} metadata[a]=b => 200
            POST /v1/coupons percent_off=10 => 200
            POST /v1/test_helpers/test_clocks/{{clock}}/advance frozen_time={} => 200
            GET /v1/events type=customer.updated => 200 /data/0/type="customer.updated"
            DELETE /v1/test_helpers/test_clocks/{{clock}} => 200
            +{}
            GET /v1/events => 200 /data=[]
            "#,
            29 * DAY_S,
            3 * DAY_S,
            frozen_s + 300 * DAY_S,
            32 * DAY_S,
        ));
    }
}
