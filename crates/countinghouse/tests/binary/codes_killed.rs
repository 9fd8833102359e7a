//! Verbs about codes, killed with SIGKILL at every call, before and after its effect: repeated by hand or gone on
//! with by a server, each comes to one end and makes nothing twice (I34, F27).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use testkit::TestDatabase;

use crate::codes::{CREATE, house, one_of_each};
use crate::codes_at_stripe::{Codes, Hold};
use crate::house::House;
use crate::sandbox::Sandbox;

/// A verb that is killed.
struct Verb {
    name: &'static str,
    line: &'static str,
    /// What is run before it, undisturbed.
    before: &'static [&'static str],
    /// How many calls it makes, and how many of the first only read what the intent then says: killed there, nothing
    /// was begun that a server could go on with.
    calls: usize,
    reads: usize,
    /// What must be at the end.
    check: fn(&House, &Codes, &str),
}

const VERBS: [Verb; 3] = [
    // Looking, coupon, promotion code.
    Verb { name: "create", line: CREATE, before: &[], calls: 3, reads: 0, check: one_of_each },
    // The old code; looking, coupon, promotion code, the old code's end.
    Verb {
        name: "rotate",
        line: "code rotate ANNA10 --code ANNA11 --book test",
        before: &[CREATE],
        calls: 5,
        reads: 1,
        check: rotated,
    },
    // The code; its end.
    Verb {
        name: "deactivate",
        line: "code deactivate ANNA10 --book test",
        before: &[CREATE],
        calls: 2,
        reads: 1,
        check: deactivated,
    },
];

/// Text, activity and mapping of every code, and that all intents are done.
fn codes_now(house: &House, codes: &Codes, what: &str) -> Vec<(String, bool, bool)> {
    let intents = house.json("code intents");
    let states: Vec<_> = intents.as_array().expect("rows").iter().map(|row| &row["state"]).collect();
    assert!(states.len() == 2 && states.iter().all(|state| *state == "done"), "{what}: {intents}");
    house.run("verify").expect(0);
    let list = house.json("code list");
    let held = |code: &Value| {
        let of = |row: &&Value| row["promotion_code"] == code["id"];
        let rows: Vec<_> = list.as_array().expect("rows").iter().filter(of).collect();
        assert_eq!(rows.len(), 1, "{what}: each code is mapped once: {list}");
        rows[0]["until"].is_null()
    };
    let (coupons, made) = codes.all();
    assert_eq!(coupons.len(), 1, "{what}: {coupons:?}");
    let text = |code: &Value| code["code"].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = made.iter().map(|code| (text(code), code["active"] == true, held(code))).collect();
    all.sort();
    all
}

fn rotated(house: &House, codes: &Codes, what: &str) {
    let expected = [("ANNA10".to_owned(), false, false), ("ANNA11".to_owned(), true, true)];
    assert_eq!(codes_now(house, codes, what), expected, "{what}");
}

fn deactivated(house: &House, codes: &Codes, what: &str) {
    assert_eq!(codes_now(house, codes, what), [("ANNA10".to_owned(), false, false)], "{what}");
}

/// Killed at this call; then somebody repeats the command, or a server is started that goes on by itself.
fn killed_at(db: TestDatabase, codes: &Codes, verb: &Verb, hold: Hold, by_server: bool) {
    let mut house = house(db, codes);
    for line in verb.before {
        house.ok(line);
    }
    codes.hold(hold);
    let mut running = house.start(verb.line);
    codes.wait_until_held();
    running.kill().expect("killed");
    running.wait().expect("ended");
    codes.let_go();
    let what = format!("{} {hold:?}, server: {by_server}", verb.name);
    if by_server {
        house.serve();
        let done = || house.json("code intents")[0]["state"] == "done";
        let tries = (0..600).position(|_| {
            std::thread::sleep(Duration::from_millis(100));
            done()
        });
        assert!(tries.is_some(), "{what}: the courier does not go on: {}", house.json("code intents"));
        house.stop();
    } else {
        let ran = house.run(verb.line);
        // A deactivation that was only not told of is over: nobody has the code any more.
        let over = ran.code == 2 && ran.err.contains("no partner has the code");
        assert!(ran.code == 0 || (over && verb.name == "deactivate"), "{what}: {} {}", ran.out, ran.err);
    }
    (verb.check)(&house, codes, &what);
}

fn kill_everywhere(stripe: &str, each: impl Fn() -> Option<TestDatabase> + Sync) {
    for verb in &VERBS {
        let holds = (0..verb.calls).flat_map(|call| [Hold::Before(call), Hold::After(call)]);
        let kills = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for (number, hold) in holds.enumerate() {
                for by_server in [false, true] {
                    if by_server && number < 2 * verb.reads {
                        continue;
                    }
                    let Some(db) = each() else { continue };
                    let kills = &kills;
                    scope.spawn(move || {
                        let sandbox = (stripe == "sandbox's").then(|| Sandbox::start(""));
                        let codes =
                            sandbox.as_ref().map_or_else(Codes::start, |sandbox| Codes::before(sandbox.at));
                        killed_at(db, &codes, verb, hold, by_server);
                        kills.fetch_add(1, Ordering::SeqCst);
                    });
                }
            }
        });
        println!(
            "code {} against the {stripe} Stripe: {} kills by SIGKILL, 0 duplicate objects, 0 lost",
            verb.name,
            kills.load(Ordering::SeqCst)
        );
    }
}

#[test]
fn killed_at_any_call_on_sqlite_each_verb_comes_to_one_end() {
    kill_everywhere("sandbox's", || Some(TestDatabase::sqlite()));
}

#[test]
fn killed_at_any_call_on_postgresql_each_verb_comes_to_one_end() {
    kill_everywhere("test's own", TestDatabase::postgres);
}
