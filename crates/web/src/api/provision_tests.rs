//! Codes over the API: made once however often asked, under way with a place to look, refused in words.

use std::sync::atomic::Ordering;

use axum::http::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::testing::{Answer, Fixture, local};

async fn anna(fixture: &Fixture) {
    let add = r#"{"handle":"anna","name":"Anna","email":"a@b.c","rate_bps":2000}"#;
    assert_eq!(fixture.local("POST", "/api/v1/partners", add).await.status.as_u16(), 200);
}

async fn post(fixture: &Fixture, path: &str, key: &'static str, body: &str) -> Answer {
    let mut request = local("POST", path, body);
    if !key.is_empty() {
        let name = HeaderName::from_static("idempotency-key");
        request.headers_mut().insert(name, HeaderValue::from_static(key));
    }
    fixture.send(request).await
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).expect("JSON")
}

const CODES: &str = "/api/v1/partners/anna/codes";

#[tokio::test]
async fn a_code_is_made_once_and_each_answer_says_what_became_of_it() {
    let fixture = Fixture::new();
    anna(&fixture).await;
    let ten = r#"{"code":"ANNA10","percent_off_bps":1000,"book":"test"}"#;
    let five = r#"{"code":"ANNA5","percent_off_bps":500,"book":"test"}"#;
    let both = r#"{"code":"X","percent_off_bps":500,"amount_off_minor":5,"currency":"usd","book":"test"}"#;
    let live = r#"{"code":"LIVE10","percent_off_bps":1000,"book":"live"}"#;
    for (path, key, body, status, says) in [
        (CODES, "", ten, 201, "\"promotion_code\":\"promo_1\""),
        (CODES, "", ten, 200, "promo_1"),
        (CODES, "k1", five, 201, "promo_2"),
        (CODES, "k1", five, 200, "promo_2"),
        (CODES, "k1", ten, 422, "idempotency_key_reused"),
        (CODES, "two words", ten, 400, "Idempotency-Key"),
        (CODES, "", both, 422, "not both"),
        (CODES, "", r#"{"code":"X","book":"test"}"#, 422, "not neither"),
        (
            CODES,
            "",
            r#"{"code":"ANNA10","percent_off_bps":700,"book":"test"}"#,
            409,
            "code deactivate ANNA10",
        ),
        (CODES, "", r#"{"kode":"X"}"#, 422, "there is no kode here"),
        (CODES, "", live, 409, "STRIPE_API_KEY"),
        ("/api/v1/partners/nobody/codes", "", ten, 404, "partner"),
        ("/api/v1/partners/prt_1/codes", "", ten, 200, "promo_1"),
        ("/api/v1/codes/ANNA10/rotate", "", r#"{"code":"ANNA11"}"#, 201, "promo_3"),
        ("/api/v1/codes/ANNA10/rotate", "", r#"{"code":"ANNA 12"}"#, 422, "cannot be a promotion code"),
        ("/api/v1/codes/ANNA5/deactivate", "", "", 201, "\"state\":\"done\""),
        ("/api/v1/codes/ANNA5/deactivate", "", "", 409, "no partner has"),
    ] {
        let answer = post(&fixture, path, key, body).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {key} {body}: {}", answer.text);
        assert!(answer.text.contains(says), "{path} {key} {body}: {}", answer.text);
        // Each a moment later: what ends at an instant holds until then.
        fixture.now.fetch_add(2_000, Ordering::SeqCst);
    }
    let drift = fixture.local("GET", "/api/v1/codes/drift?book=test", "").await;
    assert_eq!(json(&drift)["differences"], serde_json::json!([]), "{}", drift.text);
    assert_eq!(fixture.stripe.codes.lock().expect("sound").len(), 3);
}

#[tokio::test]
async fn what_stripe_does_not_answer_is_under_way_and_can_be_looked_at() {
    let fixture = Fixture::new();
    anna(&fixture).await;
    fixture.stripe.away.store(true, Ordering::SeqCst);
    let ask = r#"{"code":"ANNA10","percent_off_bps":1000,"book":"test"}"#;
    let answer = post(&fixture, CODES, "", ask).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text);
    let place = answer.headers["location"].to_str().expect("text").to_owned();
    let intent = json(&fixture.local("GET", &place, "").await);
    assert_eq!((intent["state"].as_str(), intent["code"].as_str()), (Some("open"), Some("ANNA10")));
    assert!(intent["reason"].as_str().expect("why").contains("cannot be reached"));
    fixture.stripe.away.store(false, Ordering::SeqCst);
    let again = post(&fixture, CODES, "", ask).await;
    assert_eq!(again.status.as_u16(), 201, "{}", again.text);
    assert_eq!(json(&again)["id"], intent["id"], "the same intent");
    let listed = json(&fixture.local("GET", "/api/v1/intents", "").await);
    assert_eq!(listed.as_array().expect("rows").len(), 1);
}

#[tokio::test]
async fn somebody_elses_code_is_refused_and_named() {
    let fixture = Fixture::new();
    anna(&fixture).await;
    let made = r#"{"code":"ANNA10","percent_off_bps":1000,"book":"test"}"#;
    assert_eq!(post(&fixture, CODES, "", made).await.status.as_u16(), 201);
    {
        let mut codes = fixture.stripe.codes.lock().expect("sound");
        codes[0].text = "HERS".into();
        codes[0].metadata.clear();
    }
    let answer = post(&fixture, CODES, "", r#"{"code":"HERS","percent_off_bps":1000,"book":"test"}"#).await;
    assert_eq!(answer.status.as_u16(), 409, "{}", answer.text);
    assert!(answer.text.contains("code adopt anna --code HERS --promotion-code promo_1"), "{}", answer.text);
}
