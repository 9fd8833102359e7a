//! Coming up: once, together, and not with a database from the future.

use store::db::Stmt;
use store::{Db, StoreError, book};
use testkit::TestDatabase;

use crate::{on_each_engine, read, work};

#[test]
fn opening_again_changes_nothing_and_keeps_what_is_there() {
    for database in TestDatabase::each() {
        let id = work(&Db::open(&database.url).expect("opens"), |tx| book::id(tx, &kernel::Book::own(true)));
        let again = Db::open(&database.url).expect("opens again");
        assert_eq!(read(&again, book::all), [(id, kernel::Book::own(true))]);
    }
}

#[test]
fn eight_that_start_at_once_all_come_up() {
    for database in TestDatabase::each() {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let db = Db::open(&database.url).expect("opens");
                    assert_eq!(read(&db, store::work::projected), 0);
                });
            }
        });
    }
}

#[test]
fn a_database_that_is_newer_or_another_is_refused() {
    for database in TestDatabase::each() {
        let db = Db::open(&database.url).expect("opens");
        let newer = "INSERT INTO migration (part, version, checksum) \
                     SELECT part, max(version) + 1, 'newer' FROM migration WHERE part = 'books' GROUP BY part";
        work(&db, |tx| tx.exec(&Stmt::new("test.newer", newer), &[]));
        let refused = Db::open(&database.url).err();
        assert!(matches!(&refused, Some(StoreError::Unusable(why)) if why.contains("newer")), "{refused:?}");
        work(&db, |tx| {
            tx.exec(&Stmt::new("test.undo", "DELETE FROM migration WHERE checksum = 'newer'"), &[])?;
            tx.exec(&Stmt::new("test.other", "UPDATE migration SET checksum = 'x' WHERE part = 'books'"), &[])
        });
        let refused = Db::open(&database.url).err();
        assert!(
            matches!(&refused, Some(StoreError::Unusable(why)) if why.contains("another")),
            "{refused:?}"
        );
    }
}

#[test]
fn scratch_books_are_empty_see_the_same_inbox_and_leave_no_trace() {
    on_each_engine(|db| {
        let own = kernel::Book::own(true);
        work(db, |tx| book::id(tx, &own));
        db.inbox().append(&[crate::inbox::event("evt_1", "x")]).expect("appended");
        let scratch = db.scratch_like().expect("a scratch");
        assert_eq!(read(&scratch, book::all), []);
        assert_eq!(scratch.inbox().head().expect("a head"), 1);
        work(&scratch, |tx| {
            book::id(tx, &kernel::Book::own(false))?;
            book::id(tx, &own)
        });
        assert_eq!(read(&scratch, book::all).len(), 2);
        drop(scratch);
        assert_eq!(read(db, book::all).len(), 1);
        if db.engine_name() == "postgres" {
            let left =
                Stmt::new("test.left", "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'scratch%'");
            assert_eq!(read(db, |r| r.one_int(&left, &[])), 0);
        }
    });
}

#[test]
fn scratch_books_of_a_killed_process_are_removed_by_the_next_and_those_in_use_are_not() {
    for database in TestDatabase::each() {
        let db = Db::open(&database.url).expect("opens");
        let (dead, foreign) = ("0123456789abcdef", "0123456789abcdef-notes");
        if let Some(folder) = database.dir() {
            for name in [dead, &format!("{dead}-wal"), &format!("{dead}-shm"), foreign] {
                std::fs::write(folder.join(format!("house.db.scratch-{name}")), "x").expect("written");
            }
        } else {
            for name in [dead.repeat(2), format!("{dead}_notes")] {
                let text: &'static str = format!("CREATE SCHEMA scratch_{name}").leak();
                work(&db, |tx| tx.exec(&Stmt::new("test.schema", text), &[]));
            }
        }
        let first = db.scratch_like().expect("a scratch");
        work(&first, |tx| book::id(tx, &kernel::Book::own(true)));
        let second = Db::open(&database.url).expect("opens").scratch_like().expect("another");
        work(&first, |tx| book::id(tx, &kernel::Book::own(false)));
        assert_eq!(read(&first, book::all).len(), 2, "{}: not swept while in use", database.engine);
        drop((first, second));
        let left = database.scratch_books();
        assert!(left.len() == 1 && left[0].ends_with("notes"), "{}: {left:?}", database.engine);
    }
}

#[test]
fn scratch_books_in_use_keep_no_old_rows_alive() {
    let Some(database) = TestDatabase::postgres() else { return };
    let db = Db::open(&database.url).expect("opens");
    let _scratch = db.scratch_like().expect("a scratch");
    let open = |what: &str| {
        let text = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND state = 'idle in transaction' AND {what}"
        );
        read(&db, |r| r.one_int(&Stmt::new("test.open", text.clone().leak()), &[]))
    };
    assert_eq!((open("true"), open("backend_xmin IS NOT NULL")), (1, 0));
}

#[test]
fn a_scratch_file_is_removed_with_its_companions() {
    let database = TestDatabase::sqlite();
    let db = Db::open(&database.url).expect("opens");
    let files = || std::fs::read_dir(database.dir().expect("a folder")).expect("readable").count();
    let before = files();
    drop(db.scratch_like().expect("a scratch"));
    assert_eq!(files(), before);
}
