//! What is listed at Stripe: kept once, told from what was delivered, and counted by whoever moves a round first.

use kernel::Book;
use store::catch_up::{Counts, advance, begin, history, last, open};
use store::inbox::Listed;
use store::{Append, Source};

use crate::inbox::event;
use crate::{on_each_engine, read, work};

fn listed(id: &str, body: &str) -> Append {
    Append { source: Source::List, ..event(id, body) }
}

#[test]
fn a_listed_event_is_kept_unless_it_is_here_in_any_shape() {
    on_each_engine(|db| {
        let inbox = db.inbox();
        let imported = Append { source: Source::Import, ..event("evt_b", "b") };
        inbox.append(&[event("evt_a", "a"), imported]).expect("appended");
        let page = [listed("evt_c", "c"), listed("evt_b", "B"), listed("evt_a", "A"), listed("evt_c", "C")];
        let stands = inbox.append_listed(&Book::own(true), &page).expect("appended");
        let here = |source| Listed::Here(source);
        assert_eq!(
            stands,
            [Listed::New { seq: 3 }, here(Source::Import), Listed::Pushed, here(Source::List)]
        );
        // Delivered after all, in other bytes: kept, and pushed from now on.
        inbox.append(&[event("evt_c", "cc")]).expect("appended");
        let stands = inbox.append_listed(&Book::own(true), &page[..1]).expect("appended");
        assert_eq!(stands, [Listed::Pushed]);
        let test = Append { book: Book::own(false), ..listed("evt_a", "a") };
        let other_book = inbox.append_listed(&Book::own(false), &[test]).expect("appended");
        assert_eq!(other_book, [Listed::New { seq: 5 }]);
        assert_eq!(inbox.faults().expect("checked"), Vec::<String>::new());
        let lines = inbox.page(i64::MAX, 10).expect("a page");
        assert!(lines.iter().all(|line| line.bodies <= 1), "no conflict: {lines:?}");
    });
}

#[test]
fn a_page_counts_for_who_moves_the_round_first_and_one_round_is_open_at_most() {
    on_each_engine(|db| {
        let run = work(db, |tx| begin(tx, 1, "boot", 10, 100));
        assert_eq!(work(db, |tx| begin(tx, 1, "schedule", 20, 100)), run, "the open one goes on");
        let counts = Counts { listed: 3, received: 2, missing: 1, known: 0 };
        let to = store::catch_up::Run {
            position: "evt_1".into(),
            newest_ref: "evt_9".into(),
            newest_s: 1_000,
            asked_s: 1_001,
            counts,
            ..run.clone()
        };
        assert!(work(db, |tx| advance(tx, "", &to)));
        assert!(!work(db, |tx| advance(tx, "", &to)), "the second who listed that page");
        assert_eq!(read(db, |r| open(r, 1)), Some(to.clone()));
        assert_eq!(read(db, |r| last(r, 1)), None);
        let end = store::catch_up::Run { finished_at: Some(30), gap_s: Some((1, 2)), ..to.clone() };
        assert!(work(db, |tx| advance(tx, "evt_1", &end)));
        assert!(!work(db, |tx| advance(tx, "evt_1", &end)), "over is over");
        let next = work(db, |tx| begin(tx, 1, "silence", 40, 100));
        assert_eq!((next.from_s, next.before_ref.as_str(), next.newest_s), (900, "evt_9", 1_000));
        assert_eq!(work(db, |tx| begin(tx, 2, "boot", 40, 100)).from_s, 0, "another book begins anew");
        assert_eq!(read(db, |r| history(r, 1, 10)), [end]);
    });
}
