//! Events without an object: their snapshot answers them, or a fetch of their object; until then they wait in plain
//! sight, and a key that appears later heals them.

use std::cell::RefCell;
use std::sync::Mutex;

use engine::events::{EventFilter, EventRow, list};
use engine::fetch::{FetchFailure, Fetched, Fetcher, Fetching};
use kernel::{Book, ObjectKey, Ref};
use store::want::Why;
use store::{Append, Source};

use crate::world::{NOW, World};

const CUSTOMER: &str = r#"{"id":"cus_1","object":"customer","currency":"usd","balance":7,"livemode":false}"#;

fn row(id: &str, event_type: &str, body: String) -> Append {
    Append {
        book: Book { account: None, livemode: false },
        event_ref: Ref::parse(id).expect("an id"),
        event_type: event_type.into(),
        api_version: None,
        created_s: 1_767_225_600,
        received_at: NOW,
        source: Source::Webhook,
        headers: "{}".into(),
        body_hash: <sha2::Sha256 as sha2::Digest>::digest(body.as_bytes()).into(),
        body: body.into_bytes(),
    }
}

fn thin(id: &str, event_type: &str, related: &str, snapshot: Option<&str>) -> Append {
    let snapshot = snapshot.map_or_else(String::new, |id| format!(r#","snapshot_event":"{id}""#));
    let body = format!(
        r#"{{"id":"{id}","object":"v2.core.event","type":"{event_type}","created":"2026-01-01T00:00:00.000Z",
        "livemode":false,"related_object":{related}{snapshot}}}"#
    );
    row(id, event_type, body)
}

fn about_customer(id: &str, snapshot: Option<&str>) -> Append {
    thin(
        id,
        "v1.customer.updated",
        r#"{"id":"cus_1","type":"customer","url":"/v1/customers/cus_1"}"#,
        snapshot,
    )
}

fn snapshot(id: &str) -> Append {
    let body = format!(
        r#"{{"id":"{id}","object":"event","created":1767225600,"livemode":false,"type":"customer.updated","data":{{"object":{CUSTOMER}}}}}"#
    );
    row(id, "customer.updated", body)
}

/// Has one customer and one event, and remembers what it was asked.
#[derive(Default)]
struct Desk {
    asked: Mutex<RefCell<Vec<String>>>,
}

impl Desk {
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a list").borrow().clone()
    }

    fn answer(&self, what: String, body: Option<String>) -> Result<Fetched, FetchFailure> {
        self.asked.lock().expect("a list").borrow_mut().push(what);
        let body = body.ok_or(FetchFailure::Missing)?.into_bytes();
        let api_version = "2026-10-28.endive".to_owned();
        Ok(Fetched { body, api_version, answered_at_s: Some(1_767_225_700), livemode: Some(false) })
    }
}

impl Fetcher for Desk {
    fn reaches(&self, _: &Book) -> bool {
        true
    }

    fn fetch(&self, _: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        self.answer(object.to_string(), (object.id.as_str() == "cus_1").then(|| CUSTOMER.to_owned()))
    }

    fn event(&self, _: &Book, id: &Ref) -> Result<Fetched, FetchFailure> {
        let whole = thin(
            id.as_str(),
            "v1.billing.meter.error_report_triggered",
            r#"{"id":"cus_1","type":"customer"}"#,
            None,
        );
        self.answer(id.to_string(), String::from_utf8(whole.body).ok())
    }

    fn sessions(&self, _: &Book, _: &ObjectKey) -> Result<Vec<ObjectKey>, FetchFailure> {
        Ok(Vec::new())
    }
}

fn take(world: &World, rows: &[Append]) {
    world.house.inbox().append(rows).expect("appended");
    world.drain();
}

fn rows(world: &World) -> Vec<EventRow> {
    let mut rows = list(&world.house, &EventFilter { limit: 100, ..EventFilter::default() }).expect("listed");
    rows.reverse();
    rows
}

fn states(world: &World) -> Vec<String> {
    rows(world).into_iter().map(|row| row.state).collect()
}

fn fetch(world: &World, desk: &Desk, later_ms: i64) {
    for _ in 0..3 {
        Fetching::default().round(&world.house, desk, &|| NOW + later_ms).expect("a round");
        world.drain();
    }
}

fn customers(world: &World) -> usize {
    let dump = world.house.db().read(store::mirror::dump).expect("read");
    let view = dump.into_iter().find(|(name, _)| *name == "stripe_customer").expect("the view").1;
    view.iter().filter(|row| row.int(2) == Ok(0)).count()
}

