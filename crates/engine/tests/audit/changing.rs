//! Lists that change while they are read, and runs that nobody came back to: nothing is left out for it, nothing is
//! called compared that was compared long ago, and what a plain run found a fixing one mends.

use std::sync::atomic::Ordering;

use engine::audit::ListFailure;
use engine::audit::backfill::{Kinds, backfill};
use engine::audit::reconcile::{Ask, Report, reconcile};
use kernel::time::SECOND_MS;
use kernel::{Kind, UnixMs};
use sandbox::Method;
use store::listing::Place;

use crate::business::{Business, book};
use crate::stripe::Stripe;
use crate::world::{NOW, World};

const DAY_MS: i64 = 86_400 * SECOND_MS;

fn compared(world: &World, stripe: &Stripe, fix: bool, now: UnixMs) -> Result<Report, ListFailure> {
    reconcile(&world.house, stripe, &book(), &Ask { fix, clock: &|| now, progress: &|_, _| {} })
}

fn listed(world: &World, stripe: &Stripe, now: UnixMs) -> Result<Kinds, ListFailure> {
    backfill(&world.house, stripe, &book(), &|| now, &mut |_| {})
}

/// Where the open run of this purpose is in a kind's list.
fn place(world: &World, purpose: &str, kind: Kind) -> Option<Place> {
    let places = world.house.db().read(|read| -> Result<_, store::StoreError> {
        let Some(id) = store::book::known(read, &book())? else { return Ok(Vec::new()) };
        let Some(run) = store::listing::open(read, id, purpose)? else { return Ok(Vec::new()) };
        store::listing::places(read, run.id)
    });
    places.expect("read").into_iter().find(|(known, _)| *known == kind).map(|(_, place)| place)
}

/// Lets a run be killed when it is behind the first page of a kind; what it stands at there.
fn killed_within(
    stripe: &Stripe,
    world: &World,
    purpose: &str,
    kind: Kind,
    run: &dyn Fn() -> bool,
) -> String {
    for _ in 0..200 {
        stripe.pages_left.store(1, Ordering::SeqCst);
        assert!(run(), "killed before it came to its end");
        if let Some(place) = place(world, purpose, kind).filter(|place| !place.position.is_empty()) {
            assert!(!place.done, "more than one page");
            stripe.pages_left.store(-1, Ordering::SeqCst);
            return place.position;
        }
    }
    panic!("never there");
}

/// Draft invoices, on which books depend, and coupons, on which they do not; enough for pages.
fn things(stripe: &Stripe) {
    let (_, customer) = stripe.call(Method::Post, "/v1/customers", "name=Anybody");
    let customer = customer["id"].as_str().expect("an id");
    for number in 0..25 {
        let (status, body) = stripe.call(Method::Post, "/v1/invoices", &format!("customer={customer}"));
        assert_eq!(status, 200, "{number}: {body}");
        assert_eq!(stripe.call(Method::Post, "/v1/coupons", "percent_off=5&duration=once").0, 200);
    }
}

#[test]
fn what_was_deleted_at_the_end_of_a_page_does_not_end_the_list() {
    for (kind, path) in [(Kind::Invoice, "/v1/invoices"), (Kind::Coupon, "/v1/coupons")] {
        for world in World::each() {
            let stripe = Stripe::new(21);
            stripe.page_items.store(10, Ordering::SeqCst);
            world.operator(&Business::setup());
            things(&stripe);
            let at = killed_within(&stripe, &world, "backfill", kind, &|| {
                matches!(listed(&world, &stripe, NOW), Err(ListFailure::Closing))
            });
            assert_eq!(stripe.call(Method::Delete, &format!("{path}/{at}"), "").0, 200, "{at}");
            let kinds = listed(&world, &stripe, NOW).expect("a backfill that comes to its end");
            let found = kinds.iter().find(|one| one.kind == kind.stripe_name()).expect("listed");
            assert_eq!(
                (found.listed, found.done, found.problem.as_deref()),
                (24, true, None),
                "{}",
                world.engine
            );
            world.drain();
            let report = compared(&world, &stripe, false, NOW).expect("a run");
            let gone: Vec<_> = report.differences.iter().filter(|one| one.id != at).collect();
            assert!(gone.is_empty(), "{}: {gone:?}", world.engine);
        }
    }
}

#[test]
fn a_fixing_run_mends_also_what_a_killed_plain_one_had_found() {
    for world in World::each() {
        let (stripe, many) = (Stripe::new(22), 12);
        stripe.page_items.store(10, Ordering::SeqCst);
        world.operator(&Business::setup());
        things(&stripe);
        listed(&world, &stripe, NOW).expect("a backfill");
        world.drain();
        let (_, coupons) = stripe.call(Method::Get, "/v1/coupons", "limit=100");
        for coupon in coupons["data"].as_array().expect("rows").iter().take(many) {
            let path = format!("/v1/coupons/{}", coupon["id"].as_str().expect("an id"));
            assert_eq!(stripe.call(Method::Post, &path, "name=Silent").0, 200);
        }
        let gone = coupons["data"][20]["id"].as_str().expect("an id");
        stripe.call(Method::Delete, &format!("/v1/coupons/{gone}"), "");
        assert!(stripe.hush() > many);
        stripe.tick(stripe.now_s() + 60);
        // Killed when it is through with the coupons.
        killed_within(&stripe, &world, "reconcile", Kind::Coupon, &|| {
            matches!(compared(&world, &stripe, false, NOW), Err(ListFailure::Closing))
        });
        let mut report = compared(&world, &stripe, true, NOW).expect("a run");
        assert_eq!(report.differences.len(), many + 1, "{:?}", report.differences);
        report.differences.retain(|one| !one.fixed);
        assert_eq!((report.differences, report.fixed), (Vec::new(), many + 1), "{}", world.engine);
        assert_eq!(compared(&world, &stripe, false, NOW).expect("a run").differences, []);
    }
}

#[test]
fn a_run_that_was_left_long_ago_is_not_gone_on_with() {
    for (purpose, days) in [("backfill", 29), ("reconcile", 7)] {
        for (age_days, anew) in [(days - 1, false), (days + 1, true)] {
            let (stripe, world) = (Stripe::new(23), World::sqlite());
            stripe.page_items.store(10, Ordering::SeqCst);
            world.operator(&Business::setup());
            things(&stripe);
            let run = |now: UnixMs| match purpose {
                "backfill" => listed(&world, &stripe, now).map(drop),
                _ => compared(&world, &stripe, false, now).map(drop),
            };
            killed_within(&stripe, &world, purpose, Kind::Coupon, &|| {
                matches!(run(NOW), Err(ListFailure::Closing))
            });
            stripe.asked.store(0, Ordering::SeqCst);
            run(NOW + age_days * DAY_MS).expect("a run");
            let resumed = stripe.asked.swap(0, Ordering::SeqCst);
            run(NOW + age_days * DAY_MS).expect("a whole run");
            let whole = stripe.asked.load(Ordering::SeqCst);
            assert_eq!(resumed >= whole, anew, "{purpose}, {age_days} days: {resumed} of {whole} pages");
        }
    }
}
