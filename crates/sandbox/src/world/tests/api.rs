//! Billing through the API: stories of calls with a test clock, rows of calls that are refused, then every
//! object it made against Stripe's path lists. People and prices are put there by hand.

use serde_json::Value;

use super::{Hands, START_S, rate};
use crate::api::{Method, Request, answer};
use crate::common;
use crate::model::{Customer, ModelEvent, Price};
use crate::world::payment_method;

const DAY_S: i64 = 86_400;

struct Shop {
    hands: Hands,
    version: Option<&'static str>,
    events: Vec<ModelEvent>,
}

impl Shop {
    fn new() -> Self {
        Self { hands: Hands::new(1), version: None, events: Vec::new() }
    }

    fn call(&mut self, method: Method, path: &str, form: &str) -> (u16, Value) {
        let (query, body) = if method == Method::Get { (form, "") } else { ("", form) };
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.as_bytes().to_vec(),
            authorization: Some("Bearer sk_test_row".into()),
            version: self.version.map(str::to_owned),
            idempotency_key: None,
            account: None,
        };
        let answer = answer(&mut self.hands.world, &request);
        self.events.extend(self.hands.world.take_events().iter().map(|event| ModelEvent::clone(event)));
        (answer.status, serde_json::from_str(&answer.body).expect("answers are JSON"))
    }

    fn post(&mut self, path: &str, form: &str) -> Value {
        let (status, body) = self.call(Method::Post, path, form);
        assert_eq!(status, 200, "{path} {form}: {body}");
        body
    }

    fn get(&mut self, path: &str, form: &str) -> Value {
        let (status, body) = self.call(Method::Get, path, form);
        assert_eq!(status, 200, "{path} {form}: {body}");
        body
    }

    fn delete(&mut self, path: &str, form: &str) -> Value {
        let (status, body) = self.call(Method::Delete, path, form);
        assert_eq!(status, 200, "{path} {form}: {body}");
        body
    }

    /// A customer on a clock of their own whose card does that.
    fn customer(&mut self, card: &str) -> (String, String) {
        let clock = id(&self.post("/v1/test_helpers/test_clocks", &format!("frozen_time={START_S}")));
        let customer = self.hands.customer();
        let customer = Customer { test_clock: Some(clock.clone()), ..Customer::clone(&customer) };
        let customer = self.hands.book().customers.put(&customer.id.clone(), customer);
        let method = self.method(&customer.id, card);
        let customer = Customer { default_payment_method: Some(method), ..Customer::clone(&customer) };
        let customer = self.hands.book().customers.put(&customer.id.clone(), customer);
        (customer.id.clone(), clock)
    }

    fn method(&mut self, customer: &str, card: &str) -> String {
        let book = self.hands.book();
        let method = payment_method::resolve(book, card).expect("a test card");
        payment_method::attach(book, &method, customer).expect("attached").id.clone()
    }

    fn balance(&mut self, customer: &str) -> i64 {
        self.hands.book().customers.get(customer).expect("there").balance
    }

    fn tax(&mut self, inclusive: bool) -> String {
        let rate = rate("txr_20", 200_000, inclusive);
        self.hands.book().tax_rates.put("txr_20", rate).id.clone()
    }

    fn advance(&mut self, clock: &str, days: i64) {
        let path = format!("/v1/test_helpers/test_clocks/{clock}");
        let now = self.get(&path, "")["frozen_time"].as_i64().expect("a time");
        let body = self.post(&format!("{path}/advance"), &format!("frozen_time={}", now + days * DAY_S));
        assert_eq!(body["status"], "advancing");
        assert_eq!(self.get(&path, "")["status"], "ready");
    }

    fn count(&self, kind: &str) -> usize {
        self.events.iter().filter(|event| event.kind == kind).count()
    }
}

fn id(body: &Value) -> String {
    body["id"].as_str().expect("an id").to_owned()
}

fn shop_with_prices() -> (Shop, String, String) {
    let mut shop = Shop::new();
    let basic = shop.hands.price(3_100, "month").id.clone();
    let pro = shop.hands.price(6_200, "month").id.clone();
    (shop, basic, pro)
}

