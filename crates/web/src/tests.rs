//! Every route from outside: who is let in, what a wrong request gets, and that the tables are complete.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;

use crate::access::Peer;
use crate::config::Limits;
use crate::router::{Route, Verb};
use crate::testing::{Answer, Fixture, SECRET, local};
use crate::{api, console};

const PASSWORD: &str = "a long password";
const TOKEN: &str = "token-1";

fn closed() -> Fixture {
    Fixture::with(Some(PASSWORD), Some(TOKEN), Limits::default(), None)
}

fn guarded() -> impl Iterator<Item = (&'static str, String)> {
    let routes = api::ROUTES.iter().map(|documented| &documented.route).chain(console::ROUTES);
    routes.map(|Route { method, path, .. }| {
        let method = if *method == Verb::Get { "GET" } else { "POST" };
        (method, path.replace("{handle}", "anna").replace("{id}", "in_1").replace("{code}", "ANNA10"))
    })
}

fn stranger(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path).header("host", "books.example.com");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.extension(Peer(([10, 0, 0, 9], 50_000).into())).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn no_route_answers_a_stranger() {
    let (open, closed) = (Fixture::new(), closed());
    let mut walked = 0;
    for (method, path) in guarded() {
        walked += 1;
        assert_eq!(
            open.send(stranger(method, &path, &[])).await.status,
            StatusCode::FORBIDDEN,
            "{method} {path}"
        );
        let answer = closed.send(stranger(method, &path, &[])).await;
        let page = method == "GET"
            && !path.starts_with("/api/")
            && !path.starts_with("/live/")
            && path != "/metrics";
        let expected = if page { StatusCode::SEE_OTHER } else { StatusCode::UNAUTHORIZED };
        assert_eq!(answer.status, expected, "{method} {path}");
        let wrong = stranger(method, &path, &[("authorization", "Bearer token-2")]);
        assert_eq!(closed.send(wrong).await.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        let forwarded = {
            let mut request = local(method, &path, "");
            request
                .headers_mut()
                .insert("x-forwarded-for", axum::http::HeaderValue::from_static("127.0.0.1"));
            request
        };
        assert_eq!(open.send(forwarded).await.status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    assert!(walked > 30, "{walked}");
}

#[tokio::test]
async fn no_change_is_made_for_another_site() {
    let fixture = Fixture::new();
    for (method, path) in guarded().filter(|(method, _)| *method == "POST") {
        for (name, value) in
            [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")]
        {
            let mut request = local(method, &path, "");
            request.headers_mut().insert(name, axum::http::HeaderValue::from_static(value));
            assert_eq!(
                fixture.send(request).await.status,
                StatusCode::FORBIDDEN,
                "{path} with {name} {value}"
            );
        }
    }
    for route in console::ROUTES.iter().filter(|route| route.method == Verb::Post) {
        let path = route.path.replace("{handle}", "anna").replace("{id}", "evt_1").replace("{code}", "X");
        let form = "form_token=guess&handle=a&name=b&email=c&rate_percent=1&active=yes&code=X&binds=all";
        assert_eq!(fixture.local("POST", &path, form).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

fn form_token(answer: &Answer) -> String {
    let after = answer.text.split("name=\"form_token\" value=\"").nth(1).expect("a form");
    after.split('"').next().expect("a value").to_owned()
}

#[tokio::test]
async fn signing_in_opens_the_console_and_signing_out_closes_it() {
    let fixture = closed();
    let wrong = fixture.local("POST", "/login", "password=wrong").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let signed_in = fixture.local("POST", "/login", "password=a+long+password").await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    let cookie = signed_in.headers["set-cookie"].to_str().expect("text").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let pair = cookie.split(';').next().expect("a pair").to_owned();

    let page = fixture.send(stranger("GET", "/partners", &[("cookie", &pair)])).await;
    assert_eq!(page.status, StatusCode::OK);
    let token = form_token(&page);
    let add =
        format!("form_token={token}&handle=anna&name=Anna&email=a%40b.c&rate_percent=12.5&hold_days=30");
    let post = |path: &str, body: String| {
        let mut request = local("POST", path, &body);
        request.headers_mut().insert("cookie", pair.parse().expect("a value"));
        request
    };
    let added = fixture.send(post("/partners?book=test", add)).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    assert_eq!(added.headers["location"], "/partners/anna?book=test&done=partner_added");

    // The API with a session asks for the token in a header; with a bearer token it does not.
    let program = r#"{"book":"test","at":"2025-01-01"}"#;
    assert_eq!(
        fixture.send(post("/api/v1/program/start", program.into())).await.status,
        StatusCode::FORBIDDEN
    );
    let mut with_header = post("/api/v1/program/start", program.into());
    with_header.headers_mut().insert("x-form-token", token.parse().expect("a value"));
    assert_eq!(fixture.send(with_header).await.status, StatusCode::OK);
    let bearer = stranger("GET", "/api/v1/partners", &[("authorization", "Bearer token-1")]);
    assert!(fixture.send(bearer).await.text.contains("\"rate_bps\":1250"));

    let out = fixture.send(post("/logout", format!("form_token={token}"))).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    let after = fixture.send(stranger("GET", "/partners", &[("cookie", &pair)])).await;
    assert_eq!(after.status, StatusCode::SEE_OTHER);
    assert_eq!(after.headers["location"], "/login");
}

#[tokio::test]
async fn guessing_at_the_password_is_slowed_down() {
    let fixture = closed();
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(fixture.local("POST", "/login", "password=wrong").await.status);
    }
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
}

#[tokio::test]
async fn bad_input_is_never_a_fault_of_ours() {
    let fixture = Fixture::new();
    let odd = ["%00", "%ff%fe", "..%2f..%2fetc", "'%3B--", "%3Cscript%3E", "x".repeat(5000).as_str()]
        .map(str::to_owned);
    for route in api::ROUTES.iter().map(|documented| &documented.route).chain(console::ROUTES) {
        let method = if route.method == Verb::Get { "GET" } else { "POST" };
        for odd in &odd {
            let path = route.path.replace("{handle}", odd).replace("{id}", odd).replace("{code}", odd);
            for query in [
                "",
                "?book=nonsense&limit=-9&before=x&after=~&as_of=never&format=doc&partner=%00&deep=perhaps",
            ] {
                for body in ["", "{", "{\"handle\":7}", "form_token=x"] {
                    let answer = fixture.local(method, &format!("{path}{query}"), body).await;
                    assert!(answer.status.as_u16() < 500, "{method} {path}{query} {body}: {}", answer.text);
                }
            }
        }
    }
}

#[tokio::test]
async fn the_api_tells_errors_in_one_shape() {
    let fixture = Fixture::new();
    for (method, path, body, status) in [
        ("GET", "/api/v1/explain/in_unknown", "", 404),
        ("GET", "/api/v1/events/evt_unknown", "", 404),
        ("GET", "/api/v1/partners/nobody", "", 404),
        ("GET", "/api/v1/nowhere", "", 404),
        ("DELETE", "/api/v1/partners", "", 405),
        (
            "POST",
            "/api/v1/partners",
            "{\"handle\":\"a b\",\"name\":\"n\",\"email\":\"e\",\"rate_bps\":1}",
            400,
        ),
        (
            "POST",
            "/api/v1/partners",
            "{\"handle\":\"a\",\"name\":\"n\",\"email\":\"e\",\"rate_bps\":10001}",
            400,
        ),
        ("POST", "/api/v1/partners/nobody/deactivate", "", 404),
        ("GET", "/api/v1/events?state=odd", "", 400),
        ("GET", "/api/v1/ledger/export?format=doc", "", 400),
        ("GET", "/api/v1/sales?book=acct_unknown", "", 404),
    ] {
        let answer = fixture.local(method, path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.text);
        let json: serde_json::Value = serde_json::from_str(&answer.text).expect(path);
        for field in ["code", "message", "hint"] {
            assert!(json["error"][field].as_str().is_some_and(|text| !text.is_empty()), "{path}: {field}");
        }
    }
}

#[tokio::test]
async fn a_delivery_to_the_first_page_is_told_where_to_go() {
    let answer = Fixture::new().local("POST", "/", "{}").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.text.contains("/api/webhooks/stripe"), "{}", answer.text);
}

const PAGES: [&str; 15] = [
    "/",
    "/live/overview",
    "/sales",
    "/sales/in_1",
    "/partners",
    "/partners/anna",
    "/events",
    "/live/events",
    "/events/evt_1",
    "/payments",
    "/events/types",
    "/reconcile",
    "/?book=live",
    "/sales?partner=anna",
    "/events?state=done&type=invoice.paid",
];

#[tokio::test]
async fn every_page_opens_on_a_house_with_events_and_carries_its_headers() {
    let fixture = Fixture::new();
    let add = r#"{"handle":"anna","name":"Anna <b>","email":"a@b.c","rate_bps":2000}"#;
    assert_eq!(fixture.local("POST", "/api/v1/partners", add).await.status, StatusCode::OK);
    let adopt = r#"{"code":"SUMMER","book":"test"}"#;
    let adopted = fixture.local("POST", "/api/v1/partners/anna/codes/adopt", adopt).await;
    assert_eq!(adopted.status, StatusCode::OK, "{}", adopted.text);
    let event = r#"{"id":"evt_1","object":"event","type":"invoice.paid","livemode":false,"created":1767225600,
        "api_version":"2025-06-30.basil","data":{"object":{"id":"in_1","object":"invoice","currency":"usd",
        "status":"paid","total":10000,"subtotal":10000,"amount_paid":10000,"amount_due":10000,"created":1767225600,
        "status_transitions":{"paid_at":1767225600},"lines":{"data":[],"has_more":false},
        "metadata":{"partner_ref":"anna","x":"</pre><script>alert(1)</script>"}}}}"#;
    let session = r#"{"id":"evt_2","object":"event","type":"checkout.session.completed","livemode":false,
        "created":1767225600,"api_version":"2025-06-30.basil","data":{"object":{"id":"cs_1","object":"checkout.session",
        "mode":"payment","payment_status":"paid","status":"complete","amount_total":5000,"amount_subtotal":5000,
        "currency":"usd","created":1767225600,"metadata":{"partner_ref":"anna"}}}}"#;
    let charge = r#"{"id":"evt_3","object":"event","type":"charge.succeeded","livemode":false,"created":1767225600,
        "data":{"object":{"id":"ch_1","object":"charge","amount":700,"amount_captured":700,"currency":"usd",
        "created":1767225600,"status":"succeeded","paid":true,"captured":true}}}"#;
    let stray = event.replace("evt_1", "evt_live").replace("\"livemode\":false", "\"livemode\":true");
    for body in [event, session, charge, &stray] {
        assert_eq!(fixture.deliver(SECRET, body.as_bytes()).await.status, StatusCode::OK);
    }
    fixture.settle();
    for path in PAGES {
        let answer = fixture.local("GET", path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert!(!answer.text.contains("<script>") && !answer.text.contains("Anna <b>"), "{path}");
        let policy = answer.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
    }
    let intent = a_code_is_made(&fixture).await;
    let description = fixture.local("GET", "/api/openapi.json", "").await;
    let schemas =
        serde_json::from_str::<Value>(&description.text).expect("a description")["components"]["schemas"]
            .clone();
    for documented in api::ROUTES.iter().filter(|documented| documented.route.method == Verb::Get) {
        let id = match documented.route.path {
            path if path.contains("events") => "evt_1",
            path if path.contains("intents") => &intent,
            path if path.contains("quarantine") => "1",
            _ => "in_1",
        };
        let path = documented.route.path.replace("{handle}", "anna").replace("{id}", id);
        let answer = fixture.local("GET", &path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        if documented.gives != "Text" {
            let json: Value = serde_json::from_str(&answer.text).expect(&path);
            let rows = if documented.many { json.as_array().expect(&path).clone() } else { vec![json] };
            for row in &rows {
                fits(row, &schemas, documented.gives, &path);
            }
        }
    }
}

/// Makes a code, and spoils its metadata, so that there is an intent and a difference to look at.
async fn a_code_is_made(fixture: &Fixture) -> String {
    let ask = r#"{"code":"ANNA10","percent_off_bps":1000,"book":"test"}"#;
    let made = fixture.local("POST", "/api/v1/partners/anna/codes", ask).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    fixture.stripe.codes.lock().expect("sound")[0].metadata.clear();
    made.headers["location"].to_str().expect("text").rsplit('/').next().expect("an id").to_owned()
}

/// The answer has exactly the fields that its description names, of the types it names.
fn fits(value: &Value, schemas: &Value, name: &str, path: &str) {
    let described = schemas[name]["properties"].as_object().expect(name);
    let found = value.as_object().expect(path);
    let (left, right): (Vec<_>, Vec<_>) = (described.keys().collect(), found.keys().collect());
    let sorted = |mut names: Vec<&String>| {
        names.sort();
        names.into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(sorted(left), sorted(right), "{path}: {name}");
    for (field, kind) in described {
        let value = &found[field];
        let is = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let allowed = kind["type"].to_string();
        assert!(
            allowed.contains(&format!("\"{is}\"")),
            "{path}: {name}.{field} is {is}, described as {allowed}"
        );
        if let Some(inner) = kind["items"]["$ref"].as_str().and_then(|inner| inner.rsplit('/').next()) {
            for row in value.as_array().expect(path) {
                fits(row, schemas, inner, path);
            }
        }
    }
}
