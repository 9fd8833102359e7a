//! Payouts over the API: what is available is paid out each day, and a payout is the sum of its movements.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;
#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/street.rs"]
mod street;

use common::script::Script;
use serde_json::Value;
use street::Street;

const DAY_S: i64 = 86_400;
/// Thursday, 1 January 2026.
const START_S: i64 = 1_767_225_600;
const PAY: &str = "currency=usd&confirm=true&automatic_payment_methods[enabled]=true&payment_method";

/// What the rows of a payout add up to without the payout's own, and with it.
fn sums(script: &mut Script, payout: &str) -> (i64, i64, Vec<String>) {
    let (mut without, mut with, mut kinds) = (0, 0, Vec::new());
    let mut after = String::new();
    loop {
        let form = format!("payout={payout}&limit=2{after}");
        let (status, page) = script.call("GET", "/v1/balance_transactions", &form);
        assert_eq!(status, 200, "{page}");
        let rows: &Vec<Value> = page["data"].as_array().expect("a list");
        for row in rows {
            let (net, kind) = (row["net"].as_i64().expect("net"), row["type"].as_str().expect("a type"));
            with += net;
            if row["source"] != payout {
                without += net;
            }
            assert!(row["status"] == "available" && row["available_on"].as_i64().is_some(), "{row}");
            kinds.push(kind.to_owned());
        }
        if page["has_more"] == false {
            return (without, with, kinds);
        }
        after = format!("&starting_after={}", rows.last().expect("a row")["id"].as_str().expect("an id"));
    }
}

#[test]
fn what_is_available_at_midnight_is_paid_out_and_a_payout_is_the_sum_of_its_movements() {
    let mut script = Script::new();
    script.run(&format!(
        r#"
        +3600
        POST /v1/payment_intents amount=10000&{PAY}=pm_card_visa => 200 /latest_charge>ch
        POST /v1/payment_intents amount=2000&{PAY}=pm_card_visa => 200
        POST /v1/refunds charge={{ch}}&amount=1000 => 200
        GET /v1/payouts => 200 /data=[]
        GET /v1/balance => 200 /available/0/amount=-1000 /pending/0/amount=11592
        +{DAY_S}
        GET /v1/payouts => 200 /data=[]
        "#
    ));
    script.run("events payment_intent.created charge.succeeded payment_intent.succeeded payment_intent.created charge.succeeded payment_intent.succeeded refund.created charge.refunded");
    // Midnight before Saturday: the money is expected on Monday.
    script.run(&format!(
        r#"
        +{}
        GET /v1/payouts => 200 /data/0/status="pending" /data/0/amount=10592 /data/0/automatic=true /data/0/reconciliation_status="in_progress" /data/0/arrival_date={} /data/0/created={} /data/0/id>po /data/0/balance_transaction>txn
        events payout.created
        GET /v1/balance => 200 /available/0/amount=0 /pending/0/amount=0
        GET /v1/balance_transactions/{{txn}} => 200 /type="payout" /reporting_category="payout" /amount=-10592 /net=-10592 /source="{{po}}"
        GET /v1/balance_transactions type=payout => 200 /data/0/id="{{txn}}"
        GET /v1/balance_transactions source={{po}} => 200 /data/0/id="{{txn}}"
        +60
        GET /v1/payouts/{{po}} expand[]=balance_transaction => 200 /status="in_transit" /reconciliation_status="completed" /balance_transaction/amount=-10592
        events payout.updated payout.reconciliation_completed
        +{}
        GET /v1/payouts/{{po}} => 200 /status="in_transit"
        +{DAY_S}
        GET /v1/payouts/{{po}} => 200 /status="paid"
        events payout.updated payout.paid
        GET /v1/payouts status=paid&arrival_date[gte]=1 => 200 /data/0/id="{{po}}"
        GET /v1/payouts status=failed => 200 /data=[]
        GET /v1/payouts/po_none => 404 /error/code="resource_missing"
        GET /v1/balance_transactions payout=po_none => 400 /error/code="resource_missing"
        "#,
        DAY_S - 3600,
        START_S + 4 * DAY_S,
        START_S + 2 * DAY_S,
        DAY_S - 60,
    ));
    let payout = script.name("po").to_owned();
    let (without, with, kinds) = sums(&mut script, &payout);
    assert_eq!((without, with), (10_592, 0));
    assert_eq!(kinds, ["payout", "refund", "charge", "charge"]);
}

#[test]
fn each_currency_has_its_payout_and_debt_waits_for_a_better_day() {
    let mut script = Script::new();
    let euro = "amount=5000&currency=eur&confirm=true&automatic_payment_methods[enabled]=true&payment_method=pm_card_visa";
    script.run(&format!(
        r#"
        POST /v1/payment_intents {euro} => 200
        POST /v1/payment_intents amount=3000&{PAY}=pm_card_visa => 200 /latest_charge>ch
        +{}
        GET /v1/payouts => 200 /data/0/currency="usd" /data/0/amount=2883 /data/1/currency="eur" /data/1/amount=4825 /has_more=false
        POST /v1/refunds charge={{ch}} => 200
        +{}
        GET /v1/payouts currency=usd => 400 /error/param="currency"
        GET /v1/payouts => 200 /data/0/amount=2883
        GET /v1/balance => 200 /available/1/amount=-3000
        POST /v1/payment_intents amount=8000&{PAY}=pm_card_visa => 200
        +{}
        GET /v1/payouts => 200 /data/0/amount=4738 /data/0/id>po
        "#,
        2 * DAY_S,
        3 * DAY_S,
        3 * DAY_S,
    ));
    let payout = script.name("po").to_owned();
    assert_eq!(
        sums(&mut script, &payout),
        (4738, 0, vec!["payout".into(), "charge".into(), "refund".into()])
    );
}

