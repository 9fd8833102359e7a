//! However an account's year came in (by delivery, by lists, or half and half), the books end in the same canonical
//! export, and rebuild to the same.

use std::sync::atomic::Ordering;

use engine::audit::ListFailure;
use engine::audit::backfill::backfill;
use engine::audit::catch_up::{Ask, catch_up};
use testkit::TestDatabase;

use crate::business::{Business, book};
use crate::stripe::Stripe;
use crate::world::{NOW, World};

/// Everything Stripe has, and the events it still lists, into the inbox.
pub(crate) fn list(world: &World, stripe: &Stripe) -> i64 {
    let kinds = backfill(&world.house, stripe, &book(), &|| NOW, &mut |_| {}).expect("a backfill");
    let ask = Ask { reason: "asked", patience_s: 0, clock: &|| NOW };
    catch_up(&world.house, stripe, &book(), &ask).expect("a round");
    let lacking: Vec<_> = kinds.iter().filter(|kind| kind.problem.is_some() || !kind.done).collect();
    assert!(lacking.is_empty(), "every kind is listed whole: {lacking:?}");
    kinds.iter().map(|kind| kind.listed).sum()
}

fn list_everything(world: &World, stripe: &Stripe) -> i64 {
    let objects = list(world, stripe);
    world.drain();
    objects
}

/// Rows that differ, as a person would want to see them.
pub(crate) fn differences(expected: &str, got: &str) -> Vec<String> {
    let set = |text: &str| -> std::collections::BTreeSet<String> {
        text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect()
    };
    let (mine, other) = (set(expected), set(got));
    let gone = mine.difference(&other).map(|line| format!("live:   {line}"));
    gone.chain(other.difference(&mine).map(|line| format!("listed: {line}"))).collect()
}

/// A year of that many days by seed, in four houses of one engine. Returns sales, sales with a partner and objects.
fn year(seed: u64, days: i64, database: fn() -> TestDatabase) -> (usize, usize, i64) {
    let stripe = Stripe::new(seed);
    let house = || {
        let world = World::new(database());
        world.operator(&Business::setup());
        world
    };
    let (live, listed, before, after) = (house(), house(), house(), house());
    let mut business = Business::open(&stripe, seed);
    business.days(days / 2);
    let first = stripe.deliveries();
    live.receive(&first);
    after.receive(&first);
    list_everything(&before, &stripe);
    business.days(days - days / 2);
    let second = stripe.deliveries();
    live.receive(&second);
    before.receive(&second);
    let objects = list_everything(&listed, &stripe);
    list_everything(&after, &stripe);
    live.drain();
    before.drain();
    let expected = live.canonical();
    for (name, world) in [
        ("listed only", &listed),
        ("listed in the middle, delivered after", &before),
        ("delivered, then listed", &after),
    ] {
        let found = differences(&expected, &world.canonical());
        assert_eq!(found, Vec::<String>::new(), "seed {seed}, {name}, {}", world.engine);
        world.verify();
    }
    let replayed = engine::audit::replay(&listed.house, NOW, &mut |_, _| {}).expect("replayed");
    assert_eq!(replayed.differences, Vec::<String>::new());
    let rows = live.rows();
    (rows.len(), rows.iter().filter(|row| row.partner.is_some()).count(), objects)
}

#[test]
fn a_year_that_is_listed_is_the_year_that_was_delivered() {
    for seed in 1..=2 {
        let (sales, partners, objects) = year(seed, 80, TestDatabase::sqlite);
        println!("seed {seed} on sqlite: {sales} sales, {partners} with a partner, {objects} objects listed");
        assert!(sales > 20 && partners > 5);
    }
}

#[test]
fn the_same_on_postgresql() {
    if TestDatabase::postgres().is_none() {
        return;
    }
    let (sales, partners, objects) = year(4, 60, || TestDatabase::postgres().expect("it was there"));
    println!("seed 4 on postgresql: {sales} sales, {partners} with a partner, {objects} objects listed");
}

/// `cargo test --release -p engine --test audit twenty -- --ignored --nocapture`
#[test]
#[ignore = "twenty years take a while"]
fn twenty_years_end_in_the_same_books_however_they_came_in() {
    let (mut sales, mut partners, mut objects) = (0, 0, 0);
    for seed in 1..=20 {
        let seen = year(seed, 365, TestDatabase::sqlite);
        println!("seed {seed}: {} sales, {} with a partner, {} objects listed", seen.0, seen.1, seen.2);
        (sales, partners, objects) = (sales + seen.0, partners + seen.1, objects + seen.2);
    }
    println!("20 seeds: {sales} sales, {partners} with a partner, {objects} objects listed, no difference");
}

/// Stripe lists events for thirty days: of an account that is older than its last event there are objects alone.
#[test]
fn an_account_without_a_recent_event_has_the_books_of_its_last_object() {
    let stripe = Stripe::new(12);
    let (live, listed) = (World::sqlite(), World::sqlite());
    let business = Business::open(&stripe, 12);
    for _ in 0..2 {
        business.sell_once();
        stripe.tick(stripe.now_s() + 40 * 86_400);
    }
    for world in [&live, &listed] {
        world.operator(&Business::setup());
    }
    live.receive(&stripe.deliveries());
    live.drain();
    list_everything(&listed, &stripe);
    let events = listed.house.inbox().read(0, 10_000).expect("rows");
    assert!(events.iter().all(|row| row.event_ref.as_str().contains('@')), "no event is listed any more");
    assert_eq!(engine::status::books(&listed.house).expect("books"), [book()]);
    assert_eq!(differences(&live.canonical(), &listed.canonical()), Vec::<String>::new());
    let rows = listed.rows();
    let sum = |of: fn(&engine::export::ExportRow) -> i64| rows.iter().map(of).sum::<i64>();
    assert!(sum(|row| row.available_minor) > 0, "the first sale's hold was over when the second was made");
    assert!(sum(|row| row.pending_minor) > 0, "the second's was not");
}

#[test]
fn a_backfill_that_is_killed_after_any_page_goes_on() {
    let stripe = Stripe::new(6);
    stripe.page_items.store(15, Ordering::SeqCst);
    Business::open(&stripe, 6).days(25);
    let fresh = || {
        let world = World::sqlite();
        world.operator(&Business::setup());
        world
    };
    let whole = fresh();
    let before = stripe.asked.load(Ordering::SeqCst);
    let objects = list_everything(&whole, &stripe);
    let pages = stripe.asked.load(Ordering::SeqCst) - before;
    let expected = whole.canonical();
    let mut killed = 0;
    for page in 0..pages {
        let world = fresh();
        stripe.pages_left.store(page, Ordering::SeqCst);
        match backfill(&world.house, &stripe, &book(), &|| NOW, &mut |_| {}) {
            Err(ListFailure::Closing) => killed += 1,
            other => assert!(other.is_ok(), "{other:?}"),
        }
        stripe.pages_left.store(-1, Ordering::SeqCst);
        assert_eq!(list_everything(&world, &stripe), objects, "nothing is listed twice");
        assert_eq!(world.canonical(), expected, "killed after {page} pages");
    }
    println!("{pages} pages; a backfill was killed after each of {killed} of them");
    assert!(killed > 10);
}
