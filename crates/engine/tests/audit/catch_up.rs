//! Deliveries are lost and listed again: one round heals all of them, says exactly how many had come, and goes on
//! where it was killed.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use engine::audit::ListFailure;
use engine::audit::catch_up::{Ask, Report, catch_up, history};
use kernel::time::SECOND_MS;
use sandbox::{Delivery, Rng};

use crate::business::{Business, book};
use crate::stripe::{START_S, Stripe};
use crate::world::{NOW, World};

const DAY_S: i64 = 86_400;

fn ask(at: &dyn Fn() -> i64) -> Ask<'_> {
    Ask { reason: "asked", patience_s: 0, clock: at }
}

fn round(world: &World, stripe: &Stripe) -> Result<Report, ListFailure> {
    let report = catch_up(&world.house, stripe, &book(), &ask(&|| NOW));
    world.drain();
    report
}

/// What catch-up looks for among deliveries: every type that is read but the one nobody should subscribe to.
fn expected(deliveries: &[Delivery]) -> BTreeSet<String> {
    let read = |delivery: &&Delivery| {
        delivery.event_type != "invoice.created"
            && facts::HANDLES.iter().any(|handle| handle.event_type == delivery.event_type)
    };
    deliveries.iter().filter(read).map(|delivery| delivery.event_ref.to_string()).collect()
}

/// A month of business of which `per_mille` of the deliveries got lost, two of one second among them.
fn month(stripe: &Stripe, world: &World, seed: u64, per_mille: u64) -> (usize, usize) {
    let mut business = Business::open(stripe, seed);
    business.days(25);
    let all = stripe.deliveries();
    let mut rng = Rng::new(seed);
    let mut lost: BTreeSet<String> =
        all.iter().filter(|_| rng.chance(per_mille)).map(|delivery| delivery.event_ref.to_string()).collect();
    let pair = all.windows(2).find(|pair| pair[0].created_s == pair[1].created_s).expect("two of one second");
    lost.extend(pair.iter().map(|delivery| delivery.event_ref.to_string()));
    let came: Vec<Delivery> =
        all.iter().filter(|delivery| !lost.contains(&delivery.event_ref.to_string())).cloned().collect();
    world.receive(&came);
    world.drain();
    let expected = expected(&all);
    (expected.len(), expected.intersection(&lost).count())
}

#[test]
fn one_round_heals_what_was_dropped_and_the_rate_is_exact() {
    for (seed, world) in (1..).zip(World::each()) {
        let stripe = Stripe::new(seed);
        world.operator(&Business::setup());
        let (listed, missing) = month(&stripe, &world, seed, 200);
        let whole = {
            let whole = World::sqlite();
            whole.operator(&Business::setup());
            let stripe = Stripe::new(seed);
            assert_eq!(month(&stripe, &whole, seed, 0).0, listed);
            round(&whole, &stripe).expect("a round");
            whole.canonical()
        };
        let report = round(&world, &stripe).expect("a round");
        let rate = report.rate;
        println!("{}: {listed} events listed, {missing} had been dropped: {rate:?}", world.engine);
        let counts = [rate.listed, rate.received, rate.missing, rate.known];
        let exact = [listed, listed - missing, missing, 0].map(|count| i64::try_from(count).expect("small"));
        assert_eq!(counts, exact, "{}", world.engine);
        assert_eq!(rate.delivery_rate_bps, Some(exact[1] * 10_000 / exact[0]));
        assert!(missing > 10 && report.healed.len() == missing);
        assert_eq!(world.canonical(), whole, "as if nothing had been dropped");
        let again = round(&world, &stripe).expect("a round").rate;
        assert_eq!(again.listed, 0, "what was counted is not counted again");
        assert_eq!(history(&world.house, &book(), 10).expect("kept").last().expect("one").rate, rate);
        world.verify();
        let replayed = engine::audit::replay(&world.house, NOW, &mut |_, _| {}).expect("replayed");
        assert_eq!(replayed.differences, Vec::<String>::new());
    }
}

