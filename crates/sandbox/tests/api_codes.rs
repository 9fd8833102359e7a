//! Promotion codes and their coupons over the API: uniqueness, limits, versions.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/call.rs"]
mod call;

use call::{PLAIN, START_S, With, call, get, id, kinds, post, rows};
use sandbox::Method::{Get, Post};
use sandbox::World;

const CODES: &str = "/v1/promotion_codes";
const TEN: &str = "promotion[type]=coupon&promotion[coupon]=TEN";

fn world() -> World {
    let mut world = World::new(1, START_S);
    post(&mut world, "/v1/coupons", "id=TEN&percent_off=10&max_redemptions=5&redeem_by=1800000000");
    world.take_events();
    world
}

#[test]
fn what_a_code_may_be_and_may_not() {
    let mut world = world();
    let with = |rest: &str| format!("{TEN}{rest}");
    let cases: &[(&str, u16, &str, &str)] = &[
        ("&code=ANNA10", 200, "/code", "\"ANNA10\""),
        ("&code=anna10", 400, "/error/param", "\"code\""),
        ("&code=anna10&active=false", 200, "/active", "false"),
        ("&code=AN NA", 400, "/error/param", "\"code\""),
        ("&max_redemptions=6", 400, "/error/param", "\"max_redemptions\""),
        ("&expires_at=1767225600", 400, "/error/param", "\"expires_at\""),
        ("&expires_at=1800000001", 400, "/error/param", "\"expires_at\""),
        ("&expires_at=1790000000&max_redemptions=2", 200, "/expires_at", "1790000000"),
        ("&customer=cus_none", 400, "/error/code", "\"resource_missing\""),
        ("&restrictions[first_time_transaction]=true", 200, "/restrictions/first_time_transaction", "true"),
        (
            "&restrictions[minimum_amount]=500",
            400,
            "/error/param",
            "\"restrictions[minimum_amount_currency]\"",
        ),
        (
            "&restrictions[minimum_amount]=500&restrictions[minimum_amount_currency]=usd",
            200,
            "/restrictions/minimum_amount",
            "500",
        ),
        ("&colour=red", 400, "/error/code", "\"parameter_unknown\""),
    ];
    for (rest, status, pointer, expected) in cases {
        rows(&mut world, &[(Post, CODES, &with(rest), *status, pointer, expected)]);
    }
    rows(
        &mut world,
        &[
            (Post, CODES, "code=X", 400, "/error/param", "\"promotion\""),
            (Post, CODES, "coupon=TEN", 400, "/error/code", "\"parameter_missing\""),
            (
                Post,
                CODES,
                "promotion[type]=coupon&promotion[coupon]=NO",
                400,
                "/error/message",
                "\"No such coupon: 'NO'\"",
            ),
        ],
    );
}

#[test]
fn the_coupon_is_named_in_the_words_of_the_version() {
    let versions = [
        ("2020-08-27", "coupon=TEN", true),
        ("2024-10-28.acacia", "coupon=TEN", true),
        ("2025-06-30.basil", "coupon=TEN", true),
        ("2025-06-30.basil", TEN, false),
        ("2025-09-30.clover", "coupon=TEN", false),
        ("2025-09-30.clover", TEN, true),
        ("2026-07-29.dahlia", TEN, true),
        ("2026-10-28.endive", TEN, true),
        ("2026-10-28.endive", "coupon=TEN", false),
    ];
    for (version, form, accepted) in versions {
        let with = With { version: Some(version), ..PLAIN };
        let (status, body) = call(&mut world(), Post, CODES, form, with);
        assert_eq!(status == 200, accepted, "{version} {form}: {body}");
        if accepted {
            let old = body["coupon"]["id"] == "TEN";
            let new = body["promotion"]["coupon"] == "TEN";
            assert!(old != new && new == (version > "2025-09"), "{version}: {body}");
        }
    }
}

#[test]
fn a_text_is_active_once_and_may_come_back() {
    let mut world = world();
    let first = id(&post(&mut world, CODES, &format!("{TEN}&code=Anna")));
    let one = format!("{CODES}/{first}");
    post(&mut world, &one, "active=false");
    let second = id(&post(&mut world, CODES, &format!("{TEN}&code=ANNA&metadata[partner]=anna")));
    rows(
        &mut world,
        &[
            (Post, &one, "active=true", 400, "/error/param", "\"code\""),
            (Get, CODES, "code=anna", 200, "/data/0/id", &format!("\"{second}\"")),
            (Get, CODES, "code=anna", 200, "/data/1/id", &format!("\"{first}\"")),
            (Get, CODES, "code=anna&active=true", 200, "/data/1/id", "-"),
            (Get, CODES, "code=anna&limit=1", 200, "/has_more", "true"),
            (
                Get,
                CODES,
                &format!("code=anna&starting_after={second}"),
                200,
                "/data/0/id",
                &format!("\"{first}\""),
            ),
            (Get, CODES, "coupon=TEN&active=false", 200, "/data/0/id", &format!("\"{first}\"")),
            (Get, CODES, "created[gt]=1767225600", 200, "/data/0", "-"),
            (Get, CODES, "created[gte]=1767225600&created[lt]=1767225601", 200, "/data/1/code", "\"Anna\""),
        ],
    );
    let told = kinds(&mut world);
    assert_eq!(told, ["promotion_code.created", "promotion_code.updated", "promotion_code.created"]);
}

