//! Codes made at Stripe by the real program: what cannot be is said before anything is called, what goes wrong on
//! the way is tried again, and a code is followed from its making to its end. `codes_killed.rs` kills it meanwhile.

use std::time::Duration;

use serde_json::Value;
use testkit::TestDatabase;

use crate::codes_at_stripe::{Codes, Hold, listed};
use crate::house::{House, SECRETS};
use crate::sandbox::Sandbox;

pub(crate) const ADD: &str = "partner add anna --name Anna --email anna@example.com --rate-bps 2000";
pub(crate) const CREATE: &str = "code create anna --code ANNA10 --percent-off 12.5 --book test";

pub(crate) fn house(db: TestDatabase, codes: &Codes) -> House {
    let mut house = House::new(db, &SECRETS);
    house.set("STRIPE_API_BASE", &codes.stripe.address);
    house.set("STRIPE_API_KEY_TEST", "sk_test_ofthebinary");
    house.ok(ADD);
    house
}

/// One code, one coupon, one mapping, and the metadata on both objects.
pub(crate) fn one_of_each(house: &House, codes: &Codes, what: &str) {
    let (coupons, made) = codes.all();
    let ([coupon], [code]) = (coupons.as_slice(), made.as_slice()) else {
        panic!("{what}: not one coupon and one code: {coupons:?} {made:?}");
    };
    assert_eq!(code["promotion"]["coupon"], coupon["id"], "{what}");
    for object in [coupon, code] {
        assert_eq!(object["metadata"]["partner_handle"], "anna", "{what}");
        assert_eq!(object["metadata"]["partner_ref"], "prt_1", "{what}");
        assert!(object["metadata"]["countinghouse_intent"].is_string(), "{what}");
    }
    let list = house.json("code list");
    let rows = list.as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{what}: {list}");
    assert_eq!(rows[0]["promotion_code"], code["id"], "{what}");
    let intents = house.json("code intents");
    assert_eq!(intents.as_array().map(Vec::len), Some(1), "{what}: {intents}");
    assert_eq!(intents[0]["state"], "done", "{what}");
    house.run("verify").expect(0);
}

#[test]
fn what_cannot_be_is_said_before_anything_is_called() {
    let codes = Codes::start();
    let house = house(TestDatabase::sqlite(), &codes);
    for (line, says) in [
        ("code create anna --code A --percent-off 10 --amount-off 5 --currency usd --book test", "not both"),
        ("code create anna --code A --book test", "not neither"),
        ("code create anna --code A --amount-off 5 --book test", "needs its currency"),
        ("code create anna --code A --percent-off 200 --book test", "out of range"),
        ("code create anna --code A --percent-off ten --book test", "not a percentage"),
        ("code create anna --code A --percent-off 10 --months 3 --book test", "repeating"),
        ("code create anna --code A --amount-off 5.00 --currency usd", "for 5.00 write 500"),
        ("code create anna --code A --percent-off 10 --book live", "STRIPE_API_KEY"),
        ("code create anna --code A --percent-off 10 --book live", "code adopt"),
    ] {
        let ran = house.run(line);
        ran.expect(2);
        assert!(ran.err.contains(says), "{line}: {}", ran.err);
    }
    for (line, says) in [
        ("code create zoe --code A --percent-off 10 --book test", "there is no partner zoe"),
        ("code rotate NONE --code NEW", "no partner has the code NONE"),
        ("code deactivate NONE", "no partner has the code NONE"),
    ] {
        assert!(house.run(line).expect(1).err.contains(says), "{line}");
    }
    let dry = house.ok("code create anna --code A --percent-off 10% --book test --dry-run");
    assert!(dry.contains("make the coupon, make the code"), "{dry}");
    let dry = house.json("code create anna --code A --percent-off 10 --book test --dry-run");
    assert_eq!(dry[0]["calls"].as_array().map(Vec::len), Some(2), "{dry}");
    assert_eq!(house.json("code intents"), Value::Array(Vec::new()));
    assert_eq!(codes.stripe.asked().len(), 0, "nothing was called");
}

