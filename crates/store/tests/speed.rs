//! How fast it is, for people who ask: `cargo test --release -p store --test speed -- --ignored --nocapture`.
//! It checks nothing, because a number depends on the disk and on whoever else is using it.

#![expect(clippy::disallowed_methods, reason = "measuring asks what time it is")]
#![expect(clippy::float_arithmetic, reason = "a rate is for the eye")]
#![expect(clippy::print_stdout, reason = "the output is the point")]

use std::sync::mpsc;
use std::time::Instant;

use kernel::fact::{Body, Customer, Link, Observed};
use kernel::{Book, Kind, ObjectKey, Ref};
use store::{Append, Db, InboxWriter, Source, StoreError, fact, link, mark};
use testkit::TestDatabase;

fn reference(text: &str) -> Ref {
    Ref::parse(text).expect("a reference")
}

fn event(n: u64) -> Append {
    let mut body_hash = [0; 32];
    body_hash[..8].copy_from_slice(&n.to_be_bytes());
    Append {
        book: Book::own(true),
        event_ref: reference(&format!("evt_1RmZxKLkdIwHu7ix{n:08}")),
        event_type: "invoice.paid".into(),
        api_version: Some("2025-03-31.basil".into()),
        created_s: 1_700_000_000,
        received_at: 1_700_000_000_000,
        source: Source::Webhook,
        headers: "{}".into(),
        body: vec![b'x'; 3000],
        body_hash,
    }
}

fn report(engine: &str, what: &str, count: u64, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    println!("{engine:<9} {what:<36} {:>9.0} /s", count as f64 / seconds);
}

fn append_in_batches(db: &Db, first: u64, batch: u64, count: u64) {
    let inbox = db.inbox();
    let started = Instant::now();
    for start in (0..count).step_by(usize::try_from(batch).expect("small")) {
        let events: Vec<Append> = (start..start + batch).map(|n| event(first + n)).collect();
        inbox.append(&events).expect("appended");
    }
    report(db.engine_name(), &format!("append, {batch} per commit"), count, started);
}

/// 256 requests in flight, each waiting for its own answer.
fn group_commit(db: &Db, first: u64, count: u64) {
    let writer = InboxWriter::start(db.inbox()).expect("a writer");
    let started = Instant::now();
    let (tell, told) = mpsc::channel();
    for n in 0..count {
        if n >= 256 {
            let answer: Result<_, StoreError> = told.recv().expect("an answer");
            answer.expect("kept");
        }
        let tell = tell.clone();
        writer.submit(event(first + n), Box::new(move |result| drop(tell.send(result))));
    }
    drop((writer, tell));
    report(db.engine_name(), "group commit, 256 in flight", count, started);
}

/// What a projector does with a hundred events: two facts, three links and two marks each.
fn project(db: &Db, count: u64) {
    let started = Instant::now();
    for batch in 0..count / 100 {
        let (mut facts, mut links, mut marks) = (Vec::new(), Vec::new(), Vec::new());
        for n in batch * 100..batch * 100 + 100 {
            let key = |kind, prefix: &str| {
                ObjectKey::new(kind, reference(&format!("{prefix}_1RmZxKLkdIwHu7ix{n:08}")))
            };
            let (invoice, customer) = (key(Kind::Invoice, "in"), key(Kind::Customer, "cus"));
            for object in [&invoice, &customer] {
                facts.push(Observed {
                    object: object.clone(),
                    at_s: 1,
                    event_ref: reference(&format!("evt_{n}")),
                    rank: 0,
                    now: (0..12).map(|n| (u64::MAX - n, u64::MAX)).collect(),
                    previous: Vec::new(),
                    body: Body::Customer(Customer {
                        currency: None,
                        balance_minor: 0,
                        deleted: false,
                        created_s: 1,
                    }),
                });
                marks.push((1, i64::from(object.kind.code()), object.id.to_string(), 1));
            }
            for (kind, prefix) in [(Kind::Intent, "pi"), (Kind::Charge, "ch"), (Kind::Session, "cs")] {
                links.push(Link { from: key(kind, prefix), to: invoice.clone() });
            }
        }
        let result: Result<(), StoreError> = db.work(|tx| {
            fact::put(tx, 1, &facts)?;
            link::put(tx, 1, &links)?;
            mark::insert(tx, &marks)
        });
        result.expect("projected");
    }
    report(db.engine_name(), "project, 100 events per commit", count, started);
}

/// What a true-up reads for fifty sales: facts of 150 keys and the links both ways.
fn load(db: &Db, rounds: u64) {
    let started = Instant::now();
    for round in 0..rounds {
        let keys: Vec<ObjectKey> = (0..50)
            .flat_map(|n| {
                let n = round * 50 + n;
                [(Kind::Invoice, "in"), (Kind::Customer, "cus"), (Kind::Intent, "pi")].map(
                    |(kind, prefix)| {
                        ObjectKey::new(kind, reference(&format!("{prefix}_1RmZxKLkdIwHu7ix{n:08}")))
                    },
                )
            })
            .collect();
        let result: Result<(), StoreError> = db.read(|r| {
            let facts = fact::newest_second(r, 1, &keys)?;
            let links = link::from_keys(r, 1, &keys)?.len() + link::to_keys(r, 1, &keys)?.len();
            assert_eq!((facts.len(), links), (100, 200));
            Ok(())
        });
        result.expect("loaded");
    }
    report(db.engine_name(), "load for a true-up, sales", rounds * 50, started);
}

#[test]
#[ignore = "a measurement"]
fn print_how_fast_it_is() {
    for database in TestDatabase::each() {
        let db = Db::open(&database.url).expect("opens");
        append_in_batches(&db, 0, 1, 2_000);
        append_in_batches(&db, 10_000, 16, 8_000);
        append_in_batches(&db, 20_000, 256, 25_600);
        group_commit(&db, 100_000, 40_000);
        project(&db, 20_000);
        load(&db, 200);
    }
}
