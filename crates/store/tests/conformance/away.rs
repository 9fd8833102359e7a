//! Bodies that go to an archive and come back: everything else of a row stays, and nothing else can be done to it.

use std::sync::Arc;

use kernel::Book;
use sha2::{Digest, Sha256};
use store::db::Stmt;
use store::inbox::{Archive, Deliveries, InboxRow, Place, QuarantineRow, Returned, Wanted};
use store::{Append, Appended, StoreError};

use crate::inbox::event;
use crate::{on_each_engine, reference};

fn true_event(id: &str, body: &str) -> Append {
    Append { body_hash: Sha256::digest(body.as_bytes()).into(), ..event(id, body) }
}

fn place(offset: u64, bytes: u64) -> Place {
    Place { archive: "old.jsonl.gz".into(), offset, bytes }
}

/// One body, whatever is asked for.
struct Holds(&'static [u8]);

impl Archive for Holds {
    fn body(&self, wanted: Wanted<'_>) -> Result<Vec<u8>, String> {
        assert_eq!((wanted.event_ref.as_str(), wanted.place.offset), ("evt_a", 12));
        Ok(self.0.to_vec())
    }
}

struct Closed;

impl Archive for Closed {
    fn body(&self, _: Wanted<'_>) -> Result<Vec<u8>, String> {
        Err("it is in the cellar".into())
    }
}

fn back(id: &str, body: &str) -> InboxRow {
    let Append {
        book,
        event_ref,
        event_type,
        api_version,
        created_s,
        received_at,
        source,
        headers,
        body,
        ..
    } = true_event(id, body);
    let body_hash = [0; 32];
    let seq = 0;
    InboxRow {
        seq,
        book,
        event_ref,
        event_type,
        api_version,
        created_s,
        received_at,
        source,
        headers,
        body,
        body_hash,
    }
}

#[test]
fn a_body_that_is_away_is_read_from_its_archive_or_asked_for_by_name() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let a = true_event("evt_a", "{\"id\":\"evt_a\"}");
        inbox.append(&[a.clone(), true_event("evt_b", "b")]).expect("appended");
        let whole = inbox.rows(&[1, 2]).expect("read");
        assert_eq!(inbox.take_bodies(&[(1, [9; 32], place(12, 14))]), Ok(0), "another body is not taken");
        assert_eq!(inbox.take_bodies(&[(1, a.body_hash, place(12, 14))]), Ok(1));
        assert_eq!(inbox.take_bodies(&[(1, a.body_hash, place(99, 14))]), Ok(0), "it is gone already");
        let words = "event evt_a (inbox 1): its body is in the archive old.jsonl.gz";
        let why = |read: Result<Vec<InboxRow>, StoreError>| match read {
            Err(StoreError::Archived(why) | StoreError::Unreadable(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(why(inbox.rows(&[1, 2])).starts_with(&format!("{words}. Say where")));
        let at = |archive: Arc<dyn Archive>| inbox.with_archive(archive).read(0, 10);
        assert_eq!(why(at(Arc::new(Closed))), format!("{words}: it is in the cellar"));
        assert!(why(at(Arc::new(Holds(b"forged")))).ends_with("is not the body received"));
        assert_eq!(
            at(Arc::new(Holds(b"{\"id\":\"evt_a\"}"))).as_ref(),
            Ok(&whole),
            "nothing else has changed"
        );
        let skeletons = inbox.skeletons(0, 10).expect("read");
        let places: Vec<_> = skeletons.into_iter().map(|it| (it.row.body_hash, it.place)).collect();
        assert_eq!(places, [(a.body_hash, Some(place(12, 14))), (whole[1].body_hash, None)]);
        assert_eq!((inbox.old(0, i64::MAX, 10), inbox.bodies_away(i64::MAX)), (Ok(vec![2]), Ok(1)));
        assert_eq!(inbox.append(std::slice::from_ref(&a)), Ok(vec![Appended::Duplicate { seq: 1 }]));
        assert_eq!(inbox.faults(), Ok(Vec::new()));
    });
}

#[test]
fn only_the_body_that_left_comes_back() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let a = true_event("evt_a", "one");
        inbox.append(&[a.clone(), true_event("evt_a", "two"), true_event("evt_b", "b")]).expect("appended");
        let whole = inbox.read(0, 10).expect("read");
        inbox.take_bodies(&[(1, a.body_hash, place(12, 3))]).expect("taken");
        let other_book = InboxRow { book: Book::own(false), ..back("evt_a", "one") };
        let rows = [
            back("evt_a", "forged"),
            back("evt_a", "one"),
            back("evt_a", "one"),
            back("evt_b", "b"),
            other_book,
        ];
        assert_eq!(
            inbox.return_bodies(&rows),
            Ok(vec![Returned::Other, Returned::Back, Returned::Here, Returned::Here, Returned::Unknown])
        );
        assert_eq!(inbox.read(0, 10), Ok(whole), "to the byte");
        inbox.shrink().expect("shrunk");
        assert_eq!(inbox.head(), Ok(3));
    });
}