/// It is tried for as long as somebody wants to wait, however often it was tried before.
#[test]
fn who_waits_for_a_code_waits_until_the_wait_is_over() {
    let codes = Codes::start();
    let house = house(TestDatabase::sqlite(), &codes);
    let too_many = |calls: usize| codes.objects.lock().expect("sound").too_many = calls;
    too_many(1);
    let ran = house.run(&format!("{CREATE} --wait-s 0"));
    assert!(ran.expect(1).err.contains("is under way"), "{}", ran.err);
    too_many(5);
    let made = house.ok(&format!("{CREATE} --wait-s 10"));
    assert!(made.contains("belongs"), "{made}");
    one_of_each(&house, &codes, "after 429 six times");
    // A key that may not is no use to try again: it is said at once.
    codes.objects.lock().expect("sound").denied = true;
    let ran = house.run("code create anna --code ANNA11 --percent-off 10 --book test --wait-s 3600");
    assert!(ran.expect(1).err.contains("is under way"), "{}", ran.err);
}

#[test]
fn a_code_lives_from_create_over_rotate_to_deactivate_and_drift_finds_what_others_did() {
    let codes = Codes::start();
    let house = house(TestDatabase::sqlite(), &codes);
    let made = house.ok(CREATE);
    assert!(made.contains("ANNA10 (promo_1") && made.contains("now belongs to anna"), "{made}");
    assert!(house.ok(CREATE).contains("belongs already"));
    one_of_each(&house, &codes, "twice");
    house.ok("code drift");
    house.ok("events drain");
    assert_eq!(house.json("code list")[0]["stripe_state"], "active", "the answer is in the mirror");
    // Of one second, nobody could say which answer is the newer one.
    std::thread::sleep(Duration::from_millis(1_100));
    codes.objects.lock().expect("sound").codes[0]["times_redeemed"] = 7.into();
    let drifted = house.run("code drift --json");
    drifted.expect(1);
    assert_eq!(drifted.json()[0]["differences"][0]["kind"], "redemptions");
    house.ok("code drift --fix");
    assert_eq!(house.json("code list")[0]["times_redeemed"], 7);
    let rotated = house.json("code rotate anna10 --code ANNA11");
    assert_eq!((rotated["state"].as_str(), rotated["fresh"].as_bool()), (Some("done"), Some(true)));
    assert_eq!(house.json("code rotate anna10 --code ANNA11")["fresh"], false);
    assert_eq!(codes.counts(), (1, 2));
    {
        let mut objects = codes.objects.lock().expect("sound");
        assert_eq!(objects.codes[0]["active"], false);
        assert_eq!(objects.codes[1]["promotion"], objects.codes[0]["promotion"]);
        objects.codes[1]["metadata"] = serde_json::json!({});
    }
    house.run("code drift").expect(1);
    let fixed = house.json("code drift --fix");
    assert_eq!(fixed[0]["mended"][0]["state"], "done", "{fixed}");
    house.ok("code drift");
    // Of one second, nobody could say which answer is the newer one.
    std::thread::sleep(Duration::from_millis(1_100));
    codes.objects.lock().expect("sound").codes[1]["active"] = false.into();
    let drifted = house.run("code drift --json");
    drifted.expect(1);
    assert_eq!(drifted.json()[0]["differences"][0]["kind"], "inactive");
    assert_eq!(house.json("code list")[1]["stripe_state"], "active", "nothing was taken over yet");
    house.ok("code drift --fix");
    assert_eq!(house.json("code list")[1]["stripe_state"], "inactive", "what Stripe shows is in the mirror");
    assert_eq!(house.json("code show ANNA11")[0]["active"], false);
    assert!(house.run("code deactivate ANNA11").expect(1).err.contains("no partner has"));
    house.ok("code create anna --code ANNA12 --percent-off 5 --book test");
    let ended = house.ok("code deactivate ANNA12");
    assert!(ended.contains("is inactive at Stripe"), "{ended}");
    let table = house.ok("code list");
    assert!(table.contains("ANNA12") && table.contains("at Stripe"), "{table}");
}

