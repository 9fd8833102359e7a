//! Marks, subjects, the projector's fence.

use std::sync::Barrier;

use store::work::{self as progress, State, WorkRow};
use store::{mark, subject};

use crate::{on_each_engine, read, work};

fn keys(refs: &[&str]) -> Vec<mark::Key> {
    refs.iter().map(|reference| (1, (*reference).to_owned())).collect()
}

#[test]
fn marks_are_due_in_order_and_consumed_once() {
    on_each_engine(|db| {
        work(db, |tx| {
            mark::insert(
                tx,
                &[(1, 1, "b".into(), 7), (1, 1, "a".into(), 7), (1, 1, "b".into(), 8), (2, 1, "b".into(), 9)],
            )
        });
        let due = read(db, |r| mark::due(r, 0, 10, 0));
        assert_eq!(
            due.iter().map(|m| (m.book, m.ref_.as_str(), m.seq)).collect::<Vec<_>>(),
            [(1, "b", 7), (1, "a", 7), (1, "b", 8), (2, "b", 9)]
        );
        assert_eq!(read(db, |r| mark::due(r, 0, 2, 1)), due[1..3], "the first is somebody else's");
        assert_eq!(work(db, |tx| mark::consume(tx, 1, &keys(&["b", "c"]))).len(), 2);
        assert_eq!(work(db, |tx| mark::consume(tx, 1, &keys(&["b", "c"]))).len(), 0);
        assert_eq!(read(db, mark::counts), mark::Counts { open: 2, parked: 0 });
        assert!(!read(db, mark::is_level));
    });
}

#[test]
fn deferred_marks_wait_and_parked_ones_stay_until_something_new_is_said() {
    on_each_engine(|db| {
        work(db, |tx| mark::insert(tx, &[(1, 1, "a".into(), 1), (1, 1, "b".into(), 2)]));
        work(db, |tx| mark::defer(tx, 1, &keys(&["a"]), 50, 1));
        assert_eq!(read(db, |r| mark::due(r, 49, 10, 0)).len(), 1);
        assert_eq!(read(db, |r| mark::due(r, 50, 10, 0))[1].attempts, 1);
        work(db, |tx| mark::park(tx, 1, &keys(&["a"]), "no such currency"));
        assert_eq!(read(db, |r| mark::due(r, i64::MAX, 10, 0)).len(), 1);
        assert_eq!(read(db, mark::counts), mark::Counts { open: 1, parked: 1 });
        let parked = read(db, |r| mark::parked(r, 10));
        assert_eq!((parked[0].0.ref_.as_str(), parked[0].1.as_str()), ("a", "no such currency"));
        work(db, |tx| mark::unpark(tx, 1, &keys(&["a", "b"])));
        assert_eq!(read(db, |r| mark::due(r, 0, 10, 0)).len(), 2);
        work(db, |tx| mark::park(tx, 1, &keys(&["a"]), "again"));
        assert_eq!(work(db, |tx| mark::consume(tx, 1, &keys(&["a", "b"]))).len(), 2);
        assert!(read(db, mark::is_level));
        assert_eq!(read(db, mark::oldest), None);
    });
}

#[test]
fn a_mark_that_was_consumed_can_come_back_and_be_tried_again_by_its_event() {
    on_each_engine(|db| {
        let key = crate::invoice("a");
        work(db, |tx| mark::insert(tx, &[(1, 1, "a".into(), 7)]));
        assert!(read(db, |r| mark::any_of(r, 1, std::slice::from_ref(&key))));
        work(db, |tx| {
            let consumed = mark::consume(tx, 1, &keys(&["a"]))?;
            mark::put_back(tx, &consumed[0], "odd\0")
        });
        assert!(!read(db, |r| mark::any_of(r, 1, std::slice::from_ref(&key))));
        assert_eq!(read(db, |r| mark::parked(r, 9))[0].1, "odd\u{fffd}");
        assert_eq!(work(db, |tx| mark::unpark_seqs(tx, &[7])), 1);
        assert!(read(db, |r| mark::any_of(r, 1, std::slice::from_ref(&key))));
    });
}

