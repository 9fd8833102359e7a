//! Alerts on both engines: open once and closed once whoever looks, said at least once with one name, silence learned
//! from what was delivered.

use std::sync::{Arc, Mutex};

use engine::alert::{MESSAGE_ATTEMPTS_MAX, Message, Sink, Thresholds, list, round, watch};
use engine::parked::{Which, discard};
use store::Append;

use crate::invariants::event;
use crate::parked::poison;
use crate::world::{NOW, World};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Keeps what it is sent, and fails as often as it is told to.
#[derive(Clone, Default)]
struct Memory {
    heard: Arc<Mutex<Vec<Message>>>,
    failures: Arc<Mutex<i64>>,
}

impl Sink for Memory {
    fn name(&self) -> &'static str {
        "hook"
    }

    fn send(&self, message: &Message, _: i64) -> Result<(), String> {
        let mut failures = self.failures.lock().expect("sound");
        if *failures > 0 {
            *failures -= 1;
            return Err("it answered 500".into());
        }
        self.heard.lock().expect("sound").push(message.clone());
        Ok(())
    }
}

impl Memory {
    fn kinds(&self) -> Vec<String> {
        self.heard.lock().expect("sound").iter().map(|message| message.kind.clone()).collect()
    }
}

fn look(world: &World, now: i64) -> bool {
    watch(&world.house, &Thresholds::default(), &["hook"], now).expect("looked")
}

fn send(world: &World, sink: &Memory, now: i64) -> usize {
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(sink.clone())];
    round(&world.house, &sinks, &move || now, &|| false).expect("sent")
}

/// Takes a message and never comes back; tells that it was asked.
struct Hanging(std::sync::mpsc::Sender<()>);

impl Sink for Hanging {
    fn name(&self) -> &'static str {
        "hook"
    }

    fn send(&self, _: &Message, _: i64) -> Result<(), String> {
        self.0.send(()).expect("somebody listens");
        loop {
            std::thread::park();
        }
    }
}

#[test]
fn a_sink_that_hangs_does_not_keep_the_program_from_ending() {
    let world = World::sqlite();
    world.house.inbox().append(&[poison("evt_a")]).expect("appended");
    world.drain();
    let (asked, heard) = std::sync::mpsc::channel();
    let sinks: Vec<Box<dyn Sink>> = vec![Box::new(Hanging(asked))];
    let clock: engine::worker::Clock = Arc::new(|| NOW);
    let guard = engine::alert::Guard::start(&world.house, Thresholds::default(), sinks, &clock);
    heard.recv().expect("it is asked");
    // Waiting for the sink would never end.
    drop(guard);
    assert!(heard.try_recv().is_err(), "asked once");
}

#[test]
fn an_alert_opens_once_is_said_again_after_a_day_and_closes_once() {
    for world in World::each() {
        let sink = Memory::default();
        world.house.inbox().append(&[poison("evt_a")]).expect("appended");
        world.drain();
        assert!(look(&world, NOW));
        assert!(!look(&world, NOW + 1), "somebody has just looked");
        // Another process that looks, and one that was restarted: the same alert.
        for minute in 1..4 {
            assert!(look(&world, NOW + minute * MINUTE));
            send(&world, &sink, NOW + minute * MINUTE);
        }
        assert_eq!(sink.kinds(), ["opened"], "{}", world.engine);
        assert!(look(&world, NOW + 25 * HOUR));
        send(&world, &sink, NOW + 25 * HOUR);
        discard(&world.house, &Which::All, "a test", "eve", NOW).expect("discarded");
        assert!(look(&world, NOW + 26 * HOUR));
        assert!(look(&world, NOW + 27 * HOUR));
        send(&world, &sink, NOW + 27 * HOUR);
        assert_eq!(sink.kinds(), ["opened", "reminder", "closed"], "{}", world.engine);
        assert!(list(&world.house, true, 10).expect("listed").is_empty());
        let all = list(&world.house, false, 10).expect("listed");
        assert_eq!((all.len(), all[0].state, all[0].rule.as_str()), (1, "closed", "parked"));

        world.house.inbox().append(&[poison("evt_b")]).expect("appended");
        world.drain();
        assert!(look(&world, NOW + 28 * HOUR));
        let all = list(&world.house, false, 10).expect("listed");
        assert_eq!(all.len(), 2, "the next time is another alert: {}", world.engine);
        assert_ne!(all[0].id, all[1].id);
    }
}

