//! What is parked, and what an operator makes of it: by reason, tried again, given up; and that a rebuild keeps to
//! what was given up.

use engine::audit::{rebuild, replay};
use engine::events::{EventFilter, list, show};
use engine::parked::{Which, discard, groups, retry};
use engine::status::status;
use kernel::operator::Action;
use store::Append;

use crate::invariants::{event, invoice, raw};
use crate::world::{NOW, World};

/// An event that says nothing to us; `park` makes it one that this program cannot read.
fn odd(id: &str) -> Append {
    event(id, "odd.type", "{}")
}

/// Rows that could not be read: nothing that Stripe sends is like that today.
fn park(world: &World, seqs: &[i64]) {
    for seq in seqs {
        let reason = "unreadable: a test".to_owned();
        let state = store::work::State::Parked;
        let work = store::work::WorkRow { seq: *seq, book: 1, state, reason, attempts: 0, not_before: 0 };
        world.house.db().work(|tx| store::work::set(tx, &work)).expect("parked");
    }
}

/// An invoice whose amounts cannot be calculated.
pub(crate) fn poison(id: &str) -> Append {
    let huge = i64::MAX.to_string();
    let discount =
        format!(r#""total_discount_amounts":[{{"amount":{huge},"discount":"di_1"}}],"discounts":"#);
    event(id, "invoice.paid", &invoice("in_poison", &huge, "").replace("\"discounts\":", &discount))
}

fn state(world: &World, id: &str) -> String {
    show(&world.house, id).expect("shown")[0].row.state.clone()
}

fn one(id: &str) -> Which {
    Which::Ids(vec![id.into()])
}

fn log(world: &World) -> Vec<Action> {
    let log = world.house.db().read(|read| store::operator::since(read, 0)).expect("a log");
    log.into_iter().map(|line| line.action).collect()
}

#[test]
fn parked_events_are_grouped_tried_again_and_given_up_by_reason() {
    for world in World::each() {
        let house = &world.house;
        house.inbox().append(&[odd("evt_a"), poison("evt_b"), odd("evt_c")]).expect("appended");
        world.drain();
        park(&world, &[1, 3]);
        let found: Vec<_> =
            groups(house).expect("grouped").into_iter().map(|one| (one.code, one.events)).collect();
        assert_eq!(found, [("unreadable".into(), 2), ("amounts".into(), 1)], "{}", world.engine);
        assert_eq!(groups(house).expect("grouped")[0].oldest.as_deref(), Some("evt_a"));

        // What is still as it was is parked again.
        for (which, count) in
            [(Which::Reason("unreadable".into()), 2), (Which::All, 3), (Which::Reason("odd".into()), 0)]
        {
            assert_eq!(retry(house, &which, "eve", NOW).expect("retried"), count, "{which:?}");
            world.drain();
            park(&world, &[1, 3]);
            assert_eq!(status(house, NOW).expect("a status").parked, 3, "{which:?}");
        }

        let given_up = discard(house, &Which::Reason("unreadable".into()), " not used here ", "eve", NOW);
        assert_eq!(given_up.expect("discarded"), 2);
        assert_eq!(discard(house, &one("evt_b"), "a test", "eve", NOW).expect("discarded"), 1);
        assert_eq!(
            discard(house, &one("evt_b"), "a test", "eve", NOW).expect("discarded"),
            0,
            "gone already"
        );
        let after = status(house, NOW).expect("a status");
        assert_eq!((after.parked, after.marks_parked, after.level), (0, 0, true), "{}", world.engine);
        let filter = EventFilter { state: Some("discarded".into()), limit: 10, ..EventFilter::default() };
        let listed = list(house, &filter).expect("listed");
        assert_eq!(listed.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 2, 1]);
        let reason = listed[0].reason.clone().unwrap_or_default();
        assert!(reason.starts_with("not used here (eve, ") && reason.contains("unreadable"), "{reason}");

        let lines = log(&world);
        let unread: Vec<(i64, bool)> = lines
            .iter()
            .filter_map(|line| match line {
                Action::EventsDiscard { events, .. } => Some(events.iter().map(|one| (one.seq, one.unread))),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(unread, [(1, true), (3, true), (2, false)], "what was read is remembered with each");
        let retried = lines.iter().filter(|line| matches!(line, Action::EventsRetry { .. })).count();
        assert_eq!(retried, 2, "what was not parked leaves no line");
        world.verify();
    }
}

#[test]
fn why_is_one_line_and_not_nothing() {
    let world = World::sqlite();
    world.house.inbox().append(&[poison("evt_a")]).expect("appended");
    world.drain();
    for why in ["", "  ", "two\nlines", &"x".repeat(501)] {
        assert!(discard(&world.house, &one("evt_a"), why, "eve", NOW).is_err(), "{why:?}");
    }
    assert_eq!(state(&world, "evt_a"), "parked");
}

#[test]
fn better_news_about_a_sale_counts_whatever_was_given_up() {
    for world in World::each() {
        world.house.inbox().append(&[poison("evt_b")]).expect("appended");
        world.drain();
        discard(&world.house, &one("evt_b"), "a test", "eve", NOW).expect("discarded");
        let mended = invoice("in_poison", "500", "");
        let mended = event("evt_mended", "invoice.updated", &mended);
        let later = String::from_utf8(mended.body)
            .expect("text")
            .replace("\"created\":1767225600,\"live", "\"created\":1767225700,\"live");
        world.house.inbox().append(&[raw("evt_mended", "invoice.updated", later)]).expect("appended");
        world.drain();
        assert_eq!(world.rows().len(), 1, "{}", world.engine);
        assert_eq!(state(&world, "evt_b"), "discarded");
        let replayed = replay(&world.house, NOW, &mut |_, _| ()).expect("replayed");
        assert_eq!(replayed.differences, Vec::<String>::new(), "{}", world.engine);
    }
}

/// A program that reads what an older one could not must still leave out what was given up unread. A readable event
/// stands for the one that has become readable.
#[test]
fn a_rebuild_keeps_to_what_was_given_up() {
    for world in World::each() {
        let house = &world.house;
        let (kept, given_up) = (invoice("in_kept", "1000", ""), invoice("in_gone", "1000", ""));
        let events = [
            event("evt_kept", "invoice.paid", &kept),
            event("evt_gone", "invoice.paid", &given_up),
            poison("evt_poison"),
        ];
        house.inbox().append(&events).expect("appended");
        world.drain();
        park(&world, &[2]);
        assert_eq!(discard(house, &one("evt_gone"), "a test", "eve", NOW).expect("discarded"), 1);
        assert_eq!(discard(house, &one("evt_poison"), "a test", "eve", NOW).expect("discarded"), 1);

        let scratch = house.db().scratch_like().expect("a scratch");
        let rebuilt = house.with_db((*scratch).clone());
        rebuild(house, &rebuilt, NOW, &mut |_, _| ()).expect("rebuilt");
        let export = engine::export::export(&rebuilt, &engine::export::ExportOptions::default());
        let sales: Vec<String> = export.expect("exported").rows.into_iter().map(|row| row.sale).collect();
        assert_eq!(sales, ["in_kept"], "{}", world.engine);
        let after = status(&rebuilt, NOW).expect("a status");
        assert_eq!((after.parked, after.marks_parked), (0, 0), "nobody waits for it: {}", world.engine);
    }
}
