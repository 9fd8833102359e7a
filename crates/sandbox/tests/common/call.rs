//! Calls of the API as rows: what is sent, what comes back. Only this file knows how a call is made.

use sandbox::{Answer, Method, Request, World, answer};
use serde_json::Value;

pub(crate) const START_S: i64 = 1_767_225_600;

/// What a call says beside its path and parameters.
#[derive(Clone, Copy)]
pub(crate) struct With<'a> {
    pub(crate) key: &'a str,
    pub(crate) version: Option<&'a str>,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
}

pub(crate) const PLAIN: With<'_> =
    With { key: "sk_test_row", version: None, idempotency_key: None, account: None };

pub(crate) fn raw(world: &mut World, method: Method, path: &str, form: &str, with: With<'_>) -> Answer {
    let (query, body) = if method == Method::Get { (form, "") } else { ("", form) };
    let request = Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        body: body.as_bytes().to_vec(),
        authorization: (!with.key.is_empty()).then(|| format!("Bearer {}", with.key)),
        version: with.version.map(str::to_owned),
        idempotency_key: with.idempotency_key.map(str::to_owned),
        account: with.account.map(str::to_owned),
    };
    answer(world, &request)
}

pub(crate) fn call(
    world: &mut World,
    method: Method,
    path: &str,
    form: &str,
    with: With<'_>,
) -> (u16, Value) {
    let answer = raw(world, method, path, form, with);
    (answer.status, serde_json::from_str(&answer.body).expect("answers are JSON"))
}

/// A call that works; its answer.
pub(crate) fn post(world: &mut World, path: &str, form: &str) -> Value {
    let (status, body) = call(world, Method::Post, path, form, PLAIN);
    assert_eq!(status, 200, "{path} {form}: {body}");
    body
}

pub(crate) fn get(world: &mut World, path: &str, form: &str) -> Value {
    let (status, body) = call(world, Method::Get, path, form, PLAIN);
    assert_eq!(status, 200, "{path} {form}: {body}");
    body
}

pub(crate) fn id(body: &Value) -> String {
    body["id"].as_str().expect("an id").to_owned()
}

/// Method, path, parameters, and what comes back: status, where to look, what is there (`-`: nothing).
pub(crate) type Row<'a> = (Method, &'a str, &'a str, u16, &'a str, &'a str);

pub(crate) fn rows(world: &mut World, rows: &[Row<'_>]) {
    for (method, path, form, status, pointer, expected) in rows {
        let (got, body) = call(world, *method, path, form, PLAIN);
        assert_eq!(got, *status, "{path} {form}: {body}");
        let found = body.pointer(pointer).map_or_else(|| "-".to_owned(), Value::to_string);
        assert_eq!(found, *expected, "{path} {form}: {body}");
    }
}

pub(crate) fn kinds(world: &mut World) -> Vec<&'static str> {
    world.take_events().iter().map(|event| event.kind).collect()
}
