//! The year of traffic that everybody uses, and however it came in: by delivery in disorder and several versions, by lists
//! alone, half and half, or with deliveries lost. One canonical export, which is the oracle's. Every house has a key that may
//! read, and asks for what events leave open.

use engine::fetch::Fetching;
use sandbox::Delivery;
use sandbox::traffic::{Due, Traffic, year_kept};
use testkit::TestDatabase;

use crate::equality::{differences, list};
use crate::stripe::{START_S, Stripe};
use crate::world::{NOW, World, due};

/// The ways in which a year can come in, and the house that each is for.
struct Houses {
    delivered: World,
    listed: World,
    listed_then_delivered: World,
    delivered_then_listed: World,
    every_second_lost: World,
}

impl Houses {
    fn new(database: fn() -> TestDatabase) -> Self {
        let house = || World::new(database());
        Self {
            delivered: house(),
            listed: house(),
            listed_then_delivered: house(),
            delivered_then_listed: house(),
            every_second_lost: house(),
        }
    }
}

/// In words, the house, and which events are delivered to it.
type Way<'a> = (&'a str, &'a World, &'a dyn Fn(usize) -> bool);

/// Deliveries of the events that are wanted, in the order of arrival, in portions as a gate would append them.
fn deliver(world: &World, traffic: &Traffic, wanted: impl Fn(usize) -> bool) {
    let planned = traffic.arrivals.iter().filter(|planned| wanted(planned.event));
    let made = |event: usize, version| sandbox::deliver(&traffic.history[event], version);
    let deliveries: Vec<Delivery> =
        planned.filter_map(|planned| made(planned.event, planned.version)).collect();
    for portion in deliveries.chunks(500) {
        world.receive(portion);
        world.drain();
    }
}

/// With a key that may read, what events leave open is asked for: an old version says of a purchase's discount no more than
/// its id, and Stripe makes no event of it.
fn fetch(world: &World, stripe: &Stripe) {
    let mut fetching = Fetching::default();
    for round in 0..100 {
        let open = engine::status::status(&world.house, NOW).expect("a status").discount_unresolved;
        if open == 0 {
            return;
        }
        // A sale that was looked at rests for a while.
        let now = NOW + round * 60_000;
        fetching.round(&world.house, stripe, &|| now).expect("a round");
        world.drain();
    }
}

/// Sales, those with a partner, and objects listed.
fn year(seed: u64, customers: u32, database: fn() -> TestDatabase) -> (usize, usize, i64) {
    let stripe = Stripe::new(seed);
    let houses = Houses::new(database);
    let (traffic, half, mut stripes) = year_kept(seed, 12, customers, START_S, &mut |stripes| {
        stripe.lent(stripes, || assert!(list(&houses.listed_then_delivered, &stripe) > 0));
    });
    let all: [Way; 5] = [
        ("delivered", &houses.delivered, &|_| true),
        ("listed", &houses.listed, &|_| false),
        ("listed at the half, then delivered", &houses.listed_then_delivered, &|event| event >= half),
        ("delivered to the half, then listed", &houses.delivered_then_listed, &|event| event < half),
        ("every second lost, then listed", &houses.every_second_lost, &|event| event % 2 == 0),
    ];
    let (mut expected, mut objects) = (String::new(), 0);
    for (name, world, wanted) in all {
        world.operator(&traffic.setup);
        deliver(world, &traffic, wanted);
        stripe.lent(&mut stripes, || {
            if !name.ends_with("delivered") {
                objects = list(world, &stripe);
            }
            world.drain();
            fetch(world, &stripe);
        });
        if expected.is_empty() {
            expected = world.canonical();
        }
        let found = differences(&expected, &world.canonical());
        assert_eq!(found, Vec::<String>::new(), "seed {seed}, {name}, {}", world.engine);
    }
    let rows = houses.listed.rows();
    let mut books: Vec<Due> = rows.iter().map(due).collect();
    let mut oracle = traffic.oracle.rows.clone();
    books.sort();
    oracle.sort();
    assert_eq!(books, oracle, "seed {seed}: listed, against the oracle");
    houses.listed.verify();
    houses.every_second_lost.verify();
    (rows.len(), rows.iter().filter(|row| row.partner.is_some()).count(), objects)
}

#[test]
fn the_year_of_traffic_is_the_same_however_it_came_in() {
    for seed in 1..=2 {
        let (sales, partners, objects) = year(seed, 25, TestDatabase::sqlite);
        println!("seed {seed}: {sales} sales, {partners} with a partner, {objects} objects listed");
        assert!(sales > 50 && partners > 10 && objects > 500);
    }
}

#[test]
fn the_year_is_the_same_on_postgresql() {
    if TestDatabase::postgres().is_none() {
        return;
    }
    let (sales, partners, objects) = year(3, 15, || TestDatabase::postgres().expect("it was there"));
    println!("seed 3 on postgresql: {sales} sales, {partners} with a partner, {objects} objects listed");
}

/// `cargo test --release -p engine --test audit year::twenty -- --ignored --nocapture`
#[test]
#[ignore = "twenty years in five houses: some minutes in release"]
fn twenty_years_of_traffic_are_the_same_however_they_came_in() {
    let (mut sales, mut partners, mut objects) = (0, 0, 0);
    for seed in 1..=20 {
        let seen = year(seed, 200, TestDatabase::sqlite);
        println!("seed {seed}: {} sales, {} with a partner, {} objects listed", seen.0, seen.1, seen.2);
        (sales, partners, objects) = (sales + seen.0, partners + seen.1, objects + seen.2);
    }
    for seed in 1..=3 {
        if TestDatabase::postgres().is_some() {
            let seen = year(seed, 60, || TestDatabase::postgres().expect("it was there"));
            println!("seed {seed} on postgresql: {} sales", seen.0);
        }
    }
    println!("20 seeds: {sales} sales, {partners} with a partner, {objects} objects listed, no difference");
}