#[test]
fn a_file_of_codes_is_checked_as_a_whole_made_row_by_row_and_goes_on_where_it_was() {
    let codes = Codes::start();
    let house = house(TestDatabase::sqlite(), &codes);
    let write = |text: &str| std::fs::write(house.folder().join("codes.csv"), text).expect("a file");
    let create = "code create --from-csv codes.csv --percent-off 10 --book test";
    write("partner,code,percent_off\nanna,ONE,\nanna,one,\nzoe,TWO,\nanna,THREE 3,\n,FOUR,\n");
    let ran = house.run(create);
    ran.expect(2);
    for says in [
        "line 3: one is on line 2 already",
        "line 4: there is no partner zoe",
        "line 5: 'THREE 3' cannot be",
        "line 6: the row names no partner",
    ] {
        assert!(ran.err.contains(says), "{}", ran.err);
    }
    write("partner,code\nzoe,ONE\n");
    assert!(house.run(create).expect(2).err.contains("line 2: there is no partner zoe"));
    write("partner,kode\nanna,ONE\n");
    assert!(house.run(create).expect(2).err.contains("the column 'kode' is unknown"));
    assert_eq!(codes.stripe.asked().len(), 0, "nothing was called");

    // Killed in the middle; somebody else's code is among them.
    let rows: String = (1..=6).map(|n| format!("anna,MANY-{n},\n")).collect();
    write(&format!("partner,code,max_redemptions\n{rows}anna,HERS,5\n"));
    codes.objects.lock().expect("sound").codes.push(
        serde_json::json!({"id": "promo_hers", "code": "hers", "active": true, "metadata": {"partner_handle": "eve"}}),
    );
    codes.hold(Hold::After(7));
    let mut verb = house.start(create);
    codes.wait_until_held();
    verb.kill().expect("killed");
    verb.wait().expect("ended");
    codes.let_go();
    let ran = house.run(&format!("{create} --json"));
    ran.expect(1);
    let report = ran.json();
    let results: Vec<&str> =
        report.as_array().expect("rows").iter().filter_map(|row| row["result"].as_str()).collect();
    assert_eq!(results, ["there", "there", "made", "made", "made", "made", "refused"], "{report}");
    assert!(report[6]["reason"].as_str().expect("why").contains("code adopt anna --code hers"), "{report}");
    assert_eq!(codes.counts(), (6, 7), "one coupon and one code for each row that could be");
    write(&format!("partner,code\n{rows}").replace(",\n", "\n"));
    house.ok(create);
    assert_eq!(codes.counts(), (6, 7), "run again, nothing is made");
}

/// Calls that are refused, fail before or after their effect, and go unanswered: thirty codes all the same.
#[test]
fn a_file_of_codes_gets_through_a_sandbox_in_which_a_third_of_the_calls_go_wrong() {
    let sandbox =
        Sandbox::start("--chaos api-429=6%,api-500=6%,api-500-after=7%,api-reset=7%,api-timeout=7%");
    let mut house = House::new(TestDatabase::sqlite(), &SECRETS);
    house.set("STRIPE_API_BASE", &format!("http://{}", sandbox.at));
    house.set("STRIPE_API_KEY_TEST", "sk_test_ofthebinary");
    house.ok(ADD);
    let rows: String = (1..=30).map(|n| format!("anna,CHAOS-{n}\n")).collect();
    std::fs::write(house.folder().join("codes.csv"), format!("partner,code\n{rows}")).expect("a file");
    let create = "code create --from-csv codes.csv --amount-off 500 --currency usd --currency-option eur=450 \
                  --duration repeating --months 3 --first-time-only --minimum-amount 2000 --minimum-currency usd \
                  --max-redemptions 50 --expires-at 2100-01-01 --book test --json";
    let runs = (1..=5).find(|_| house.run(create).code == 0);
    let report = house.json(create.trim_end_matches(" --json"));
    assert!(runs.is_some(), "{report}");
    sandbox.call("/_sandbox/chaos", "set=none");
    let (coupons, codes) = (listed(sandbox.at, "/v1/coupons"), listed(sandbox.at, "/v1/promotion_codes"));
    assert_eq!((coupons.len(), codes.len()), (30, 30), "{report}");
    let code = &codes[0];
    assert_eq!(code["restrictions"]["minimum_amount"], 2000, "{code}");
    assert_eq!(code["restrictions"]["first_time_transaction"], true, "{code}");
    assert_eq!(
        (&code["max_redemptions"], &code["expires_at"]),
        (&50.into(), &4_102_444_800_i64.into()),
        "{code}"
    );
    assert_eq!(coupons[0]["duration_in_months"], 3, "{}", coupons[0]);
    house.ok("code drift");
    let attempts = house.json("code intents --limit 100");
    let attempts: i64 =
        attempts.as_array().expect("rows").iter().filter_map(|row| row["attempts"].as_i64()).sum();
    println!("30 codes in a bad sandbox: {attempts} attempts, 0 duplicate objects, 0 lost");
}

#[test]
fn a_code_is_waited_for_as_long_as_was_said() {
    let codes = Codes::start();
    codes.busy_for(Duration::from_secs(3));
    let house = house(TestDatabase::sqlite(), &codes);
    house.ok("code create anna --code ANNA20 --percent-off 20 --wait-s 8");
    assert_eq!(codes.counts(), (1, 1));
}
