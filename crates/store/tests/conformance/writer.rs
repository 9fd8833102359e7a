//! Group commit.

use std::sync::mpsc;

use store::{Appended, InboxWriter, StoreError};

use crate::inbox::event;
use crate::on_each_engine;

#[test]
fn everybody_who_submits_is_answered_after_the_commit() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let writer = InboxWriter::start(db.inbox()).expect("a writer");
        std::thread::scope(|scope| {
            for worker in 0..8 {
                let (writer, inbox) = (&writer, &inbox);
                scope.spawn(move || {
                    for index in 0..25 {
                        let (tell, told) = mpsc::channel();
                        let id = format!("evt_{worker}_{index}");
                        writer.submit(event(&id, "x"), Box::new(move |result| drop(tell.send(result))));
                        let seq = told.recv().expect("an answer").expect("kept").seq();
                        assert_eq!(inbox.rows(&[seq]).expect("read")[0].event_ref.as_str(), id);
                    }
                });
            }
        });
        assert_eq!(inbox.head().expect("a head"), 200);
        assert_eq!((writer.failed(), writer.waiting()), (None, 0));
    });
}

#[test]
fn what_was_accepted_is_kept_when_the_writer_is_dropped_at_once() {
    on_each_engine(|db| {
        let writer = InboxWriter::start(db.inbox()).expect("a writer");
        let (tell, told) = mpsc::channel();
        for index in 0..600 {
            let tell = tell.clone();
            let body = format!("{index}");
            writer.submit(
                event(&format!("evt_{index}"), &body),
                Box::new(move |result| drop(tell.send(result))),
            );
        }
        drop((writer, tell));
        let answers: Vec<Result<Appended, StoreError>> = told.iter().collect();
        let kept = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!((answers.len(), kept), (600, 600));
        assert_eq!(db.inbox().head().expect("a head"), 600);
    });
}

#[test]
fn a_full_queue_says_busy_instead_of_growing() {
    on_each_engine(|db| {
        let writer = InboxWriter::start(db.inbox()).expect("a writer");
        let (tell, told) = mpsc::channel();
        let body = "x".repeat(1 << 20);
        for index in 0..400 {
            let tell = tell.clone();
            writer.submit(
                event(&format!("evt_{index}"), &body),
                Box::new(move |result| drop(tell.send(result))),
            );
        }
        drop((writer, tell));
        let answers: Vec<Result<Appended, StoreError>> = told.iter().collect();
        let kept = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(answers.len(), 400);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(StoreError::Busy))));
        assert_eq!(db.inbox().head().expect("a head"), i64::try_from(kept).expect("few"));
    });
}

/// Of two instances on one database: bursts, so that a batch holds several; every second event by both, some with
/// a second body. Whichever way a batch goes, the inbox must come out the same.
#[test]
fn two_writers_of_one_database_leave_no_gap_and_count_every_delivery_once() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let writers = [(); 2].map(|()| InboxWriter::start(db.inbox()).expect("a writer"));
        let (tell, told) = mpsc::channel();
        std::thread::scope(|scope| {
            for (number, writer) in writers.iter().enumerate() {
                for part in 0..3 {
                    let tell = tell.clone();
                    scope.spawn(move || {
                        for index in 0..120 {
                            let own = index % 2 == 0;
                            let id = if own {
                                format!("evt_{number}_{part}_{index}")
                            } else {
                                format!("evt_{index}")
                            };
                            let body = if index % 5 == 1 { format!("{number}") } else { "x".into() };
                            let tell = tell.clone();
                            writer.submit(event(&id, &body), Box::new(move |result| drop(tell.send(result))));
                            if index % 16 == 0 {
                                std::thread::yield_now();
                            }
                        }
                    });
                }
            }
        });
        drop((writers, tell));
        let answers: Vec<Appended> = told.iter().map(|result| result.expect("kept")).collect();
        let of = |wanted: fn(&Appended) -> bool| answers.iter().filter(|answer| wanted(answer)).count();
        let new = of(|answer| matches!(answer, Appended::New { .. }));
        let second = of(|answer| matches!(answer, Appended::Conflict { .. }));
        // 6 threads x 60 of their own, 60 of all, and of every fifth of all a second body.
        assert_eq!((answers.len(), new, second), (720, 420, 12));
        assert_eq!(inbox.head().expect("a head"), 432);
        let lines = inbox.page(i64::MAX, 1000).expect("a page");
        assert_eq!(lines.iter().map(|line| line.deliveries).sum::<i64>(), 720);
        assert_eq!(inbox.faults().expect("checked"), Vec::<String>::new());
    });
}

