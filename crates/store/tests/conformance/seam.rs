//! Statements, puts, transactions.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};

use store::args;
use store::db::{Conflict, Put, Stmt, int, text};
use store::{StoreError, work as progress};

use crate::{on_each_engine, read, work};

const MARKS: Put = Put {
    table: "position",
    cols: &[int("subject"), int("account"), text("partner"), text("currency"), int("minor")],
    conflict: Conflict::Fail,
};
const IGNORING: Put = Put { conflict: Conflict::Ignore, ..MARKS };
const UPDATING: Put = Put { conflict: Conflict::Update { keys: 4, set: &["minor"] }, ..MARKS };
const MINORS: Stmt = Stmt::new("test.minors", "SELECT minor FROM position ORDER BY subject");

fn row(subject: i64, minor: i64) -> Vec<store::db::Value> {
    args![subject, 1_i64, "jo", "eur", minor].to_vec()
}

fn minors(db: &store::Db) -> Vec<i64> {
    read(db, |r| r.rows(&MINORS, &[])?.iter().map(|row| row.int(0)).collect())
}

#[test]
fn every_statement_has_a_name_of_its_own_and_prepares_on_both_engines() {
    let statements = store::statements();
    let names: BTreeSet<&str> = statements.iter().map(|stmt| stmt.name).collect();
    assert_eq!(names.len(), statements.len(), "two statements share a name");
    on_each_engine(|db| {
        for stmt in &statements {
            let types = db.prepare(stmt).unwrap_or_else(|error| panic!("{}: {error}", stmt.name));
            for kind in types {
                let fits = ["int8", "text", "bytea", "_int8", "_text"].contains(&kind.as_str());
                assert!(fits, "{}: a parameter of type {kind}", stmt.name);
            }
        }
    });
}

#[test]
fn a_put_fails_ignores_or_updates_as_it_says_and_counts_what_it_wrote() {
    on_each_engine(|db| {
        assert_eq!(work(db, |tx| tx.put(&MARKS, vec![row(2, 20), row(1, 10)])), 2);
        let refused = db.work(|tx| tx.put(&MARKS, vec![row(3, 30), row(1, 11)]));
        assert!(matches!(refused, Err(StoreError::Constraint(_))), "{refused:?}");
        assert_eq!(minors(db), [10, 20]);
        assert_eq!(work(db, |tx| tx.put(&IGNORING, vec![row(1, 12), row(3, 30), row(3, 30)])), 1);
        assert_eq!(minors(db), [10, 20, 30]);
        assert_eq!(work(db, |tx| tx.put(&UPDATING, vec![row(2, 21), row(4, 40), row(2, 22)])), 2);
        assert_eq!(minors(db), [10, 22, 30, 40]);
        assert_eq!(work(db, |tx| tx.put(&UPDATING, Vec::new())), 0);
    });
}

#[test]
fn an_error_rolls_back_and_a_failed_statement_cannot_be_ignored() {
    on_each_engine(|db| {
        let result: Result<(), StoreError> = db.work(|tx| {
            tx.put(&MARKS, vec![row(1, 1)])?;
            Err(StoreError::Unusable("changed my mind".into()))
        });
        assert_eq!(result, Err(StoreError::Unusable("changed my mind".into())));
        assert!(minors(db).is_empty());
        let result: Result<(), StoreError> = db.work(|tx| {
            tx.put(&MARKS, vec![row(1, 1)])?;
            let _ = tx.put(&MARKS, vec![row(1, 2)]);
            Ok(())
        });
        assert!(matches!(result, Err(StoreError::Constraint(_))), "{result:?}");
        assert!(minors(db).is_empty());
    });
}

#[test]
fn a_conflict_runs_the_closure_again_a_bounded_number_of_times() {
    on_each_engine(|db| {
        let mut attempts = 0;
        let value = work(db, |tx| {
            attempts += 1;
            tx.put(&MARKS, vec![row(attempts, 1)])?;
            let wanted = if attempts < 3 { 2 } else { 1 };
            tx.expect(&Stmt::new("test.touch", "UPDATE position SET minor = 5"), &[], wanted)?;
            Ok(attempts)
        });
        assert_eq!(value, 3);
        assert_eq!(minors(db), [5]);
        let mut attempts = 0;
        let result: Result<(), StoreError> = db.work(|tx| {
            attempts += 1;
            tx.expect(&Stmt::new("test.touch", "UPDATE position SET minor = 6"), &[], 7)
        });
        assert_eq!(result, Err(StoreError::Conflict));
        assert!((2..50).contains(&attempts), "{attempts} attempts");
        assert_eq!(minors(db), [5]);
    });
}