#[test]
fn a_payout_by_hand_takes_what_is_available_and_can_be_taken_back() {
    let mut script = Script::new();
    let now = format!("POST /v1/payment_intents amount=10000&{PAY}=pm_card_bypassPending => 200");
    script.run(&format!(
        r#"
        {now}
        POST /v1/payouts amount=9681&currency=usd => 400 /error/code="balance_insufficient"
        POST /v1/payouts amount=100&currency=eur => 400 /error/code="balance_insufficient"
        POST /v1/payouts currency=usd => 400 /error/param="amount"
        POST /v1/payouts amount=1000&currency=usd&metadata[a]=b => 200 /automatic=false /status="pending" /reconciliation_status="not_applicable" /id>po
        POST /v1/payouts/{{po}} metadata[a]=c => 200 /metadata/a="c"
        GET /v1/balance => 200 /available/0/amount=8680
        GET /v1/balance_transactions payout={{po}} => 400 /error/param="payout"
        POST /v1/payouts/{{po}}/cancel => 200 /status="canceled" /failure_balance_transaction>back
        POST /v1/payouts/{{po}}/cancel => 400
        GET /v1/balance_transactions/{{back}} => 200 /type="payout_cancel" /net=1000 /source="{{po}}"
        GET /v1/balance => 200 /available/0/amount=9680
        POST /v1/payouts amount=680&currency=usd&method=instant => 200 /id>quick
        +120
        GET /v1/payouts/{{quick}} => 200 /status="paid" /method="instant"
        POST /v1/payouts/{{quick}}/cancel => 400
        +{DAY_S}
        GET /v1/payouts => 200 /data/0/automatic=true /data/0/amount=9000 /data/0/id>day
        "#
    ));
    let payout = script.name("day").to_owned();
    let (without, with, kinds) = sums(&mut script, &payout);
    assert_eq!((without, with), (9000, 0), "what left by hand is counted: {kinds:?}");
}

#[test]
fn a_payout_that_the_bank_sends_back_is_in_a_later_one() {
    let street = Street::open(1, "none");
    let pay = format!("amount=10000&{PAY}=pm_card_bypassPending");
    street.call("POST", "/v1/payment_intents", &pay);
    let made = street.call("POST", "/_sandbox/payouts/run", "");
    let payout = made["payouts"][0]["id"].as_str().expect("a payout").to_owned();
    assert_eq!(street.call("POST", "/_sandbox/payouts/run", "")["payouts"], serde_json::json!([]));
    street.call("POST", "/_sandbox/tick", "days=5");
    assert_eq!(street.call("GET", &format!("/v1/payouts/{payout}"), "")["status"], "paid");
    let fail = format!("/_sandbox/payouts/{payout}/fail");
    let failed = street.call("POST", &fail, "failure_code=no_account");
    assert_eq!((&failed["status"], &failed["failure_code"]), (&"failed".into(), &"no_account".into()));
    assert_eq!(street.try_call("POST", &fail, "").expect("an answer").0, 400, "only once");
    street.call("POST", "/_sandbox/payouts", "schedule=manual");
    street.call("POST", "/_sandbox/tick", "days=1");
    let newest = |street: &Street| street.call("GET", "/v1/payouts", "limit=1")["data"][0].clone();
    assert_eq!(newest(&street)["id"], payout.as_str(), "none is made by itself");
    street.call("POST", "/_sandbox/payouts", "schedule=daily");
    street.call("POST", "/_sandbox/tick", "days=1");
    let again = newest(&street);
    assert_eq!((&again["amount"], &again["status"]), (&9680.into(), &"pending".into()));
    let form = format!("payout={}", again["id"].as_str().expect("an id"));
    let rows = street.call("GET", "/v1/balance_transactions", &form);
    let kinds: Vec<&str> =
        rows["data"].as_array().expect("rows").iter().filter_map(|row| row["type"].as_str()).collect();
    assert_eq!(kinds, ["payout", "payout_failure"]);
}

#[test]
fn a_connected_account_is_paid_once_it_may_be() {
    let street = Street::open(1, "none");
    let account =
        street.call("POST", "/v1/accounts", "type=express")["id"].as_str().expect("an id").to_owned();
    let book = format!("account={account}");
    street.call("POST", "/v1/transfers", &format!("amount=5000&currency=usd&destination={account}"));
    street.call("POST", "/_sandbox/tick", "days=4");
    let run = |street: &Street| street.call("POST", "/_sandbox/payouts/run", &book)["payouts"].clone();
    assert_eq!(run(&street), serde_json::json!([]), "nobody has told who it belongs to");
    street.call("POST", &format!("/_sandbox/accounts/{account}/onboard"), "");
    assert_eq!(run(&street)[0]["amount"], 5000);
}
