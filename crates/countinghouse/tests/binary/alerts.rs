//! Alerts of the real program: by hook, chat and mail, on both engines; and a kill between storing and sending.

use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, SECRETS};
use crate::listeners::{HANG, Heard, Listener};
use crate::operate::{POISON, import};
use crate::tools::eventually;

const HOOK_SECRET: &str = "a long random text";

fn house(db: TestDatabase, env: &[(&str, String)]) -> House {
    let mut house = House::new(db, &SECRETS);
    house.set("COUNTINGHOUSE_ALERT_EVERY_S", "1");
    for (name, value) in env {
        house.set(name, value);
    }
    house
}

fn hook_env(hook: &Listener) -> [(&'static str, String); 2] {
    [
        ("COUNTINGHOUSE_ALERT_HOOK_URL", format!("http://{}/hook", hook.address)),
        ("COUNTINGHOUSE_ALERT_HOOK_SECRET", HOOK_SECRET.to_owned()),
    ]
}

fn said(heard: &Heard) -> Value {
    serde_json::from_str(&heard.body).expect("JSON")
}

fn kinds(hook: &Listener) -> Vec<String> {
    hook.heard().iter().map(|heard| said(heard)["kind"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn an_alert_goes_by_hook_chat_and_mail_when_it_opens_and_when_it_is_over() {
    for db in TestDatabase::each() {
        let (hook, chat, mail) = (Listener::http(), Listener::http(), Listener::smtp());
        let mut env = hook_env(&hook).to_vec();
        env.extend([
            ("COUNTINGHOUSE_ALERT_SLACK_URL", format!("http://{}/chat", chat.address)),
            ("COUNTINGHOUSE_SMTP_URL", format!("smtp://{}", mail.address)),
            ("COUNTINGHOUSE_ALERT_MAIL_FROM", "books@example.com".to_owned()),
            ("COUNTINGHOUSE_ALERT_MAIL_TO", "anna@example.com, Bob <bob@example.com>".to_owned()),
        ]);
        let mut house = house(db, &env);
        import(&house, &[POISON.replace("ID", "evt_a")]);
        house.serve();
        eventually("all three hear of it", || {
            [&hook, &chat, &mail].iter().all(|listener| !listener.heard().is_empty())
        });
        let heard = hook.heard()[0].clone();
        let message = said(&heard);
        assert_eq!((&message["kind"], &message["alert"]["rule"]), (&"opened".into(), &"parked".into()));
        let signature = heard.header("countinghouse-signature");
        let t = signature.strip_prefix("t=").and_then(|rest| rest.split(',').next()).expect("a time");
        let expected =
            sandbox::stripe_signature(HOOK_SECRET, t.parse().expect("seconds"), heard.body.as_bytes());
        assert_eq!(signature, expected, "signed as Stripe signs");
        let text: Value = serde_json::from_str(&chat.heard()[0].body).expect("JSON");
        assert!(text["text"].as_str().is_some_and(|text| text.contains("amounts 1")), "{text}");
        let letter = mail.heard()[0].clone();
        assert!(letter.head.contains("RCPT TO:<bob@example.com>"), "{}", letter.head);
        let name = message["id"].as_str().expect("an id").replace(".hook", ".mail");
        for part in
            ["Subject: [Countinghouse] opened: parked", "amounts 1", &format!("<{name}@countinghouse>")]
        {
            assert!(letter.body.contains(part), "{part}: {}", letter.body);
        }
        assert_eq!(house.json("alerts list")[0]["rule"], "parked");
        house.ok("events discard evt_a --why 'a test'");
        eventually("it is over", || kinds(&hook) == ["opened", "closed"]);
        assert_eq!(house.json("alerts list"), serde_json::json!([]));
        assert_eq!(house.json("alerts list --all")[0]["state"], "closed");
        let tested = house.json("alerts test");
        assert_eq!(tested.as_array().map(Vec::len), Some(3));
        hook.answer(302);
        chat.answer(500);
        let ran = house.run("alerts test");
        ran.expect(1);
        assert!(
            ran.out.contains("redirects are not followed") && ran.out.contains("answered 500"),
            "{}",
            ran.out
        );
        house.stop();
        assert!(!house.said().contains("/chat") && !house.said().contains(HOOK_SECRET));
    }
}

#[test]
fn a_kill_while_a_message_is_under_way_sends_it_again_under_the_same_name() {
    for db in TestDatabase::each() {
        let hook = Listener::http();
        hook.answer(HANG);
        let mut house = house(db, &hook_env(&hook));
        import(&house, &[POISON.replace("ID", "evt_a")]);
        house.serve();
        eventually("it is under way", || hook.heard().len() == 1);
        house.kill();
        hook.answer(200);
        house.serve();
        eventually("it comes again", || hook.heard().len() == 2);
        let ids: Vec<Value> = hook.heard().iter().map(|heard| said(heard)["id"].clone()).collect();
        assert_eq!(ids[0], ids[1]);
        assert_eq!(house.json("alerts list").as_array().map(Vec::len), Some(1), "one alert all the while");
        house.stop();
    }
}

#[test]
fn settings_that_cannot_work_are_refused_without_showing_them() {
    for (env, says) in [
        (
            vec![("COUNTINGHOUSE_ALERT_HOOK_URL", "https://CANARY.example/x")],
            "COUNTINGHOUSE_ALERT_HOOK_SECRET",
        ),
        (vec![("COUNTINGHOUSE_ALERT_SLACK_URL", "CANARY")], "COUNTINGHOUSE_ALERT_SLACK_URL is no URL"),
        (vec![("COUNTINGHOUSE_ALERT_MAIL_TO", "CANARY")], "need all three"),
        (vec![("COUNTINGHOUSE_ALERT_PARKED_OVER", "many")], "COUNTINGHOUSE_ALERT_PARKED_OVER is 'many'"),
        (
            vec![
                ("COUNTINGHOUSE_SMTP_URL", "CANARY://u:CANARY@h"),
                ("COUNTINGHOUSE_ALERT_MAIL_FROM", "a@example.com"),
                ("COUNTINGHOUSE_ALERT_MAIL_TO", "b@example.com"),
            ],
            "COUNTINGHOUSE_SMTP_URL cannot be used",
        ),
    ] {
        let house = House::new(TestDatabase::sqlite(), &env);
        let ran = house.run("alerts test");
        ran.expect(2);
        assert!(ran.err.contains(says) && !ran.err.contains("CANARY"), "{}", ran.err);
    }
    House::sqlite().run("alerts test").expect(1);
}