#[test]
fn a_round_that_is_killed_after_any_page_goes_on_and_counts_the_same() {
    let (mut killed, mut rounds) = (0, 0);
    for pages in 0..12 {
        let stripe = Stripe::new(7);
        stripe.page_items.store(20, Ordering::SeqCst);
        let world = World::sqlite();
        world.operator(&Business::setup());
        let (listed, missing) = month(&stripe, &world, 7, 200);
        stripe.pages_left.store(pages, Ordering::SeqCst);
        match round(&world, &stripe) {
            Err(ListFailure::Closing) => killed += 1,
            other => assert!(other.is_ok(), "{other:?}"),
        }
        stripe.pages_left.store(-1, Ordering::SeqCst);
        round(&world, &stripe).expect("a round");
        let rounds_kept = history(&world.house, &book(), 10).expect("kept");
        let sum = |of: fn(&Report) -> i64| -> i64 { rounds_kept.iter().map(of).sum() };
        assert_eq!(sum(|one| one.rate.listed), i64::try_from(listed).expect("small"), "{pages} pages");
        assert_eq!(sum(|one| one.rate.missing), i64::try_from(missing).expect("small"), "{pages} pages");
        rounds += 1;
    }
    println!("{rounds} rounds, {killed} of them killed");
    assert!(killed > 5);
}

/// As an endpoint is sent it that takes thin events: what happened to which object, without the object.
fn thin(delivery: &Delivery) -> store::Append {
    let whole: serde_json::Value = serde_json::from_slice(&delivery.body).expect("JSON");
    let (id, event_type) = (format!("{}_thin", delivery.event_ref), format!("v1.{}", delivery.event_type));
    let body = serde_json::json!({
        "id": id, "object": "v2.core.event", "type": event_type, "livemode": false,
        "created": kernel::time::rfc3339(delivery.created_s * SECOND_MS),
        "related_object": {"id": whole["data"]["object"]["id"], "type": whole["data"]["object"]["object"]},
        "snapshot_event": delivery.event_ref,
    });
    let event_ref = kernel::Ref::parse(&id).expect("an id");
    store::Append { event_ref, event_type, ..row(delivery, body.to_string().into_bytes()) }
}

fn row(delivery: &Delivery, body: Vec<u8>) -> store::Append {
    store::Append {
        book: book(),
        event_ref: kernel::Ref::parse(&delivery.event_ref).expect("an id"),
        event_type: delivery.event_type.to_owned(),
        api_version: None,
        created_s: delivery.created_s,
        received_at: NOW,
        source: store::Source::Webhook,
        headers: "{}".to_owned(),
        body_hash: <sha2::Sha256 as sha2::Digest>::digest(&body).into(),
        body,
    }
}

#[test]
fn what_a_thin_event_told_of_was_delivered() {
    for world in World::each() {
        let stripe = Stripe::new(4);
        Business::open(&stripe, 4).days(25);
        let charges: Vec<Delivery> =
            stripe.deliveries().into_iter().filter(|one| one.event_type == "charge.succeeded").collect();
        assert!(charges.len() > 3);
        let (first, rest) = charges.split_first().expect("some");
        let by_hand = store::Append { source: store::Source::Import, ..thin(first) };
        let told: Vec<store::Append> = rest.iter().map(thin).chain([by_hand]).collect();
        world.house.inbox().append(&told).expect("appended");
        world.drain();
        let rate = round(&world, &stripe).expect("a round").rate;
        let received = i64::try_from(rest.len()).expect("small");
        assert_eq!((rate.received, rate.known), (received, 0), "{}", world.engine);
        assert_eq!(rate.missing, rate.listed - received, "an imported one was not delivered");
    }
}

