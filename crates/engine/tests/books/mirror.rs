//! The readable tables of Stripe's objects: the same whatever came when, twice, or to which of two workers, on
//! either engine; and what the fold cannot decide is wanted of Stripe.

use std::sync::atomic::{AtomicBool, Ordering};

use engine::project;
use kernel::{Book, Ref};
use sandbox::traffic::year;
use sandbox::{Delivery, Rng, Version};
use store::{Append, Source};

use crate::world::{NOW, World};

/// Every row of every view, as text.
fn shown(world: &World) -> String {
    let dump = world.house.db().read(store::mirror::dump).expect("read");
    dump.into_iter().map(|(name, rows)| format!("{name} {rows:#?}\n")).collect()
}

fn plain(deliveries: &[Delivery]) -> String {
    let world = World::sqlite();
    world.receive(deliveries);
    world.drain();
    shown(&world)
}

fn shuffle<T>(all: &mut [T], rng: &mut Rng) {
    for index in (1..all.len()).rev() {
        let other = usize::try_from(rng.between(0, i64::try_from(index).expect("small"))).expect("small");
        all.swap(index, other);
    }
}

#[test]
fn any_order_and_two_workers_make_the_same_tables_on_both_engines() {
    for seed in [2, 11] {
        let traffic = year(seed, 5, 5, 1_735_689_600);
        let deliveries = sandbox::render(&traffic.history, Version::Dahlia20260729);
        let expected = plain(&deliveries);
        assert!(expected.contains("stripe_invoice_line") && expected.len() > 10_000);
        for world in World::each() {
            let mut jumbled = deliveries.clone();
            jumbled.extend(deliveries.iter().step_by(3).cloned());
            shuffle(&mut jumbled, &mut Rng::new(seed));
            let arrived = AtomicBool::new(false);
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        loop {
                            let done = arrived.load(Ordering::SeqCst);
                            if project::step(&world.house, NOW).expect("a step").idle() && done {
                                break;
                            }
                        }
                    });
                }
                for portion in jumbled.chunks(29) {
                    world.receive(portion);
                }
                arrived.store(true, Ordering::SeqCst);
            });
            world.drain();
            assert_eq!(shown(&world), expected, "seed {seed} on {}", world.engine);
        }
    }
}

/// One event about a subscription.
struct Told {
    at_s: i64,
    event_type: &'static str,
    object: &'static str,
    previous: &'static str,
}

const fn told(at_s: i64, event_type: &'static str, object: &'static str, previous: &'static str) -> Told {
    Told { at_s, event_type, object, previous }
}

