//! When the same bytes came again: kept of the first repeats and of the newest, carried along, and nothing of what came once.

use store::db::Stmt;
use store::inbox::{Deliveries, REPEATS_KEPT_MAX, Repeat};
use store::{Append, Appended, Db, Inbox, InboxWriter, Source};
use testkit::TestDatabase;

use crate::inbox::event;
use crate::on_each_engine;

const AT: i64 = 1_700_000_000_000;

fn at(id: &str, body: &str, received_at: i64) -> Append {
    Append { received_at, ..event(id, body) }
}

/// Each delivery by itself.
fn deliver(inbox: &Inbox, deliveries: impl IntoIterator<Item = Append>) {
    for delivery in deliveries {
        inbox.append(&[delivery]).expect("appended");
    }
}

fn kept(inbox: &Inbox, seq: i64) -> Deliveries {
    inbox.kept(&[seq]).expect("read").remove(0).deliveries
}

fn repeats(deliveries: &Deliveries) -> Vec<(i64, i64)> {
    deliveries.repeats.iter().map(|repeat| (repeat.delivery, repeat.received_at)).collect()
}

fn rows(db: &Db) -> i64 {
    let count = Stmt::new("test.redeliveries", "SELECT count(*) FROM redelivery");
    db.work_on_inbox(|tx| tx.one_int(&count, &[])).expect("counted")
}

#[test]
fn each_repeat_of_the_same_bytes_has_its_time_and_another_body_has_repeats_of_its_own() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let imported = Append { source: Source::Import, ..at("evt_a", "one", AT + 40) };
        // The second one in the batch of the first.
        inbox.append(&[at("evt_a", "one", AT), at("evt_a", "one", AT + 1)]).expect("appended");
        deliver(&inbox, [at("evt_a", "two", AT + 20), at("evt_a", "two", AT + 30), imported]);
        let (one, two) = (kept(&inbox, 1), kept(&inbox, 2));
        assert_eq!(
            (one.count, one.repeated_at, repeats(&one)),
            (3, Some(AT + 40), vec![(2, AT + 1), (3, AT + 40)])
        );
        assert_eq!((two.count, two.repeated_at, repeats(&two)), (2, Some(AT + 30), vec![(2, AT + 30)]));
        assert_eq!(
            one.repeats.iter().map(|repeat| repeat.source).collect::<Vec<_>>(),
            [Source::Webhook, Source::Import]
        );
        assert_eq!(
            inbox.repeats(&[1, 2]).expect("read").into_values().collect::<Vec<_>>(),
            [one.repeats, two.repeats]
        );
        let lines = inbox.page(i64::MAX, 10).expect("a page");
        assert_eq!(
            lines.iter().map(|line| line.repeated_at).collect::<Vec<_>>(),
            [Some(AT + 30), Some(AT + 40)]
        );
        assert_eq!(inbox.faults().expect("checked"), Vec::<String>::new());
    });
}

#[test]
fn an_event_repeated_without_end_keeps_the_first_times_and_the_newest() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        deliver(&inbox, (0..70).map(|number| at("evt_a", "one", AT + number)));
        // Many in one batch count alike, and one that was received earlier and came later is not the newest.
        let batch: Vec<Append> = (0..40).map(|number| at("evt_a", "one", AT + 100 - number)).collect();
        inbox.append(&batch).expect("appended");
        let kept = kept(&inbox, 1);
        let first: Vec<(i64, i64)> = (1..=REPEATS_KEPT_MAX).map(|number| (number + 1, AT + number)).collect();
        assert_eq!((kept.count, kept.repeated_at, repeats(&kept)), (110, Some(AT + 100), first));
        assert_eq!(rows(db), REPEATS_KEPT_MAX);
        assert_eq!(inbox.faults().expect("checked"), Vec::<String>::new());
    });
}

#[test]
fn what_came_once_has_no_row_whichever_way_it_is_appended() {
    on_each_engine(|db| {
        let writer = InboxWriter::start(db.inbox()).expect("a writer");
        let submit = |delivery: Append| {
            let (tell, told) = std::sync::mpsc::channel();
            writer.submit(delivery, Box::new(move |result| drop(tell.send(result))));
            told.recv().expect("an answer").expect("kept")
        };
        for number in 1..=5 {
            assert_eq!(submit(at(&format!("evt_{number}"), "x", AT)), Appended::New { seq: number });
        }
        assert_eq!(rows(db), 0);
        assert_eq!(submit(at("evt_2", "x", AT + 7)), Appended::Duplicate { seq: 2 });
        assert_eq!(repeats(&kept(&db.inbox(), 2)), [(2, AT + 7)]);
        assert_eq!(kept(&db.inbox(), 3), Deliveries::counted(1));
    });
}

