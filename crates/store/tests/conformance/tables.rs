//! Facts, links, notes, claims, sales, unlinked payments, books.

use kernel::fact::{Body, Customer, Link, Observed};
use kernel::{Book, Kind, Note, NoteCode, ObjectKey};
use store::sale::{self, SaleRow};
use store::unlinked::{self, UnlinkedRow};
use store::{book, claim, fact, link, note};

use crate::{invoice, on_each_engine, read, reference, work};

fn customer(id: &str, at_s: i64, event: &str, body: Customer) -> Observed {
    Observed {
        object: ObjectKey::new(Kind::Customer, reference(id)),
        at_s,
        event_ref: reference(event),
        rank: 0,
        now: vec![(u64::MAX, 1)],
        previous: Vec::new(),
        body: Body::Customer(body),
    }
}

#[test]
fn a_fact_is_kept_once_and_the_newest_second_is_found() {
    on_each_engine(|db| {
        let facts = [
            customer("cus_1", 5, "evt_a", any_customer()),
            customer("cus_1", 9, "evt_b", any_customer()),
            customer("cus_1", 9, "evt_c", any_customer()),
            customer("cus_2", 1, "evt_a", any_customer()),
        ];
        assert_eq!(work(db, |tx| fact::put(tx, 1, &facts)), 4);
        assert_eq!(work(db, |tx| fact::put(tx, 1, &facts)), 0);
        let keys: Vec<ObjectKey> =
            ["cus_1", "cus_2", "cus_3"].map(|id| ObjectKey::new(Kind::Customer, reference(id))).into();
        let newest = read(db, |r| fact::newest_second(r, 1, &keys));
        assert_eq!(newest.len(), 2);
        assert_eq!(newest[&keys[0]], facts[1..3]);
        assert_eq!(newest[&keys[1]], facts[3..]);
        assert_eq!(read(db, |r| fact::versions(r, 1, &keys[0])), facts[..3]);
        assert!(read(db, |r| fact::newest_second(r, 2, &keys)).is_empty());
        assert_eq!(read(db, fact::count), 4);
        assert!(read(db, |r| fact::known(r, 1, &keys[0])));
        assert!(!read(db, |r| fact::known(r, 1, &keys[2])));
    });
}

fn any_customer() -> Customer {
    Customer { currency: None, balance_minor: 0, deleted: false, created_s: 1 }
}

#[test]
fn two_bodies_under_one_event_both_count() {
    on_each_engine(|db| {
        let version =
            |balance_minor| customer("cus_1", 1, "evt_1", Customer { balance_minor, ..any_customer() });
        work(db, |tx| fact::put(tx, 1, &[version(1), version(2)]));
        assert_eq!(read(db, |r| fact::versions(r, 1, &version(1).object)).len(), 2);
    });
}

#[test]
fn links_are_a_set_that_is_followed_both_ways_and_paged() {
    on_each_engine(|db| {
        let coupon = ObjectKey::new(Kind::Coupon, reference("co_1"));
        let discount = |n: usize| ObjectKey::new(Kind::Discount, reference(&format!("di_{n}")));
        let links: Vec<Link> = (0..5).map(|n| Link { from: discount(n), to: coupon.clone() }).collect();
        assert_eq!(work(db, |tx| link::put(tx, 1, &links)), 5);
        assert_eq!(work(db, |tx| link::put(tx, 1, &links[2..])), 0);
        assert_eq!(
            read(db, |r| link::from_keys(r, 1, &[discount(3), discount(1)])),
            [links[1].clone(), links[3].clone()]
        );
        assert_eq!(read(db, |r| link::to_keys(r, 1, std::slice::from_ref(&coupon))), links);
        assert!(read(db, |r| link::to_keys(r, 2, std::slice::from_ref(&coupon))).is_empty());
        let first = read(db, |r| link::to_page(r, 1, &coupon, None, 2));
        assert_eq!(first, [discount(0), discount(1)]);
        assert_eq!(read(db, |r| link::to_page(r, 1, &coupon, Some(&first[1]), 9)).len(), 3);
    });
}

#[test]
fn a_book_gets_one_number_however_many_see_it_first() {
    on_each_engine(|db| {
        let books =
            [Book::own(true), Book::own(false), Book { account: Some(reference("acct_1")), livemode: true }];
        let numbers: Vec<Vec<i64>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| books.iter().map(|b| work(db, |tx| book::id(tx, b))).collect::<Vec<_>>())
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().expect("no panic")).collect()
        });
        assert!(numbers.windows(2).all(|pair| pair[0] == pair[1]), "{numbers:?}");
        let all: Vec<Book> = read(db, book::all).into_iter().map(|(_, book)| book).collect();
        assert_eq!(all, books);
        let first = numbers[0][0];
        assert_eq!(read(db, |r| book::get(r, first)), books[0]);
        for (seen, newest) in [(5, 5), (3, 5), (9, 9)] {
            work(db, |tx| book::clock_advance(tx, first, seen));
            assert_eq!(read(db, |r| book::clock(r, first)), newest);
        }
    });
}

