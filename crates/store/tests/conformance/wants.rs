//! Objects that are wanted of Stripe: who is at one is left alone, and news make due what only rests.

use kernel::{Book, Kind, ObjectKey};
use store::want::{self, Target, Want, Why};
use store::{Db, book};

use crate::{on_each_engine, read, reference, work};

const NOW: i64 = 1_700_000_000_000;
const LEASE: i64 = 600_000;

fn object() -> ObjectKey {
    ObjectKey::new(Kind::Customer, reference("cus_1"))
}

fn due(db: &Db, now: i64) -> Vec<Want> {
    read(db, |r| want::due(r, &[1], now, 10))
}

/// Asked for because of an order, and taken.
fn taken(db: &Db) -> Want {
    work(db, |tx| book::id(tx, &Book::own(true)));
    work(db, |tx| want::ask(tx, 1, &[(object(), Why::Order)]));
    let want = due(db, NOW).remove(0);
    assert!(work(db, |tx| want::claim(tx, &want, NOW + LEASE)));
    assert!(!work(db, |tx| want::claim(tx, &want, NOW + LEASE)), "somebody is at it");
    want
}

fn news(db: &Db, not_before: i64) {
    work(db, |tx| want::again(tx, 1, &Target::Object(object()), not_before));
}

#[test]
fn news_of_an_object_that_is_being_fetched_wait_for_who_is_at_it_and_are_due_when_he_is_done() {
    on_each_engine(|db| {
        type End = fn(&mut store::Tx<'_>, &Want) -> Result<(), store::StoreError>;
        let ends: [End; 2] = [
            |tx, want| want::rests(tx, want, 1, NOW + 60_000),
            |tx, want| want::answered(tx, want).map(|done| assert!(!done)),
        ];
        for end in ends {
            let want = taken(db);
            news(db, NOW);
            assert_eq!(due(db, NOW + LEASE - 1), [], "one at a time");
            work(db, |tx| end(tx, &want));
            let again = due(db, NOW);
            assert_eq!((again.len(), again[0].why, again[0].attempts), (1, Why::Thin, 0));
            assert!(work(db, |tx| want::answered(tx, &again[0])));
            assert_eq!(due(db, i64::MAX), []);
        }
    });
}

#[test]
fn news_make_due_what_rests_after_an_answer_and_not_what_cannot_be_had_just_now() {
    on_each_engine(|db| {
        let want = taken(db);
        work(db, |tx| want::rests(tx, &want, 5, NOW + 3_600_000));
        assert_eq!(due(db, NOW + 3_599_999), []);
        news(db, NOW + 5);
        assert_eq!((due(db, NOW + 4).len(), due(db, NOW + 5).len()), (0, 1));
        // Who takes it now is left alone by the next news, though it rested before.
        let want = due(db, NOW + 5).remove(0);
        assert!(work(db, |tx| want::claim(tx, &want, NOW + LEASE)));
        news(db, NOW + 6);
        assert_eq!(due(db, NOW + LEASE - 1), []);
        work(db, |tx| want::failed(tx, &want, 2, NOW + 3_600_000, "the key may not"));
        news(db, NOW + 7);
        assert_eq!(due(db, NOW + 3_599_999), [], "the same answer, the same day");
        let refused = due(db, NOW + 3_600_000).remove(0);
        assert_eq!((refused.problem.as_deref(), refused.attempts), (Some("the key may not"), 2));
        // Taken again, it says so until it is known better.
        assert!(work(db, |tx| want::claim(tx, &refused, NOW + 2 * 3_600_000)));
        let held = read(db, |r| want::of(r, 1, &Target::Object(object()))).expect("wanted");
        assert_eq!(held.problem.as_deref(), Some("the key may not"));
    });
}
