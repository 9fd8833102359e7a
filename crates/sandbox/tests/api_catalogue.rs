//! Customers, products, prices, tax and shipping rates over the API.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/call.rs"]
mod call;

use call::{PLAIN, START_S, With, call, get, id, kinds, post, rows};
use sandbox::Method::{Delete, Get, Post};
use sandbox::World;

#[test]
fn products_have_prices_and_keep_them() {
    let mut world = World::new(1, START_S);
    let form = "id=pro&name=Pro&default_price_data[currency]=usd&default_price_data[unit_amount]=1000\
                &default_price_data[recurring][interval]=month&marketing_features[0][name]=Fast";
    let product = post(&mut world, "/v1/products", form);
    let price = product["default_price"].as_str().expect("a price").to_owned();
    let one = format!("/v1/prices/{price}");
    rows(
        &mut world,
        &[
            (Post, "/v1/products", "id=pro&name=Again", 400, "/error/code", "\"resource_already_exists\""),
            (Post, "/v1/products", "id=x", 400, "/error/code", "\"parameter_missing\""),
            (Get, "/v1/products/pro", "expand[]=default_price", 200, "/default_price/unit_amount", "1000"),
            (
                Get,
                "/v1/products",
                "expand[]=data.default_price",
                200,
                "/data/0/default_price/product",
                "\"pro\"",
            ),
            (Get, &one, "expand[]=product", 200, "/product/marketing_features/0/name", "\"Fast\""),
            (Post, "/v1/products/pro", "name=Pro+2&metadata[a]=b&description=", 200, "/name", "\"Pro 2\""),
            (Post, &one, "active=false", 400, "/error/param", "\"active\""),
            (Delete, "/v1/products/pro", "", 400, "/error/type", "\"invalid_request_error\""),
            (Post, "/v1/products/pro", "default_price=", 200, "/default_price", "null"),
            (Post, &one, "active=false&nickname=old", 200, "/active", "false"),
            (Post, "/v1/products", "id=bare&name=Bare", 200, "/active", "true"),
            (Delete, "/v1/products/bare", "", 200, "/deleted", "true"),
            (Get, "/v1/products/bare", "", 404, "/error/code", "\"resource_missing\""),
        ],
    );
    let told = kinds(&mut world);
    assert_eq!(told[..3], ["product.created", "price.created", "product.updated"]);
}

#[test]
fn prices_say_what_they_are() {
    let mut world = World::new(1, START_S);
    post(&mut world, "/v1/products", "id=pro&name=Pro");
    let path = "/v1/prices";
    let tiered = "product=pro&currency=usd&billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=5\
                  &tiers[0][unit_amount]=700&tiers[1][up_to]=inf&tiers[1][unit_amount]=600&expand[]=tiers";
    rows(
        &mut world,
        &[
            (Post, path, "product=pro&currency=USD&unit_amount=500", 200, "/type", "\"one_time\""),
            (Post, path, "product=pro&currency=usd&unit_amount_decimal=500.0", 200, "/unit_amount", "500"),
            (
                Post,
                path,
                "product=pro&currency=usd&unit_amount_decimal=0.5",
                400,
                "/error/param",
                "\"unit_amount_decimal\"",
            ),
            (Post, path, "product=pro&currency=usd", 400, "/error/param", "\"unit_amount\""),
            (Post, path, "product=no&currency=usd&unit_amount=1", 400, "/error/code", "\"resource_missing\""),
            (Post, path, "product_data[name]=New&currency=usd&unit_amount=1", 200, "/livemode", "false"),
            (Post, path, tiered, 200, "/tiers/1/unit_amount", "600"),
            (Post, path, &tiered.replace("[up_to]=inf", "[up_to]=4"), 400, "/error/param", "\"tiers\""),
            (Post, path, &tiered.replace("volume", "both"), 400, "/error/param", "\"tiers_mode\""),
            (
                Post,
                path,
                "product=pro&currency=usd&unit_amount=1&recurring[interval]=year&recurring[interval_count]=4",
                400,
                "/error/param",
                "\"recurring[interval_count]\"",
            ),
            (
                Post,
                path,
                "product=pro&currency=usd&unit_amount=1&currency_options[eur][unit_amount]=2\
                 &expand[]=currency_options",
                200,
                "/currency_options/eur/unit_amount",
                "2",
            ),
        ],
    );
}

#[test]
fn a_lookup_key_is_on_one_price() {
    let mut world = World::new(1, START_S);
    post(&mut world, "/v1/products", "id=pro&name=Pro");
    let form = "product=pro&currency=usd&unit_amount=1&lookup_key=monthly";
    let first = id(&post(&mut world, "/v1/prices", form));
    rows(&mut world, &[(Post, "/v1/prices", form, 400, "/error/param", "\"lookup_key\"")]);
    let second = id(&post(&mut world, "/v1/prices", &format!("{form}&transfer_lookup_key=true")));
    assert_ne!(first, second);
    rows(
        &mut world,
        &[
            (
                Get,
                "/v1/prices",
                "lookup_keys[]=monthly&lookup_keys[]=none",
                200,
                "/data/0/id",
                &format!("\"{second}\""),
            ),
            (Get, &format!("/v1/prices/{first}"), "", 200, "/lookup_key", "null"),
            (Get, "/v1/prices", "product=pro&type=recurring", 200, "/data/0", "-"),
            (Get, "/v1/prices", "product=pro&currency=usd&limit=1", 200, "/has_more", "true"),
        ],
    );
}

