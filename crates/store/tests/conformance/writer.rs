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
