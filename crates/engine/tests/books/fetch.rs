//! What events leave open is fetched: a discount known by its id alone heals by itself, is asked for once,
//! survives whatever happens in between, and is left alone when it is of no use.

use std::cell::Cell;
use std::sync::Mutex;

use engine::fetch::{FetchFailure, Fetched, Fetcher, Fetching, Looked};
use kernel::time::SECOND_MS;
use kernel::{Book, Kind, ObjectKey};
use sandbox::{Delivery, Object, Version};

use crate::world::{NOW, World};

const VERSION: Version = Version::Dahlia20260729;
const DISCOUNT: &str = "di_discountunresolved00001";
const MINUTE_MS: i64 = 60 * SECOND_MS;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The money case of that name: its first step ends in `discount_unresolved`, its second explains.
struct Story {
    world: World,
    unexplained: Vec<Delivery>,
    explains: Delivery,
}

fn story(world: World) -> Story {
    let all = sandbox::cases::all();
    let case = all.into_iter().find(|case| case.name == "discount_unresolved").expect("the case");
    let render = |step: &sandbox::Step| -> Vec<Delivery> {
        step.events.iter().filter_map(|event| sandbox::deliver(event, VERSION)).collect()
    };
    world.operator(&case.steps[0].setup);
    let (unexplained, explains) = (render(&case.steps[0]), render(&case.steps[1]).remove(0));
    world.receive(&unexplained);
    world.drain();
    assert_eq!(reasons(&world), ["discount_unresolved"]);
    Story { world, unexplained, explains }
}

fn reasons(world: &World) -> Vec<String> {
    world.rows().into_iter().map(|row| row.reason).collect()
}

/// The object that an event carries.
fn object_of(delivery: &Delivery) -> String {
    let body = String::from_utf8(delivery.body.clone()).expect("text");
    let event: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    event["data"]["object"].to_string()
}

impl Story {
    /// The invoice as it is fetched: its discounts whole instead of their ids.
    fn invoice(&self) -> Vec<u8> {
        let paid =
            self.unexplained.iter().rfind(|one| String::from_utf8_lossy(&one.body).contains("invoice.paid"));
        let invoice = object_of(paid.expect("a paid invoice"));
        let whole =
            invoice.replace(&format!("[\"{DISCOUNT}\"]"), &format!("[{}]", object_of(&self.explains)));
        assert_ne!(whole, invoice, "the invoice names its discount");
        whole.into_bytes()
    }

    /// The same purchase again under other ids, of the same discount.
    fn renewal(&self, number: usize) -> Vec<Delivery> {
        let renamed = |delivery: &Delivery| {
            let mut body = String::from_utf8(delivery.body.clone()).expect("text");
            for prefix in ["evt_", "in_", "ch_", "pi_", "inpay_"] {
                let id = format!("\"{prefix}discountunresolved");
                body = body.replace(&id, &format!("{id}{number}x"));
            }
            Delivery { body: body.into_bytes(), ..delivery.clone() }
        };
        self.unexplained.iter().skip(5).map(renamed).collect()
    }

    fn clock_s(&self) -> i64 {
        let read = self.world.house.db().read(|read| store::book::clock(read, 1));
        read.expect("the first book's clock")
    }

    fn sources(&self) -> Vec<(String, String)> {
        let filter = engine::events::EventFilter { limit: 1000, ..Default::default() };
        let rows = engine::events::list(&self.world.house, &filter).expect("events");
        let fetched = rows.into_iter().filter(|row| row.source == "fetch");
        fetched.map(|row| (row.event_type.unwrap_or_default(), row.state)).collect()
    }
}

/// Answers the same to everything, and remembers what it was asked.
struct Scripted {
    answer: Result<Fetched, FetchFailure>,
    asked: Mutex<Vec<ObjectKey>>,
    reaches: bool,
}

impl Scripted {
    fn new(answer: Result<Fetched, FetchFailure>) -> Self {
        Self { answer, asked: Mutex::default(), reaches: true }
    }

    fn invoice(story: &Story) -> Self {
        Self::new(Ok(Fetched {
            body: story.invoice(),
            api_version: VERSION.api_version().to_owned(),
            answered_at_s: Some(1_768_000_000),
            livemode: Some(false),
        }))
    }

    fn asked(&self) -> Vec<ObjectKey> {
        self.asked.lock().expect("a list").clone()
    }
}

impl Fetcher for Scripted {
    fn reaches(&self, _: &Book) -> bool {
        self.reaches
    }

