//! Books and modes through the gate (DESIGN.md section 4, I5): the secret permits, the body decides, and
//! what fits no book is kept outside all of them.

use sandbox::{Checkout, Delivery, History, Version, currency, render};
use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{CONNECT, House, LIVE, TEST, WEBHOOKS, rows};
use crate::http;
use crate::tools::now_s;

/// A sale of this amount, referred by anna, in one book.
fn sale(tag: &str, livemode: bool, account: Option<&str>, amount: i64) -> Vec<Delivery> {
    let mut history = History::new(tag, livemode, account);
    history.at("2026-01-10T12:00:00Z");
    let price = history.price(amount, currency("usd"), None);
    history.buy(&Checkout::of(&price).reference("anna"));
    render(&history.take(), Version::Dahlia20260729)
}

fn export(house: &House) -> Vec<(Option<String>, bool, i64)> {
    let text = house.ok("ledger export --format json");
    let rows = rows(serde_json::from_str(&text).expect("an export"));
    let row = |row: &Value| {
        let account = row["account"].as_str().map(str::to_owned);
        let livemode = row["livemode"].as_bool().expect("a mode");
        (account, livemode, row["commission_minor"].as_i64().expect("a commission"))
    };
    rows.iter().map(row).collect()
}

fn reasons(house: &House, state: &str) -> Vec<String> {
    let found = rows(house.json(&format!("events list --state {state} --limit 10000")));
    found.iter().map(|row| row["reason"].as_str().unwrap_or_default().to_owned()).collect()
}

fn anna(house: &House) {
    house.ok("partner add anna --name 'Anna Smith' --email anna@example.com --rate-bps 2000");
}

#[test]
fn every_mode_and_account_has_books_of_its_own() {
    for db in TestDatabase::each() {
        let engine = db.engine;
        let mut house = House::new(db, &crate::house::SECRETS);
        anna(&house);
        house.serve();
        // The same tag: the very same event ids in every book.
        for (livemode, account, secret, amount) in [
            (false, None, TEST, 1000),
            (true, None, LIVE, 2000),
            (true, Some("acct_1"), CONNECT, 3000),
            (false, Some("acct_1"), CONNECT, 4000),
            (true, Some("acct_2"), CONNECT, 5000),
        ] {
            for delivery in sale("same", livemode, account, amount) {
                assert_eq!(house.post(secret, &delivery.body), 200, "{engine} {}", delivery.event_ref);
            }
        }
        house.audit();
        let account = |name: &str| Some(name.to_owned());
        let expected = vec![
            (None, false, 200),
            (None, true, 400),
            (account("acct_1"), false, 800),
            (account("acct_1"), true, 600),
            (account("acct_2"), true, 1000),
        ];
        assert_eq!(export(&house), expected, "{engine}");
        assert_eq!(reasons(&house, "quarantined"), Vec::<String>::new());
        let one = house.ok("ledger export --format csv --book acct_1:test");
        assert_eq!(one.lines().count(), 2, "{one}");
        house.run("ledger export --format csv").expect(2);
    }
}

#[test]
fn what_a_secret_may_not_carry_is_answered_200_and_kept_outside_all_books() {
    let mut house = House::sqlite();
    anna(&house);
    house.serve();
    let mut expected = Vec::new();
    for (livemode, account, secret, why) in [
        (true, None, TEST, "mode_not_allowed"),
        (false, None, LIVE, "mode_not_allowed"),
        (false, Some("acct_1"), TEST, "account_not_expected"),
        (true, Some("acct_1"), LIVE, "account_not_expected"),
        (true, None, CONNECT, "account_missing"),
    ] {
        let tag = format!("{livemode}{}{why}", account.unwrap_or("own"));
        for delivery in sale(&tag, livemode, account, 1000) {
            assert_eq!(house.post(secret, &delivery.body), 200);
            expected.push(why.to_owned());
        }
    }
    house.audit();
    let mut kept = reasons(&house, "quarantined");
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected);
    assert_eq!(export(&house), []);
    assert_eq!(reasons(&house, "done"), Vec::<String>::new());
}

#[test]
fn the_alias_carries_test_events_unless_the_mode_is_live_and_then_live_ones_only() {
    for (mode, live_kept, test_kept) in [("", 0, 1), ("test", 0, 1), ("live", 1, 0)] {
        let env = [("STRIPE_WEBHOOK_SECRET", "whsec_alias"), ("COUNTINGHOUSE_MODE", mode)];
        let mut house = House::new(TestDatabase::sqlite(), &env);
        anna(&house);
        house.serve();
        for livemode in [true, false] {
            for delivery in sale("alias", livemode, None, 1000) {
                assert_eq!(house.post("whsec_alias", &delivery.body), 200);
            }
        }
        house.audit();
        let booked = export(&house);
        let of = |livemode: bool| booked.iter().filter(|row| row.1 == livemode).count();
        assert_eq!((of(true), of(false)), (live_kept, test_kept), "mode '{mode}'");
    }
    let house = House::new(TestDatabase::sqlite(), &[("COUNTINGHOUSE_MODE", "production")]);
    let refused = house.run("config check");
    refused.expect(2);
    assert!(refused.err.contains("'live' or 'test'"), "{}", refused.err);
}

#[test]
fn several_secrets_and_two_signatures_are_taken_while_a_secret_is_rolled() {
    let env = [
        ("STRIPE_WEBHOOK_SECRET_TEST", "whsec_new, whsec_old"),
        ("STRIPE_WEBHOOK_SECRET_LIVE", "acct_9=whsec_nine"),
    ];
    let mut house = House::new(TestDatabase::sqlite(), &env);
    anna(&house);
    house.serve();
    let rolled = |secrets: &[&str], body: &[u8]| {
        let header = sandbox::stripe_signature_rolling(secrets, now_s(), body);
        http::post(house.address(), WEBHOOKS, Some(&header), body).expect("an answer")
    };
    let deliveries = sale("rolled", false, None, 1000);
    let body = &deliveries[0].body;
    for (secrets, status) in [
        (["whsec_new"].as_slice(), 200),
        (&["whsec_old"], 200),
        (&["whsec_gone", "whsec_old"], 200),
        (&["whsec_new", "whsec_gone"], 200),
        (&["whsec_gone", "whsec_lost"], 400),
        (&["whsec_new, whsec_old"], 400),
    ] {
        assert_eq!(rolled(secrets, body), status, "{secrets:?}");
    }
    for delivery in sale("nine", true, None, 5000) {
        assert_eq!(rolled(&["whsec_nine"], &delivery.body), 200);
    }
    house.audit();
    assert_eq!(export(&house), [(Some("acct_9".to_owned()), true, 1000)]);
    assert_eq!(house.events().iter().filter(|row| row["state"] == "quarantined").count(), 0);
}
