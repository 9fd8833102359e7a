//! What is sent costs what its rate says: on an invoice by a call, and on the invoice of a checkout, whose sums are
//! the session's.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/call.rs"]
mod call;

use call::{START_S, get, id, post};
use sandbox::{Method, Request, World, browse};

fn rate(world: &mut World) -> String {
    let fixed = "display_name=Parcel&type=fixed_amount&fixed_amount[amount]=590&fixed_amount[currency]=eur";
    id(&post(world, "/v1/shipping_rates", fixed))
}

#[test]
fn an_invoice_takes_a_shipping_rate() {
    let mut world = World::new(1, START_S);
    let rate = rate(&mut world);
    let customer = id(&post(&mut world, "/v1/customers", "email=a@example.com"));
    let of = format!("customer={customer}&currency=eur");
    post(&mut world, "/v1/invoiceitems", &format!("{of}&amount=4000"));
    let form = format!("{of}&pending_invoice_items_behavior=include&shipping_cost[shipping_rate]={rate}");
    let invoice = post(&mut world, "/v1/invoices", &form);
    assert_eq!((&invoice["total"], &invoice["amount_shipping"]), (&4590.into(), &590.into()));
    assert_eq!(invoice["shipping_cost"]["shipping_rate"], rate.as_str());
    assert_eq!(invoice["shipping_cost"]["amount_total"], 590);
}

#[test]
fn the_invoice_of_a_checkout_has_the_shipping_that_was_chosen() {
    let mut world = World::new(2, START_S);
    let rate = rate(&mut world);
    let line = "line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=2000\
                &line_items[0][price_data][product_data][name]=Book&line_items[0][quantity]=2";
    let form = format!(
        "mode=payment&success_url=https://shop.example/&invoice_creation[enabled]=true&customer_email=a@example.com\
         &shipping_options[0][shipping_rate]={rate}&{line}"
    );
    let session = id(&post(&mut world, "/v1/checkout/sessions", &form));
    let pay = "action=pay&email=a@example.com&name=A&country=DE&number=4242424242424242&expiry=12/34&cvc=123";
    let request = Request {
        method: Method::Post,
        path: format!("/checkout/{session}"),
        query: String::new(),
        body: pay.as_bytes().to_vec(),
        authorization: None,
        version: None,
        idempotency_key: None,
        account: None,
    };
    assert_eq!(browse(&mut world, &request).expect("a page").status, 303);
    let session = get(&mut world, &format!("/v1/checkout/sessions/{session}"), "");
    let invoice = session["invoice"].as_str().expect("an invoice").to_owned();
    let invoice = get(&mut world, &format!("/v1/invoices/{invoice}"), "");
    assert_eq!((&session["amount_total"], &invoice["total"]), (&4590.into(), &4590.into()));
    assert_eq!(invoice["amount_shipping"], 590);
}
