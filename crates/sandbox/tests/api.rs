//! Calls of the API as rows: what is sent, what comes back. Only `call` knows how a call is made.

use sandbox::{Method, Request, Version, World, answer, deliver};
use serde_json::Value;

fn call(world: &mut World, method: Method, path: &str, form: &str) -> (u16, Value) {
    let (query, body) = if method == Method::Get { (form, "") } else { ("", form) };
    let request = Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        body: body.as_bytes().to_vec(),
        authorization: Some("Bearer sk_test_row".into()),
        version: None,
        idempotency_key: None,
        account: None,
    };
    let answer = answer(world, &request);
    (answer.status, serde_json::from_str(&answer.body).expect("answers are JSON"))
}

#[test]
fn coupons_are_made_listed_renamed_and_deleted() {
    let mut world = World::new(1, 1_767_225_600);
    let rows: &[(Method, &str, &str, u16, &str, &str)] = &[
        (Method::Post, "/v1/coupons", "id=TEN&percent_off=12.5", 200, "/percent_off", "12.5"),
        (
            Method::Post,
            "/v1/coupons",
            "id=TEN&percent_off=10",
            400,
            "/error/code",
            "\"resource_already_exists\"",
        ),
        (Method::Post, "/v1/coupons", "percent_off=10&colour=red", 400, "/error/param", "\"colour\""),
        (
            Method::Post,
            "/v1/coupons",
            "percent_off=10&amount_off=5",
            400,
            "/error/type",
            "\"invalid_request_error\"",
        ),
        (Method::Post, "/v1/coupons", "amount_off=500", 400, "/error/param", "\"currency\""),
        (
            Method::Post,
            "/v1/coupons",
            "duration=repeating&percent_off=5",
            400,
            "/error/param",
            "\"duration_in_months\"",
        ),
        (
            Method::Post,
            "/v1/coupons/TEN",
            "name=Ten&metadata[partner]=ada",
            200,
            "/metadata/partner",
            "\"ada\"",
        ),
        (Method::Get, "/v1/coupons/TEN", "", 200, "/name", "\"Ten\""),
        (Method::Get, "/v1/coupons", "limit=1", 200, "/data/0/id", "\"TEN\""),
        (Method::Delete, "/v1/coupons/TEN", "", 200, "/deleted", "true"),
        (Method::Get, "/v1/coupons/TEN", "", 404, "/error/code", "\"resource_missing\""),
    ];
    for (method, path, form, status, pointer, expected) in rows {
        let (got, body) = call(&mut world, *method, path, form);
        assert_eq!(got, *status, "{path} {form}: {body}");
        assert_eq!(
            body.pointer(pointer).map(Value::to_string).as_deref(),
            Some(*expected),
            "{path} {form}: {body}"
        );
    }
    let kinds: Vec<&str> = world.take_events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["coupon.created", "coupon.updated", "coupon.deleted"]);
}

#[test]
fn a_change_tells_what_was_before_in_each_version() {
    let mut world = World::new(1, 1_767_225_600);
    let form = "id=TEN&percent_off=10&name=Old&metadata[partner]=ada&metadata[kept]=yes";
    call(&mut world, Method::Post, "/v1/coupons", form);
    call(&mut world, Method::Post, "/v1/coupons/TEN", "name=New&metadata[partner]=bob");
    let events = world.take_events();
    for version in Version::ALL {
        let shown = |index: usize| -> Value {
            let delivery = deliver(&events[index], version).expect("coupons are in every version");
            serde_json::from_slice(&delivery.body).expect("valid JSON")
        };
        assert!(shown(0)["data"].get("previous_attributes").is_none());
        let expected = serde_json::json!({ "name": "Old", "metadata": { "partner": "ada" } });
        assert_eq!(shown(1)["data"]["previous_attributes"], expected, "{version:?}");
    }
}
