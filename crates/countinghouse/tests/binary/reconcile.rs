//! `reconcile` and the verbs of time travel against a sandbox that runs: exit codes, tables and JSON.

use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, rows};
use crate::sandbox::Sandbox;

/// A house that was backfilled from a sandbox's business.
fn backfilled(db: TestDatabase, seed: u32) -> (Sandbox, House) {
    let sandbox = Sandbox::start(&format!("--frozen 2026-01-01 --seed {seed}"));
    sandbox.call("/_sandbox/seed", "partners=2&customers=8");
    sandbox.call("/_sandbox/tick", "days=70");
    let mut house = House::new(db, &[]);
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    house.set("STRIPE_API_KEY_TEST", "sk_test_reconcile");
    house.ok("partner add anna --name Anna --email anna@example.com --rate-bps 1500");
    house.ok("code adopt anna --code ANNA20 --book test");
    house.ok("backfill");
    sandbox.call("/_sandbox/tick", "seconds=60");
    (sandbox, house)
}

#[test]
fn what_changed_in_silence_is_named_mended_and_gone() {
    for db in TestDatabase::each() {
        let (sandbox, house) = backfilled(db, 31);
        assert!(house.ok("reconcile").contains("no difference"));
        let made = sandbox.call("/_sandbox/silently/v1/coupons", "percent_off=7&duration=once&id=QUIET");
        assert_eq!(made["status"], 200, "{made}");
        let known = house.json("code show ANNA20");
        let code = known[0]["promotion_code"].as_str().expect("an id").to_owned();
        sandbox.call(&format!("/_sandbox/silently/v1/promotion_codes/{code}"), "active=false");
        let found = house.run("reconcile");
        found.expect(1);
        assert!(found.out.contains("QUIET") && found.out.contains("without an event"), "{}", found.out);
        assert!(found.err.contains("--fix") && !found.err.contains("went on"), "{}", found.err);
        let run = house.run("reconcile --fix --json");
        run.expect(1);
        let report = run.json()[0].clone();
        let brief = |row: &Value| {
            ["object", "id", "what", "path", "ours", "stripes", "fixed"].map(|name| row[name].to_string())
        };
        let mut seen: Vec<[String; 7]> = rows(report["differences"].clone()).iter().map(brief).collect();
        seen.sort();
        let quiet = ["\"coupon\"", "\"QUIET\"", "\"missing\"", "null", "null", "null", "true"];
        let code = format!("\"{code}\"");
        let off =
            ["\"promotion_code\"", &code, "\"different\"", "\"active\"", "\"true\"", "\"false\"", "true"];
        assert_eq!(seen, [quiet, off].map(|row| row.map(str::to_owned)));
        assert!(house.ok("reconcile --fix").contains("no difference"), "a second run is empty");
        assert_eq!(house.json("reconcile --last")[0]["differences"], Value::Array(Vec::new()));
        house.run("reconcile --last --fix").expect(2);
        house.audit();
    }
}

#[test]
fn the_books_of_then_beside_those_of_now() {
    let (_sandbox, house) = backfilled(TestDatabase::sqlite(), 32);
    let export = rows(serde_json::from_str(&house.ok("ledger export")).expect("JSON"));
    let then = house.json("replay --as-of 2099-01-01");
    assert_eq!(then["rows"], Value::Array(export.clone()));
    assert_eq!(house.json("replay --as-of 2020-01-01")["rows"], Value::Array(Vec::new()));
    assert!(house.ok("replay --as-of 2099-01-01").contains("anna"));
    let sale = export.iter().find(|row| row["partner"] == "anna").expect("a sale")["sale"].clone();
    let sale = sale.as_str().expect("an id");
    assert_eq!(house.json(&format!("replay --subject {sale}"))["partner"], "anna");
    house.run(&format!("replay --subject {sale} --as-of 2020-01-01")).expect(1);
    house.run("replay --subject cus_1").expect(2);
    house.run("replay --verify --as-of 2020-01-01").expect(2);
    let changed = house.run("diff --from 2020-01-01 --json");
    changed.expect(1);
    assert_eq!(changed.json().as_array().map(Vec::len), Some(export.len()));
    assert!(house.ok("diff --from 2020-01-01 --to 2020-02-01").contains("(none)"));
    house.run("diff --from yesterday").expect(2);
    let event = house.events().into_iter().find(|event| event["source"] == "list").expect("an event");
    let id = event["id"].as_str().expect("an id");
    assert!(house.ok(&format!("events replay {id}")).contains("(none)"));
    assert_eq!(house.json(&format!("events replay {id} --apply")), Value::Array(Vec::new()));
    house.run("events replay evt_never").expect(1);
    house.audit();
}

#[test]
fn money_adds_up_and_what_nobody_told_us_of_is_an_exception_until_it_is_taken_over() {
    for db in TestDatabase::each() {
        let (sandbox, house) = backfilled(db, 33);
        assert!(house.ok("reconcile --money").contains("everything adds up"));
        let money = house.json("reconcile --money --book test");
        let sums = &money[0]["sums"][0];
        let of = |name: &str| sums[name].as_i64().expect("an amount");
        assert!(of("gross_minor") > 0 && of("fees_minor") > 0 && of("transactions") > 10, "{money}");
        let net = of("gross_minor") - of("fees_minor") - of("refunds_minor") - of("disputes_minor")
            + of("other_minor");
        assert_eq!(of("net_minor"), net);
        let form = "amount=700&currency=usd&confirm=true&payment_method=pm_card_visa&\
                    automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never";
        let made = sandbox.call("/_sandbox/silently/v1/payment_intents", form);
        assert_eq!(made["status"], 200, "{made}");
        let found = house.run("reconcile --money --json");
        found.expect(1);
        let odd = &found.json()[0]["exceptions"];
        assert_eq!(
            (odd.as_array().map(Vec::len), &odd[0]["what"]),
            (Some(1), &"source_unknown".into()),
            "{odd}"
        );
        let shown = house.run("reconcile --money");
        shown.expect(1);
        assert!(
            shown.out.contains("source unknown") && shown.err.contains("1 exception(s)"),
            "{}",
            shown.out
        );
        house.run("reconcile --fix").expect(1);
        assert!(house.ok("reconcile --money").contains("everything adds up"));
        house.audit();
    }
}