#[test]
fn a_thin_event_is_done_by_its_snapshot_whichever_comes_first() {
    for world in World::each() {
        take(&world, &[snapshot("evt_s1"), about_customer("evt_t1", Some("evt_s1"))]);
        assert_eq!(states(&world), ["done", "done"], "{}", world.engine);
        take(&world, &[about_customer("evt_t2", Some("evt_s2"))]);
        assert_eq!(states(&world), ["done", "done", "waiting"], "{}", world.engine);
        take(&world, &[snapshot("evt_s2")]);
        assert_eq!(states(&world), ["done"; 4], "{}", world.engine);
        let desk = Desk::default();
        fetch(&world, &desk, 60_000);
        assert_eq!(desk.asked(), Vec::<String>::new(), "nobody waits for it any more");
    }
}

#[test]
fn without_a_snapshot_the_object_is_fetched_once_for_all_who_wait_and_gives_the_same_facts() {
    for world in World::each() {
        take(&world, &[about_customer("evt_t1", None), about_customer("evt_t2", None)]);
        let waiting = rows(&world);
        assert!(waiting.iter().all(|row| row.state == "waiting"), "{waiting:?}");
        let reason = waiting[0].reason.clone().unwrap_or_default();
        assert!(
            reason.starts_with("thin_event: waits for customer cus_1: ") && reason.contains("key"),
            "{reason}"
        );
        let filter = EventFilter { state: Some("waiting".into()), limit: 9, ..EventFilter::default() };
        assert_eq!(list(&world.house, &filter).expect("listed").len(), 2);
        assert_eq!(customers(&world), 0);
        let desk = Desk::default();
        fetch(&world, &desk, 0);
        assert_eq!(desk.asked(), ["customer cus_1"], "{}", world.engine);
        assert_eq!(states(&world), ["done"; 3], "the two and the answer, {}", world.engine);
        assert_eq!(customers(&world), 1);
    }
}

/// Hears of something else while it is asked for an object.
struct Interrupted<'a> {
    desk: Desk,
    world: &'a World,
    news: Mutex<Vec<Append>>,
}

impl Fetcher for Interrupted<'_> {
    fn reaches(&self, _: &Book) -> bool {
        true
    }

    fn fetch(&self, book: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        let news = std::mem::take(&mut *self.news.lock().expect("a list"));
        take(self.world, &news);
        self.desk.fetch(book, object)
    }

    fn sessions(&self, _: &Book, _: &ObjectKey) -> Result<Vec<ObjectKey>, FetchFailure> {
        Ok(Vec::new())
    }
}

