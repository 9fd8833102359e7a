//! What only the desk's own state can show: restricted keys, the limit on calls, planned failures and what
//! idempotency keys make of them.

use super::{Answer, Method, Request, answer};
use crate::world::desk::{KeyRights, Plan, RateLimit};
use crate::world::{Failure, World};

const START_S: i64 = 1_767_225_600;

fn call(world: &mut World, method: Method, path: &str, form: &str, key: &str, again: Option<&str>) -> Answer {
    let (query, body) = if method == Method::Get { (form, "") } else { ("", form) };
    let request = Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        body: body.as_bytes().to_vec(),
        authorization: Some(format!("Bearer {key}")),
        version: None,
        idempotency_key: again.map(str::to_owned),
        account: None,
    };
    answer(world, &request)
}

#[test]
fn a_restricted_key_may_do_what_it_says() {
    let rows = [
        ("coupon_read", Method::Get, "/v1/coupons", 200),
        ("coupon_read", Method::Post, "/v1/coupons", 403),
        ("coupon_write", Method::Get, "/v1/coupons", 200),
        ("rak_coupon_write", Method::Post, "/v1/coupons", 400),
        ("coupon_write", Method::Get, "/v1/promotion_codes", 403),
        ("promotion_code_read", Method::Get, "/v1/promotion_codes", 200),
        ("plan_read", Method::Get, "/v1/prices", 200),
        ("charge_write", Method::Post, "/v1/refunds", 400),
        ("webhook_write", Method::Post, "/v1/webhook_endpoints", 400),
        ("customer_write", Method::Post, "/v1/customers/cus_none", 404),
        ("", Method::Get, "/v1/events", 403),
    ];
    for (permission, method, path, expected) in rows {
        let mut world = World::new(1, START_S);
        let permissions = vec![permission.to_owned()];
        let rights = KeyRights { account: None, livemode: true, permissions };
        world.desk.keys.insert("rk_live_key".into(), rights);
        let form = if method == Method::Post { "no_such_parameter=1" } else { "" };
        let answer = call(&mut world, method, path, form, "rk_live_key", None);
        assert_eq!(answer.status, expected, "{permission} {path}: {}", answer.body);
        let named = answer.body.contains("Having the 'rak_") && !answer.body.contains("rk_live_key");
        assert_eq!(named, expected == 403, "{}", answer.body);
    }
}

#[test]
fn calls_beyond_the_limit_wait_for_the_next_second() {
    let mut world = World::new(1, START_S);
    world.desk.limit = Some(RateLimit { per_s: 2, burst: 3 });
    let statuses = |world: &mut World, count: usize| -> Vec<u16> {
        let mut one = || call(world, Method::Get, "/v1/coupons", "", "sk_test_a", None).status;
        (0..count).map(|_| one()).collect()
    };
    assert_eq!(statuses(&mut world, 4), [200, 200, 200, 429]);
    world.tick(START_S + 1);
    assert_eq!(statuses(&mut world, 3), [200, 200, 429]);
    world.tick(START_S + 60);
    assert_eq!(statuses(&mut world, 4), [200, 200, 200, 429]);
    let live = call(&mut world, Method::Get, "/v1/coupons", "", "sk_live_a", None);
    assert_eq!(live.status, 200, "each mode has a limit of its own");
}

#[test]
fn what_goes_wrong_leaves_what_it_says_and_a_second_try_makes_nothing_twice() {
    // The failure; what the first try hears (0: nothing), the second under the same key, the third a minute later;
    // and how many coupons there are in the end.
    let rows = [
        (Failure::RateLimited, 429, 200, 200),
        (Failure::LockTimeout, 409, 200, 200),
        (Failure::Broken, 500, 200, 200),
        (Failure::BrokenAfter, 500, 500, 500),
        (Failure::Cut, 0, 200, 200),
        (Failure::CutAfter, 0, 200, 200),
        (Failure::Slow(30), 200, 409, 409),
    ];
    for (failure, first, second, third) in rows {
        let mut world = World::new(1, START_S);
        world.desk.plans.push(Plan { failure, ..Plan::next() });
        let heard = |world: &mut World| {
            let answer = call(world, Method::Post, "/v1/coupons", "percent_off=10", "sk_test_a", Some("key"));
            if answer.cut { 0 } else { answer.status }
        };
        assert_eq!(heard(&mut world), first, "{failure:?}");
        assert_eq!(heard(&mut world), second, "{failure:?}");
        world.tick(START_S + 60);
        assert_eq!(heard(&mut world), third, "{failure:?}");
        let made = world.take_events().len();
        assert_eq!(made, 1, "{failure:?}");
    }
}

#[test]
fn a_slow_call_holds_its_key_until_it_ends_whatever_the_clock_says() {
    let mut world = World::new(1, START_S);
    world.desk.plans.push(Plan { failure: Failure::Slow(30), ..Plan::next() });
    let mut heard =
        || call(&mut world, Method::Post, "/v1/coupons", "percent_off=10", "sk_test_a", Some("key"));
    let first = heard();
    assert_eq!((first.status, first.slow_s), (200, 30));
    assert_eq!((heard().status, heard().slow_s), (409, 0));
    let request_ref = first.headers.iter().find(|(name, _)| *name == "Request-Id").expect("an id").1.clone();
    world.call_ended(&request_ref);
    let again = call(&mut world, Method::Post, "/v1/coupons", "percent_off=10", "sk_test_a", Some("key"));
    assert_eq!((again.status, again.body), (200, first.body));
}

#[test]
fn a_plan_waits_for_the_calls_it_means() {
    let mut world = World::new(1, START_S);
    let path = "/v1/promotion_codes".to_owned();
    let plan = Plan { method: Some("GET"), path, after: 1, times: 2, failure: Failure::Broken };
    world.desk.plans.push(plan);
    let calls = [
        (Method::Get, "/v1/coupons", 200),
        (Method::Get, "/v1/promotion_codes", 200),
        (Method::Post, "/v1/promotion_codes", 400),
        (Method::Get, "/v1/promotion_codes", 500),
        (Method::Get, "/v1/promotion_codes", 500),
        (Method::Get, "/v1/promotion_codes", 200),
    ];
    for (index, (method, path, expected)) in calls.into_iter().enumerate() {
        let answer = call(&mut world, method, path, "", "sk_test_a", None);
        assert_eq!(answer.status, expected, "call {index}");
    }
}

#[test]
fn events_keep_the_version_they_were_made_in() {
    let mut world = World::new(1, START_S);
    let listed = |world: &mut World| {
        let answer = call(world, Method::Get, "/v1/events", "", "sk_test_a", None);
        let value: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        let rows = value["data"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| row["api_version"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    call(&mut world, Method::Post, "/v1/coupons", "percent_off=10", "sk_test_a", None);
    world.choose_version(crate::render::Version::Acacia20241028);
    call(&mut world, Method::Post, "/v1/coupons", "percent_off=10", "sk_test_a", None);
    assert_eq!(listed(&mut world), ["2024-10-28.acacia", "2026-07-29.dahlia"]);
}