    fn fetch(&self, _: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        self.asked.lock().expect("a list").push(object.clone());
        self.answer.clone()
    }

    fn sessions(&self, _: &Book, _: &ObjectKey) -> Result<Vec<ObjectKey>, FetchFailure> {
        Ok(Vec::new())
    }
}

fn round(world: &World, fetcher: &dyn Fetcher, at: i64) -> Looked {
    Fetching::default().round(&world.house, fetcher, &|| at).expect("a round")
}

#[test]
fn a_discount_known_by_its_id_heals_by_itself_and_a_replay_says_the_same() {
    for world in World::each() {
        let told = {
            let other = story(World::sqlite());
            other.world.receive(std::slice::from_ref(&other.explains));
            other.world.drain();
            other.world.canonical()
        };
        let story = story(world);
        let fetcher = Scripted::invoice(&story);
        let clock_s = story.clock_s();
        assert_eq!(round(&story.world, &fetcher, NOW), Looked { waiting: 1, fetched: 1, failed: 0 });
        story.world.drain();
        assert_eq!(reasons(&story.world), ["promotion_code"]);
        assert_eq!(story.clock_s(), clock_s, "an answer is no news: nothing gets ripe by asking");
        assert_eq!(story.world.canonical(), told, "as if an event had said it ({})", story.world.engine);
        assert_eq!(story.sources(), [("invoice".to_owned(), "done".to_owned())]);
        story.world.verify();
        let replayed = engine::audit::replay(&story.world.house, NOW, &mut |_, _| {}).expect("replayed");
        assert_eq!(replayed.differences, Vec::<String>::new());
        assert_eq!(round(&story.world, &fetcher, NOW + DAY_MS).waiting, 0, "nobody waits any more");
        assert_eq!(fetcher.asked().len(), 1);
    }
}

#[test]
fn a_year_of_renewals_asks_once() {
    let story = story(World::sqlite());
    for number in 1..=12 {
        story.world.receive(&story.renewal(number));
    }
    story.world.drain();
    assert_eq!(reasons(&story.world), ["discount_unresolved"; 13]);
    let fetcher = Scripted::invoice(&story);
    assert_eq!(round(&story.world, &fetcher, NOW), Looked { waiting: 13, fetched: 1, failed: 0 });
    story.world.drain();
    assert!(!reasons(&story.world).contains(&"discount_unresolved".to_owned()));
}

/// While it fetches, another instance makes its round.
struct Meanwhile<'a> {
    world: &'a World,
    inner: &'a Scripted,
    at: Cell<i64>,
    others: Mutex<Vec<Looked>>,
}

// One thread only; the trait asks for more than the test needs.
struct Shared<'a>(Mutex<Meanwhile<'a>>);

impl Fetcher for Shared<'_> {
    fn reaches(&self, _: &Book) -> bool {
        true
    }

    fn fetch(&self, book: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        let meanwhile = self.0.lock().expect("one at a time");
        let looked = round(meanwhile.world, meanwhile.inner, meanwhile.at.get());
        meanwhile.others.lock().expect("a list").push(looked);
        meanwhile.inner.fetch(book, object)
    }

    fn sessions(&self, _: &Book, _: &ObjectKey) -> Result<Vec<ObjectKey>, FetchFailure> {
        Ok(Vec::new())
    }
}

#[test]
fn two_instances_never_fetch_one_object_at_once() {
    for world in World::each() {
        let story = story(world);
        let inner = Scripted::invoice(&story);
        let meanwhile = Meanwhile {
            world: &story.world,
            inner: &inner,
            at: Cell::new(NOW + 1),
            others: Mutex::default(),
        };
        let fetcher = Shared(Mutex::new(meanwhile));
        assert_eq!(round(&story.world, &fetcher, NOW).fetched, 1);
        let others = fetcher.0.into_inner().expect("done").others.into_inner().expect("done");
        assert_eq!(others, [Looked { waiting: 1, fetched: 0, failed: 0 }]);
        assert_eq!(inner.asked().len(), 1);
    }
}

/// Killed while it asks.
struct Killed;

impl Fetcher for Killed {
    fn reaches(&self, _: &Book) -> bool {
        true
    }

    fn fetch(&self, _: &Book, _: &ObjectKey) -> Result<Fetched, FetchFailure> {
        panic!("killed")
    }

