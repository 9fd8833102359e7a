//! What makes a commit a promise: settings, refusals, and errors that tell no secrets.

use std::collections::BTreeSet;
use std::sync::mpsc;

use store::{Db, InboxWriter, StoreError};
use testkit::{Postgres, TestDatabase};

use crate::inbox::event;
use crate::{read, work};

#[test]
fn both_sqlite_files_sync_every_commit_and_log_ahead() {
    let db = Db::open(&TestDatabase::sqlite().url).expect("opens");
    assert_eq!(db.settings("synchronous").expect("asked"), ["2", "2"]);
    assert_eq!(db.settings("journal_mode").expect("asked"), ["wal", "wal"]);
    assert_eq!(db.settings("foreign_keys").expect("asked"), ["1", "1"]);
}

#[cfg(unix)]
#[test]
fn new_sqlite_files_are_their_owners_alone_and_what_was_widened_stays_so() {
    use std::os::unix::fs::PermissionsExt;
    let database = TestDatabase::sqlite();
    let folder = database.dir().expect("a folder");
    let modes = || -> Vec<u32> {
        let files = std::fs::read_dir(folder).expect("readable").map(|file| file.expect("a file"));
        files.map(|file| file.metadata().expect("there").permissions().mode() & 0o777).collect()
    };
    let db = Db::open(&database.url).expect("opens");
    db.inbox().append(&[event("evt_1", "x")]).expect("appended");
    assert!(modes().len() >= 4 && modes().iter().all(|mode| *mode == 0o600), "{:?}", modes());
    drop(db);
    for file in std::fs::read_dir(folder).expect("readable") {
        let path = file.expect("a file").path();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o640)).expect("changed");
    }
    let _again = Db::open(&database.url).expect("opens");
    assert!(modes().contains(&0o640) && !modes().contains(&0o600), "{:?}", modes());
}

#[test]
fn a_postgres_session_commits_synchronously_whatever_the_database_says() {
    let Some(database) = TestDatabase::postgres() else { return };
    let db = Db::open(&database.url).expect("opens");
    let name = database.url.rsplit('/').next().expect("a name").to_owned();
    let lax = store::db::Stmt::new(
        "test.lax",
        Box::leak(format!("ALTER DATABASE {name} SET synchronous_commit = off").into_boxed_str()),
    );
    work(&db, |tx| tx.exec(&lax, &[]));
    let again = Db::open(&database.url).expect("opens");
    assert_eq!(again.settings("synchronous_commit").expect("asked"), ["on", "on"]);
    let inside = store::db::Stmt::new("test.inside", "SELECT current_setting('synchronous_commit')");
    assert_eq!(work(&again, |tx| tx.one(&inside, &[])?.expect("a row").text(0)), "on");
}

#[test]
fn a_server_that_may_lose_commits_is_refused() {
    if Postgres::shared().is_err() {
        return;
    }
    for setting in ["fsync", "full_page_writes"] {
        let server = Postgres::start_with(&[setting]).expect("a server that lies");
        let refused = Db::open(&server.fresh_database()).err();
        assert!(matches!(&refused, Some(StoreError::Unusable(why)) if why.contains(setting)), "{refused:?}");
    }
}

#[test]
fn addresses_that_cannot_work_are_refused_without_repeating_their_secrets() {
    for url in [
        "mysql://root:hunter2@h/x",
        "sqlite:",
        "sqlite:/no/such/folder/house.db",
        "postgres://u:hunter2@h/x?no_such_parameter=1",
        "postgres://u:hunter2@h/x?sslrootcert=/no/such/file",
        "postgres://u:hunter2@h/x?pool_max=1",
        "postgres://u:hunter2@127.0.0.1:1/x",
        "postgres://u:hunter2@h.invalid/x",
    ] {
        let refused = Db::open(url).err().unwrap_or_else(|| panic!("{url} was opened"));
        let said = format!("{refused} {refused:?}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn sessions_that_the_server_ended_are_replaced_without_fuss() {
    if Postgres::shared().is_err() {
        return;
    }
    let server = Postgres::start().expect("a server of our own");
    let db = Db::open(&server.fresh_database()).expect("opens");
    assert_eq!(read(&db, store::work::projected), 0);
    let other = Db::open(&server.url()).expect("opens");
    // OFFSET 0 keeps the planner from ending everybody's session first and asking whose it was later.
    let end_sessions = store::db::Stmt::new(
        "test.end_sessions",
        "SELECT count(*) FROM (SELECT pid FROM pg_stat_activity WHERE datname LIKE 'test%' OFFSET 0) AS sessions \
         WHERE pg_terminate_backend(pid)",
    );
    let writer = InboxWriter::start(db.inbox()).expect("a writer");
    for round in 0..3 {
        assert!(read(&other, |r| r.one_int(&end_sessions, &[])) > 0);
        assert_eq!(read(&db, store::work::projected), 0);
        for half in 0..2 {
            assert!(read(&other, |r| r.one_int(&end_sessions, &[])) > 0);
            let (tell, told) = mpsc::channel();
            let id = format!("evt_{round}_{half}");
            writer.submit(event(&id, "x"), Box::new(move |result| drop(tell.send(result))));
            let seq = told.recv().expect("an answer").expect("kept").seq();
            assert_eq!(seq, round * 2 + half + 1);
        }
        assert!(read(&other, |r| r.one_int(&end_sessions, &[])) > 0);
        assert!(!work(&db, |tx| store::work::advance(tx, 5, 6)));
    }
}

#[test]
fn the_pool_is_bounded_and_waits_for_a_turn() {
    let Some(database) = TestDatabase::postgres() else { return };
    let db = Db::open(&format!("{}?pool_max=2", database.url)).expect("opens");
    let pid = store::db::Stmt::new("test.pid", "SELECT pg_backend_pid()");
    let pids: BTreeSet<i64> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..10).map(|_| read(&db, |r| r.one_int(&pid, &[]))).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(pids.len() <= 2, "{pids:?}");
}
