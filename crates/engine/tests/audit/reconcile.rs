//! What Stripe has changed without a word is named field by field, healed through the inbox, and gone in a second run;
//! a run that is killed anywhere goes on and names the same.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use engine::audit::ListFailure;
use engine::audit::reconcile::{Ask, Difference, Report, last, reconcile};
use sandbox::Method;
use serde_json::Value;

use crate::business::{Business, book};
use crate::stripe::Stripe;
use crate::world::{NOW, World};

fn run(world: &World, stripe: &Stripe, fix: bool) -> Result<Report, ListFailure> {
    let ask = Ask { fix, clock: &|| NOW, progress: &|_, _| {} };
    reconcile(&world.house, stripe, &book(), &ask)
}

/// A house that has heard everything of some weeks of business.
fn told(world: &World, stripe: &Stripe, seed: u64, days: i64) {
    world.operator(&Business::setup());
    Business::open(stripe, seed).days(days);
    world.receive(&stripe.deliveries());
    world.drain();
    stripe.tick(stripe.now_s() + 60);
    world.receive(&stripe.deliveries());
    world.drain();
}

fn ids(stripe: &Stripe, path: &str, more: &str, keep: impl Fn(&Value) -> bool) -> Vec<String> {
    let (_, list) = stripe.call(Method::Get, path, &format!("limit=100{more}"));
    let rows = list["data"].as_array().expect("rows").iter().filter(|row| keep(row));
    rows.map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

/// (kind, id, path) of fields.
type Fields = BTreeSet<(String, String, String)>;

/// Changes fifty fields of fifty objects, and tells nobody.
fn change_fifty(stripe: &Stripe) -> Fields {
    let mut changed = Fields::new();
    let mut change = |kind: &str, path: &str, form: &str, field: &str, id: &str| {
        if changed.len() < 50 {
            let (status, body) = stripe.call(Method::Post, path, form);
            assert_eq!(status, 200, "{path} {form}: {body}");
            changed.insert((kind.to_owned(), id.to_owned(), field.to_owned()));
        }
    };
    let no_hint = |row: &Value| row["metadata"]["partner_ref"].is_null();
    for id in ids(stripe, "/v1/promotion_codes", "&active=true", |_| true) {
        change("promotion_code", &format!("/v1/promotion_codes/{id}"), "active=false", "active", &id);
    }
    for id in ids(stripe, "/v1/coupons", "", |row| row["name"].is_null()) {
        change("coupon", &format!("/v1/coupons/{id}"), "name=Silent", "name", &id);
    }
    for id in ids(stripe, "/v1/customers", "", |row| row["currency"] == "usd").into_iter().take(16) {
        let form = "amount=-77&currency=usd";
        change("customer", &format!("/v1/customers/{id}/balance_transactions"), form, "balance_minor", &id);
    }
    for id in ids(stripe, "/v1/subscriptions", "", no_hint).into_iter().take(12) {
        let form = "metadata[partner_ref]=ben";
        change("subscription", &format!("/v1/subscriptions/{id}"), form, "partner_hint", &id);
    }
    for id in ids(stripe, "/v1/payment_intents", "", no_hint) {
        let form = "metadata[partner_ref]=ben";
        change("payment_intent", &format!("/v1/payment_intents/{id}"), form, "partner_hint", &id);
    }
    // Of some of it Stripe never makes an event, as of an intent's metadata.
    assert!(stripe.hush() >= 20);
    assert_eq!(changed.len(), 50, "fifty fields");
    changed
}

fn named(report: &Report) -> Fields {
    let field = |one: &Difference| (one.object.clone(), one.id.clone(), one.path.clone().unwrap_or_default());
    report.differences.iter().map(field).collect()
}

#[test]
fn nothing_differs_where_everything_was_heard() {
    for seed in 1..=2 {
        let (stripe, world) = (Stripe::new(seed), World::sqlite());
        told(&world, &stripe, seed, 70);
        let report = run(&world, &stripe, false).expect("a run");
        assert_eq!(report.differences, [], "seed {seed}");
        let listed: i64 = report.compared.iter().map(|kind| kind.listed).sum();
        println!("seed {seed}: {listed} objects compared");
        assert!(listed > 100);
    }
}

#[test]
fn a_draft_that_only_invoice_created_told_of_is_no_difference() {
    let (stripe, world) = (Stripe::new(9), World::sqlite());
    told(&world, &stripe, 9, 20);
    let customer = ids(&stripe, "/v1/customers", "", |_| true).remove(0);
    let (status, draft) = stripe.call(Method::Post, "/v1/invoices", &format!("customer={customer}"));
    assert_eq!((status, &draft["status"]), (200, &Value::from("draft")), "{draft}");
    // As at an endpoint that has the types we ask for: nothing comes.
    assert!(stripe.deliveries().iter().all(|one| one.event_type == "invoice.created"));
    assert_eq!(run(&world, &stripe, false).expect("a run").differences, []);
}

#[test]
fn fifty_fields_changed_in_silence_are_named_exactly_and_healed() {
    for (seed, world) in (3..).zip(World::each()) {
        let stripe = Stripe::new(seed);
        told(&world, &stripe, seed, 60);
        let changed = change_fifty(&stripe);
        let report = run(&world, &stripe, false).expect("a run");
        assert_eq!(named(&report), changed, "{}", world.engine);
        assert!(report.differences.iter().all(|one| one.what == "different" && !one.fixed));
        assert!(
            report
                .differences
                .iter()
                .all(|one| ["changed_silently", "long_ago"].contains(&one.cause.as_str()))
        );
        let healed = run(&world, &stripe, true).expect("a run");
        assert_eq!((named(&healed), healed.fixed), (changed, 50), "{}", world.engine);
        assert_eq!(last(&world.house, &book()).expect("kept"), Some(healed));
        assert_eq!(run(&world, &stripe, true).expect("a run").differences, [], "{}", world.engine);
        world.verify();
        let replayed = engine::audit::replay(&world.house, NOW, &mut |_, _| {}).expect("replayed");
        assert_eq!(replayed.differences, Vec::<String>::new());
    }
}

#[test]
fn a_run_that_is_killed_after_any_page_goes_on_and_names_the_same() {
    let stripe = Stripe::new(5);
    stripe.page_items.store(40, Ordering::SeqCst);
    let houses: Vec<World> = (0..7).map(|_| World::sqlite()).collect();
    told(&houses[0], &stripe, 5, 90);
    let rows = houses[0].house.inbox().read(0, 100_000).expect("rows");
    let rows: Vec<store::Append> = rows.into_iter().map(append).collect();
    let changed = change_fifty(&stripe);
    let mut killed = 0;
    for (step, world) in houses.iter().enumerate() {
        if step > 0 {
            world.operator(&Business::setup());
            world.house.inbox().append(&rows).expect("appended");
        }
        let mut done = None;
        for more in 0..4 {
            stripe.pages_left.store(i64::try_from(step * 4 + more).expect("few"), Ordering::SeqCst);
            match run(world, &stripe, true) {
                Err(ListFailure::Closing) => killed += 1,
                Err(why) => panic!("{why}"),
                Ok(report) => {
                    done = Some(report);
                    break;
                }
            }
        }
        stripe.pages_left.store(-1, Ordering::SeqCst);
        let report = done.unwrap_or_else(|| run(world, &stripe, true).expect("a run"));
        assert_eq!((named(&report), report.fixed), (changed.clone(), 50), "after {step}");
        assert_eq!(run(world, &stripe, true).expect("a run").differences, []);
    }
    println!("killed {killed} times");
    assert!(killed > 15);
}

fn append(row: store::inbox::InboxRow) -> store::Append {
    store::Append {
        book: row.book,
        event_ref: row.event_ref,
        event_type: row.event_type,
        api_version: row.api_version,
        created_s: row.created_s,
        received_at: row.received_at,
        source: row.source,
        headers: row.headers,
        body: row.body,
        body_hash: row.body_hash,
    }
}

#[test]
fn what_never_came_and_what_is_gone_is_told_apart() {
    let (stripe, world) = (Stripe::new(8), World::sqlite());
    told(&world, &stripe, 8, 20);
    // Made, and the event lost; made in silence; deleted in silence.
    let post = |path: &str, form: &str| {
        let (status, body) = stripe.call(Method::Post, path, form);
        assert_eq!(status, 200, "{body}");
        body["id"].as_str().expect("an id").to_owned()
    };
    let lost = post("/v1/customers", "name=Lost");
    let event = stripe.deliveries().remove(0).event_ref.to_string();
    let silent = post("/v1/customers", "name=Silent");
    stripe.hush();
    let customer =
        ids(&stripe, "/v1/customers", "", |row| row["id"] != *lost && row["id"] != *silent).remove(0);
    let coupon = ids(&stripe, "/v1/coupons", "", |_| true).remove(0);
    stripe.call(Method::Delete, &format!("/v1/customers/{customer}"), "");
    stripe.call(Method::Delete, &format!("/v1/coupons/{coupon}"), "");
    stripe.hush();
    stripe.tick(stripe.now_s() + 5);
    let report = run(&world, &stripe, false).expect("a run");
    let found = |id: &str| {
        let one =
            report.differences.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("{id} is named"));
        (one.what.as_str(), one.cause.as_str(), one.event.clone())
    };
    assert_eq!(found(&lost), ("missing", "event_not_delivered", Some(event)));
    assert_eq!(found(&silent), ("missing", "long_ago", None));
    assert_eq!(found(&customer), ("extra", "changed_silently", None));
    assert_eq!(found(&coupon), ("extra", "changed_silently", None));
    let healed = run(&world, &stripe, true).expect("a run");
    assert_eq!(healed.fixed, healed.differences.len());
    assert_eq!(run(&world, &stripe, false).expect("a run").differences, []);
}