#[test]
fn what_is_listed_and_delivered_later_is_one_event_and_no_conflict() {
    for world in World::each() {
        let stripe = Stripe::new(3);
        let mut business = Business::open(&stripe, 3);
        business.days(5);
        let late = stripe.deliveries();
        let report = round(&world, &stripe).expect("a round");
        assert_eq!(report.rate.received, 0);
        let before = world.canonical();
        // The endpoint is of another version than the account: other bytes under the same ids.
        let older: Vec<Delivery> = late
            .iter()
            .map(|delivery| Delivery {
                body: String::from_utf8_lossy(&delivery.body)
                    .replace("\"pending_webhooks\":1", "\"pending_webhooks\":2")
                    .into_bytes(),
                ..delivery.clone()
            })
            .collect();
        world.receive(&older);
        world.drain();
        assert_eq!(world.canonical(), before, "{}", world.engine);
        let filter = engine::events::EventFilter { limit: 10_000, ..Default::default() };
        let rows = engine::events::list(&world.house, &filter).expect("events");
        assert!(rows.len() > usize::try_from(report.rate.listed).expect("small"), "other bytes are kept");
        assert_eq!(rows.iter().filter(|row| row.conflict).count(), 0, "{}", world.engine);
        assert_eq!(round(&world, &stripe).expect("a round").rate.listed, 0);
        world.verify();
    }
}

#[test]
fn more_than_thirty_days_without_a_look_are_a_gap_and_said_so() {
    let stripe = Stripe::new(5);
    let world = World::sqlite();
    let mut business = Business::open(&stripe, 5);
    business.days(3);
    world.receive(&stripe.deliveries());
    let first = round(&world, &stripe).expect("a round");
    assert_eq!((first.first, first.gap), (true, None));
    let looked_s = stripe.now_s();
    stripe.tick(looked_s + 29 * DAY_S);
    assert_eq!(round(&world, &stripe).expect("a round").gap, None, "a quiet account is no gap");
    let looked_s = stripe.now_s();
    stripe.tick(looked_s + 40 * DAY_S);
    let gap = round(&world, &stripe).expect("a round").gap.expect("a gap");
    let at = |seconds: i64| kernel::time::rfc3339(seconds * SECOND_MS);
    assert_eq!((gap.from, gap.to), (at(looked_s), at(looked_s + 10 * DAY_S)));
    assert_eq!(round(&world, &stripe).expect("a round").gap, None, "said once");
    assert!(looked_s > START_S);
}

/// Delivers late, while the round waits.
struct Late<'a> {
    stripe: &'a Stripe,
    world: &'a World,
    late: Vec<Delivery>,
}

impl engine::audit::Lister for Late<'_> {
    fn reaches(&self, book: &kernel::Book) -> bool {
        self.stripe.reaches(book)
    }

    fn events(
        &self,
        book: &kernel::Book,
        from_s: i64,
        after: Option<&kernel::Ref>,
    ) -> Result<engine::audit::Page, engine::fetch::FetchFailure> {
        self.stripe.events(book, from_s, after)
    }

    fn objects(
        &self,
        book: &kernel::Book,
        kind: kernel::Kind,
        after: Option<&kernel::Ref>,
    ) -> Result<engine::audit::Page, engine::fetch::FetchFailure> {
        self.stripe.objects(book, kind, after)
    }

    fn objects_of(
        &self,
        book: &kernel::Book,
        kind: kernel::Kind,
        of: &kernel::ObjectKey,
        after: Option<&kernel::Ref>,
    ) -> Result<engine::audit::Page, engine::fetch::FetchFailure> {
        self.stripe.objects_of(book, kind, of, after)
    }

    fn carried(
        &self,
        book: &kernel::Book,
        payout: &kernel::Ref,
        after: Option<&kernel::Ref>,
    ) -> Result<engine::audit::Page, engine::fetch::FetchFailure> {
        self.stripe.carried(book, payout, after)
    }

    fn object(
        &self,
        book: &kernel::Book,
        object: &kernel::ObjectKey,
    ) -> Result<engine::fetch::Fetched, engine::fetch::FetchFailure> {
        self.stripe.object(book, object)
    }

    fn api_version(&self, book: &kernel::Book) -> Option<String> {
        self.stripe.api_version(book)
    }

    fn pause(&self, ms: u64) -> bool {
        assert_eq!(ms, 20_000);
        self.world.receive(&self.late);
        true
    }
}