#[test]
fn of_a_row_nothing_changes_but_that_its_body_goes_or_comes() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let a = true_event("evt_a", "one");
        inbox.append(&[a.clone(), true_event("evt_b", "b")]).expect("appended");
        inbox.take_bodies(&[(2, true_event("evt_b", "b").body_hash, place(12, 1))]).expect("taken");
        let set = |text: &str| {
            Stmt::new("test.set", Box::leak(format!("UPDATE inbox SET {text}").into_boxed_str()))
        };
        for change in [
            "body = body_hash WHERE seq = 1",
            "codec = 1 WHERE seq = 1",
            "codec = 2, event_type = 'x' WHERE seq = 1",
            "codec = 2, api_version = NULL WHERE seq = 1",
            "codec = 2, received_at = 1 WHERE seq = 1",
            "codec = 2, body_hash = body WHERE seq = 1",
            "codec = 2 WHERE seq = 2",
            "codec = 0, seq = 5 WHERE seq = 2",
        ] {
            let refused = db.work_on_inbox(|tx| tx.exec(&set(change), &[]));
            assert_eq!(refused, Err(StoreError::Constraint("inbox_append_only".into())), "{change}");
        }
        for text in ["DELETE FROM inbox", "DELETE FROM inbox WHERE codec = 2"] {
            let refused = db.work_on_inbox(|tx| tx.exec(&Stmt::new("test.delete", text), &[]));
            assert_eq!(refused, Err(StoreError::Constraint("inbox_append_only".into())), "{text}");
        }
    });
}

#[test]
fn rows_of_another_letter_box_keep_their_deliveries_and_come_twice_without_a_trace() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let rows = [
            (event("evt_a", "one"), Deliveries::counted(3)),
            (event("evt_a", "two"), Deliveries::counted(1)),
        ];
        let first = [Appended::New { seq: 1 }, Appended::Conflict { seq: 2 }];
        assert_eq!(inbox.append_kept(&rows), Ok(first.to_vec()));
        inbox.append_kept(&rows).expect("again");
        let kept = inbox.kept(&[1, 2]).expect("read");
        assert_eq!(kept.iter().map(|kept| kept.deliveries.count).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(kept[1].row, inbox.rows(&[2]).expect("read")[0]);
        assert_eq!(inbox.numbers(&reference("evt_a")), Ok(vec![1, 2]));
        let odd = QuarantineRow {
            body_hash: [7; 32],
            reason: "odd".into(),
            event_ref: None,
            event_type: None,
            account: None,
            livemode: None,
            received_at: 5,
            headers: "{}".into(),
            body: vec![255],
        };
        inbox.quarantine(&odd).expect("kept");
        inbox.quarantine_carried(&odd, 4).expect("kept");
        inbox.quarantine_carried(&odd, 2).expect("kept");
        let listed = inbox.quarantined_after(0, 10).expect("listed");
        assert_eq!(listed.iter().map(|one| one.deliveries).collect::<Vec<_>>(), [4]);
        assert_eq!(inbox.quarantined_after(listed[0].id, 10), Ok(Vec::new()));
    });
}
