//! The key and a signing secret appear in one header and nowhere else.

use std::sync::Arc;

use stripe::{Client, IdempotencyKey, Key, NewWebhookEndpoint, Options, StripeError};

use crate::server::{Act, Server};
use crate::{KEY, Still, client};

#[test]
fn an_error_that_repeats_the_key_is_freed_of_it() {
    for act in [
        Act::Answer(
            401,
            "",
            r#"{"error":{"message":"Invalid API Key: rk_test_canary1234567890","code":"rk_test_canary1234567890","type":"rk_test_canary1234567890","param":"rk_test_canary1234567890"}}"#,
        ),
        Act::Answer(
            400,
            "",
            r#"{"error":{"message":"Bearer rk_test_canary1234567890","type":"rk_test_canary1234567890"}}"#,
        ),
        Act::Answer(200, "", "rk_test_canary1234567890"),
        Act::Answer(200, "", r#"{"id":{"rk_test_canary1234567890":1}}"#),
    ] {
        let server = Server::start(&[act]);
        let (client, _) = client(&server.address);
        let error = client.account().unwrap_err();
        let shown = format!("{error} {error:?} {client:?} {:?}", client.key());
        assert!(!shown.contains("canary"), "{shown}");
        server.asked();
    }
}

#[test]
fn a_signing_secret_is_handed_over_and_not_printed() {
    let body = r#"{"id":"we_1","url":"https://b.example","secret":"whsec_canary"}"#;
    let server = Server::start(&[Act::Answer(200, "", body)]);
    let (client, _) = client(&server.address);
    let new = NewWebhookEndpoint {
        url: "https://b.example".into(),
        enabled_events: vec!["a.b".into()],
        api_version: client.version().clone(),
        connect: false,
        description: None,
        metadata: std::collections::BTreeMap::new(),
    };
    let answer = client.create_webhook_endpoint(&new, &IdempotencyKey::parse("k").unwrap()).unwrap();
    assert!(!format!("{answer:?} {answer:#?}").contains("canary"));
    assert_eq!(answer.object.secret.unwrap().reveal(), "whsec_canary");
}

#[test]
fn a_proxys_login_is_not_repeated() {
    let options = Options { proxy: Some("http://canary:canary@ nowhere".into()), ..Options::default() };
    let error = Client::new(Key::parse(KEY).unwrap(), &options, Arc::new(Still::default())).unwrap_err();
    assert!(matches!(error, StripeError::Unsendable { .. }));
    assert!(!error.to_string().contains("canary"), "{error}");
}
