//! What leaves a house and comes in again: events and the operator log, from either engine into the other; and bodies
//! that go to an archive, of events that are done and of no other.

use std::sync::{Arc, Mutex};

use engine::archive::{PAGE, Plan, Restored, page, plan, put_back, take_out};
use engine::carry::export::{Exported, Filter, export};
use engine::carry::line::{self, Carried};
use engine::carry::log;
use engine::import::{Import, ImportLine};
use engine::{EngineError, House};
use kernel::Book;
use sandbox::traffic::{Traffic, year};
use store::inbox::{Archive, QuarantineRow, Wanted};

use crate::invariants::{event, invoice, raw};
use crate::world::{NOW, World};

fn written(house: &House, filter: &Filter) -> (Vec<u8>, Exported) {
    let mut text = Vec::new();
    let mut write = |lines: &[u8]| -> Result<(), EngineError> {
        text.extend_from_slice(lines);
        Ok(())
    };
    let done = export(house, filter, &mut write, &mut |_, _| {}).expect("exported");
    (text, done)
}

fn take_in(house: &House, text: &[u8]) -> engine::import::Imported {
    let mut import = Import::new(house, None);
    for line in text.split(|byte| *byte == b'\n') {
        assert!(matches!(import.line(line, 5).expect("read"), ImportLine::Taken | ImportLine::Blank));
    }
    import.finish().expect("imported")
}

fn filled(world: &World, traffic: &Traffic) {
    world.operator(&traffic.setup);
    for portion in traffic.deliveries().collect::<Vec<_>>().chunks(200) {
        world.receive(portion);
    }
    let other = event("evt_other", "odd.type", "{\"a\":\u{1}}");
    let mut bytes = event("evt_other", "odd.type", "{}");
    bytes.body = vec![0xff, b'\n', 0];
    bytes.body_hash = <sha2::Sha256 as sha2::Digest>::digest(&bytes.body).into();
    bytes.book = Book { account: kernel::Ref::parse("acct_1"), livemode: true };
    world.house.inbox().append(&[other.clone(), bytes, other]).expect("appended");
    let odd = QuarantineRow {
        body_hash: <sha2::Sha256 as sha2::Digest>::digest([0xfe]).into(),
        reason: "odd".into(),
        event_ref: None,
        event_type: None,
        account: None,
        livemode: None,
        received_at: 7,
        headers: "{}".into(),
        body: vec![0xfe],
    };
    world.house.inbox().quarantine(&odd).expect("kept");
    world.drain();
}