/// The way of many rows in one statement answers as the long one does.
#[test]
fn a_batch_of_new_events_and_one_with_others_among_them_are_numbered_alike() {
    on_each_engine(|db| {
        let writer = InboxWriter::start(db.inbox()).expect("a writer");
        let submit = |id: &str, body: &str| {
            let (tell, told) = mpsc::channel();
            writer.submit(event(id, body), Box::new(move |result| drop(tell.send(result))));
            told.recv().expect("an answer").expect("kept")
        };
        let new = |seq| Appended::New { seq };
        assert_eq!(submit("evt_1", "a"), new(1), "the head is not known yet");
        assert_eq!(submit("evt_2", "a"), new(2));
        assert_eq!(submit("evt_1", "a"), Appended::Duplicate { seq: 1 });
        assert_eq!(submit("evt_2", "b"), Appended::Conflict { seq: 3 });
        assert_eq!(submit("evt_3", "a"), new(4));
        // Somebody else appends meanwhile.
        assert_eq!(db.inbox().append(&[event("evt_4", "a")]).expect("appended"), [new(5)]);
        assert_eq!(submit("evt_5", "a"), new(6));
        assert_eq!(submit("evt_4", "a"), Appended::Duplicate { seq: 5 });
        assert_eq!(submit("evt_6", "a"), new(7));
        assert_eq!(submit("evt_7", "a"), new(8));
        let counts: Vec<(i64, i64)> = db
            .inbox()
            .page(i64::MAX, 10)
            .expect("a page")
            .iter()
            .rev()
            .map(|l| (l.seq, l.deliveries))
            .collect();
        assert_eq!(counts, [(1, 2), (2, 1), (3, 1), (4, 1), (5, 2), (6, 1), (7, 1), (8, 1)]);
        assert_eq!(db.inbox().faults().expect("checked"), Vec::<String>::new());
    });
}

#[test]
fn two_bodies_under_one_id_in_one_batch_are_an_event_and_its_evidence() {
    on_each_engine(|db| {
        let writer = InboxWriter::start(db.inbox()).expect("a writer");
        let (tell, told) = mpsc::channel();
        for index in 0..600 {
            let tell = tell.clone();
            let one = event(&format!("evt_{}", index / 2), if index % 2 == 0 { "a" } else { "b" });
            writer.submit(one, Box::new(move |result| drop(tell.send(result))));
        }
        drop((writer, tell));
        for (index, answer) in told.iter().enumerate() {
            let seq = i64::try_from(index).expect("few") + 1;
            let wanted = if index % 2 == 0 { Appended::New { seq } } else { Appended::Conflict { seq } };
            assert_eq!(answer.expect("kept"), wanted);
        }
    });
}

/// Who answers is not ours, and its panic ends the writer's thread: that must be seen, and nobody left waiting.
#[test]
fn a_writer_that_panicked_accepts_nothing_more_and_says_so() {
    on_each_engine(|db| {
        let writer = InboxWriter::start(db.inbox()).expect("a writer");
        writer.submit(event("evt_1", "x"), Box::new(|_| panic!("meant")));
        let (tell, told) = mpsc::channel();
        while writer.failed().is_none() {
            let tell = tell.clone();
            writer.submit(event("evt_2", "x"), Box::new(move |result| drop(tell.send(result))));
            std::thread::yield_now();
        }
        writer.submit(event("evt_3", "x"), Box::new(move |result| drop(tell.send(result))));
        let last = told.iter().last().expect("an answer");
        assert!(matches!(last, Err(StoreError::Io(_))), "{last:?}");
        assert_eq!(writer.waiting(), 0);
        assert!(db.inbox().head().expect("a head") >= 1, "what was committed stays");
    });
}