#[test]
fn customers_are_kept_even_deleted() {
    let mut world = World::new(1, START_S);
    let form = "email=a@b.test&name=Ann&address[country]=de&metadata[k]=v&tax_id_data[0][type]=eu_vat\
                &tax_id_data[0][value]=DE123456789&invoice_settings[footer]=Thanks";
    let ann = id(&post(&mut world, "/v1/customers", form));
    let one = format!("/v1/customers/{ann}");
    let moves = format!("{one}/balance_transactions");
    rows(
        &mut world,
        &[
            (Post, "/v1/customers", "email=nobody", 400, "/error/code", "\"email_invalid\""),
            (Post, "/v1/customers", "colour=red", 400, "/error/code", "\"parameter_unknown\""),
            (Get, &one, "expand[]=tax_ids", 200, "/tax_ids/data/0/value", "\"DE123456789\""),
            (Get, &one, "expand[]=subscriptions", 200, "/subscriptions/data", "[]"),
            (Get, &one, "", 200, "/address/country", "\"DE\""),
            (Post, &moves, "amount=-500&currency=eur", 200, "/ending_balance", "-500"),
            (Post, &moves, "amount=-500&currency=usd", 400, "/error/param", "\"currency\""),
            (Post, &one, "balance=-200&email=c@d.test&name=", 200, "/balance", "-200"),
            (Get, &moves, "", 200, "/data/0/amount", "300"),
            (Get, &moves, "expand[]=data.customer", 200, "/data/1/customer/email", "\"c@d.test\""),
            (Get, "/v1/customers", "email=c@d.test", 200, "/data/0/id", &format!("\"{ann}\"")),
            (Get, "/v1/customers", "email=a@b.test", 200, "/data/0", "-"),
            (Delete, &one, "", 200, "/deleted", "true"),
            (Get, &one, "", 200, "/deleted", "true"),
            (Post, &one, "name=Bob", 404, "/error/code", "\"resource_missing\""),
            (Get, "/v1/customers", "", 200, "/data/0", "-"),
        ],
    );
    let told = kinds(&mut world);
    assert!(told.contains(&"customer.tax_id.created") && told.contains(&"customer.deleted"), "{told:?}");
}

#[test]
fn a_customer_had_a_discount_until_acacia() {
    let mut world = World::new(1, START_S);
    post(&mut world, "/v1/coupons", "id=ONE&percent_off=10&max_redemptions=1");
    let old = With { version: Some("2024-10-28.acacia"), ..PLAIN };
    let (status, _) = call(&mut world, Post, "/v1/customers", "coupon=ONE", PLAIN);
    assert_eq!(status, 400, "not any more");
    let (status, made) = call(&mut world, Post, "/v1/customers", "coupon=ONE", old);
    assert_eq!((status, &made["discount"]["coupon"]["id"]), (200, &"ONE".into()));
    let (status, refused) = call(&mut world, Post, "/v1/customers", "coupon=ONE", old);
    assert_eq!((status, &refused["error"]["code"]), (400, &"coupon_expired".into()));
    assert_eq!(get(&mut world, "/v1/coupons/ONE", "")["valid"], false);
    let path = format!("/v1/customers/{}/discount", id(&made));
    rows(
        &mut world,
        &[
            (Delete, &path, "", 200, "/deleted", "true"),
            (Delete, &path, "", 404, "/error/code", "\"resource_missing\""),
        ],
    );
    let told = kinds(&mut world);
    for kind in ["customer.discount.created", "coupon.updated", "customer.discount.deleted"] {
        assert!(told.contains(&kind), "{kind} {told:?}");
    }
}

#[test]
fn rates_are_made_and_switched_off() {
    let mut world = World::new(1, START_S);
    let vat = "display_name=VAT&percentage=8.8750&inclusive=false&country=US&tax_type=sales_tax";
    let rate = id(&post(&mut world, "/v1/tax_rates", vat));
    let post_rate = "display_name=Post&fixed_amount[amount]=500&fixed_amount[currency]=usd\
                     &delivery_estimate[minimum][unit]=day&delivery_estimate[minimum][value]=2";
    let shipping = id(&post(&mut world, "/v1/shipping_rates", post_rate));
    rows(
        &mut world,
        &[
            (Get, &format!("/v1/tax_rates/{rate}"), "", 200, "/percentage", "8.875"),
            (Post, &format!("/v1/tax_rates/{rate}"), "active=false", 200, "/active", "false"),
            (Post, "/v1/tax_rates", &vat.replace("8.8750", "8.87501"), 400, "/error/param", "\"percentage\""),
            (Post, "/v1/tax_rates", &vat.replace("8.8750", "101"), 400, "/error/param", "\"percentage\""),
            (Get, "/v1/tax_rates", "active=true", 200, "/data/0", "-"),
            (
                Get,
                &format!("/v1/shipping_rates/{shipping}"),
                "",
                200,
                "/delivery_estimate/minimum/value",
                "2",
            ),
            (Post, &format!("/v1/shipping_rates/{shipping}"), "active=false", 200, "/active", "false"),
        ],
    );
    assert_eq!(kinds(&mut world), ["tax_rate.created", "tax_rate.updated"]);
}