#[test]
fn a_house_moved_by_its_two_inputs_is_the_same_house_on_either_engine() {
    let traffic = year(9, 12, 20, 1_735_689_600);
    for (from, to) in World::each().into_iter().zip(World::each().into_iter().rev()) {
        filled(&from, &traffic);
        engine::parked::retry(&from.house, &engine::parked::Which::All, "test", NOW).expect("asked");
        let lines = log::export(&from.house).expect("exported");
        let text: Vec<String> = lines.iter().map(|line| log::write(line).expect("text")).collect();
        let read: Vec<_> = text.iter().map(|line| log::read(line).expect("a line")).collect();
        let (events, done) = written(&from.house, &Filter::default());
        assert_eq!(done.quarantined, 1);
        assert_eq!(log::import(&to.house, &read).expect("imported").new, lines.len() as u64);
        assert_eq!(log::import(&to.house, &read).expect("again").known, lines.len() as u64);
        assert_eq!(take_in(&to.house, &events).new, done.events);
        assert_eq!(take_in(&to.house, &events).known, done.events, "twice is once");
        to.drain();
        let (from_name, to_name) = (from.engine, to.engine);
        assert!(
            written(&to.house, &Filter::default()).0 == events,
            "{from_name} to {to_name}: another inbox"
        );
        assert_eq!(to.canonical(), from.canonical(), "{from_name} to {to_name}");
        let partners = |world: &World| {
            let registry = world.house.current_registry().expect("a registry");
            registry
                .partners()
                .map(|partner| (partner.id.clone(), partner.handle.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(partners(&to), partners(&from));
        to.verify();
        let replayed = engine::audit::replay(&to.house, NOW, &mut |_, _| {}).expect("replayed");
        assert_eq!(replayed.differences, Vec::<String>::new());
    }
}

#[test]
fn a_log_that_is_another_or_comes_too_late_is_refused() {
    let traffic = year(2, 3, 4, 1_735_689_600);
    let (from, to) = (World::sqlite(), World::sqlite());
    from.operator(&traffic.setup);
    let lines = log::export(&from.house).expect("exported");
    let refused =
        |lines: &[kernel::operator::Logged]| log::import(&to.house, lines).expect_err("refused").to_string();
    assert!(refused(&lines[1..]).contains("line 1 has the number 2"), "a log with a gap");
    log::import(&to.house, &lines[..2]).expect("the first two");
    let mut other = lines.clone();
    other[1].actor = "somebody else".into();
    assert!(refused(&other).contains("line 2 says something else here"));
    to.receive(&traffic.deliveries().take(3).collect::<Vec<_>>());
    to.drain();
    assert!(refused(&lines).contains("import the log first"), "lines that come too late");
    assert_eq!(log::import(&to.house, &lines[..2]).expect("nothing new").known, 2);
    assert_eq!(log::export(&to.house).expect("exported"), lines[..2]);
}

#[test]
fn an_export_holds_what_its_filter_asks_for() {
    let world = World::sqlite();
    filled(&world, &year(3, 3, 6, 1_735_689_600));
    let all = world.house.inbox().skeletons(0, 100_000).expect("read");
    let book = Some(Book { account: kernel::Ref::parse("acct_1"), livemode: true });
    let rows = [
        (Filter { book, ..Filter::default() }, 1),
        (Filter { types: vec!["odd.type".into()], ..Filter::default() }, 2),
        (
            Filter { from: Some(NOW), ..Filter::default() },
            all.iter().filter(|it| it.row.received_at >= NOW).count(),
        ),
        (
            Filter { to: Some(NOW), ..Filter::default() },
            all.iter().filter(|it| it.row.received_at < NOW).count(),
        ),
        (Filter { types: vec!["no.type".into()], ..Filter::default() }, 0),
    ];
    for (filter, events) in rows {
        let (text, done) = written(&world.house, &filter);
        assert_eq!((done.events, done.quarantined), (events as u64, 0), "{filter:?}");
        assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), events);
    }
}

/// An archive in memory: lines by their offset.
#[derive(Default)]
struct Shelf(Mutex<Vec<Vec<u8>>>);

impl Archive for Shelf {
    fn body(&self, wanted: Wanted<'_>) -> Result<Vec<u8>, String> {
        let lines = self.0.lock().expect("a lock");
        let line = &lines[usize::try_from(wanted.place.offset).expect("small")];
        match line::read(line)? {
            Carried::Event { event, .. } => Ok(event.body),
            Carried::Quarantined { .. } => Err("not an event".into()),
        }
    }
}

/// Everything that may leave, put on the shelf.
fn archive(house: &House, shelf: &Shelf) -> u64 {
    let mut taken = 0;
    for seqs in plan(house, i64::MAX, usize::MAX).expect("planned").seqs.chunks(PAGE) {
        let text = page(house, seqs).expect("written");
        let mut lines = shelf.0.lock().expect("a lock");
        let first = lines.len();
        lines.extend(text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec));
        let placed: Vec<(u64, &[u8])> =
            (first..lines.len()).map(|at| (at as u64, lines[at].as_slice())).collect();
        taken += take_out(house, "shelf", &placed).expect("taken out");
    }
    taken
}

#[test]
fn with_its_bodies_archived_a_house_says_the_same_and_without_the_archive_it_says_where_they_are() {
    let traffic = year(5, 6, 8, 1_735_689_600);
    for mut world in World::each() {
        filled(&world, &traffic);
        let (before, canonical) = (written(&world.house, &Filter::default()).0, world.canonical());
        let shelf = Arc::<Shelf>::default();
        let head = world.house.inbox().head().expect("a head");
        assert_eq!(
            archive(&world.house, &shelf),
            u64::try_from(head).expect("positive"),
            "everything is done"
        );
        assert_eq!(archive(&world.house, &shelf), 0);
        assert_eq!(world.canonical(), canonical, "what was derived stays");
        let report = engine::audit::verify(&world.house, true).expect("verified");
        assert!(report.sound() && report.archived_unseen == head, "{report:?}");
        let shown = engine::events::show(&world.house, "evt_other").expect("shown");
        assert!(shown.iter().all(|one| one.body.is_empty()), "{shown:?}");
        assert!(
            shown[0].archived.as_ref().is_some_and(|why| why.contains("in the archive shelf. Say where"))
        );
        let refused = engine::audit::replay(&world.house, NOW, &mut |_, _| {}).expect_err("refused");
        assert!(refused.to_string().contains("events restore shelf"), "{refused}");
        let again = engine::audit::again::replay_event(
            &world.house,
            &kernel::Ref::parse("evt_other").expect("an id"),
            NOW,
        );
        assert!(again.is_err_and(|why| why.to_string().contains("--archive DIR")));

        let bare = world.house.clone();
        world.house = bare.with_archive(shelf.clone());
        world.verify();
        let replayed = engine::audit::replay(&world.house, NOW, &mut |_, _| {}).expect("replayed");
        assert_eq!((replayed.differences, replayed.events), (Vec::new(), head));
        assert!(written(&world.house, &Filter::default()).0 == before, "the export reads through");

        let mut done = Restored::default();
        let lines = shelf.0.lock().expect("a lock").clone();
        put_back(&bare, &lines, &mut done).expect("restored");
        assert_eq!((done.restored, done.here, done.refused.len()), (head as u64, 0, 0), "{}", world.engine);
        assert!(written(&bare, &Filter::default()).0 == before, "to the byte");
    }
}