macro_rules! with {
    ($status:literal, $rest:literal, $($item:literal),*) => {
        concat!(r#""status":""#, $status, r#"","items":{"data":["#, with!(@items $($item),*), "]}", $rest)
    };
    (@items $one:literal) => { concat!(r#"{"id":"si_"#, $one, r#"","price":{"id":"price_1"},"quantity":1}"#) };
    (@items $one:literal, $two:literal) => { concat!(with!(@items $one), ",", with!(@items $two)) };
}

const UPDATED: &str = "customer.subscription.updated";

/// Fourteen events, three of them in the first second and three in the last, where an item comes and goes.
const LIFE: [Told; 14] = [
    told(10, "customer.subscription.created", with!("incomplete", "", "a"), ""),
    told(10, UPDATED, with!("active", "", "a"), r#""status":"incomplete""#),
    told(
        10,
        UPDATED,
        with!("active", "", "a", "b"),
        r#""items":{"data":[{"id":"si_a","price":{"id":"price_1"},"quantity":1}]}"#,
    ),
    told(20, "customer.subscription.trial_will_end", with!("active", "", "a", "b"), ""),
    told(
        30,
        UPDATED,
        with!("active", "", "a"),
        r#""items":{"data":[{"id":"si_a","price":{"id":"price_1"},"quantity":1},{"id":"si_b","price":{"id":"price_1"},"quantity":1}]}"#,
    ),
    told(40, UPDATED, with!("past_due", "", "a"), r#""status":"active""#),
    told(50, UPDATED, with!("active", "", "a"), r#""status":"past_due""#),
    told(
        60,
        UPDATED,
        with!("active", r#","pause_collection":{"behavior":"void"}"#, "a"),
        r#""pause_collection":null"#,
    ),
    told(70, UPDATED, with!("active", "", "a"), r#""pause_collection":{"behavior":"void"}"#),
    told(
        80,
        UPDATED,
        with!("active", r#","cancel_at_period_end":true"#, "a"),
        r#""cancel_at_period_end":false"#,
    ),
    told(
        90,
        UPDATED,
        with!("active", r#","cancel_at_period_end":false"#, "a"),
        r#""cancel_at_period_end":true"#,
    ),
    told(
        99,
        UPDATED,
        with!("active", r#","cancel_at_period_end":false"#, "a", "b"),
        r#""items":{"data":[{"id":"si_a","price":{"id":"price_1"},"quantity":1}]}"#,
    ),
    told(
        99,
        UPDATED,
        with!("active", r#","cancel_at_period_end":false"#, "a"),
        r#""items":{"data":[{"id":"si_a","price":{"id":"price_1"},"quantity":1},{"id":"si_b","price":{"id":"price_1"},"quantity":1}]}"#,
    ),
    told(
        99,
        UPDATED,
        with!("active", r#","cancel_at_period_end":true"#, "a"),
        r#""cancel_at_period_end":false"#,
    ),
];

fn append(book: &Book, id: &str, number: usize, told: &Told) -> Append {
    // Ids say nothing of the order: the last event has the smallest.
    let event = format!("evt_{:02}_{id}", LIFE.len() - number);
    let body = format!(
        r#"{{"id":"{event}","object":"event","api_version":"2026-07-29.dahlia","created":{},"livemode":false,"type":"{}",
        "data":{{"object":{{"id":"{id}","object":"subscription","customer":"cus_1","currency":"usd","created":10,{}}},
        "previous_attributes":{{{}}}}}}}"#,
        told.at_s, told.event_type, told.object, told.previous
    );
    Append {
        book: book.clone(),
        event_ref: Ref::parse(&event).expect("an id"),
        event_type: told.event_type.into(),
        api_version: None,
        created_s: told.at_s,
        received_at: NOW,
        source: Source::Webhook,
        headers: "{}".into(),
        body_hash: <sha2::Sha256 as sha2::Digest>::digest(body.as_bytes()).into(),
        body: body.into_bytes(),
    }
}

/// Each permutation is a life of its own; all of them are lived at once, an event of each at a time.
#[test]
fn five_thousand_orders_of_one_life_end_in_one_state() {
    const LIVES: usize = 5_000;
    let (world, mut rng) = (World::sqlite(), Rng::new(7));
    let book = Book { account: None, livemode: false };
    let orders: Vec<Vec<usize>> = (0..LIVES)
        .map(|_| {
            let mut order: Vec<usize> = (0..LIFE.len()).collect();
            shuffle(&mut order, &mut rng);
            order
        })
        .collect();
    for place in 0..LIFE.len() {
        let row = |(life, order): (usize, &Vec<usize>)| {
            append(&book, &format!("sub_{life:05}"), order[place], &LIFE[order[place]])
        };
        let batch: Vec<Append> = orders.iter().enumerate().map(row).collect();
        world.house.inbox().append(&batch).expect("appended");
        world.drain();
    }
    let dump = world.house.db().read(store::mirror::dump).expect("read");
    let rows = |view: &str| {
        let found = dump.iter().find(|(name, _)| *name == view).map(|(_, rows)| rows.clone());
        found.expect("a view")
    };
    let without_id =
        |row: &store::db::Row| format!("{row:?}").split_once("sub_").map(|(_, rest)| rest[5..].to_owned());
    let states: std::collections::BTreeMap<_, usize> =
        rows("stripe_subscription").iter().fold(Default::default(), |mut states, row| {
            *states.entry(without_id(row)).or_default() += 1;
            states
        });
    assert_eq!(states.values().copied().collect::<Vec<_>>(), [LIVES], "{states:#?}");
    assert_eq!(rows("stripe_subscription_item").len(), LIVES, "one item each");
    assert_eq!(world.house.db().read(store::want::count).expect("read"), 0, "nothing is undecided");
}

fn subscription(world: &World, id: &str) -> String {
    let dump = world.house.db().read(store::mirror::dump).expect("read");
    let rows = dump.into_iter().find(|(name, _)| *name == "stripe_subscription").expect("the view").1;
    let row = rows.iter().map(|row| format!("{row:?}")).find(|row| row.contains(id));
    row.unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn two_versions_of_one_second_that_nothing_orders_are_wanted_until_a_later_one_settles_it() {
    for world in World::each() {
        let book = Book { account: None, livemode: false };
        let one = told(10, UPDATED, with!("active", "", "a"), r#""status":"past_due""#);
        let other = told(10, UPDATED, with!("unpaid", "", "a"), r#""status":"trialing""#);
        let rows = [append(&book, "sub_1", 1, &one), append(&book, "sub_1", 2, &other)];
        world.house.inbox().append(&rows).expect("appended");
        world.drain();
        let wanted = || world.house.db().read(store::want::count).expect("read");
        assert_eq!(wanted(), 1, "{}", world.engine);
        let later = told(11, UPDATED, with!("active", "", "a"), r#""status":"past_due""#);
        world.house.inbox().append(&[append(&book, "sub_1", 3, &later)]).expect("appended");
        world.drain();
        assert_eq!(wanted(), 0, "{}", world.engine);
        assert!(subscription(&world, "sub_1").contains("active"));
    }
}

#[test]
fn what_is_deleted_stays_deleted_and_what_is_only_named_is_a_stub() {
    for world in World::each() {
        let raw = |id: &str, at_s: i64, event_type: &str, object: &str| {
            let mut row = append(&Book { account: None, livemode: false }, id, 1, &LIFE[0]);
            row.event_ref = Ref::parse(id).expect("an id");
            row.body = format!(
                r#"{{"id":"{id}","object":"event","created":{at_s},"livemode":false,"type":"{event_type}","data":{{"object":{object}}}}}"#
            )
            .into_bytes();
            row.body_hash = <sha2::Sha256 as sha2::Digest>::digest(&row.body).into();
            row
        };
        let price = r#"{"id":"price_1","object":"price","product":"prod_1","currency":"usd"}"#;
        let product = r#"{"id":"prod_2","object":"product","name":"Mug"}"#;
        let rows = [
            raw("evt_1", 20, "product.deleted", product),
            raw("evt_2", 30, "product.updated", product),
            raw("evt_3", 10, "price.created", price),
        ];
        for row in rows {
            world.house.inbox().append(&[row]).expect("appended");
            world.drain();
        }
        let dump = world.house.db().read(store::mirror::dump).expect("read");
        let products = dump.into_iter().find(|(name, _)| *name == "stripe_product").expect("the view").1;
        let flags: Vec<(String, i64, i64)> = products
            .iter()
            .map(|row| (row.text(1).expect("ref"), row.int(2).expect("stub"), row.int(3).expect("deleted")))
            .collect();
        assert_eq!(flags, [("prod_1".to_owned(), 1, 0), ("prod_2".to_owned(), 0, 1)], "{}", world.engine);
    }
}