#[test]
fn of_two_who_count_up_at_once_neither_is_lost() {
    on_each_engine(|db| {
        work(db, |tx| tx.put(&MARKS, vec![row(1, 0)]));
        let lost = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        let from = work(db, progress_of);
                        if !work(db, |tx| progress::advance(tx, from, from + 1)) {
                            lost.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let reached = read(db, progress::projected);
        assert_eq!(reached + i64::from(lost.load(Ordering::Relaxed)), 100);
    });
}

fn progress_of(tx: &mut store::Tx<'_>) -> Result<i64, StoreError> {
    progress::projected(tx)
}

#[test]
fn a_reader_sees_one_moment_while_a_writer_goes_on() {
    on_each_engine(|db| {
        let barrier = Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                barrier.wait();
                work(db, |tx| tx.put(&MARKS, vec![row(1, 1)]));
                barrier.wait();
            });
            read(db, |r| {
                assert!(r.rows(&MINORS, &[])?.is_empty());
                barrier.wait();
                barrier.wait();
                assert!(r.rows(&MINORS, &[])?.is_empty(), "the snapshot moved");
                Ok(())
            });
        });
        assert_eq!(minors(db), [1]);
    });
}

#[test]
fn a_reader_cannot_write() {
    on_each_engine(|db| {
        let insert = Stmt::new(
            "test.insert",
            "INSERT INTO position (subject, account, partner, currency, minor) VALUES (1, 1, '', '', 1) RETURNING minor",
        );
        let result: Result<_, StoreError> = db.read(|r| r.rows(&insert, &[]));
        assert!(matches!(result, Err(StoreError::Unusable(_))), "{result:?}");
        assert!(minors(db).is_empty());
    });
}

#[test]
fn a_panic_in_the_middle_of_work_leaves_nothing_behind() {
    on_each_engine(|db| {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: Result<(), StoreError> = db.work(|tx| {
                tx.put(&MARKS, vec![row(1, 1)])?;
                panic!("in the middle");
            });
        }));
        assert!(result.is_err());
        assert!(minors(db).is_empty());
        work(db, |tx| tx.put(&MARKS, vec![row(2, 2)]));
        assert_eq!(minors(db), [2]);
    });
}

#[test]
fn lists_of_every_kind_find_their_rows() {
    on_each_engine(|db| {
        work(db, |tx| tx.put(&MARKS, vec![row(1, 1), row(2, 2), row(i64::MAX, i64::MIN)]));
        let by_int = Stmt::new("t1", "SELECT minor FROM position WHERE subject {in:1} ORDER BY minor");
        let by_text = Stmt::new("t2", "SELECT minor FROM position WHERE partner {in:1} ORDER BY minor");
        let by_key =
            Stmt::new("t3", "SELECT minor FROM position WHERE (subject, partner) {in_keys:1} ORDER BY minor");
        let by_pair =
            Stmt::new("t4", "SELECT minor FROM position WHERE (subject, minor) {in_pairs:1} ORDER BY minor");
        let ask = |stmt: &Stmt, arg: store::db::Value| -> Vec<i64> {
            read(db, |r| r.rows(stmt, std::slice::from_ref(&arg))?.iter().map(|row| row.int(0)).collect())
        };
        assert_eq!(ask(&by_int, vec![1, i64::MAX, 77].into()), [i64::MIN, 1]);
        assert!(ask(&by_int, Vec::<i64>::new().into()).is_empty());
        assert_eq!(ask(&by_text, vec!["jo".to_owned()].into()).len(), 3);
        assert!(ask(&by_text, vec!["o'\"\\\u{1}é".to_owned()].into()).is_empty());
        assert_eq!(ask(&by_key, vec![(2, "jo".to_owned()), (1, "al".to_owned())].into()), [2]);
        assert_eq!(ask(&by_pair, vec![(i64::MAX, i64::MIN), (1, 2)].into()), [i64::MIN]);
    });
}
