//! Spot checks of what moved between versions (STRIPE.md section 3), read as a receiver would.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;

use sandbox::{ModelEvent, Version, deliver};
use serde_json::Value;

fn shown(kind: &str, version: Version) -> Vec<Value> {
    let events: Vec<ModelEvent> = common::everything();
    let deliveries = events.iter().filter(|event| event.kind == kind);
    let bodies = deliveries.filter_map(|event| deliver(event, version));
    bodies.map(|row| serde_json::from_slice(&row.body).expect("valid JSON")).collect()
}

fn object(kind: &str, version: Version, index: usize) -> Value {
    shown(kind, version)[index]["data"]["object"].clone()
}

const OLD: Version = Version::Acacia20241028;
const BASIL: Version = Version::Basil20250331;
const CLOVER: Version = Version::Clover20250930;

#[test]
fn invoices_name_their_subscription_and_money_by_version() {
    let (old, new) = (object("invoice.paid", OLD, 0), object("invoice.paid", BASIL, 0));
    assert_eq!(old["subscription"], new["parent"]["subscription_details"]["subscription"]);
    assert!(old["payment_intent"].is_string() && old["paid"] == true);
    assert!(
        new.get("payment_intent").is_none() && new.get("paid").is_none() && new.get("subscription").is_none()
    );
    assert_eq!(old["total_tax_amounts"][0]["amount"], new["total_taxes"][0]["amount"]);
    assert!(old["lines"]["data"][0]["price"]["id"].is_string());
    let details = &new["lines"]["data"][0]["pricing"]["price_details"];
    assert_eq!(details["price"], old["lines"]["data"][0]["price"]["id"]);
}

#[test]
fn only_a_single_discount_is_embedded_and_only_before_basil() {
    let two = object("invoice.paid", OLD, 0);
    assert!(two["discount"].is_null() && two["discounts"].as_array().is_some_and(|rows| rows.len() == 2));
    let one = object("invoice.paid", OLD, 1);
    assert!(one["discount"]["coupon"]["percent_off"].is_number());
    assert!(one["discount"]["promotion_code"].is_string());
    assert!(object("invoice.paid", BASIL, 1).get("discount").is_none());
}

#[test]
fn discounts_and_codes_name_their_coupon_by_version() {
    for kind in ["customer.discount.created", "promotion_code.created"] {
        let (old, new) = (object(kind, BASIL, 0), object(kind, CLOVER, 0));
        assert!(old["coupon"]["id"].is_string() && new.get("coupon").is_none());
        let source = if kind == "promotion_code.created" { &new["promotion"] } else { &new["source"] };
        assert_eq!(source["coupon"], old["coupon"]["id"]);
    }
}

#[test]
fn money_outside_stripe_is_paid_only_from_basil_on() {
    let find = |version| {
        let events = shown("invoice.paid", version).into_iter().map(|event| event["data"]["object"].clone());
        events.filter(|invoice| invoice["total"] == 100).collect::<Vec<Value>>()
    };
    let (old, new) = (find(OLD), find(BASIL));
    assert_eq!((&old[0]["amount_paid"], &old[0]["paid_out_of_band"]), (&0.into(), &true.into()));
    assert_eq!(new[0]["amount_paid"], 100);
}

#[test]
fn links_of_charges_and_the_events_that_replace_them() {
    assert!(object("charge.succeeded", OLD, 0)["invoice"].is_string());
    assert!(object("charge.succeeded", BASIL, 0).get("invoice").is_none());
    assert!(shown("invoice_payment.paid", OLD).is_empty());
    let payment = object("invoice_payment.paid", BASIL, 0);
    assert!(payment["invoice"].is_string() && payment["payment"]["payment_intent"].is_string());
    assert!(object("credit_note.created", OLD, 0)["refund"].is_string());
    assert!(object("credit_note.created", BASIL, 0)["refunds"][0]["refund"].is_string());
}

#[test]
fn the_oldest_version_embeds_what_later_ones_link() {
    let ancient = Version::V2020_08_27;
    assert!(object("payment_intent.succeeded", ancient, 0).get("latest_charge").is_none());
    let charge = object("charge.refunded", ancient, 0);
    assert_eq!(charge["refunds"]["data"][0]["object"], "refund");
    assert!(shown("refund.failed", ancient).iter().all(|event| event["type"] == "charge.refund.updated"));
}

#[test]
fn the_future_has_fields_nobody_knows() {
    let invoice = object("invoice.paid", Version::Unknown2099, 0);
    assert_eq!(invoice["x_future_scalar"], "value");
    assert_eq!(invoice["parent"]["type"], "subscription_details");
    assert_eq!(invoice["lines"]["data"][0]["x_future_tree"]["type"], "tomorrow");
}

#[test]
fn a_connected_account_is_named_on_the_envelope() {
    let mut event = common::everything().remove(0);
    event.account = Some("acct_1Connected".into());
    let body = deliver(&event, Version::Dahlia20260729).expect("customers are in every version").body;
    let json: Value = serde_json::from_slice(&body).expect("valid JSON");
    assert_eq!((&json["account"], &json["context"]), (&"acct_1Connected".into(), &"acct_1Connected".into()));
    assert!(json["request"]["id"].is_null());
}