#[test]
fn a_year_with_an_upgrade_a_failed_card_and_its_recovery() {
    let (mut shop, basic, pro) = shop_with_prices();
    let (customer, clock) = shop.customer("pm_card_visa");
    let sub = shop.post("/v1/subscriptions", &format!("customer={customer}&items[0][price]={basic}"));
    assert_eq!(sub["status"], "active");
    let (sub_id, item) = (id(&sub), sub["items"]["data"][0]["id"].as_str().expect("an item").to_owned());
    shop.advance(&clock, 10);
    let form = format!("items[0][id]={item}&items[0][price]={pro}&proration_behavior=always_invoice");
    let preview = format!(
        "customer={customer}&subscription={sub_id}&subscription_details[items][0][id]={item}&subscription_details[items][0][price]={pro}&subscription_details[proration_behavior]=always_invoice"
    );
    let preview = shop.post("/v1/invoices/create_preview", &preview);
    assert_eq!(preview["total"], 2_100);
    let sub = shop.post(&format!("/v1/subscriptions/{sub_id}"), &form);
    let invoice = shop.get(&format!("/v1/invoices/{}", sub["latest_invoice"].as_str().expect("one")), "");
    assert_eq!((&invoice["total"], &invoice["status"]), (&Value::from(2_100), &Value::from("paid")));
    for _ in 0..12 {
        shop.advance(&clock, 30);
    }
    assert!(shop.count("invoice.paid") >= 13);
    let bad = shop.method(&customer, "pm_card_chargeCustomerFail");
    shop.post(&format!("/v1/subscriptions/{sub_id}"), &format!("default_payment_method={}", bad));
    shop.advance(&clock, 31);
    let sub = shop.get(&format!("/v1/subscriptions/{sub_id}"), "");
    assert_eq!(sub["status"], "past_due");
    let open = sub["latest_invoice"].as_str().expect("one").to_owned();
    let (status, refused) = shop.call(Method::Post, &format!("/v1/invoices/{open}/pay"), "");
    assert_eq!((status, &refused["error"]["code"]), (402, &Value::from("card_declined")), "{refused}");
    let good = shop.method(&customer, "pm_card_mastercard");
    let paid = shop.post(&format!("/v1/invoices/{open}/pay"), &format!("payment_method={}", good));
    assert_eq!(paid["status"], "paid");
    assert_eq!(shop.get(&format!("/v1/subscriptions/{sub_id}"), "")["status"], "active");
    let ended = shop.delete(&format!("/v1/subscriptions/{sub_id}"), "prorate=true&invoice_now=true");
    assert_eq!(ended["status"], "canceled");
    assert_eq!(shop.count("customer.subscription.deleted"), 1);
    assert!(shop.balance(&customer) < 0);
}