#[test]
fn a_message_is_tried_until_it_arrives_with_one_name_and_given_up_in_the_end() {
    for world in World::each() {
        let sink = Memory::default();
        world.house.inbox().append(&[poison("evt_a")]).expect("appended");
        world.drain();
        look(&world, NOW);
        *sink.failures.lock().expect("sound") = 2;
        assert_eq!(send(&world, &sink, NOW), 1);
        assert_eq!(send(&world, &sink, NOW + 1), 0, "not at once again");
        assert_eq!(send(&world, &sink, NOW + 11_000), 1);
        assert_eq!(send(&world, &sink, NOW + 60_000), 1);
        assert_eq!(sink.kinds(), ["opened"]);
        let heard = sink.heard.lock().expect("sound")[0].clone();
        assert!(heard.id.ends_with(".opened.hook") && heard.words.contains("amounts 1"), "{heard:?}");

        discard(&world.house, &Which::All, "a test", "eve", NOW).expect("discarded");
        look(&world, NOW + HOUR);
        *sink.failures.lock().expect("sound") = i64::MAX;
        let mut tries = 0;
        for hour in 1..200 {
            tries += send(&world, &sink, NOW + hour * HOUR);
        }
        assert_eq!(i64::try_from(tries), Ok(MESSAGE_ATTEMPTS_MAX), "{}", world.engine);
        let counts = world.house.db().read(store::alert::message_counts).expect("counts");
        assert_eq!(counts, [("hook".into(), "failed".into(), 1), ("hook".into(), "sent".into(), 1)]);
    }
}

#[test]
fn a_retention_that_fails_is_an_alert_until_a_run_goes_well_or_nobody_tries_any_more() {
    for world in World::each() {
        let ended = |at: i64, problem: Option<&str>| {
            engine::archive::retention_ended(&world.house, at, problem).expect("written")
        };
        let open = |now: i64| {
            assert!(look(&world, now));
            let open = list(&world.house, true, 10).expect("listed");
            open.into_iter().map(|one| (one.rule, one.figure, one.words)).collect::<Vec<_>>()
        };
        assert_eq!(open(NOW), [], "nothing was tried yet, {}", world.engine);
        ended(NOW + MINUTE, None);
        assert_eq!(open(NOW + 2 * MINUTE), []);
        ended(NOW + HOUR, Some("/away: no such folder"));
        ended(NOW + 2 * HOUR, Some("/away: no room"));
        let found = open(NOW + 3 * HOUR);
        let [(rule, 2, words)] = found.as_slice() else { panic!("{}: {found:?}", world.engine) };
        assert!(
            rule == "retention"
                && words.ends_with("2 time(s) in a row; they stay in the inbox: /away: no room")
        );
        ended(NOW + 4 * HOUR, None);
        assert_eq!(open(NOW + 5 * HOUR), [], "{}", world.engine);
        ended(NOW + 6 * HOUR, Some("/away: no room"));
        assert_eq!(open(NOW + 7 * HOUR)[0].1, 1, "counted anew");
        assert_eq!(open(NOW + 54 * HOUR), [], "it was switched off, {}", world.engine);
        assert_eq!(list(&world.house, false, 10).expect("listed").len(), 2);
    }
}

/// A process that dies between taking a message and hearing that it arrived: another one sends it again under the same
/// name once the lease has run out.
#[test]
fn what_was_taken_by_a_process_that_died_is_sent_by_another() {
    for world in World::each() {
        let sink = Memory::default();
        world.house.inbox().append(&[poison("evt_a")]).expect("appended");
        world.drain();
        look(&world, NOW);
        let names = ["hook".to_owned()];
        let due = world.house.db().read(|read| store::alert::due(read, NOW, &names, 10)).expect("due");
        let taken = world
            .house
            .db()
            .work(|tx| store::alert::claim(tx, &due[0].id, NOW, NOW + 120_000))
            .expect("taken");
        assert!(taken);
        assert_eq!(send(&world, &sink, NOW + 119_999), 0, "somebody may still be at it");
        assert_eq!(send(&world, &sink, NOW + 120_000), 1);
        assert_eq!(sink.heard.lock().expect("sound")[0].id, due[0].id, "{}", world.engine);
    }
}

#[test]
fn silence_is_measured_against_the_rhythm_of_the_deliveries() {
    for world in World::each() {
        let start = NOW - 21 * 24 * HOUR;
        // Three weeks of an event every ten minutes, then nothing. What was imported is no rhythm.
        let delivered = (0..3024).map(|number| Append {
            received_at: start + number * 10 * MINUTE,
            ..event(&format!("evt_{number}"), "some.type", "{}")
        });
        let all: Vec<Append> = delivered.collect();
        for batch in all.chunks(1000) {
            world.house.inbox().append(batch).expect("appended");
        }
        world.drain();
        let open = |now: i64| {
            look(&world, now);
            let open = list(&world.house, true, 10).expect("listed");
            open.into_iter().map(|one| (one.rule, one.scope)).collect::<Vec<_>>()
        };
        assert_eq!(open(NOW + HOUR), [], "{}", world.engine);
        assert_eq!(
            open(NOW + 2 * HOUR),
            [("silence".to_owned(), Some("test".to_owned()))],
            "{}",
            world.engine
        );
        let imported = Append {
            source: store::Source::Import,
            received_at: NOW + 2 * HOUR,
            ..event("evt_imported", "some.type", "{}")
        };
        world.house.inbox().append(&[imported]).expect("appended");
        world.drain();
        assert_eq!(open(NOW + 3 * HOUR).len(), 1, "an import is no word of Stripe's");
        let again = Append { received_at: NOW + 4 * HOUR, ..event("evt_again", "some.type", "{}") };
        world.house.inbox().append(&[again]).expect("appended");
        world.drain();
        assert_eq!(open(NOW + 4 * HOUR + MINUTE), [], "{}", world.engine);
    }
}
