//! Webhook endpoints over the API, as rows: what is sent, what comes back.

use sandbox::{Method, Request, World, answer};
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

const PATH: &str = "/v1/webhook_endpoints";

#[test]
fn endpoints_are_made_and_refused() {
    let rows: &[(&str, u16, &str, &str)] = &[
        ("url=http://a.test/x&enabled_events[]=*", 200, "/status", "\"enabled\""),
        ("url=http://a.test/x&enabled_events[]=invoice.paid", 200, "/enabled_events/0", "\"invoice.paid\""),
        ("url=http://a.test/x&enabled_events[]=invoice.pay", 400, "/error/param", "\"enabled_events[0]\""),
        ("url=http://a.test/x", 400, "/error/param", "\"enabled_events\""),
        ("url=a.test/x&enabled_events[]=*", 400, "/error/code", "\"url_invalid\""),
        ("url=http://a.test/x&enabled_events[]=*&api_version=new", 400, "/error/param", "\"api_version\""),
        (
            "url=http://a.test/x&enabled_events[]=*&api_version=2025-03-31.basil",
            200,
            "/api_version",
            "\"2025-03-31.basil\"",
        ),
        ("url=http://a.test/x&enabled_events[]=*&connect=true&colour=red", 400, "/error/param", "\"colour\""),
    ];
    let mut world = World::new(1, 1_767_225_600);
    for (form, status, pointer, expected) in rows {
        let (got, body) = call(&mut world, Method::Post, PATH, form);
        assert_eq!(got, *status, "{form}: {body}");
        assert_eq!(body.pointer(pointer).map(Value::to_string).as_deref(), Some(*expected), "{form}: {body}");
    }
}

#[test]
fn the_secret_is_shown_once() {
    let mut world = World::new(1, 1_767_225_600);
    let (_, made) = call(&mut world, Method::Post, PATH, "url=http://a.test/x&enabled_events[]=*");
    assert!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_") && secret.len() == 38));
    let one = format!("{PATH}/{}", made["id"].as_str().expect("an id"));
    let (_, shown) = call(&mut world, Method::Get, &one, "");
    assert!(shown.get("secret").is_none());
    let (_, changed) = call(&mut world, Method::Post, &one, "disabled=true&description=mine");
    assert_eq!((&changed["status"], &changed["description"]), (&"disabled".into(), &"mine".into()));
    let (_, listed) = call(&mut world, Method::Get, PATH, "");
    assert_eq!(listed["data"][0], changed);
    let (_, gone) = call(&mut world, Method::Delete, &one, "");
    assert_eq!(gone["deleted"], true);
    assert_eq!(call(&mut world, Method::Get, &one, "").0, 404);
}

#[test]
fn an_account_has_at_most_sixteen() {
    let mut world = World::new(1, 1_767_225_600);
    let made =
        (0..17).map(|_| call(&mut world, Method::Post, PATH, "url=http://a.test&enabled_events[]=*").0);
    let statuses: Vec<u16> = made.collect();
    assert_eq!((statuses[15], statuses[16]), (200, 400));
}
