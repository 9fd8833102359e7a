//! Books of an earlier instant: as they stood then, whatever came since; what changed between two; and one event again.

use std::collections::BTreeSet;

use engine::audit::{again, past};
use engine::export::ExportOptions;
use kernel::Ref;
use kernel::operator::{Action, Binds, Handle, Pay, Terms};
use sandbox::Delivery;
use store::Append;

use crate::business::Business;
use crate::stripe::Stripe;
use crate::world::{NOW, World, append};

const HOUR_MS: i64 = 3_600_000;

/// Received at that time instead of at `NOW`.
fn receive_at(world: &World, deliveries: &[Delivery], at: i64) {
    let batch: Vec<Append> = deliveries.iter().map(|one| Append { received_at: at, ..append(one) }).collect();
    world.house.inbox().append(&batch).expect("appended");
    world.drain();
}

#[test]
fn the_books_of_every_evening_are_rebuilt_as_they_stood() {
    for world in World::each() {
        let stripe = Stripe::new(2);
        let mut business = Business::open(&stripe, 2);
        world.operator(&Business::setup());
        let mut evenings = vec![(NOW - 1, world.rows())];
        for evening in 1..=3 {
            business.days(12);
            let at = NOW + evening * 24 * HOUR_MS;
            receive_at(&world, &stripe.deliveries(), at);
            evenings.push((at, world.rows()));
        }
        // Partners are on record since `NOW`; before that nobody earned.
        for (at, rows) in &evenings[1..] {
            let then = past::books_at(&world.house, *at, &ExportOptions::default(), NOW, &mut |_, _| {});
            assert_eq!(then.expect("rebuilt").rows, *rows, "{}", world.engine);
        }
        let before = past::books_at(&world.house, NOW - 1, &ExportOptions::default(), NOW, &mut |_, _| {});
        let before = before.expect("rebuilt");
        assert_eq!((before.events, before.rows.len()), (0, 0));
        let span = (evenings[1].0, evenings[3].0);
        let diff = |span| {
            past::diff(&world.house, span, &ExportOptions::default(), NOW, &mut |_, _| {}).expect("compared")
        };
        let changed = diff(span);
        let new = changed.iter().filter(|change| change.what == "new").count();
        assert_eq!(new, evenings[3].1.len() - evenings[1].1.len());
        assert!(changed.iter().any(|change| change.what == "changed" && !change.fields.is_empty()));
        assert_eq!(diff((span.1, span.1 + HOUR_MS)), []);
        world.verify();
    }
}

#[test]
fn a_later_word_of_the_operator_is_not_known_to_an_earlier_evening() {
    let (stripe, world) = (Stripe::new(3), World::sqlite());
    world.operator(&Business::setup());
    Business::open(&stripe, 3).days(20);
    receive_at(&world, &stripe.deliveries(), NOW);
    let sale = world.rows().into_iter().find(|row| row.commission_minor > 0).expect("a commission");
    let partner = Handle::parse(sale.partner.as_deref().expect("a partner")).expect("a handle");
    let terms = Terms { pay: Pay::RateBps(100), products: Vec::new(), hold_days: 0 };
    let request = engine::operate::Request {
        actor: "test".into(),
        effective_at: Some(0),
        action: Action::TermsSet { handle: partner, terms, binds: Binds::All },
        retroactive: true,
    };
    engine::operate::operate(&world.house, &request, NOW + HOUR_MS).expect("a line");
    world.drain();
    let due = |at: i64| -> i64 {
        let shown = past::subject_at(&world.house, at, None, &sale.sale, NOW, &mut |_, _| {});
        shown.expect("explained")[0]
            .due
            .as_ref()
            .map_or(0, |due| due.shares.iter().map(|share| share.commission_minor).sum())
    };
    assert_eq!(due(NOW), sale.commission_minor);
    assert!(due(NOW + HOUR_MS) < sale.commission_minor);
}

#[test]
fn an_event_applied_again_changes_nothing_and_says_so() {
    let (stripe, world) = (Stripe::new(4), World::sqlite());
    world.operator(&Business::setup());
    Business::open(&stripe, 4).days(10);
    let deliveries = stripe.deliveries();
    receive_at(&world, &deliveries, NOW);
    let paid = deliveries.iter().find(|one| one.event_type == "invoice.paid").expect("a sale");
    let id = Ref::parse(&paid.event_ref).expect("an id");
    let before = world.canonical();
    assert_eq!(again::replay_event(&world.house, &id, NOW).expect("looked"), Some(Vec::new()));
    assert_eq!(again::apply_event(&world.house, &id, NOW).expect("applied"), Some(Vec::new()));
    assert_eq!(world.canonical(), before);
    let never = Ref::parse("evt_never").expect("an id");
    assert_eq!(again::replay_event(&world.house, &never, NOW).expect("looked"), None);
}

#[test]
fn an_event_that_is_in_the_inbox_and_not_in_the_books_says_what_it_would_change() {
    let (stripe, world) = (Stripe::new(4), World::sqlite());
    world.operator(&Business::setup());
    Business::open(&stripe, 4).days(10);
    let deliveries = stripe.deliveries();
    let place = deliveries.iter().position(|one| one.event_type == "invoice.paid").expect("a sale");
    // Others of the same second say so, too.
    let second = deliveries[place].created_s;
    let earlier = deliveries.iter().position(|one| one.created_s == second).expect("itself");
    receive_at(&world, &deliveries[..earlier], NOW);
    // Received, not yet applied.
    world.house.inbox().append(&[append(&deliveries[place])]).expect("appended");
    let id = Ref::parse(&deliveries[place].event_ref).expect("an id");
    let before = store_rows(&world);
    let would = again::replay_event(&world.house, &id, NOW).expect("looked").expect("received");
    assert!(would.iter().any(|change| change.what == "new"), "{would:?}");
    assert_eq!(store_rows(&world), before, "a dry run");
    world.drain();
    assert_eq!(store_rows(&world), before + 1);
}

#[test]
fn a_promotion_code_that_explains_many_sales_says_all_of_them_in_a_dry_run() {
    for world in World::each() {
        let stripe = Stripe::new(4);
        world.operator(&Business::setup());
        Business::open(&stripe, 4).days(40);
        let deliveries = stripe.deliveries();
        let (codes, others): (Vec<Delivery>, Vec<Delivery>) =
            deliveries.into_iter().partition(|one| one.event_type.starts_with("promotion_code."));
        receive_at(&world, &others, NOW);
        let before = world.rows();
        let one = codes.iter().find(|one| one.event_type == "promotion_code.created").expect("a code");
        world.house.inbox().append(&[append(one)]).expect("appended");
        let id = Ref::parse(&one.event_ref).expect("an id");
        let would = again::replay_event(&world.house, &id, NOW).expect("looked").expect("received");
        world.drain();
        let said: BTreeSet<&str> = would.iter().map(|change| change.sale.as_str()).collect();
        let after = world.rows();
        let changed = after.iter().filter(|row| !before.contains(row)).map(|row| row.sale.as_str());
        assert_eq!(said, changed.collect(), "{}", world.engine);
        assert!(!said.is_empty(), "somebody bought with it");
    }
}

fn store_rows(world: &World) -> usize {
    engine::export::export(&world.house, &ExportOptions::default()).expect("exported").rows.len()
}
