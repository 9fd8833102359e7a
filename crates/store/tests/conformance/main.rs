//! One suite for both engines: whatever the store promises is promised of each.

mod away;
mod bodies;
mod cut;
mod durable;
mod inbox;
mod intents;
mod journal;
mod listing;
mod log;
mod marks;
mod migrations;
mod redelivery;
mod seam;
mod tables;
mod wants;
mod writer;

use kernel::{Kind, ObjectKey, Ref};
use store::{Db, StoreError};
use testkit::TestDatabase;

/// Runs a test on a fresh database of each engine.
fn on_each_engine(test: impl Fn(&Db)) {
    for database in TestDatabase::each() {
        let db = Db::open(&database.url).expect("a fresh database opens");
        assert_eq!(db.engine_name(), database.engine);
        test(&db);
    }
}

fn reference(text: &str) -> Ref {
    Ref::parse(text).expect("a reference")
}

fn invoice(id: &str) -> ObjectKey {
    ObjectKey::new(Kind::Invoice, reference(id))
}

/// Work whose only errors are the store's.
fn work<T>(db: &Db, f: impl FnMut(&mut store::Tx<'_>) -> Result<T, StoreError>) -> T {
    db.work(f).expect("the work is done")
}

fn read<T>(db: &Db, f: impl FnMut(&mut store::Read<'_>) -> Result<T, StoreError>) -> T {
    db.read(f).expect("it can be read")
}