#[test]
fn times_are_carried_into_another_letter_box_and_twice_is_once() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let repeat = |delivery, received_at| Repeat { delivery, received_at, source: Source::Webhook };
        let of = |count, repeats: &[Repeat], repeated_at| Deliveries {
            count,
            repeats: repeats.to_vec(),
            repeated_at,
        };
        let three = of(3, &[repeat(2, AT + 2), repeat(3, AT + 3)], Some(AT + 3));
        // Of an export that knew no times yet.
        let counted = Deliveries::counted(4);
        let batch = [(at("evt_a", "one", AT), three.clone()), (at("evt_b", "b", AT), counted.clone())];
        inbox.append_kept(&batch).expect("taken over");
        inbox.append_kept(&batch).expect("again");
        assert_eq!((kept(&inbox, 1), kept(&inbox, 2)), (three, counted));
        // Fewer are known there, and one at another time: what is here stays. What is no repeat is no row.
        let fewer = of(2, &[repeat(1, 1), repeat(2, 2), repeat(3, 3)], Some(2));
        inbox.append_kept(&[(at("evt_a", "one", AT), fewer)]).expect("taken over");
        assert_eq!(repeats(&kept(&inbox, 1)), [(2, AT + 2), (3, AT + 3)]);
        let more = of(5, &[repeat(2, 2), repeat(4, AT + 4), repeat(5, AT + 5)], Some(AT + 5));
        inbox.append_kept(&[(at("evt_a", "one", AT), more)]).expect("taken over");
        let now = kept(&inbox, 1);
        assert_eq!((now.count, now.repeated_at), (5, Some(AT + 5)));
        assert_eq!(repeats(&now), [(2, AT + 2), (3, AT + 3), (4, AT + 4), (5, AT + 5)]);
        assert_eq!(inbox.faults().expect("checked"), Vec::<String>::new());
    });
}

#[test]
fn a_time_cannot_be_changed_and_one_that_was_not_counted_is_a_fault() {
    on_each_engine(|db| {
        deliver(&db.inbox(), [at("evt_a", "one", AT), at("evt_a", "one", AT + 1)]);
        for text in ["UPDATE redelivery SET received_at = 0", "DELETE FROM redelivery"] {
            let refused = db.work_on_inbox(|tx| tx.exec(&Stmt::new("test.change", text), &[]));
            assert_eq!(
                refused,
                Err(store::StoreError::Constraint("redelivery_append_only".into())),
                "{text}"
            );
        }
        let odd = "INSERT INTO redelivery (seq, delivery, received_at, source) VALUES (1, 3, 0, 'webhook'), (9, 2, 0, 'webhook')";
        db.work_on_inbox(|tx| tx.exec(&Stmt::new("test.odd", odd), &[])).expect("written");
        assert_eq!(
            db.inbox().faults().expect("checked"),
            ["inbox: 2 repeated deliveries have a time but were not counted"]
        );
    });
}

/// As it was before times were kept: the counts stay, and what comes from now on has a time.
#[test]
fn a_letter_box_of_an_older_program_goes_on_counting() {
    for database in TestDatabase::each() {
        let db = Db::open(&database.url).expect("opens");
        deliver(&db.inbox(), (0..3).map(|number| at("evt_a", "one", AT + number)));
        let older = [
            "DROP TABLE redelivery",
            "ALTER TABLE event_key DROP COLUMN repeated_at",
            "DELETE FROM migration WHERE part = 'inbox' AND version = 4",
        ];
        for text in older {
            db.work_on_inbox(|tx| tx.exec(&Stmt::new("test.older", text), &[])).expect("made older");
        }
        drop(db);
        let db = Db::open(&database.url).expect("brought up");
        assert_eq!(kept(&db.inbox(), 1), Deliveries::counted(3));
        deliver(&db.inbox(), [at("evt_a", "one", AT + 9)]);
        let now = kept(&db.inbox(), 1);
        assert_eq!((now.count, now.repeated_at, repeats(&now)), (4, Some(AT + 9), vec![(4, AT + 9)]));
        assert_eq!(db.inbox().faults().expect("checked"), Vec::<String>::new());
    }
}
