//! What each call sends, and what is read from its answer.

use kernel::{Kind, Ref};
use stripe::{
    Client, CouponChange, CouponFilter, EventFilter, IdempotencyKey, NewCoupon, NewPromotionCode,
    NewWebhookEndpoint, Permission, Permitted, PriceFilter, ProductFilter, PromotionCodeChange,
    PromotionCodeFilter, StripeError, WebhookEndpointChange,
};

use crate::client;
use crate::server::{Act, Server};

const ONE: &str = r#"{"id":"x_1"}"#;

type Ask = fn(&Client) -> Result<(), StripeError>;

const EMPTY: &str = r#"{"object":"list","data":[],"has_more":false}"#;

fn key() -> IdempotencyKey {
    IdempotencyKey::parse("intent/1").unwrap()
}

fn id(text: &str) -> Ref {
    Ref::parse(text).unwrap()
}

/// The request's line, its body, the answer, and the call.
type Row = (&'static str, &'static str, &'static str, Ask);

/// What changes something.
fn writes() -> Vec<Row> {
    vec![
        ("POST /v1/coupons", "percent_off=20&duration=once", ONE, |c| {
            c.create_coupon(&coupon(), &key()).map(drop)
        }),
        ("POST /v1/coupons/c_1", "name=N", ONE, |c| {
            c.update_coupon("c_1", &CouponChange { name: Some("N".into()), ..Default::default() }, &key())
                .map(drop)
        }),
        ("POST /v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=c_1&code=A", ONE, |c| {
            let new = NewPromotionCode { coupon: "c_1".into(), code: Some("A".into()), ..Default::default() };
            c.create_promotion_code(&new, &key()).map(drop)
        }),
        ("POST /v1/promotion_codes/promo_1", "active=false", ONE, |c| {
            let change = PromotionCodeChange { active: Some(false), ..Default::default() };
            c.update_promotion_code("promo_1", &change, &key()).map(drop)
        }),
        (
            "POST /v1/webhook_endpoints",
            "url=https%3A%2F%2Fb.example%2Fhook&enabled_events[0]=invoice.paid&api_version=2025-09-30.clover\
             &connect=true&metadata[m]=1",
            ONE,
            |c| c.create_webhook_endpoint(&endpoint(c), &key()).map(drop),
        ),
        ("POST /v1/webhook_endpoints/we_1", "enabled_events[0]=a.b&disabled=false", ONE, |c| {
            let change = WebhookEndpointChange {
                enabled_events: Some(vec!["a.b".into()]),
                disabled: Some(false),
                ..Default::default()
            };
            c.update_webhook_endpoint("we_1", &change, &key()).map(drop)
        }),
        ("DELETE /v1/webhook_endpoints/we_1", "", ONE, |c| c.delete_webhook_endpoint("we_1")),
        ("POST /v1/coupons", "countinghouse_permission_probe=1", ONE, |c| {
            c.permitted(Permission::WriteCoupons).map(drop)
        }),
    ]
}

/// One object.
fn reads() -> Vec<Row> {
    vec![
        ("GET /v1/coupons/SUMMER%2020", "", ONE, |c| c.coupon("SUMMER 20").map(drop)),
        ("GET /v1/promotion_codes/promo_1", "", ONE, |c| c.promotion_code("promo_1").map(drop)),
        ("GET /v1/products/prod_1", "", ONE, |c| c.product("prod_1").map(drop)),
        ("GET /v1/prices/price_1", "", ONE, |c| c.price("price_1").map(drop)),
        ("GET /v1/events/evt_1", "", ONE, |c| c.event("evt_1").map(drop)),
        ("GET /v1/invoices/in_1?expand[0]=discounts&expand[1]=lines.data.discounts", "", ONE, |c| {
            c.retrieve(Kind::Invoice, &id("in_1"), &["discounts", "lines.data.discounts"]).map(drop)
        }),
        ("GET /v1/checkout/sessions/cs_1", "", ONE, |c| {
            c.retrieve(Kind::Session, &id("cs_1"), &[]).map(drop)
        }),
        ("GET /v1/account", "", ONE, |c| c.account().map(drop)),
    ]
}

/// Lists.
fn lists() -> Vec<Row> {
    vec![
        ("GET /v1/coupons?created[gte]=5&limit=100", "", EMPTY, |c| {
            all(c.coupons(&CouponFilter { created_from_s: Some(5) }))
        }),
        ("GET /v1/promotion_codes?code=A&coupon=c_1&active=true&limit=100", "", EMPTY, |c| {
            all(c.promotion_codes(&PromotionCodeFilter {
                code: Some("A".into()),
                coupon: Some("c_1".into()),
                active: Some(true),
                ..Default::default()
            }))
        }),
        ("GET /v1/products?active=true&limit=100", "", EMPTY, |c| {
            all(c.products(&ProductFilter { active: Some(true) }))
        }),
        ("GET /v1/prices?product=prod_1&limit=100", "", EMPTY, |c| {
            all(c.prices(&PriceFilter { product: Some("prod_1".into()), active: None }))
        }),
        ("GET /v1/webhook_endpoints?limit=100", "", EMPTY, |c| all(c.webhook_endpoints())),
        (
            "GET /v1/events?types[0]=a.b&created[gte]=5&created[lt]=9&delivery_success=false&limit=100\
             &ending_before=evt_1",
            "",
            EMPTY,
            |c| {
                all(c.events(&EventFilter {
                    types: vec!["a.b".into()],
                    created_from_s: Some(5),
                    created_before_s: Some(9),
                    ending_before: Some("evt_1".into()),
                    delivery_success: Some(false),
                }))
            },
        ),
        ("GET /v1/checkout/sessions?subscription=sub_1&limit=100", "", EMPTY, |c| {
            all(c.sessions_of_subscription(&id("sub_1")))
        }),
        ("GET /v1/invoice_payments?invoice=in_1&limit=100", "", EMPTY, |c| all(c.invoice_payments("in_1"))),
        ("GET /v1/events?limit=1", "", EMPTY, |c| c.permitted(Permission::ReadEvents).map(drop)),
    ]
}

#[test]
fn every_call_is_sent_as_stripe_documents_it() {
    for (line, body, answer, ask) in writes().into_iter().chain(reads()).chain(lists()) {
        let server = Server::start(&[Act::Answer(200, "", answer)]);
        let (client, _) = client(&server.address);
        ask(&client).unwrap_or_else(|why| panic!("{line}: {why}"));
        let asked = server.asked().remove(0);
        assert_eq!((asked.line.as_str(), asked.body.as_str()), (line, body));
        assert_eq!(asked.header("authorization"), Some("Bearer rk_test_canary1234567890"));
        assert_eq!(asked.header("stripe-version"), Some("2025-09-30.clover"));
        assert_eq!(asked.header("stripe-account"), None);
        let keyed = line.starts_with("POST") && !body.contains("probe");
        assert_eq!(asked.header("idempotency-key"), keyed.then_some("intent/1"), "{line}");
    }
}

#[test]
fn a_call_for_a_connected_account_says_so() {
    let server = Server::start(&[Act::Answer(200, "", r#"{"id":"acct_1"}"#)]);
    let (client, _) = client(&server.address);
    client.for_account(Some(&id("acct_1"))).account().unwrap();
    assert_eq!(server.asked()[0].header("stripe-account"), Some("acct_1"));
}

#[test]
fn an_answer_keeps_its_bytes_and_its_request() {
    let body = "{ \"id\": \"in_1\",\n \"unknown\": [1, 2.50] }";
    let headers = "request-id: req_1\r\nidempotent-replayed: true\r\ndate: Sat, 21 Nov 2026 10:00:01 GMT\r\n";
    let server = Server::start(&[Act::Answer(200, headers, body)]);
    let (client, _) = client(&server.address);
    let answer = client.retrieve(Kind::Invoice, &id("in_1"), &[]).unwrap();
    assert_eq!(answer.body, body.as_bytes());
    assert_eq!((answer.request_ref.as_deref(), answer.replayed), (Some("req_1"), true));
    assert_eq!(answer.answered_at_s, Some(1_795_255_201));
    assert_eq!(answer.object.id, "in_1");
}

#[test]
fn a_list_is_followed_to_its_end_by_the_ids_seen() {
    let page = |body| Act::Answer(200, "", body);
    let server = Server::start(&[
        page(r#"{"data":[{"id":"c_3"},{"id":"c_2"}],"has_more":true}"#),
        page(r#"{"data":[{"id":"c_1"}],"has_more":false}"#),
    ]);
    let (client, _) = client(&server.address);
    let ids: Vec<String> =
        client.coupons(&CouponFilter::default()).map(|coupon| coupon.unwrap().object.id).collect();
    assert_eq!(ids, ["c_3", "c_2", "c_1"]);
    assert_eq!(server.asked()[1].line, "GET /v1/coupons?limit=100&starting_after=c_2");
}

#[test]
fn events_after_a_known_one_come_oldest_first() {
    let page = |body| Act::Answer(200, "", body);
    let server = Server::start(&[
        page(r#"{"data":[{"id":"evt_3"},{"id":"evt_2"}],"has_more":true}"#),
        page(r#"{"data":[{"id":"evt_5"},{"id":"evt_4"}],"has_more":false}"#),
    ]);
    let (client, _) = client(&server.address);
    let filter = EventFilter { ending_before: Some("evt_1".into()), ..EventFilter::default() };
    let ids: Vec<String> = client.events(&filter).map(|event| event.unwrap().object.id).collect();
    assert_eq!(ids, ["evt_2", "evt_3", "evt_4", "evt_5"]);
    assert_eq!(server.asked()[1].line, "GET /v1/events?limit=100&ending_before=evt_3");
}

#[test]
fn a_list_that_makes_no_progress_ends() {
    let page = Act::Answer(200, "", r#"{"data":[{"id":"c_1"}],"has_more":true}"#);
    let server = Server::start(&[page, page]);
    let (client, _) = client(&server.address);
    assert_eq!(client.coupons(&CouponFilter::default()).count(), 2);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_page_that_fails_ends_the_list_with_its_error() {
    let server = Server::start(&[
        Act::Answer(200, "", r#"{"data":[{"id":"c_3"}],"has_more":true}"#),
        Act::Answer(403, "", r#"{"error":{"message":"no"}}"#),
    ]);
    let (client, _) = client(&server.address);
    let items: Vec<_> = client.coupons(&CouponFilter::default()).collect();
    assert!(matches!(&items[..], [Ok(_), Err(why)] if why.is_forbidden()), "{items:?}");
}

#[test]
fn a_permission_is_found_out_by_what_is_refused() {
    for (permission, status, body, expected) in [
        (Permission::ReadInvoices, 200, EMPTY, Ok(Permitted::Yes)),
        (Permission::ReadInvoices, 403, r#"{"error":{"message":"no"}}"#, Ok(Permitted::No)),
        (Permission::WriteCoupons, 400, r#"{"error":{"code":"parameter_unknown"}}"#, Ok(Permitted::Yes)),
        (Permission::WriteCustomers, 404, r#"{"error":{"code":"resource_missing"}}"#, Ok(Permitted::Yes)),
        (Permission::WriteCoupons, 403, "", Ok(Permitted::No)),
        (
            Permission::WritePayouts,
            404,
            r#"{"error":{"message":"Unrecognized request URL"}}"#,
            Ok(Permitted::Unknown),
        ),
        (Permission::WriteCoupons, 401, r#"{"error":{}}"#, Err(401)),
    ] {
        let server = Server::start(&[Act::Answer(status, "", body)]);
        let (client, _) = client(&server.address);
        let found = client.permitted(permission);
        let found = found.map_err(|why| why.refusal().map_or(0, |said| said.status));
        assert_eq!(found, expected, "{permission:?} {status}");
    }
}

#[test]
fn deleting_what_is_gone_is_done() {
    let gone =
        r#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such we"}}"#;
    let server = Server::start(&[Act::Answer(404, "", gone)]);
    let (client, _) = client(&server.address);
    client.delete_webhook_endpoint("we_1").unwrap();
}

fn coupon() -> NewCoupon {
    NewCoupon {
        id: None,
        name: None,
        reduction: stripe::Reduction::Percent { bps: 2_000 },
        duration: stripe::Duration::Once,
        max_redemptions: None,
        redeem_by_s: None,
        products: Vec::new(),
        metadata: std::collections::BTreeMap::new(),
    }
}

fn endpoint(client: &Client) -> NewWebhookEndpoint {
    NewWebhookEndpoint {
        url: "https://b.example/hook".into(),
        enabled_events: vec!["invoice.paid".into()],
        api_version: client.version().clone(),
        connect: true,
        description: None,
        metadata: [("m".to_owned(), "1".to_owned())].into(),
    }
}

fn all<T: serde::de::DeserializeOwned>(mut pages: stripe::Pages<T>) -> Result<(), StripeError> {
    pages.try_for_each(|item| item.map(drop))
}