#[test]
fn manual_invoices_credit_notes_and_out_of_band() {
    let (mut shop, _, _) = shop_with_prices();
    let (customer, _) = shop.customer("pm_card_visa");
    let rate = shop.tax(false);
    shop.post(
        "/v1/invoiceitems",
        &format!("customer={customer}&amount=1000&currency=usd&tax_rates[0]={rate}"),
    );
    let form = format!(
        "customer={customer}&pending_invoice_items_behavior=include&collection_method=send_invoice&days_until_due=7"
    );
    let draft = shop.post("/v1/invoices", &form);
    assert_eq!((&draft["status"], &draft["total"]), (&Value::from("draft"), &Value::from(1_200)));
    let path = format!("/v1/invoices/{}", id(&draft));
    shop.post(&format!("{path}/add_lines"), "lines[0][amount]=500&lines[0][description]=More");
    let open = shop.post(&format!("{path}/finalize"), "");
    assert_eq!((&open["status"], &open["amount_due"]), (&Value::from("open"), &Value::from(1_700)));
    shop.post(&format!("{path}/send"), "");
    let form = format!("invoice={}&amount=700&reason=order_change", id(&draft));
    let before = shop.post("/v1/credit_notes", &form);
    assert_eq!(
        (&before["type"], &before["pre_payment_amount"]),
        (&Value::from("pre_payment"), &Value::from(700))
    );
    assert_eq!(shop.get(&path, "")["amount_remaining"], 1_000);
    let paid = shop.post(&format!("{path}/pay"), "paid_out_of_band=true");
    assert_eq!((&paid["status"], &paid["amount_paid"]), (&Value::from("paid"), &Value::from(1_000)));
    let form = format!("invoice={}&amount=400&credit_amount=400", id(&draft));
    let after = shop.post("/v1/credit_notes", &form);
    assert_eq!(after["type"], "post_payment");
    assert_eq!(shop.balance(&customer), -400);
    let (status, refused) =
        shop.call(Method::Post, "/v1/credit_notes", &format!("invoice={}&amount=9000", id(&draft)));
    assert_eq!(status, 400, "{refused}");
    let payments = shop.get("/v1/invoice_payments", &format!("invoice={}", id(&draft)));
    assert_eq!(payments["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn calls_that_make_no_sense_are_refused_as_stripe_refuses_them() {
    let (mut shop, basic, pro) = shop_with_prices();
    let (customer, _) = shop.customer("pm_card_visa");
    let book = shop.hands.book();
    let once = Price::blank("price_once", "prod_1", 500, super::usd(), START_S);
    let once = book.prices.put("price_once", once).id.clone();
    let nobody = book.customers.put("cus_nobody", Customer::blank("cus_nobody", START_S)).id.clone();
    let rows = [
        ("/v1/subscriptions", format!("customer={customer}"), 400, "/error/param", "items"),
        ("/v1/subscriptions", format!("items[0][price]={basic}"), 400, "/error/param", "customer"),
        (
            "/v1/subscriptions",
            format!("customer=cus_x&items[0][price]={basic}"),
            400,
            "/error/code",
            "resource_missing",
        ),
        (
            "/v1/subscriptions",
            format!("customer={customer}&items[0][price]={once}"),
            400,
            "/error/param",
            "items[0][price]",
        ),
        (
            "/v1/subscriptions",
            format!("customer={nobody}&items[0][price]={basic}"),
            400,
            "/error/code",
            "resource_missing",
        ),
        (
            "/v1/subscriptions",
            format!("customer={customer}&items[0][price]={pro}&colour=red"),
            400,
            "/error/code",
            "parameter_unknown",
        ),
        (
            "/v1/subscriptions",
            format!("customer={customer}&items[0][price]={pro}&trial_end=1"),
            400,
            "/error/param",
            "trial_end",
        ),
        ("/v1/invoices/in_x/pay", String::new(), 404, "/error/code", "resource_missing"),
        ("/v1/invoices", "customer=cus_x".into(), 400, "/error/code", "resource_missing"),
        ("/v1/invoiceitems", format!("customer={customer}&amount=5"), 400, "/error/param", "currency"),
        ("/v1/test_helpers/test_clocks", String::new(), 400, "/error/param", "frozen_time"),
    ];
    for (path, form, status, pointer, expected) in rows {
        let (got, body) = shop.call(Method::Post, path, &form);
        // Stripe answers a missing object named in a parameter with 400, one in the path with 404.
        assert!(got == status || (status == 400 && got == 404), "{path} {form}: {got} {body}");
        assert_eq!(body.pointer(pointer), Some(&Value::from(expected)), "{path} {form}: {body}");
    }
}

/// One of everything billing has, for the path lists.
fn everything() -> Vec<ModelEvent> {
    let (mut shop, basic, pro) = shop_with_prices();
    let rate = shop.tax(true);
    shop.post("/v1/coupons", "id=TEN&percent_off=10&duration=repeating&duration_in_months=2");
    let (customer, clock) = shop.customer("pm_card_visa");
    let form = format!(
        "customer={customer}&items[0][price]={basic}&items[0][tax_rates][0]={rate}&discounts[0][coupon]=TEN&default_tax_rates[0]={rate}&trial_period_days=5"
    );
    let sub = shop.post("/v1/subscriptions", &form);
    let (sub_id, item) = (id(&sub), sub["items"]["data"][0]["id"].as_str().expect("an item").to_owned());
    shop.advance(&clock, 20);
    shop.post(
        &format!("/v1/subscriptions/{sub_id}"),
        &format!("items[0][id]={item}&items[0][price]={pro}&items[0][quantity]=2"),
    );
    shop.post(
        &format!("/v1/subscriptions/{sub_id}"),
        "pause_collection[behavior]=keep_as_draft&pause_collection[resumes_at]=1777225600",
    );
    shop.advance(&clock, 60);
    shop.post(&format!("/v1/subscriptions/{sub_id}"), "pause_collection=");
    let bad = shop.method(&customer, "pm_card_chargeCustomerFail");
    let form = format!(
        "items[0][id]={item}&items[0][price]={pro}&items[0][quantity]=9&proration_behavior=always_invoice&payment_behavior=pending_if_incomplete"
    );
    shop.post(&format!("/v1/subscriptions/{sub_id}"), &format!("default_payment_method={}", bad));
    shop.post(&format!("/v1/subscriptions/{sub_id}"), &form);
    shop.advance(&clock, 60);
    shop.post("/v1/invoiceitems", &format!("customer={customer}&amount=1000&currency=usd"));
    let invoice =
        shop.post("/v1/invoices", &format!("customer={customer}&pending_invoice_items_behavior=include"));
    let path = format!("/v1/invoices/{}", id(&invoice));
    shop.post(&format!("{path}/finalize"), "");
    let line = shop.get(&format!("{path}/lines"), "")["data"][0]["id"].as_str().expect("a line").to_owned();
    let form = format!(
        "invoice={}&lines[0][type]=invoice_line_item&lines[0][invoice_line_item]={line}&lines[0][amount]=300",
        id(&invoice)
    );
    shop.post("/v1/credit_notes", &form);
    shop.post(&format!("{path}/mark_uncollectible"), "");
    shop.post(&format!("{path}/pay"), "paid_out_of_band=true");
    shop.delete(&format!("/v1/test_helpers/test_clocks/{clock}"), "");
    shop.events
}

#[test]
fn every_billing_object_has_the_paths_of_its_version_and_no_others() {
    let events = everything();
    for kind in [
        "invoiceitem.created",
        "invoice.upcoming",
        "customer.subscription.trial_will_end",
        "credit_note.created",
    ] {
        assert!(events.iter().any(|event| event.kind == kind), "{kind}");
    }
    match common::paths::wrong(&events) {
        None => println!("skipped: no shared/ folder with Stripe's path lists"),
        Some(wrong) => assert!(wrong.is_empty(), "{wrong}"),
    }
}
