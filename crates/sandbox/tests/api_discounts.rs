//! Discounts over the API: who may have them, on what, and when they count.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/call.rs"]
mod call;

use call::{PLAIN, START_S, call, get, id, post};
use sandbox::Method::Post;
use sandbox::World;

/// A plan of 20.00 a month and a customer whose card pays; how a subscription of it begins.
fn shop() -> (World, String, String) {
    let mut world = World::new(1, START_S);
    let form = "id=pro&name=Pro&default_price_data[currency]=usd&default_price_data[unit_amount]=2000\
                &default_price_data[recurring][interval]=month";
    let price = post(&mut world, "/v1/products", form)["default_price"].as_str().expect("a price").to_owned();
    let customer = customer(&mut world);
    (world, price, customer)
}

fn customer(world: &mut World) -> String {
    let card = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    id(&post(world, "/v1/customers", card))
}

fn code(world: &mut World, rest: &str) -> String {
    let form = format!("promotion[type]=coupon&promotion[coupon]=TEN{rest}");
    id(&post(world, "/v1/promotion_codes", &form))
}

fn subscribe(world: &mut World, price: &str, customer: &str, rest: &str) -> (u16, serde_json::Value) {
    let form = format!("customer={customer}&items[0][price]={price}&{rest}");
    call(world, Post, "/v1/subscriptions", &form, PLAIN)
}

#[test]
fn a_code_is_for_whom_and_what_it_says() {
    let rows = [
        ("", "id=TEN&percent_off=10", true),
        (
            "&restrictions[minimum_amount]=2000&restrictions[minimum_amount_currency]=usd",
            "id=TEN&percent_off=10",
            true,
        ),
        (
            "&restrictions[minimum_amount]=2001&restrictions[minimum_amount_currency]=usd",
            "id=TEN&percent_off=10",
            false,
        ),
        (
            "&restrictions[minimum_amount]=1&restrictions[minimum_amount_currency]=eur",
            "id=TEN&percent_off=10",
            false,
        ),
        ("&restrictions[first_time_transaction]=true", "id=TEN&percent_off=10", true),
        ("&customer=SELF", "id=TEN&percent_off=10", true),
        ("&customer=OTHER", "id=TEN&percent_off=10", false),
        ("&active=false", "id=TEN&percent_off=10", false),
        ("", "id=TEN&percent_off=10&applies_to[products][]=pro", true),
        ("", "id=TEN&percent_off=10&applies_to[products][]=other", false),
        ("", "id=TEN&amount_off=500&currency=usd", true),
        ("", "id=TEN&amount_off=500&currency=eur", false),
        ("", "id=TEN&amount_off=500&currency=eur&currency_options[usd][amount_off]=600", true),
    ];
    for (rest, coupon, accepted) in rows {
        let (mut world, price, own) = shop();
        let other = customer(&mut world);
        post(&mut world, "/v1/coupons", coupon);
        let code = code(&mut world, &rest.replace("SELF", &own).replace("OTHER", &other));
        let (status, body) =
            subscribe(&mut world, &price, &own, &format!("discounts[0][promotion_code]={code}"));
        assert_eq!(status == 200, accepted, "{coupon} {rest}: {body}");
        let counted = get(&mut world, &format!("/v1/promotion_codes/{code}"), "expand[]=promotion.coupon");
        assert_eq!(counted["times_redeemed"], i64::from(accepted), "{coupon} {rest}");
        assert_eq!(counted["promotion"]["coupon"]["times_redeemed"], i64::from(accepted), "{coupon} {rest}");
    }
}

#[test]
fn a_code_for_first_purchases_refuses_the_second() {
    let (mut world, price, own) = shop();
    post(&mut world, "/v1/coupons", "id=TEN&percent_off=10");
    let code = code(&mut world, "&restrictions[first_time_transaction]=true");
    assert_eq!(subscribe(&mut world, &price, &own, "").0, 200);
    let (status, body) = subscribe(&mut world, &price, &own, &format!("discounts[0][promotion_code]={code}"));
    let message = body["error"]["message"].as_str().unwrap_or_default();
    assert!(status == 400 && message.ends_with("has prior transactions."), "{body}");
}

#[test]
fn caps_of_codes_and_coupons_end_them() {
    let (mut world, price, own) = shop();
    post(&mut world, "/v1/coupons", "id=TEN&percent_off=10&max_redemptions=2");
    let (capped, other) = (code(&mut world, "&max_redemptions=1"), code(&mut world, ""));
    let with = |code: &str| format!("discounts[0][promotion_code]={code}");
    assert_eq!(subscribe(&mut world, &price, &own, &with(&capped)).0, 200);
    assert_eq!(subscribe(&mut world, &price, &own, &with(&capped)).0, 400);
    assert_eq!(subscribe(&mut world, &price, &own, &with(&other)).0, 200);
    let (status, body) = subscribe(&mut world, &price, &own, &with(&other));
    assert_eq!((status, &body["error"]["code"]), (400, &"coupon_expired".into()), "{body}");
    for code in [capped, other] {
        assert_eq!(get(&mut world, &format!("/v1/promotion_codes/{code}"), "")["active"], false);
    }
    assert_eq!(get(&mut world, "/v1/coupons/TEN", "")["valid"], false);
}

#[test]
fn deleting_a_coupon_leaves_the_discounts_made_of_it() {
    let (mut world, price, own) = shop();
    post(&mut world, "/v1/coupons", "id=TEN&percent_off=10&duration=forever");
    let code = code(&mut world, "");
    let (_, made) = subscribe(&mut world, &price, &own, "discounts[0][coupon]=TEN");
    let (status, _) = call(&mut world, sandbox::Method::Delete, "/v1/coupons/TEN", "", PLAIN);
    assert_eq!(status, 200);
    assert_eq!(get(&mut world, &format!("/v1/promotion_codes/{code}"), "")["active"], false);
    world.tick(START_S + 32 * 86_400);
    let subscription = format!("/v1/subscriptions/{}", id(&made));
    let invoice = get(&mut world, &subscription, "expand[]=latest_invoice")["latest_invoice"].clone();
    assert_eq!((&invoice["billing_reason"], &invoice["total"]), (&"subscription_cycle".into(), &1800.into()));
}