#[test]
fn a_range_mark_is_expanded_page_by_page() {
    on_each_engine(|db| {
        work(db, |tx| mark::range_insert(tx, 0, 11, "coupon", 7));
        assert!(!read(db, mark::is_level));
        let first = work(db, mark::range_next).expect("one");
        work(db, |tx| mark::range_advance(tx, first.id, 9, "di_5"));
        let then = work(db, mark::range_next).expect("the same");
        assert_eq!((then.id, then.after_kind, then.after_ref.as_str()), (first.id, 9, "di_5"));
        work(db, |tx| mark::range_done(tx, first.id));
        assert_eq!(work(db, mark::range_next), None);
        assert!(read(db, mark::is_level));
    });
}

#[test]
fn subjects_are_made_once_and_come_in_the_order_of_their_keys() {
    on_each_engine(|db| {
        let wanted = vec![(2, "b".to_owned()), (1, "z".into()), (1, "a".into()), (2, "b".into())];
        let locked = work(db, |tx| subject::lock(tx, 1, &wanted));
        let names: Vec<_> = locked.iter().map(|s| (s.kind, s.ref_.as_str(), s.rev)).collect();
        assert_eq!(names, [(1, "a", 0), (1, "z", 0), (2, "b", 0)]);
        assert_eq!(work(db, |tx| subject::lock(tx, 1, &wanted)), locked);
        work(db, |tx| subject::set_outputs(tx, 1, &[(&locked[0], "{}".to_owned())], 3));
        let read_back = read(db, |r| subject::get(r, 1, &[(1, "a".into()), (9, "none".into())]));
        assert_eq!((read_back[0].output.as_deref(), read_back[0].rules_version), (Some("{}"), 3));
        let page = read(db, |r| subject::page(r, 1, &[1, 2], locked[0].id, 10));
        assert_eq!(page.len(), 2);
        assert_eq!(read(db, |r| subject::by_ids(r, &[locked[1].id]))[0], (1, locked[1].clone()));
    });
}

#[test]
fn workers_that_lock_overlapping_subjects_take_turns() {
    on_each_engine(|db| {
        let barrier = Barrier::new(4);
        std::thread::scope(|scope| {
            for worker in 0..4_usize {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    for round in 0..15_usize {
                        let keys: Vec<mark::Key> =
                            (0..6).map(|n| (1, format!("s{}", (n * 3 + worker * 5 + round) % 8))).collect();
                        work(db, |tx| {
                            let locked = subject::lock(tx, 1, &keys)?;
                            let revs: Vec<(i64, i64)> = locked.iter().map(|s| (s.id, s.rev)).collect();
                            subject::bump_revs(tx, &revs)
                        });
                    }
                });
            }
        });
        let all = read(db, |r| subject::page(r, 1, &[1], 0, 100));
        assert_eq!(all.iter().map(|s| s.rev).sum::<i64>(), 4 * 15 * 6);
    });
}

#[test]
fn the_projector_moves_by_compare_and_set_and_remembers_what_it_left_behind() {
    on_each_engine(|db| {
        assert!(work(db, |tx| progress::advance(tx, 0, 3)));
        assert!(!work(db, |tx| progress::advance(tx, 0, 4)));
        assert_eq!(read(db, progress::projected), 3);
        let mut row = WorkRow {
            seq: 2,
            book: 1,
            state: State::Pending,
            reason: "odd\0".into(),
            attempts: 1,
            not_before: 10,
        };
        work(db, |tx| progress::set(tx, &row));
        row.reason = "odd\u{fffd}".into();
        assert_eq!(read(db, |r| progress::due(r, 10, 5)), [row.clone()]);
        row.state = State::Parked;
        work(db, |tx| progress::set(tx, &row));
        assert_eq!(read(db, |r| progress::due(r, 10, 5)), []);
        assert_eq!(read(db, |r| progress::parked(r, 5)), [row.clone()]);
        assert_eq!(read(db, |r| progress::of(r, &[1, 2])), [row]);
        assert_eq!(read(db, progress::counts), progress::Counts { pending: 0, parked: 1 });
        assert_eq!(work(db, |tx| progress::unpark(tx, &[2])), 1);
        assert!(work(db, |tx| progress::clear(tx, 2)));
        assert!(!work(db, |tx| progress::clear(tx, 2)));
    });
}
