//! Entries, postings, positions: I16 to I18, refused by the database itself.

use store::db::Stmt;
use store::entry::{self, EntryRow, PostingRow};
use store::position::{self, PositionRow};
use store::{Db, StoreError, Tx, book, subject, verify};

use crate::{on_each_engine, read, work};

fn entry_of(subject: i64, rev: i64) -> EntryRow {
    EntryRow {
        book: 1,
        subject,
        rev,
        sale: "in_1".into(),
        sale_at: 1,
        effective_at: 1,
        recorded_at: 2,
        reason: "promotion_code".into(),
        terms_version: None,
        rules_version: 1,
        lines: "[]".into(),
        causes: "[7]".into(),
    }
}

fn posting(debit: i64, credit: i64, amount_minor: i64) -> PostingRow {
    PostingRow { debit, credit, partner: "jo".into(), currency: "eur".into(), amount_minor }
}

fn positions(subject: i64, minor: i64) -> Vec<PositionRow> {
    [(1, minor), (2, -minor)]
        .map(|(account, minor)| PositionRow {
            subject,
            account,
            partner: "jo".into(),
            currency: "eur".into(),
            minor,
        })
        .to_vec()
}

/// One subject with one entry of 100 and its positions.
fn one_entry(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let book = book::id(tx, &kernel::Book::own(true))?;
    let id = subject::lock(tx, book, &[(1, "in_1".into())])?[0].id;
    entry::append(tx, &entry_of(id, 1), &[posting(1, 2, 100)])?;
    subject::bump_rev(tx, id, 0)?;
    position::set(tx, &positions(id, 100))?;
    Ok(id)
}

fn refused(db: &Db, stmt: &'static str) -> StoreError {
    db.work(|tx| tx.exec(&Stmt::new("test.refused", stmt), &[])).expect_err("refused")
}