#[test]
fn notes_and_claims_are_kept_and_found() {
    on_each_engine(|db| {
        let notes = [
            Note { code: NoteCode::EnumUnknown, path: "status".into(), detail: "odd".into() },
            Note { code: NoteCode::ListTruncated, path: "lines".into(), detail: String::new() },
        ];
        for _ in 0..2 {
            work(db, |tx| note::put(tx, 1, 7, &notes));
        }
        assert_eq!(read(db, |r| note::of(r, 7)), notes);
        assert_eq!(
            read(db, |r| note::counts(r, 0)),
            [("enum_unknown".to_owned(), 1), ("list_truncated".into(), 1)]
        );
        let claims = |list: &[(i64, &str)]| -> Vec<(i64, String, String)> {
            list.iter().map(|(subject, body)| (*subject, "sub_1".to_owned(), (*body).to_owned())).collect()
        };
        work(db, |tx| claim::put(tx, 1, &claims(&[(2, "two"), (1, "one")])));
        work(db, |tx| claim::put(tx, 1, &claims(&[(1, "one again")])));
        assert_eq!(read(db, |r| claim::of_subscription(r, 1, "sub_1")), ["one again", "two"]);
        assert_eq!(read(db, |r| claim::of_subjects(r, &[2, 3]))[&2], ("sub_1".to_owned(), "two".to_owned()));
        work(db, |tx| claim::delete(tx, &[1, 3]));
        assert_eq!(read(db, |r| claim::of_subscription(r, 1, "sub_1")), ["two"]);
    });
}

fn sale_row(subject: i64, partner: &str) -> SaleRow {
    SaleRow {
        subject,
        partner: partner.into(),
        book: 1,
        sale: format!("in_{subject}"),
        reason: "nobody".into(),
        currency: "eur".into(),
        sale_at: 100 - subject,
        rate_bps: Some(1500),
        held: true,
        stripe_payment_intent_ref: Some(format!("pi_{subject}")),
        ..SaleRow::default()
    }
}

#[test]
fn replacing_a_sale_leaves_exactly_the_rows_given() {
    on_each_engine(|db| {
        assert_eq!(work(db, |tx| book::id(tx, &Book::own(true))), 1);
        work(db, |tx| sale::replace(tx, 1, &[sale_row(1, "al"), sale_row(1, "jo")]));
        let changed = SaleRow { commission_minor: 7, ..sale_row(1, "jo") };
        work(db, |tx| sale::replace_all(tx, &[1, 2], &[changed.clone(), sale_row(2, "")]));
        let mut exported = Vec::new();
        read(db, |r| {
            exported.clear();
            sale::export(r, None, &mut |row| {
                exported.push(row);
                Ok(())
            })
        });
        assert_eq!(exported, [sale_row(2, ""), changed.clone()]);
        assert_eq!(read(db, |r| sale::by_ref(r, "pi_1")), exported[1..]);
        assert_eq!(read(db, |r| sale::of_subjects(r, &[1])), [changed]);
        work(db, |tx| sale::replace(tx, 1, &[]));
        assert_eq!(read(db, sale::count), 1);
        let view = store::db::Stmt::new("test.view", "SELECT ledger_status FROM revenue_ledger");
        assert_eq!(read(db, |r| r.rows(&view, &[])?[0].text(0)), "none");
    });
}

#[test]
fn unlinked_payments_are_listed_until_cleared() {
    on_each_engine(|db| {
        let row = |subject: i64| UnlinkedRow {
            subject,
            book: 1,
            ref_: invoice("x").id.to_string(),
            currency: "eur".into(),
            amount_minor: 5,
            created_at: -subject,
        };
        work(db, |tx| unlinked::set(tx, &[row(1), row(2)]));
        work(db, |tx| unlinked::set(tx, &[row(1)]));
        assert_eq!(read(db, |r| unlinked::list(r, 9)), [row(2), row(1)]);
        assert_eq!(read(db, |r| unlinked::of_subjects(r, &[1, 9])), [row(1)]);
        work(db, |tx| unlinked::clear(tx, &[2, 9]));
        assert_eq!(read(db, unlinked::count), 1);
    });
}

#[test]
fn a_type_too_long_for_an_index_is_counted_by_its_beginning() {
    on_each_engine(|db| {
        // No two pieces alike, so that nothing can pack it.
        let long: String =
            (0..40_000).map(|number: u64| format!("{:x}", number.wrapping_mul(0x9e37_79b9))).collect();
        let one = |event_type: &str, api_version: &str| store::seen::Seen {
            book: 1,
            event_type: event_type.to_owned(),
            api_version: api_version.to_owned(),
            events: 1,
            last_at: 7,
        };
        let news = [one(&long, "2020-08-27"), one("invoice.paid", &long), one(&"\u{fc}".repeat(500), "")];
        for _ in 0..2 {
            work(db, |tx| store::seen::add(tx, &news));
        }
        let seen = read(db, |r| store::seen::of_book(r, 1));
        let lengths: Vec<(usize, usize, i64)> =
            seen.iter().map(|row| (row.event_type.len(), row.api_version.len(), row.events)).collect();
        assert_eq!(lengths, [(200, 10, 2), (12, 200, 2), (200, 0, 2)]);
    });
}
