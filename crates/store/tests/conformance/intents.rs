//! Intents: one open per code, one executor at a time, and whoever lost the lease writes nothing.

use store::StoreError;
use store::intent::{self, NewIntent, Standing, State};

use crate::{on_each_engine, read, work};

fn new(id: &str, subject: &str) -> NewIntent {
    NewIntent {
        id: id.into(),
        book: 1,
        kind: "code_create",
        subject: subject.into(),
        partner: Some("anna".into()),
        digest: format!("digest of {subject}"),
        request_key: Some(format!("key of {id}")),
        params: "{}".into(),
        progress: "[]".into(),
        made_by: "jo".into(),
        recorded_at: 100,
    }
}

fn standing(state: State, next_try_at: i64, lease_until: i64) -> Standing<'static> {
    let finished_at = (state == State::Done).then_some(next_try_at);
    Standing { state, progress: "[1]", reason: "because", next_try_at, lease_until, finished_at }
}

#[test]
fn one_executor_has_an_intent_and_the_one_before_writes_nothing_any_more() {
    on_each_engine(|db| {
        work(db, |tx| intent::add(tx, &new("a", "anna10")));
        let first = work(db, |tx| intent::claim(tx, "a", 100, 130)).expect("free");
        assert_eq!((first.epoch, first.attempts, first.state), (1, 1, State::Open));
        assert_eq!(work(db, |tx| intent::claim(tx, "a", 129, 160)), None);
        assert_eq!(read(db, |r| intent::due(r, 129, 10, &[1])), Vec::<String>::new());
        assert_eq!(read(db, |r| intent::due(r, 130, 10, &[1, 2])), ["a"]);
        assert_eq!(read(db, |r| intent::due(r, 130, 10, &[2])), Vec::<String>::new(), "not ours");
        let second = work(db, |tx| intent::claim(tx, "a", 130, 160)).expect("the lease is over");
        assert!(!work(db, |tx| intent::save(tx, "a", first.epoch, &standing(State::Done, 0, 0))));
        assert!(work(db, |tx| intent::save(tx, "a", second.epoch, &standing(State::Open, 500, 0))));
        assert_eq!(read(db, |r| intent::due(r, 499, 10, &[1])), Vec::<String>::new());
        let third = work(db, |tx| intent::claim(tx, "a", 200, 230)).expect("asked for before its time");
        assert!(work(db, |tx| intent::save(tx, "a", third.epoch, &standing(State::Done, 210, 0))));
        assert_eq!(work(db, |tx| intent::claim(tx, "a", 900, 930)), None, "what is finished is finished");
        let row = read(db, |r| intent::one(r, "a")).expect("kept");
        assert_eq!((row.state, row.finished_at, row.progress.as_str()), (State::Done, Some(210), "[1]"));
    });
}

/// A lease or a pause that the clock's own step put far ahead holds nobody up; the epoch keeps the other out.
#[test]
fn a_clock_that_is_set_back_holds_no_intent_for_long() {
    const DAY: i64 = 86_400_000;
    on_each_engine(|db| {
        work(db, |tx| intent::add(tx, &new("a", "anna10")));
        let ahead = work(db, |tx| intent::claim(tx, "a", DAY, DAY + 30)).expect("free");
        assert_eq!(work(db, |tx| intent::claim(tx, "a", DAY - 60_000, DAY - 59_970)), None, "a small step");
        assert_eq!(read(db, |r| intent::due(r, DAY - 60_000, 10, &[1])), Vec::<String>::new());
        assert_eq!(read(db, |r| intent::due(r, 200, 10, &[1])), ["a"], "a large one");
        let back = work(db, |tx| intent::claim(tx, "a", 200, 230)).expect("free again");
        assert!(!work(db, |tx| intent::save(tx, "a", ahead.epoch, &standing(State::Done, 0, 0))));
        assert!(work(db, |tx| intent::save(tx, "a", back.epoch, &standing(State::Open, DAY, 0))));
        assert_eq!(read(db, |r| intent::due(r, 210, 10, &[1])), ["a"], "a pause until a day ahead");
        assert_eq!(read(db, |r| intent::due(r, DAY - 60_000, 10, &[1])), Vec::<String>::new(), "a minute's");
    });
}

#[test]
fn eight_that_claim_at_once_are_one() {
    on_each_engine(|db| {
        work(db, |tx| intent::add(tx, &new("a", "anna10")));
        let got = std::thread::scope(|scope| {
            let claims: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| work(db, |tx| intent::claim(tx, "a", 100, 130)).is_some()))
                .collect();
            claims.into_iter().map(|claim| claim.join().expect("no panic")).filter(|got| *got).count()
        });
        assert_eq!(got, 1);
    });
}

#[test]
fn a_code_has_one_open_intent_and_a_callers_key_one_for_ever() {
    on_each_engine(|db| {
        work(db, |tx| intent::add(tx, &new("a", "anna10")));
        let second = db.work(|tx| intent::add(tx, &new("b", "anna10")));
        assert!(matches!(second, Err(StoreError::Constraint(_))), "{second:?}");
        let same_key = NewIntent { request_key: Some("key of a".into()), ..new("b", "bob10") };
        let second = db.work(|tx| intent::add(tx, &same_key));
        assert!(matches!(second, Err(StoreError::Constraint(_))), "{second:?}");
        assert_eq!(read(db, |r| intent::of_subject(r, 1, "anna10")).map(|row| row.id), Some("a".into()));
        assert_eq!(read(db, |r| intent::of_subject(r, 2, "anna10")), None, "another book");
        assert_eq!(read(db, |r| intent::of_request(r, "key of a")).map(|row| row.id), Some("a".into()));
        let held = work(db, |tx| intent::claim(tx, "a", 100, 130)).expect("free");
        work(db, |tx| intent::save(tx, "a", held.epoch, &standing(State::Refused, 0, 0)));
        work(db, |tx| intent::add(tx, &new("b", "anna10")));
        assert_eq!(read(db, |r| intent::of_digest(r, "digest of anna10")), ["a", "b"]);
        let page = read(db, |r| intent::page(r, (i64::MAX, ""), 1));
        assert_eq!(page.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["b"]);
        let page = read(db, |r| intent::page(r, (100, "b"), 9));
        assert_eq!(page.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(read(db, |r| intent::made(r, 1)).len(), 2);
        assert_eq!(read(db, intent::counts), [(State::Open, 1), (State::Refused, 1)]);
    });
}
