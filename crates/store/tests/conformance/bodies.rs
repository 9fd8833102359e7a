//! Bodies as they lie in the letter box: whatever came is read back to the byte, packed or not; rows of older
//! and newer programs.

use std::path::{Path, PathBuf};

use store::db::{Put, Stmt, blob, int, text};
use store::{Db, StoreError, args};

use crate::inbox::event;
use crate::{on_each_engine, reference};

/// The folder of recorded payloads, if there is one: `COUNTINGHOUSE_SHARED`, or a `shared` on the way up.
fn shared() -> Option<PathBuf> {
    let given = std::env::var_os("COUNTINGHOUSE_SHARED").map(PathBuf::from);
    let upwards = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared"));
    given.into_iter().chain(upwards).find(|folder| folder.join("corpus/INDEX.tsv").is_file())
}

/// Every recorded document, and what nobody should send.
fn bodies() -> Vec<Vec<u8>> {
    let mut all = vec![
        Vec::new(),
        b"not json".to_vec(),
        vec![0; 1 << 20],
        vec![0xff; 70_000],
        "[".repeat(100_000).into_bytes(),
        format!("{{\"id\":\"{}\"}}", "\u{1f4b6}\\ud800".repeat(10_000)).into_bytes(),
        (0..=u16::MAX).flat_map(|number| (number.wrapping_mul(40_503)).to_be_bytes()).collect(),
    ];
    match shared() {
        Some(shared) => {
            let index = std::fs::read_to_string(shared.join("corpus/INDEX.tsv")).expect("an index");
            let files = index.lines().skip(1).filter_map(|row| row.split('\t').nth(1));
            all.extend(
                files.map(|file| std::fs::read(shared.join("corpus").join(file)).expect("a document")),
            );
        }
        None => eprintln!("SKIPPED the recorded documents: there is no folder `shared` with them"),
    }
    all
}

#[test]
fn every_body_is_read_back_to_the_byte() {
    let bodies = bodies();
    on_each_engine(|db| {
        let inbox = db.inbox();
        let named = |(number, body): (usize, &Vec<u8>)| {
            let mut event = event(&format!("evt_{number}"), "");
            event.body.clone_from(body);
            event
        };
        let events: Vec<_> = bodies.iter().enumerate().map(named).collect();
        events.chunks(200).for_each(|chunk| drop(inbox.append(chunk).expect("appended")));
        let mut read = Vec::new();
        while let Ok(rows) = inbox.read(i64::try_from(read.len()).expect("few"), 500) {
            if rows.is_empty() {
                break;
            }
            read.extend(rows.into_iter().map(|row| row.body));
        }
        assert!(read == bodies, "{} bodies of {} came back", read.len(), bodies.len());
    });
}

const ROWS: Put = Put {
    table: "inbox",
    cols: &[
        int("seq"),
        text("account"),
        int("livemode"),
        text("event_ref"),
        text("event_type"),
        int("created_s"),
        int("received_at"),
        text("source"),
        text("headers"),
        blob("body"),
        int("codec"),
        int("key_id"),
        blob("body_hash"),
    ],
    conflict: store::db::Conflict::Fail,
};

/// A row as another program may have written it.
fn write(db: &Db, seq: i64, codec: i64, body: &[u8]) {
    let id = format!("evt_{seq}");
    let hash = [0; 32];
    let row =
        args![seq, "", true, id, "invoice.paid", 5_i64, 5_i64, "webhook", "{}", body, codec, 0_i64, &hash];
    db.work_on_inbox(|tx| tx.put(&ROWS, vec![row.to_vec()])).expect("written");
}

#[test]
fn rows_of_older_programs_are_read_and_those_of_newer_ones_are_named() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        write(db, 1, 0, b"{\"id\":\"evt_1\"}");
        write(db, 2, 9, b"who knows");
        write(db, 3, 1, b"\xff\xff\xff\xff\x10");
        assert_eq!(inbox.rows(&[1]).expect("read")[0].body, b"{\"id\":\"evt_1\"}");
        let refused = |seq: i64| match inbox.rows(&[seq]) {
            Err(StoreError::Unreadable(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            refused(2),
            "event evt_2 (inbox 2): a body is stored in a way (codec 9) that this program does not know: \
             use the newer program"
        );
        assert_eq!(refused(3), "event evt_3 (inbox 3): a packed body is damaged: restore it from a backup");
        assert!(inbox.read(0, 10).is_err(), "nothing is passed over");
        assert_eq!(inbox.find(&reference("evt_none")).expect("read"), []);
    });
}

const SIZE: Stmt = Stmt::new("test.size", "SELECT length(body), codec FROM inbox WHERE seq = 1");

#[test]
fn an_event_takes_a_fraction_of_its_size() {
    on_each_engine(|db| {
        let line = "      \"billing_reason\": \"subscription_create\",\n      \"collection_method\": \"charge_automatically\",\n";
        db.inbox().append(&[event("evt_a", &line.repeat(50))]).expect("appended");
        let row = db.work_on_inbox(|tx| tx.one(&SIZE, &[])).expect("read").expect("a row");
        assert!(row.int(0).expect("a size") < 100 && row.int(1) == Ok(1), "{row:?}");
    });
}
