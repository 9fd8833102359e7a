//! Many at once: callers of the API, callers that move the time, and everything that can go wrong on purpose
//! together. Nothing may be done twice, lost, or wait for ever.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/street.rs"]
mod street;

use std::collections::BTreeSet;
use std::thread;

use street::{Receiver, START_S, Street};

const DAY_S: i64 = 86_400;

/// What each of so many threads says, in the order of their numbers.
fn together<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|number| scope.spawn(move || work(number))).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// The ids of a whole list, page by page.
fn listed(street: &Street, path: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    loop {
        let after = ids.last().map(|id| format!("&starting_after={id}")).unwrap_or_default();
        let page = street.call("GET", path, &format!("limit=100{after}"));
        let rows = page["data"].as_array().expect("rows");
        ids.extend(rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
        if page["has_more"] != true {
            return ids;
        }
    }
}

fn now_s(street: &Street) -> i64 {
    street.call("GET", "/_sandbox/clock", "")["now"].as_i64().expect("a time")
}

#[test]
fn calls_under_the_same_keys_at_once_make_each_object_once_and_tell_it_once() {
    let (street, receiver) = (Street::open(1, "none"), Receiver::answering(&[]));
    street.listen(&receiver, "");
    let statuses = together(8, |_| {
        let made =
            |number| street.keyed("/v1/products", &format!("name=P{number}"), &format!("key-{number}"));
        (0..30).map(|number| made(number).1).collect::<Vec<_>>()
    });
    assert!(statuses.concat().iter().all(|status| *status == 200));
    assert_eq!(listed(&street, "/v1/products").len(), 30);
    street.call("POST", "/_sandbox/settle", "");
    let told: Vec<String> = receiver.arrived().iter().map(|row| row.id().to_owned()).collect();
    let events = listed(&street, "/v1/events");
    assert_eq!((told.len(), events.len()), (30, 30), "nothing is told twice");
    assert_eq!(told.iter().collect::<BTreeSet<_>>(), events.iter().collect::<BTreeSet<_>>());
}

#[test]
fn advances_that_come_together_are_done_one_after_another() {
    // What fails makes an advance stop at the time of the next try, where another could come in between.
    let (street, receiver) = (Street::open(1, "none"), Receiver::answering(&[500; 60]));
    street.listen(&receiver, "");
    for _ in 0..20 {
        street.call("POST", "/v1/customers", "");
    }
    let ends = together(10, |_| {
        let done = street.call("POST", "/_sandbox/advance", "days=3");
        assert_eq!(done["settled"], true);
        done["clock"]["now"].as_i64().expect("a time")
    });
    assert_eq!(now_s(&street), START_S + 30 * DAY_S);
    let ends: BTreeSet<i64> = ends.into_iter().collect();
    assert_eq!(
        ends,
        (1..=10).map(|round| START_S + round * 3 * DAY_S).collect(),
        "each ends where it was to"
    );
    assert_eq!(listed(&street, "/v1/customers").len(), 20);
}

#[test]
fn with_everything_going_wrong_at_once_time_goes_on_and_every_event_is_listed() {
    let street = Street::open(3, "none");
    let receiver = Receiver::answering(&[]);
    street.listen(&receiver, "");
    let wrong =
        "duplicate=100%,reorder=100%,delay=100%,refuse=100%,unanswered=100%,burst-s=10,api-500-after=100%";
    street.call("POST", "/_sandbox/chaos", &format!("set={}", wrong.replace('%', "%25")));
    together(4, |_| {
        for _ in 0..5 {
            let (status, _) = street.try_call("POST", "/v1/customers", "").expect("an answer");
            assert_eq!(status, 500, "it is done, and then 500");
        }
    });
    let done = street.call("POST", "/_sandbox/advance", "days=2");
    assert_eq!((&done["settled"], &done["clock"]["deliveries_waiting"]), (&true.into(), &0.into()));
    street.call("POST", "/_sandbox/chaos", "set=none");
    assert_eq!(listed(&street, "/v1/events").len(), 20);
    assert_eq!(receiver.arrived().len(), 0, "all were refused");
    street.call("POST", "/v1/customers", "");
    street.call("POST", "/_sandbox/settle", "");
    assert_eq!(receiver.arrived().len(), 1, "and the next one comes through");
}

#[test]
fn a_sandbox_started_anew_is_another_stripe_and_one_of_the_same_beginning_is_the_same() {
    let event = |start_s: i64| {
        let street = Street::open_at(start_s, 1, "none");
        street.call("POST", "/v1/customers", "");
        listed(&street, "/v1/events").remove(0)
    };
    // A receiver knows events by their ids: it would take new ones for those it has.
    assert_ne!(event(START_S), event(START_S + 1));
    assert_eq!(event(START_S), event(START_S));
}
