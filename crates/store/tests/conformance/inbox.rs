//! The letter box: nothing lost, nothing doubled, no gaps.

use std::collections::BTreeSet;

use kernel::Book;
use store::inbox::QuarantineRow;
use store::{Append, Appended, Inbox, Source};

use crate::{on_each_engine, reference};

pub(crate) fn event(id: &str, body: &str) -> Append {
    let mut body_hash = [0; 32];
    for (index, byte) in body.bytes().enumerate() {
        body_hash[index % 32] ^= byte.rotate_left(u32::try_from(index / 32 % 8).unwrap_or(0));
    }
    Append {
        book: Book::own(true),
        event_ref: reference(id),
        event_type: "invoice.paid".into(),
        api_version: Some("2025-03-31.basil".into()),
        created_s: 1_700_000_000,
        received_at: 1_700_000_000_000,
        source: Source::Webhook,
        headers: "{}".into(),
        body: body.into(),
        body_hash,
    }
}

fn append(inbox: &Inbox, events: &[Append]) -> Vec<Appended> {
    inbox.append(events).expect("appended")
}

#[test]
fn k_deliveries_are_one_row_and_a_count_of_k() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let (a, b) = (event("evt_a", "a"), event("evt_b", "b"));
        let first = append(&inbox, &[a.clone(), b.clone(), a.clone()]);
        assert_eq!(
            first,
            [Appended::New { seq: 1 }, Appended::New { seq: 2 }, Appended::Duplicate { seq: 1 }]
        );
        assert_eq!(append(&inbox, std::slice::from_ref(&a)), [Appended::Duplicate { seq: 1 }]);
        assert_eq!(append(&inbox, &[event("evt_c", "c")]), [Appended::New { seq: 3 }]);
        let page = inbox.page(i64::MAX, 10).expect("a page");
        let counts: Vec<(i64, i64)> = page.iter().map(|line| (line.seq, line.deliveries)).collect();
        assert_eq!(counts, [(3, 1), (2, 1), (1, 3)]);
        assert_eq!(inbox.lines(&[1, 3]).expect("lines"), [page[0].clone(), page[2].clone()]);
        assert_eq!(inbox.head().expect("a head"), 3);
        assert_eq!(inbox.faults().expect("checked"), Vec::<String>::new());
    });
}

#[test]
fn a_second_body_under_one_id_is_kept_as_evidence() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let (first, other) = (event("evt_a", "one"), event("evt_a", "another"));
        assert_eq!(append(&inbox, std::slice::from_ref(&first)), [Appended::New { seq: 1 }]);
        assert_eq!(append(&inbox, std::slice::from_ref(&other)), [Appended::Conflict { seq: 2 }]);
        let again = append(&inbox, &[other, first.clone()]);
        assert_eq!(again, [Appended::Duplicate { seq: 2 }, Appended::Duplicate { seq: 1 }]);
        let found = inbox.find(&reference("evt_a")).expect("found");
        assert_eq!(
            found.iter().map(|row| row.body.clone()).collect::<Vec<_>>(),
            [b"one".to_vec(), b"another".to_vec()]
        );
        let in_batch = append(&inbox, &[event("evt_z", "1"), event("evt_z", "2")]);
        assert_eq!(in_batch, [Appended::New { seq: 3 }, Appended::Conflict { seq: 4 }]);
    });
}

#[test]
fn books_keep_their_events_apart() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let live = event("evt_a", "x");
        let test = Append { book: Book::own(false), ..live.clone() };
        let other =
            Append { book: Book { account: Some(reference("acct_1")), livemode: true }, ..live.clone() };
        let all = [live.clone(), test.clone(), other.clone()];
        assert_eq!(append(&inbox, &all).iter().map(|a| a.seq()).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(inbox.find(&live.event_ref).expect("found").len(), 3);
        let found = inbox.find_in(&other.book, &other.event_ref).expect("found");
        assert_eq!(
            found.iter().map(|row| (row.seq, row.book.clone())).collect::<Vec<_>>(),
            [(3, other.book.clone())]
        );
        let missing = inbox.missing(&test.book, &[reference("evt_a"), reference("evt_b")]).expect("asked");
        assert_eq!(missing, [reference("evt_b")]);
    });
}