    fn sessions(&self, _: &Book, _: &ObjectKey) -> Result<Vec<ObjectKey>, FetchFailure> {
        Ok(Vec::new())
    }
}

#[test]
fn a_kill_while_asking_delays_and_loses_nothing() {
    let story = story(World::sqlite());
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| round(&story.world, &Killed, NOW)));
    std::panic::set_hook(hook);
    assert!(died.is_err());
    let fetcher = Scripted::invoice(&story);
    assert_eq!(round(&story.world, &fetcher, NOW + 9 * MINUTE_MS).fetched, 0, "it might still be alive");
    assert_eq!(round(&story.world, &fetcher, NOW + 11 * MINUTE_MS).fetched, 1);
    story.world.drain();
    assert_eq!(reasons(&story.world), ["promotion_code"]);
}

/// The answer; at which minutes there is a round; which of these ask.
type Row = (&'static str, Result<Fetched, FetchFailure>, &'static [i64], &'static [bool]);

#[test]
fn a_failure_is_tried_again_as_long_as_that_may_help() {
    let later = || Err(FetchFailure::Later("no answer".into()));
    let refused = || Err(FetchFailure::Refused("this key may not".into()));
    let other_mode = Ok(Fetched {
        body: b"{}".to_vec(),
        api_version: String::new(),
        answered_at_s: None,
        livemode: Some(true),
    });
    let rows: [Row; 5] = [
        ("not now", later(), &[0, 0, 1, 2, 5, 6, 22], &[true, false, true, false, true, false, true]),
        (
            "not allowed",
            refused(),
            &[0, 30, 61, 122, 183, 244, 305, 366, 427, 488, 549],
            &[true, false, true, true, true, true, true, true, true, true, true],
        ),
        ("of the other mode", other_mode, &[0, 30, 61], &[true, false, true]),
        ("no such object", Err(FetchFailure::Missing), &[0, 1, 100_000], &[true, false, false]),
        ("the house closed", Err(FetchFailure::Closing), &[0, 0, 0], &[true, true, true]),
    ];
    for (what, answer, minutes, expected) in rows {
        let story = story(World::sqlite());
        let fetcher = Scripted::new(answer);
        let asks: Vec<bool> = minutes
            .iter()
            .map(|minute| round(&story.world, &fetcher, NOW + minute * MINUTE_MS).failed == 1)
            .collect();
        assert_eq!(asks, expected, "{what}");
        assert!(story.sources().is_empty(), "{what}: nothing enters the inbox");
        assert_eq!(reasons(&story.world), ["discount_unresolved"], "{what}");
    }
}

#[test]
fn an_object_that_explains_nothing_is_left_alone_in_the_end() {
    let story = story(World::sqlite());
    let mut fetcher = Scripted::invoice(&story);
    if let Ok(fetched) = &mut fetcher.answer {
        fetched.body = br#"{"id":"in_discountunresolved00001","object":"invoice"}"#.to_vec();
    }
    for day in 0..30 {
        round(&story.world, &fetcher, NOW + day * DAY_MS);
        story.world.drain();
    }
    assert_eq!(fetcher.asked().len(), 8);
    assert_eq!(reasons(&story.world), ["discount_unresolved"]);
}

#[test]
fn a_book_without_a_key_is_not_asked_about() {
    let story = story(World::sqlite());
    let fetcher = Scripted { reaches: false, ..Scripted::invoice(&story) };
    assert_eq!(round(&story.world, &fetcher, NOW), Looked { waiting: 1, fetched: 0, failed: 0 });
    let fetcher = Scripted::invoice(&story);
    assert_eq!(round(&story.world, &fetcher, NOW).fetched, 1, "a key that comes later finds it untried");
}

#[test]
fn the_carrier_of_the_discount_is_what_is_asked_for() {
    let story = story(World::sqlite());
    let fetcher = Scripted::invoice(&story);
    round(&story.world, &fetcher, NOW);
    let id = kernel::Ref::parse("in_discountunresolved00001").expect("an id");
    assert_eq!(fetcher.asked(), [ObjectKey::new(Kind::Invoice, id)]);
}

/// Keeps the import honest: what is fetched is one of the sandbox's own objects.
#[test]
fn a_fetched_discount_says_what_its_event_said() {
    let all = sandbox::cases::all();
    let case = all.iter().find(|case| case.name == "discount_unresolved").expect("the case");
    let Object::Discount(discount) = &case.steps[1].events[0].object else { panic!("a discount") };
    assert_eq!(discount.id, DISCOUNT);
}