/// Whatever the object is being fetched for: what Stripe answers may be older than the event.
#[test]
fn a_thin_event_that_comes_while_its_object_is_fetched_has_it_fetched_once_more_at_once() {
    for world in World::each() {
        for (why, gone) in [(Why::Thin, false), (Why::Order, false), (Why::List, false), (Why::Thin, true)] {
            let id = if gone { "cus_gone" } else { "cus_1" };
            let about = |event: &str| {
                let related = format!(r#"{{"id":"{id}","type":"customer"}}"#);
                thin(&format!("evt_{event}_{why:?}_{gone}"), "v1.customer.updated", &related, None)
            };
            take(&world, &[snapshot("evt_s")]);
            let key = ObjectKey::new(kernel::Kind::Customer, Ref::parse(id).expect("an id"));
            if why == Why::Thin {
                take(&world, &[about("first")]);
            } else {
                world.house.db().work(|tx| store::want::ask(tx, 1, &[(key.clone(), why)])).expect("asked");
            }
            let news = Mutex::new(vec![about("meanwhile")]);
            let interrupted = Interrupted { desk: Desk::default(), world: &world, news };
            for _ in 0..3 {
                Fetching::default().round(&world.house, &interrupted, &|| NOW).expect("a round");
                world.drain();
            }
            let (engine, key) = (world.engine, key.to_string());
            assert_eq!(interrupted.desk.asked(), [key.clone(), key], "{why:?}, gone {gone}, {engine}");
            assert!(states(&world).iter().all(|state| state == "done"), "{why:?}, gone {gone}, {engine}");
        }
    }
}

#[test]
fn a_book_told_by_thin_events_alone_has_their_time_and_is_a_book_that_has_events() {
    for world in World::each() {
        take(&world, &[about_customer("evt_t1", None)]);
        let books = engine::status::books(&world.house).expect("books");
        assert_eq!(books, [Book { account: None, livemode: false }], "{}", world.engine);
        let clock = || world.house.db().read(|read| store::book::clock(read, 1)).expect("a clock");
        assert_eq!(clock(), 1_767_225_600);
        fetch(&world, &Desk::default(), 0);
        assert_eq!(clock(), 1_767_225_600, "what was asked for is no news");
        let ahead = Append { created_s: NOW / 1_000 + 9 * 86_400, ..about_customer("evt_t2", None) };
        take(&world, &[ahead]);
        assert_eq!(clock(), NOW / 1_000, "from further ahead than any clock is wrong");
    }
}

#[test]
fn a_snapshot_that_does_not_come_is_not_waited_for_for_ever() {
    let (world, desk) = (World::sqlite(), Desk::default());
    take(&world, &[about_customer("evt_t1", Some("evt_never"))]);
    fetch(&world, &desk, 0);
    assert_eq!(desk.asked(), Vec::<String>::new(), "it may still come");
    fetch(&world, &desk, 16_000);
    assert_eq!(
        (desk.asked(), states(&world)),
        (vec!["customer cus_1".to_owned()], vec!["done".to_owned(); 2])
    );
}

#[test]
fn an_event_that_names_no_object_is_asked_for_itself() {
    let (world, desk) = (World::sqlite(), Desk::default());
    take(&world, &[thin("evt_m", "v1.billing.meter.error_report_triggered", "null", None)]);
    assert_eq!(states(&world), ["waiting"]);
    fetch(&world, &desk, 0);
    assert_eq!(desk.asked(), ["evt_m", "customer cus_1"]);
    assert_eq!(states(&world), ["done"; 3]);
}

#[test]
fn an_inbox_that_is_moved_brings_what_was_fetched_along_and_nothing_is_asked_again() {
    for (first, second) in World::each().into_iter().zip(World::each()) {
        let unnamed = thin("evt_t2", "v1.billing.meter.error_report_triggered", "null", None);
        take(&first, &[about_customer("evt_t1", None), unnamed]);
        fetch(&first, &Desk::default(), 0);
        let rows = first.house.inbox().read(0, 100).expect("rows").into_iter().map(|row| Append {
            book: row.book,
            event_ref: row.event_ref,
            event_type: row.event_type,
            api_version: row.api_version,
            created_s: row.created_s,
            received_at: row.received_at,
            source: row.source,
            headers: row.headers,
            body_hash: row.body_hash,
            body: row.body,
        });
        take(&second, &rows.collect::<Vec<_>>());
        assert_eq!(states(&second), states(&first), "{}", second.engine);
        assert!(states(&second).iter().all(|state| state == "done"), "{:?}", states(&second));
        let desk = Desk::default();
        fetch(&second, &desk, 60_000);
        assert_eq!(desk.asked(), Vec::<String>::new(), "{}", second.engine);
    }
}

#[test]
fn news_as_young_as_the_answer_that_came_is_asked_for_again() {
    let answer = |at_s: i64| Append {
        source: Source::Fetch,
        created_s: at_s,
        api_version: Some("2026-10-28.endive".into()),
        ..row(&format!("cus_1@{at_s}"), "customer", CUSTOMER.to_owned())
    };
    for (at_s, asked) in [(1_767_225_599, 1), (1_767_225_600, 1), (1_767_225_601, 0)] {
        let (world, desk) = (World::sqlite(), Desk::default());
        take(&world, &[about_customer("evt_t1", None), answer(at_s)]);
        fetch(&world, &desk, 0);
        assert_eq!(desk.asked().len(), asked, "answered at {at_s}");
    }
}

#[test]
fn what_stripe_does_not_have_and_what_is_only_kept_are_done() {
    let (world, desk) = (World::sqlite(), Desk::default());
    let gone = thin("evt_g", "v1.customer.updated", r#"{"id":"cus_gone","type":"customer"}"#, None);
    let ping = thin(
        "evt_p",
        "v2.core.event_destination.ping",
        r#"{"id":"ed_1","type":"v2.core.event_destination"}"#,
        None,
    );
    take(&world, &[gone, ping]);
    assert_eq!(states(&world), ["waiting", "done"]);
    fetch(&world, &desk, 0);
    assert_eq!(
        (desk.asked(), states(&world)),
        (vec!["customer cus_gone".to_owned()], vec!["done".to_owned(); 2])
    );
}
