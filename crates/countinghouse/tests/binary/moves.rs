//! A house moved from one database to another by the command line alone, on either engine; and the bodies of old events
//! moved to an archive, by hand and by the server, killed in the middle, read from there and put back.

use std::path::Path;
use std::time::Duration;

use sandbox::traffic::year;
use sandbox::{Delivery, Rng};
use testkit::TestDatabase;

use crate::house::{House, SECRETS, TEST};
use crate::street::set_up;
use crate::tools::{eventually, now};

/// A house with half a year in its inbox, drained. `customers` says how many events that is.
fn lived_in(db: TestDatabase, customers: u32) -> House {
    let traffic = year(31, 6, customers, 1_735_689_600);
    let deliveries: Vec<Delivery> = traffic.deliveries().collect();
    let lines: Vec<u8> = deliveries.iter().flat_map(|one| [one.body.as_slice(), b"\n"].concat()).collect();
    let house = House::new(db, &SECRETS);
    std::fs::write(house.folder().join("events.jsonl"), [lines.as_slice(), b"no json\n"].concat())
        .expect("a file");
    set_up(&house, &traffic.setup);
    house.ok("events import events.jsonl");
    house.ok("events drain");
    house
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn exported(house: &House) -> String {
    house.ok("events export")
}

#[test]
fn a_house_is_moved_to_another_engine_and_back_by_four_verbs() {
    let Some(there) = TestDatabase::postgres() else { return };
    let first = lived_in(TestDatabase::sqlite(), 12);
    let (second, third) = (House::new(there, &SECRETS), House::sqlite());
    let expected = first.ok("ledger export --format json");
    for (from, to) in [(&first, &second), (&second, &third)] {
        let path = |name: &str| to.folder().join(name).display().to_string();
        from.ok(&format!("log export '{}'", path("log.jsonl")));
        let done = from.json(&format!("events export '{}'", path("inbox.jsonl.gz")));
        assert_eq!(done["quarantined"], 1);
        to.ok("log import log.jsonl");
        let taken = to.json("events import inbox.jsonl.gz");
        assert_eq!(taken["new"], done["events"], "{}", to.db.engine);
        to.audit();
        assert!(to.ok("ledger export --format json") == expected, "{}: other books", to.db.engine);
        assert!(exported(to) == exported(from), "{}: another inbox", to.db.engine);
    }
    let plain = third.folder().join("plain.jsonl");
    third.ok("events export plain.jsonl");
    let packed = bytes(&third.folder().join("inbox.jsonl.gz"));
    let file = bytes(&plain);
    assert!(
        file == exported(&third).into_bytes() && packed.len() * 4 < file.len(),
        "{} of {}",
        packed.len(),
        file.len()
    );
    let spoilt = String::from_utf8(file).expect("text").replacen(
        "\\\"object\\\":\\\"event\\\"",
        "\\\"object\\\":\\\"EVENT\\\"",
        1,
    );
    std::fs::write(&plain, spoilt).expect("a file");
    let refused = third.run("events import plain.jsonl");
    refused.expect(1);
    assert!(refused.err.contains("line 1: event evt_") && refused.err.contains("does not match its hash"));
}

#[test]
fn archived_bodies_are_read_from_the_archive_asked_for_by_name_and_put_back() {
    for db in TestDatabase::each() {
        let mut house = lived_in(db, 6);
        let (before, books) = (exported(&house), house.ok("ledger export --format json"));
        let one = house.events()[0]["id"].as_str().expect("an id").to_owned();
        house.run("events archive --before 2100-01-01").expect(2);
        let done = house.json("events archive --before 2100-01-01 --to old.jsonl.gz --shrink");
        let moved = done["archives"][0]["events"].as_u64().expect("a count");
        assert_eq!((moved, done["stays"].as_u64()), (before.lines().count() as u64 - 1, Some(0)));
        for (line, code, says) in [
            (
                "replay --verify",
                1,
                "its body is in the archive old.jsonl.gz. Say where that is with --archive DIR",
            ),
            ("replay --as-of 2100-01-01", 1, "events restore old.jsonl.gz"),
            ("events export other.jsonl", 1, "--archive DIR"),
            (&format!("events replay {one}"), 1, "--archive DIR"),
            ("replay --verify --archive elsewhere", 1, "elsewhere/old.jsonl.gz"),
            ("verify --deep", 0, &format!("{moved} bodies are in archives and were not looked at")),
            ("replay --verify --archive .", 0, ""),
            ("verify --deep --archive old.jsonl.gz", 0, ""),
            (&format!("events replay {one} --archive ."), 0, "a dry run"),
        ] {
            let ran = house.run(line);
            ran.expect(code);
            assert!(ran.err.contains(says), "{line}: {}", ran.err);
        }
        assert!(!house.folder().join("other.jsonl").exists(), "an export that failed leaves no file");
        let shown = house.ok(&format!("events show {one}"));
        assert!(shown.contains("its body is in the archive old.jsonl.gz"), "{shown}");
        house.set("COUNTINGHOUSE_ARCHIVE_DIR", ".");
        assert!(exported(&house) == before && house.ok(&format!("events show {one}")).contains("\"object\""));
        assert_eq!(house.ok("ledger export --format json"), books);

        let archive = house.folder().join("old.jsonl.gz");
        let text = house.ok("events export");
        std::fs::write(house.folder().join("new.jsonl"), &text).expect("a file");
        std::fs::write(house.folder().join("bad.jsonl"), text.replacen("evt_", "EVT_", 2)).expect("a file");
        let refused = house.run("events restore bad.jsonl");
        refused.expect(1);
        assert!(refused.err.contains("its body does not match its hash"), "{}", refused.err);
        std::fs::remove_file(archive).expect("removed");
        house.run("verify --deep").expect(0);
        let rest = house.json("events restore new.jsonl");
        assert_eq!(
            (rest["restored"].as_u64(), rest["here"].as_u64()),
            (Some(1), Some(moved - 1)),
            "the others came back from the file with one bad line"
        );
        assert!(exported(&house) == before);
        house.audit();
    }
}

/// Archives and restores under SIGKILL: whatever the moment, every body is in the inbox or in an archive.
fn killed_while_moving(db: TestDatabase) {
    const KILLS: u64 = 24;
    /// About as long as bodies take to leave once the archive is there.
    const TAKEN_OUT_MS: u64 = 60;
    let engine = db.engine;
    let mut house = lived_in(db, 16);
    let (before, books) = (exported(&house), house.ok("ledger export --format json"));
    house.set("COUNTINGHOUSE_ARCHIVE_DIR", "archive");
    let mut rng = Rng::new(5);
    let from = now();
    house.ok("events archive --before 2100-01-01");
    let whole_ms = u64::try_from(from.elapsed().as_millis()).expect("short");
    let made = |house: &House| {
        let folder = std::fs::read_dir(house.folder().join("archive")).expect("a folder");
        let names = folder.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter(|name| name.ends_with(".gz")).collect::<Vec<_>>()
    };
    for name in made(&house) {
        house.ok(&format!("events restore archive/{name}"));
        std::fs::remove_file(house.folder().join("archive").join(name)).expect("removed");
    }
    let (mut at_work, mut between) = (0, 0);
    for round in 0..KILLS {
        let known = made(&house).len();
        let mut verb = house.start("events archive --before 2100-01-01");
        if round % 2 == 0 {
            std::thread::sleep(Duration::from_millis(rng.below(whole_ms + 1)));
        } else {
            // The archive is under its name: now bodies leave the inbox.
            while verb.try_wait().expect("asked").is_none() && made(&house).len() == known {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(rng.below(TAKEN_OUT_MS)));
        }
        at_work += usize::from(verb.try_wait().expect("asked").is_none());
        verb.kill().expect("killed");
        verb.wait().expect("ended");
        let away =
            house.json("verify --deep --archive nowhere")["archived_unseen"].as_i64().expect("a count");
        between += usize::from(away > 0 && away < before.lines().count() as i64 - 1);
        assert!(exported(&house) == before, "{engine}, round {round}: a body is lost");
        if round % 4 == 3 {
            house.ok("events archive --before 2100-01-01");
            assert!(exported(&house) == before, "{engine}, round {round}: gone on with, a body is lost");
            for name in made(&house) {
                let mut verb = house.start(&format!("events restore archive/{name}"));
                std::thread::sleep(Duration::from_millis(rng.below(whole_ms + 1)));
                verb.kill().expect("killed");
                verb.wait().expect("ended");
                assert!(
                    exported(&house) == before,
                    "{engine}, round {round}: a body is lost on its way back"
                );
                house.ok(&format!("events restore archive/{name}"));
                std::fs::remove_file(house.folder().join("archive").join(name)).expect("removed");
            }
        }
    }
    for name in made(&house) {
        house.ok(&format!("events restore archive/{name}"));
    }
    std::fs::remove_dir_all(house.folder().join("archive")).expect("removed");
    assert!(exported(&house) == before && house.ok("ledger export --format json") == books, "{engine}");
    house.audit();
    println!(
        "killed archives, {engine}: {KILLS} kills, {at_work} at work, {between} with some bodies moved, 0 lost"
    );
    assert!(at_work > 0, "{engine}: no kill met a run at work: the test shows nothing");
}

#[test]
fn an_archive_killed_again_and_again_on_sqlite_loses_no_body() {
    killed_while_moving(TestDatabase::sqlite());
}

#[test]
fn an_archive_killed_again_and_again_on_postgresql_loses_no_body() {
    if let Some(db) = TestDatabase::postgres() {
        killed_while_moving(db);
    }
}

#[test]
fn a_server_with_a_retention_moves_old_bodies_to_the_archive_and_leaves_the_young() {
    for db in TestDatabase::each() {
        let text = exported(&lived_in(TestDatabase::sqlite(), 4));
        let events = text.lines().count() - 1;
        // What was imported is as old as its import; here it is a year older.
        let aged = |line: &str| {
            let (head, rest) = line.split_once("\"received_at\":").expect("a time");
            let (at, rest) = rest.split_once(',').expect("more");
            let at: i64 = at.parse().expect("a number");
            format!("{head}\"received_at\":{},{rest}\n", at - 365 * 86_400_000)
        };
        let mut house = House::new(db, &SECRETS);
        std::fs::write(house.folder().join("old.jsonl"), text.lines().map(aged).collect::<String>())
            .expect("a file");
        house.ok("events import old.jsonl");
        house.ok("events drain");
        house.set("COUNTINGHOUSE_RETENTION_MONTHS", "6");
        house.run("config check").expect(2);
        // A file where the folder is to be: old bodies stay, and somebody hears of it.
        std::fs::write(house.folder().join("archive"), "in the way").expect("a file");
        house.set("COUNTINGHOUSE_ARCHIVE_DIR", "archive/bodies");
        house.set("COUNTINGHOUSE_ALERT_EVERY_S", "1");
        house.serve();
        let alerts = || house.json("alerts list");
        eventually("it is an alert", || alerts()[0]["rule"] == "retention");
        let words = alerts()[0]["words"].as_str().unwrap_or_default().to_owned();
        assert!(words.contains("archive/bodies") && words.contains("stay in the inbox"), "{words}");
        house.stop();
        std::fs::remove_file(house.folder().join("archive")).expect("gone");
        house.set("COUNTINGHOUSE_ARCHIVE_DIR", "archive");
        house.serve();
        let young = br#"{"id":"evt_young","object":"event","type":"odd.type","created":1767225600,"livemode":false,"data":{"object":{}}}"#;
        assert_eq!(house.post(TEST, young), 200);
        assert_eq!(house.post(TEST, young), 200);
        let unseen = || house.json("verify --deep --archive nowhere")["archived_unseen"].as_u64();
        eventually("old bodies are archived", || unseen() == Some(events as u64));
        eventually("the alert is over", || house.json("alerts list") == serde_json::json!([]));
        let (code, log) = house.stop();
        assert_eq!(code, Some(0), "{log}");
        let shown = house.ok("events show evt_young --archive nowhere");
        assert!(shown.contains("\"odd.type\""), "the young one stays");
        assert!(shown.contains("Z delivered by Stripe again, the same bytes (delivery 2)\n"), "{shown}");
        house.audit();
    }
}