#[test]
fn an_event_that_is_on_its_way_gets_time_to_arrive() {
    let stripe = Stripe::new(9);
    let world = World::sqlite();
    let mut business = Business::open(&stripe, 9);
    business.days(2);
    world.receive(&stripe.deliveries());
    stripe.call(sandbox::Method::Post, "/v1/coupons", "percent_off=5&duration=once");
    let late = stripe.deliveries().remove(0);
    stripe.tick(late.created_s + 5);
    let lister = Late { stripe: &stripe, world: &world, late: vec![late] };
    let patient = Ask { reason: "schedule", patience_s: 20, clock: &|| NOW };
    let report = catch_up(&world.house, &lister, &book(), &patient).expect("a round");
    assert_eq!(report.rate.missing, 0);
    assert_eq!(report.rate.delivery_rate_bps, Some(10_000));
}

#[test]
fn what_stripe_made_no_event_of_no_round_finds() {
    let stripe = Stripe::new(4);
    let world = World::sqlite();
    let mut business = Business::open(&stripe, 4);
    business.days(3);
    assert!(stripe.hush() > 0);
    assert_eq!(round(&world, &stripe).expect("a round").rate.listed, 0);
}

#[test]
fn a_round_whose_place_is_no_longer_listed_begins_anew_and_says_the_gap() {
    for world in World::each() {
        let stripe = Stripe::new(11);
        stripe.page_items.store(20, Ordering::SeqCst);
        world.operator(&Business::setup());
        let mut business = Business::open(&stripe, 11);
        business.days(3);
        world.receive(&stripe.deliveries());
        round(&world, &stripe).expect("a round");
        let looked_s = stripe.now_s();
        business.days(6);
        stripe.pages_left.store(2, Ordering::SeqCst);
        assert!(matches!(round(&world, &stripe), Err(ListFailure::Closing)), "killed in the middle");
        stripe.pages_left.store(-1, Ordering::SeqCst);
        stripe.tick(stripe.now_s() + 45 * DAY_S);
        let since = expected(&stripe.deliveries());
        let report = round(&world, &stripe).expect("a round that comes to its end");
        let gap = report.gap.clone().expect("a gap");
        assert_eq!(gap.from, kernel::time::rfc3339(looked_s * SECOND_MS), "{}", world.engine);
        assert_eq!(report.rate.received, 0);
        assert!(
            usize::try_from(report.rate.listed).expect("small") < since.len(),
            "the old ones are not listed"
        );
        assert_eq!(report.rate.listed, report.rate.missing, "{}", world.engine);
        assert_eq!(round(&world, &stripe).expect("a round").rate.listed, 0);
    }
}

#[test]
fn a_server_that_met_stripe_away_tries_again_within_minutes() {
    use engine::audit::catch_up::{CatchUpWorker, Plan};
    use std::sync::Arc;
    use std::sync::atomic::AtomicI64;

    let (stripe, world) = (Arc::new(Stripe::new(12)), World::sqlite());
    world.operator(&Business::setup());
    Business::open(&stripe, 12).days(2);
    stripe.away.store(1, Ordering::SeqCst);
    let time = Arc::new(AtomicI64::new(NOW));
    let told = Arc::clone(&time);
    let clock: engine::worker::Clock = Arc::new(move || told.load(Ordering::SeqCst));
    let lister: Arc<dyn engine::audit::Lister> = Arc::clone(&stripe) as _;
    let plan = Plan { patience_s: 0, ..Plan::of(vec![book()]) };
    let worker = CatchUpWorker::start(&world.house, &lister, plan, &clock, &engine::worker::Bell::default());
    let until = |what: &str, there: &dyn Fn() -> bool| {
        let mut looks = 0;
        while !there() {
            looks += 1;
            assert!(looks < 300, "{what}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    };
    until("it is asked", &|| stripe.asked.load(Ordering::SeqCst) == 1);
    time.fetch_add(60 * SECOND_MS, Ordering::SeqCst);
    let kept = || history(&world.house, &book(), 10).expect("kept");
    until("it is asked again a minute later", &|| !kept().is_empty());
    drop(worker);
    let first = kept().last().cloned().expect("a round");
    assert_eq!(first.reason, "boot");
    assert!(first.rate.missing > 0);
}