#[test]
fn a_customers_own_code_may_read_like_everybodys() {
    let mut world = world();
    let own = id(&post(&mut world, "/v1/customers", "name=Ann"));
    let other = id(&post(&mut world, "/v1/customers", "name=Bob"));
    let mine = format!("{TEN}&code=anna&customer={own}");
    rows(
        &mut world,
        &[
            (Post, CODES, &format!("{TEN}&code=ANNA"), 200, "/customer", "null"),
            (Post, CODES, &mine, 200, "/customer", &format!("\"{own}\"")),
            (Post, CODES, &mine, 400, "/error/param", "\"code\""),
            (Post, CODES, &format!("{TEN}&code=Anna&customer={other}"), 200, "/active", "true"),
            (Get, CODES, &format!("customer={own}"), 200, "/data/1", "-"),
        ],
    );
}

#[test]
fn codes_and_coupons_end_on_their_day() {
    let mut world = world();
    let code = id(&post(&mut world, CODES, &format!("{TEN}&code=SOON&expires_at={}", START_S + 100)));
    let other = id(&post(&mut world, CODES, &format!("{TEN}&code=LATER")));
    world.tick(START_S + 100);
    let one = format!("{CODES}/{code}");
    assert_eq!(get(&mut world, &one, "")["active"], false);
    rows(&mut world, &[(Post, &one, "active=true", 400, "/error/param", "\"active\"")]);
    assert_eq!(get(&mut world, &format!("{CODES}/{other}"), "")["active"], true);
    world.tick(1_800_000_000);
    assert_eq!(get(&mut world, "/v1/coupons/TEN", "")["valid"], false);
    assert_eq!(get(&mut world, &format!("{CODES}/{other}"), "")["active"], false);
    rows(&mut world, &[(Post, CODES, &format!("{TEN}&code=NEW"), 400, "/error/param", "\"coupon\"")]);
    let told: Vec<&str> = kinds(&mut world).into_iter().filter(|kind| kind.ends_with("updated")).collect();
    assert_eq!(told, ["promotion_code.updated", "coupon.updated"]);
}

#[test]
fn parts_are_shown_when_asked_for() {
    let mut world = world();
    let made = post(
        &mut world,
        "/v1/coupons",
        "id=FIX&amount_off=500&currency=usd&currency_options[eur][amount_off]=450&applies_to[products][]=prod_1",
    );
    assert!(made.get("applies_to").is_none() && made.get("currency_options").is_none());
    let form = "promotion[type]=coupon&promotion[coupon]=FIX&restrictions[minimum_amount]=900\
                &restrictions[minimum_amount_currency]=usd&restrictions[currency_options][eur][minimum_amount]=800";
    let code = id(&post(&mut world, CODES, form));
    let one = format!("{CODES}/{code}");
    let all = "expand[]=promotion.coupon.applies_to&expand[]=restrictions.currency_options";
    rows(
        &mut world,
        &[
            (Get, "/v1/coupons/FIX", "expand[]=applies_to", 200, "/applies_to/products/0", "\"prod_1\""),
            (
                Get,
                "/v1/coupons/FIX",
                "expand[]=currency_options",
                200,
                "/currency_options/eur/amount_off",
                "450",
            ),
            (Get, "/v1/coupons/FIX", "expand[]=name", 200, "/name", "null"),
            (Get, "/v1/coupons/FIX", "expand[]=duration", 400, "/error/param", "\"expand\""),
            (Get, "/v1/coupons/FIX", "expand[]=colour", 400, "/error/param", "\"expand\""),
            (Get, &one, all, 200, "/promotion/coupon/applies_to/products/0", "\"prod_1\""),
            (Get, &one, all, 200, "/restrictions/currency_options/eur/minimum_amount", "800"),
            (Get, &one, all, 200, "/restrictions/currency_options/usd/minimum_amount", "900"),
            (Get, &one, "expand[]=a.b.c.d.e", 400, "/error/type", "\"invalid_request_error\""),
            (Get, CODES, "expand[]=data.promotion.coupon", 200, "/data/0/promotion/coupon/id", "\"FIX\""),
        ],
    );
}
