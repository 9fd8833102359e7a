//! An account never seen before, listed from the sandbox: the same export as the house that heard everything. A live
//! book is asked about first.

use testkit::TestDatabase;

use crate::house::{House, WEBHOOKS};
use crate::sandbox::Sandbox;

fn partners(house: &mut House, sandbox: &Sandbox, book: &str) {
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    house.set("STRIPE_API_KEY_TEST", "sk_test_backfill");
    house.set("STRIPE_API_KEY", "sk_live_backfill");
    for (handle, code) in [("anna", "ANNA20"), ("ben", "BEN10")] {
        house.ok(&format!("partner add {handle} --name X --email {handle}@example.com --rate-bps 1500"));
        house.ok(&format!("code adopt {handle} --code {code} --book {book}"));
    }
}

#[test]
fn what_is_listed_afterwards_gives_the_export_of_what_was_delivered() {
    let sandbox = Sandbox::start("--frozen 2026-01-01 --seed 21");
    let made = sandbox.call("/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*");
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let mut heard = House::new(TestDatabase::sqlite(), &[("STRIPE_WEBHOOK_SECRET_TEST", &secret)]);
    heard.serve();
    let endpoint = format!("/v1/webhook_endpoints/{}", made["id"].as_str().expect("an id"));
    sandbox.call(&endpoint, &format!("url=http://{}{WEBHOOKS}", heard.address()));
    sandbox.call("/_sandbox/seed", "partners=2&customers=12");
    sandbox.call("/_sandbox/advance", "days=70");
    heard.stop();
    partners(&mut heard, &sandbox, "test");
    heard.ok("events drain");
    let expected = heard.ok("ledger export --format json");
    for db in TestDatabase::each() {
        let mut house = House::new(db, &[]);
        partners(&mut house, &sandbox, "test");
        let done = house.json("backfill --book test");
        assert!(
            done[0]["kinds"].as_array().is_some_and(|kinds| kinds.iter().all(|kind| kind["done"] == true))
        );
        assert_eq!(house.ok("ledger export --format json"), expected);
        assert!(expected.lines().filter(|line| line.contains("anna")).count() > 3);
        house.audit();
    }
}

#[test]
fn a_live_book_without_a_start_shows_both_totals_and_takes_nothing() {
    let sandbox = Sandbox::start("--frozen 2026-01-01 --seed 22");
    sandbox.call("/_sandbox/seed", "partners=2&customers=8&livemode=true");
    sandbox.call("/_sandbox/tick", "days=40");
    let mut house = House::sqlite();
    partners(&mut house, &sandbox, "live");
    let refused = house.run("backfill --book live");
    refused.expect(1);
    assert!(refused.out.contains("if the program starts now") && refused.err.contains("program start"));
    assert_eq!(house.events().len(), 0, "nothing was kept");
    let totals = house.json("backfill --book live --dry-run");
    let sum = &totals[0]["sums"][0];
    assert!(sum["commission_all_minor"].as_i64() > Some(1_000), "{totals}");
    assert_eq!(sum["commission_from_now_minor"], 0);
    let both = house.json("backfill --dry-run");
    assert_eq!(both.as_array().map(Vec::len), Some(2), "one array for both books: {both}");
    house.ok("program start 2026-02-01 --book live");
    house.ok("backfill --book live");
    assert!(house.ok("ledger export --format json").contains("before_start"));
    house.audit();
}

/// One of everything that Stripe lists, made or triggered.
const KINDS: [&str; 14] = [
    "customer.tax_id.created",
    "payment_method.attached",
    "credit_note.created",
    "charge.dispute.created",
    "checkout.session.completed",
    "payout.paid",
    "transfer.created",
    "radar.early_fraud_warning.created",
    "setup_intent.succeeded",
    "subscription_schedule.created",
    "review.opened",
    "billing.credit_grant.created",
    "billing.meter.created",
    "billing_portal.configuration.created",
];

#[test]
fn every_kind_that_stripe_lists_is_listed_and_then_compared() {
    let sandbox = Sandbox::start("--frozen 2026-01-01 --seed 23");
    sandbox.call("/_sandbox/seed", "partners=1&customers=2");
    for kind in KINDS {
        sandbox.call("/_sandbox/trigger", &format!("type={kind}"));
    }
    // An account with a fee, a refund, and a customer who lives by a test clock.
    let account = sandbox.call("/v1/accounts", "type=express&capabilities[transfers][requested]=true");
    let account = account["id"].as_str().expect("an id");
    let paid = sandbox.call(
        "/v1/payment_intents",
        &format!(
            "amount=5000&currency=usd&confirm=true&payment_method=pm_card_visa&automatic_payment_methods[enabled]=true\
             &automatic_payment_methods[allow_redirects]=never&transfer_data[destination]={account}\
             &application_fee_amount=500"
        ),
    );
    sandbox
        .call("/v1/refunds", &format!("payment_intent={}&amount=100", paid["id"].as_str().expect("an id")));
    let clock = sandbox.call("/v1/test_helpers/test_clocks", "frozen_time=1767225700");
    let clock = clock["id"].as_str().expect("an id");
    let customer = sandbox.call("/v1/customers", &format!("test_clock={clock}&name=Tick"));
    sandbox.call("/_sandbox/tick", "days=2");
    for db in TestDatabase::each() {
        let mut house = House::new(db, &[]);
        partners(&mut house, &sandbox, "test");
        let done = house.json("backfill --book test");
        let kinds = done[0]["kinds"].as_array().expect("kinds").clone();
        let lacking: Vec<_> =
            kinds.iter().filter(|kind| kind["listed"] == 0 || !kind["problem"].is_null()).collect();
        assert_eq!(lacking, Vec::<&serde_json::Value>::new(), "everything is listed");
        assert_eq!(kinds.len(), 31);
        let id = customer["id"].as_str().expect("an id");
        assert!(
            house
                .events()
                .iter()
                .any(|event| event["id"].as_str().is_some_and(|known| known.starts_with(id))),
            "a test clock's customer is in a list of its own"
        );
        let report = house.ok("reconcile --book test");
        assert!(report.contains("no difference"), "{report}");
        house.audit();
    }
}