#[test]
fn a_body_that_may_be_wanted_yet_is_not_archived() {
    for world in World::each() {
        let house = &world.house;
        let related = r#"{"id":"cus_1","type":"customer","url":"/v1/customers/cus_1"}"#;
        let thin = format!(
            r#"{{"id":"evt_waits","object":"v2.core.event","type":"v1.customer.updated","created":"2026-01-01T00:00:00.000Z","livemode":false,"related_object":{related}}}"#
        );
        let waiting = raw("evt_waits", "v1.customer.updated", thin);
        let done = event("evt_done", "invoice.paid", &invoice("in_1", "1000", ""));
        house.inbox().append(&[done, crate::parked::poison("evt_poison"), waiting]).expect("appended");
        let planned =
            || plan(house, i64::MAX, usize::MAX).map(|plan| (plan.seqs, plan.stays)).expect("planned");
        assert_eq!(planned(), (vec![], 3), "nothing is applied yet");
        world.drain();
        house.inbox().append(&[event("evt_new", "odd.type", "{}")]).expect("appended");
        assert_eq!(planned(), (vec![1], 3), "{}: one is parked, one waits, one is new", world.engine);
        assert_eq!(plan(house, NOW, usize::MAX).expect("planned"), Plan::default(), "none is older");
        // Written before it was parked: the archive holds it, and still it is not taken out.
        let text = page(house, &[1, 2, 3, 4]).expect("written");
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let placed: Vec<(u64, &[u8])> = (0..).zip(lines.iter().copied()).collect();
        assert_eq!(take_out(house, "shelf", &placed).expect("taken out"), 1);
        assert_eq!(house.inbox().bodies_away(i64::MAX), Ok(1));
        world.drain();
        assert_eq!(planned(), (vec![4], 2));
        let mut spoilt = lines[3].to_vec();
        let at = spoilt.iter().rposition(|byte| *byte == b'{').expect("a body");
        spoilt[at] = b'[';
        let refused =
            take_out(house, "shelf", &[(0, lines[3]), (8, &spoilt)]).expect_err("refused").to_string();
        assert!(
            refused.starts_with("shelf, at byte 8: event evt_new: its body does not match its hash"),
            "{refused}"
        );
        assert_eq!(house.inbox().bodies_away(i64::MAX), Ok(1), "nothing of that page was taken out");
    }
}

#[test]
fn books_that_are_rebuilt_wait_for_the_archive_and_then_go_on() {
    let database = testkit::TestDatabase::sqlite();
    let path = database.url.strip_prefix("sqlite:").expect("a path").to_owned();
    let world = World::new(database);
    filled(&world, &year(5, 3, 4, 1_735_689_600));
    let canonical = world.canonical();
    let lines = log::export(&world.house).expect("exported");
    let shelf = Arc::<Shelf>::default();
    archive(&world.house, &shelf);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{path}{suffix}"));
    }
    let house = House::open(&format!("sqlite:{path}")).expect("opens");
    log::import(&house, &lines).expect("imported");
    let refused = engine::project::drain(&house, NOW).expect_err("refused").to_string();
    assert!(refused.contains("its body is in the archive shelf. Say where"), "{refused}");
    engine::project::drain(&house.with_archive(shelf), NOW).expect("drained");
    let rows = engine::export::export(&house, &engine::export::ExportOptions::default()).expect("exported");
    assert_eq!(engine::export::to_json(&rows.rows).expect("JSON"), canonical);
}