#[test]
fn what_is_appended_is_read_back_in_order() {
    on_each_engine(|db| {
        let id = work(db, one_entry);
        work(db, |tx| {
            let more = [
                (entry_of(id, 2), vec![posting(2, 1, 40), posting(2, 3, 10)]),
                (entry_of(id, 3), vec![posting(1, 2, 5)]),
            ];
            let ids = entry::append_all(tx, &more)?;
            assert!(ids[0] < ids[1]);
            subject::bump_revs(tx, &[(id, 1)])?;
            subject::bump_rev(tx, id, 2)
        });
        let history = read(db, |r| entry::of_subject(r, id));
        assert_eq!(history.iter().map(|w| w.entry.rev).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(history[1].postings, [posting(2, 1, 40), posting(2, 3, 10)]);
        let page = read(db, |r| entry::page(r, Some(1), history[0].id, 1));
        assert_eq!(page, history[1..2]);
        assert_eq!(read(db, |r| entry::page(r, None, 0, 10)), history);
    });
}

#[test]
fn an_entry_key_is_taken_once() {
    on_each_engine(|db| {
        let id = work(db, one_entry);
        let again = db.work(|tx| entry::append(tx, &entry_of(id, 1), &[posting(1, 2, 1)]));
        assert!(matches!(again, Err(StoreError::Constraint(_))), "{again:?}");
        let stale: Result<(), StoreError> = db.work(|tx| subject::bump_rev(tx, id, 0));
        assert_eq!(stale, Err(StoreError::Conflict));
    });
}

#[test]
fn the_journal_refuses_updates_and_deletes() {
    on_each_engine(|db| {
        work(db, one_entry);
        for (stmt, guard) in [
            ("UPDATE entry SET reason = 'x'", "entry_append_only"),
            ("DELETE FROM entry", "entry_append_only"),
            ("UPDATE posting SET amount_minor = 1", "posting_append_only"),
            ("DELETE FROM posting", "posting_append_only"),
        ] {
            assert_eq!(refused(db, stmt), StoreError::Constraint(guard.into()), "{stmt}");
        }
        if db.engine_name() == "postgres" {
            assert_eq!(refused(db, "TRUNCATE posting"), StoreError::Constraint("posting_append_only".into()));
        }
        assert_eq!(read(db, verify::faults), []);
    });
}

#[test]
fn the_database_refuses_a_posting_of_nothing_or_to_itself() {
    on_each_engine(|db| {
        let id = work(db, one_entry);
        for (bad, constraint) in [
            (posting(1, 2, 0), "posting_amount"),
            (posting(1, 2, -5), "posting_amount"),
            (posting(1, 1, 5), "posting_two_accounts"),
        ] {
            let result = db.work(|tx| entry::append(tx, &entry_of(id, 2), std::slice::from_ref(&bad)));
            assert_eq!(result, Err(StoreError::Constraint(constraint.into())));
        }
        let orphan = refused(
            db,
            "INSERT INTO posting (entry, line, debit, credit, partner, currency, amount_minor) \
             VALUES (999, 0, 1, 2, '', 'eur', 5)",
        );
        assert!(matches!(orphan, StoreError::Constraint(_)), "{orphan:?}");
    });
}

#[test]
fn a_position_of_nothing_is_no_row() {
    on_each_engine(|db| {
        let id = work(db, one_entry);
        assert_eq!(read(db, |r| position::of_subjects(r, &[id])), positions(id, 100));
        assert_eq!(
            read(db, position::trial_balance).iter().map(|b| b.minor).collect::<Vec<_>>(),
            [100, -100]
        );
        work(db, |tx| {
            entry::append(tx, &entry_of(id, 2), &[posting(2, 1, 100)])?;
            subject::bump_rev(tx, id, 1)?;
            position::set(tx, &positions(id, 0))
        });
        assert_eq!(read(db, |r| position::of_subjects(r, &[id])), []);
        assert_eq!(read(db, verify::faults), []);
    });
}

#[test]
fn verify_finds_what_was_tampered_with() {
    on_each_engine(|db| {
        let id = work(db, one_entry);
        assert_eq!(read(db, verify::faults), []);
        let tamper = |stmt: &'static str| work(db, |tx| tx.exec(&Stmt::new("test.tamper", stmt), &[]));
        let found = || read(db, verify::faults).into_iter().map(|fault| fault.invariant).collect::<Vec<_>>();
        tamper("UPDATE position SET minor = 99 WHERE account = 1");
        assert_eq!(found(), ["I18", "I18"]);
        work(db, |tx| position::set(tx, &positions(id, 100)));
        tamper("DELETE FROM position");
        assert_eq!(found(), ["I18", "I18"]);
        work(db, |tx| position::set(tx, &positions(id, 100)));
        tamper("UPDATE subject SET rev = 7");
        assert_eq!(found(), ["I17"]);
        tamper("UPDATE subject SET rev = 1");
        tamper("UPDATE operator_head SET seq = 3");
        assert_eq!(found(), ["I17"]);
        tamper("UPDATE operator_head SET seq = 0");
        work(db, |tx| entry::append(tx, &entry_of(id, 2), &[]));
        assert_eq!(found(), ["I16", "I17"]);
    });
}

#[test]
fn verify_notices_that_a_guard_was_taken_away() {
    on_each_engine(|db| {
        let (one, other) = match db.engine_name() {
            "postgres" => (
                "ALTER TABLE entry DISABLE TRIGGER entry_no_change",
                "DROP TRIGGER posting_no_change ON posting",
            ),
            _ => ("DROP TRIGGER entry_no_delete", "DROP TRIGGER posting_no_update"),
        };
        for stmt in [one, other] {
            work(db, |tx| tx.exec(&Stmt::new(stmt, stmt), &[]));
        }
        let faults = read(db, verify::faults);
        assert_eq!(faults.len(), 2, "{faults:?}");
    });
}
