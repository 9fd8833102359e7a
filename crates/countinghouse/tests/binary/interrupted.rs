//! Verbs that write and are killed in the middle (F1 for the command line): an import and a drain done again
//! end where they would have ended undisturbed, and a killed replay leaves the books alone.

use std::time::Duration;

use sandbox::traffic::year;
use sandbox::{Delivery, Rng};
use testkit::TestDatabase;

use crate::house::{House, SECRETS};
use crate::street::set_up;

const KILLS: usize = 10;

/// Kills the verb some milliseconds after its start, again and again; how often it was still at work.
fn kill_often(house: &House, line: &str, rng: &mut Rng, latest_ms: u64) -> usize {
    let mut met = 0;
    for _ in 0..KILLS {
        let mut verb = house.start(line);
        std::thread::sleep(Duration::from_millis(10 + rng.below(latest_ms)));
        met += usize::from(verb.try_wait().expect("asked").is_none());
        verb.kill().expect("killed");
        verb.wait().expect("ended");
    }
    met
}

#[test]
fn an_import_a_drain_and_a_replay_that_were_killed_are_done_again_without_harm() {
    let traffic = year(21, 12, 24, 1_735_689_600);
    let deliveries: Vec<Delivery> = traffic.deliveries().collect();
    let lines: Vec<u8> = deliveries.iter().flat_map(|one| [one.body.as_slice(), b"\n"].concat()).collect();
    let prepare = |db| {
        let house = House::new(db, &SECRETS);
        std::fs::write(house.folder().join("events.jsonl"), &lines).expect("a file");
        set_up(&house, &traffic.setup);
        house
    };
    let calm = prepare(TestDatabase::sqlite());
    let new = calm.json("events import events.jsonl")["new"].as_u64().expect("a count");
    calm.ok("events drain");
    let expected = calm.ok("ledger export --format json");
    for db in TestDatabase::each() {
        let engine = db.engine;
        let house = prepare(db);
        let mut rng = Rng::new(3);
        let imports = kill_often(&house, "events import events.jsonl", &mut rng, 120);
        let rest = house.json("events import events.jsonl");
        let count = |name: &str| rest[name].as_u64().expect("a count");
        assert_eq!(count("new") + count("known"), deliveries.len() as u64, "{engine}");
        assert_eq!(house.events().len() as u64, new, "{engine}: nothing double, nothing missing");
        let drains = kill_often(&house, "events drain", &mut rng, 400);
        house.audit();
        let replays = kill_often(&house, "replay --verify", &mut rng, 400);
        house.audit();
        assert_eq!(house.db.scratch_books(), Vec::<String>::new(), "{engine}: the next replay cleans up");
        assert!(house.ok("ledger export --format json") == expected, "{engine}: other books");
        println!(
            "killed verbs, {engine}: {imports} imports, {drains} drains, {replays} replays at work, of {KILLS} each"
        );
        assert!(imports + drains + replays > 0, "{engine}: no verb was met at work");
    }
}