#[test]
fn what_is_read_is_what_was_appended_to_the_byte() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let mut sent = event("evt_a", "{\"é\":\"\u{0}\"}");
        sent.body.extend([0, 255, 254]);
        sent.event_type = "odd\0type".into();
        sent.api_version = None;
        append(&inbox, std::slice::from_ref(&sent));
        let rows = inbox.read(0, 10).expect("read");
        assert_eq!((rows[0].body.as_slice(), rows[0].body_hash), (sent.body.as_slice(), sent.body_hash));
        assert_eq!(rows[0].event_type, "odd\u{fffd}type");
        assert_eq!((rows[0].api_version.as_deref(), rows[0].source), (None, Source::Webhook));
        assert_eq!(inbox.read(1, 10).expect("read"), []);
        assert_eq!(inbox.rows(&[1]).expect("read"), rows);
    });
}

#[test]
fn appenders_at_once_leave_no_gaps_and_a_reader_never_sees_one() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let inbox = &inbox;
                scope.spawn(move || {
                    for index in 0..20 {
                        let own = event(&format!("evt_{worker}_{index}"), "x");
                        let shared = event(&format!("evt_shared_{index}"), "y");
                        append(inbox, &[own, shared]);
                    }
                });
            }
            scope.spawn(|| {
                let mut seen = 0;
                while seen < 100 {
                    for row in inbox.read(seen, 50).expect("read") {
                        assert_eq!(row.seq, seen + 1, "a follower would have skipped a row");
                        seen = row.seq;
                    }
                }
            });
        });
        let rows = inbox.read(0, 1000).expect("read");
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=100).collect::<Vec<_>>());
        assert_eq!(rows.iter().map(|row| &row.event_ref).collect::<BTreeSet<_>>().len(), 100);
        let deliveries: i64 =
            inbox.page(i64::MAX, 1000).expect("page").iter().map(|line| line.deliveries).sum();
        assert_eq!(deliveries, 160);
        assert_eq!(inbox.faults().expect("checked"), Vec::<String>::new());
    });
}

#[test]
fn what_fits_no_book_is_kept_outside_all_books() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let row = QuarantineRow {
            body_hash: [7; 32],
            reason: "livemode does not fit the secret".into(),
            event_ref: Some("evt_\0".into()),
            event_type: None,
            account: None,
            livemode: Some(true),
            received_at: 5,
            headers: "{}".into(),
            body: vec![0, 1, 2],
        };
        inbox.quarantine(&row).expect("kept");
        inbox.quarantine(&row).expect("kept");
        let listed = inbox.quarantined(10).expect("listed");
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].deliveries, listed[0].row.body.as_slice()), (2, [0, 1, 2].as_slice()));
        assert_eq!(
            (listed[0].row.livemode, listed[0].row.event_ref.as_deref()),
            (Some(true), Some("evt_\u{fffd}"))
        );
        assert_eq!(inbox.quarantine_find("evt_\u{fffd}").expect("found"), listed);
        assert_eq!(inbox.quarantined_count().expect("counted"), 1);
        assert_eq!(inbox.head().expect("a head"), 0);
    });
}

#[test]
fn the_letter_box_says_how_busy_it_was() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        assert_eq!(inbox.stats(0).expect("stats").last_received_at, None);
        for (id, at) in [("evt_a", 60_000), ("evt_b", 119_999), ("evt_c", 120_000)] {
            append(&inbox, &[Append { received_at: at, ..event(id, id) }]);
        }
        let stats = inbox.stats(60_000).expect("stats");
        assert_eq!((stats.total, stats.last_received_at), (3, Some(120_000)));
        assert_eq!(
            stats.minutes.iter().map(|m| (m.starts_at, m.events)).collect::<Vec<_>>(),
            [(60_000, 2), (120_000, 1)]
        );
    });
}
