//! Single promises that a history does not show by itself; each named after RELIABILITY.md.

use engine::events::{EventFilter, list, page, show};
use engine::parked::{Which, retry};
use engine::project;
use kernel::Book;
use sandbox::traffic::year;
use store::{Append, Source};

use crate::world::{NOW, World};

/// An event of ours, as short as can be.
pub(crate) fn event(id: &str, event_type: &str, object: &str) -> Append {
    let body = format!(
        r#"{{"id":"{id}","object":"event","api_version":"2026-07-29.dahlia","created":1767225600,"livemode":false,"type":"{event_type}","data":{{"object":{object}}}}}"#
    );
    raw(id, event_type, body)
}

pub(crate) fn raw(id: &str, event_type: &str, body: String) -> Append {
    Append {
        book: Book::own(false),
        event_ref: kernel::Ref::parse(id).expect("an id"),
        event_type: event_type.into(),
        api_version: None,
        created_s: 1_767_225_600,
        received_at: NOW,
        source: Source::Webhook,
        headers: "{}".into(),
        body_hash: sha2::Digest::finalize(sha2::Digest::chain_update(
            <sha2::Sha256 as sha2::Digest>::new(),
            &body,
        ))
        .into(),
        body: body.into_bytes(),
    }
}

pub(crate) fn invoice(id: &str, total: &str, taxes: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"invoice","status":"paid","currency":"usd","total":{total},"subtotal":{total},"amount_paid":{total},"amount_due":{total},"created":1767225600,"total_taxes":[{taxes}],"discounts":[],"lines":{{"data":[]}},"status_transitions":{{"paid_at":1767225600}}}}"#
    )
}

#[test]
fn i8_every_inbox_row_is_pending_done_waiting_or_parked() {
    for world in World::each() {
        let traffic = year(4, 3, 5, 1_735_689_600);
        world.receive(&traffic.deliveries().collect::<Vec<_>>());
        let thin = raw("evt_thin", "v1.invoice.paid", r#"{"id":"evt_thin","object":"v2.core.event","type":"v1.invoice.paid","created":"2026-01-01T00:00:00Z","livemode":false,"related_object":{"id":"in_9","type":"invoice"}}"#.into());
        world.house.inbox().append(&[thin]).expect("appended");
        let total = world.house.inbox().head().expect("a head");
        for drained in [false, true] {
            if drained {
                world.drain();
            }
            let rows =
                list(&world.house, &EventFilter { limit: 10_000, ..EventFilter::default() }).expect("listed");
            let count = |state: &str| rows.iter().filter(|row| row.state == state).count();
            assert_eq!(i64::try_from(rows.len()), Ok(total));
            assert_eq!(count("pending") + count("done") + count("waiting"), rows.len());
            assert_eq!(count("waiting"), usize::from(drained), "the thin event waits for its object");
            assert_eq!(count("pending") == 0, drained);
        }
        let waiting = list(
            &world.house,
            &EventFilter { state: Some("waiting".into()), limit: 10, ..EventFilter::default() },
        );
        let reason = waiting.expect("listed")[0].reason.clone().unwrap_or_default();
        assert!(reason.starts_with("thin_event"), "{reason}");
    }
}

#[test]
fn a_search_for_a_type_is_bounded_and_says_where_it_goes_on() {
    let of = |event_type: &str, before_seq: Option<i64>| EventFilter {
        event_type: Some(event_type.into()),
        before_seq,
        limit: 10,
        ..EventFilter::default()
    };
    for world in World::each() {
        let first = event("evt_rare", "rare.type", "{}");
        let rest = (0..20_003).map(|number| event(&format!("evt_{number}"), "often.type", "{}"));
        let all: Vec<Append> = std::iter::once(first).chain(rest).collect();
        for batch in all.chunks(4000) {
            world.house.inbox().append(batch).expect("appended");
        }
        let often = page(&world.house, &of("often.type", None)).expect("listed");
        assert_eq!((often.rows.len(), often.searched_to), (10, None), "{}", world.engine);
        let rare = page(&world.house, &of("rare.type", None)).expect("listed");
        assert_eq!((rare.rows.len(), rare.searched_to), (0, Some(5)), "{}", world.engine);
        let rare = page(&world.house, &of("rare.type", rare.searched_to)).expect("listed");
        let ids: Vec<_> = rare.rows.iter().map(|row| row.id.as_deref()).collect();
        assert_eq!((ids, rare.searched_to), (vec![Some("evt_rare")], None), "{}", world.engine);
        let state = Some("pending".into());
        let pending = page(&world.house, &EventFilter { state, ..of("rare.type", Some(5)) }).expect("listed");
        assert_eq!(pending.rows.len(), 1, "{}", world.engine);
    }
}

#[test]
fn i10_a_poisoned_sale_is_parked_at_once_and_delays_nobody_else() {
    for world in World::each() {
        let huge = i64::MAX.to_string();
        let discount =
            format!(r#""total_discount_amounts":[{{"amount":{huge},"discount":"di_1"}}],"discounts":"#);
        let poison = event(
            "evt_poison",
            "invoice.paid",
            &invoice("in_poison", &huge, "").replace("\"discounts\":", &discount),
        );
        let good = event("evt_good", "invoice.paid", &invoice("in_good", "1000", ""));
        world.house.inbox().append(&[poison, good]).expect("appended");
        project::drain(&world.house, NOW).expect("drained");
        let sales = || -> Vec<String> {
            let rows = engine::export::export(&world.house, &engine::export::ExportOptions::default());
            rows.expect("exported").rows.into_iter().map(|row| row.sale).collect()
        };
        assert_eq!(sales(), ["in_good"], "on {}", world.engine);
        let detail = show(&world.house, "evt_poison").expect("shown").remove(0);
        assert_eq!((detail.row.state.as_str(), detail.row.attempts), ("parked", 1), "{:?}", detail.row);
        assert!(detail.row.reason.unwrap_or_default().contains("too large"));
        let status = engine::status::status(&world.house, NOW).expect("a status");
        assert!(status.level && status.parked == 1, "parked is not pending: {status:?}");
        // Better news about the same sale, or a retry that now succeeds, clears it.
        let mended = event(
            "evt_mended",
            "invoice.updated",
            &invoice("in_poison", "500", "").replace("1767225600", "1767225601"),
        );
        let mended = Append {
            body: String::from_utf8(mended.body)
                .expect("text")
                .replace("\"created\":1767225600,\"live", "\"created\":1767225700,\"live")
                .into_bytes(),
            ..mended
        };
        world.house.inbox().append(&[mended]).expect("appended");
        project::drain(&world.house, NOW + 7 * 3_600_000).expect("drained");
        assert_eq!(sales().len(), 2);
        assert_eq!(engine::status::status(&world.house, NOW).expect("a status").parked, 0);
    }
}

#[test]
fn an_event_from_far_ahead_does_not_move_its_books_clock() {
    let now_s = NOW / 1000;
    for (what, event_s, clock_s) in [
        ("of its own time", now_s - 5, now_s - 5),
        ("a clock that is two hours wrong", now_s + 7200, now_s + 7200),
        ("just a day ahead", now_s + 86_400, now_s + 86_400),
        ("more than a day ahead", now_s + 86_401, now_s),
        ("seventy years ahead", 4_102_444_800, now_s),
    ] {
        for world in World::each() {
            // Sold two days before: not ripe for a month.
            let sold_s = (now_s - 172_800).to_string();
            let object = invoice("in_1", "1000", "").replace("1767225600", &sold_s);
            let made = event("evt_1", "invoice.paid", &object);
            let body = String::from_utf8(made.body).expect("text");
            let body =
                body.replace("\"created\":1767225600,\"live", &format!("\"created\":{event_s},\"live"));
            world.house.inbox().append(&[raw("evt_1", "invoice.paid", body)]).expect("appended");
            world.drain();
            let clock = world.house.db().read(|read| {
                let (book, _) = store::book::all(read)?.remove(0);
                store::book::clock(read, book)
            });
            assert_eq!(clock, Ok(clock_s), "{what} on {}", world.engine);
            let row = world.rows().remove(0);
            assert_eq!(kernel::time::parse(&row.sale_at), Some((now_s - 172_800) * 1000), "{what}");
        }
    }
}

#[test]
fn a_parked_event_can_be_tried_again() {
    let world = World::sqlite();
    world.house.inbox().append(&[crate::parked::poison("evt_poison")]).expect("appended");
    world.drain();
    let one = |id: &str| retry(&world.house, &Which::Ids(vec![id.into()]), "test", NOW).expect("asked");
    assert_eq!(one("evt_poison"), 1);
    world.drain();
    assert_eq!(show(&world.house, "evt_poison").expect("shown")[0].row.state, "parked", "it is as it was");
    assert_eq!(one("evt_nobody"), 0);
}

#[test]
fn i20_every_entry_names_events_that_are_in_the_inbox() {
    let world = World::sqlite();
    let traffic = year(11, 9, 60, 1_735_689_600);
    world.operator(&traffic.setup);
    for portion in traffic.deliveries().collect::<Vec<_>>().chunks(9) {
        world.receive(portion);
        world.drain();
    }
    let mut entries = 0;
    for row in world.rows().iter().filter(|row| row.partner.is_some()) {
        for shown in engine::explain::explain(&world.house, Some(&row.book()), &row.sale).expect("explained")
        {
            assert_eq!(shown.partner, row.partner);
            let sum: i64 =
                shown.due.iter().flat_map(|due| &due.shares).map(|share| share.commission_minor).sum();
            assert_eq!(sum, row.commission_minor, "the explanation says what the export says");
            for entry in shown.entries {
                entries += 1;
                assert!(!entry.causes.is_empty(), "entry {} of {} has no cause", entry.id, row.sale);
                for cause in entry.causes {
                    assert!(
                        !show(&world.house, &cause).expect("shown").is_empty(),
                        "{cause} is in the inbox"
                    );
                }
            }
        }
    }
    println!("{entries} entries");
    assert!(entries > 20);
}

#[test]
fn i5_the_same_ids_in_two_books_never_meet() {
    for world in World::each() {
        let mut live = event("evt_1", "invoice.paid", &invoice("in_1", "1000", ""));
        live.book = Book::own(true);
        let connected = Append {
            book: Book { account: kernel::Ref::parse("acct_1"), livemode: true },
            ..event("evt_1", "invoice.paid", &invoice("in_1", "3000", ""))
        };
        let test = event("evt_1", "invoice.paid", &invoice("in_1", "2000", ""));
        world.house.inbox().append(&[live, connected, test]).expect("appended");
        world.drain();
        let rows: Vec<(String, i64)> =
            world.rows().iter().map(|row| (row.book().label(), row.paid_minor)).collect();
        assert_eq!(rows, [("test".into(), 2000), ("live".into(), 1000), ("acct_1".into(), 3000)]);
    }
}

#[test]
fn books_ahead_of_their_inbox_are_refused_because_new_events_would_pass_for_done() {
    let database = testkit::TestDatabase::sqlite();
    let path = database.url.strip_prefix("sqlite:").expect("a path").to_owned();
    let world = World::new(database);
    let append = event("evt_1", "invoice.paid", &invoice("in_1", "1000", ""));
    world.house.inbox().append(&[append]).expect("appended");
    world.drain();
    for suffix in [".inbox", ".inbox-wal", ".inbox-shm"] {
        let _ = std::fs::remove_file(format!("{path}{suffix}"));
    }
    let refused =
        engine::House::open(&format!("sqlite:{path}")).err().map(|why| why.to_string()).unwrap_or_default();
    assert!(refused.contains("the inbox ends at event 0, but the books have worked off 1"), "{refused}");
}

#[test]
fn i20_a_sale_that_a_late_promotion_code_explains_names_the_event_that_brought_it() {
    let world = World::sqlite();
    let terms = kernel::operator::Terms {
        pay: kernel::operator::Pay::RateBps(2000),
        products: Vec::new(),
        hold_days: 30,
    };
    let anna = kernel::operator::Handle::parse("anna").expect("a handle");
    let mapping = kernel::operator::CodeMapping {
        partner: anna.clone(),
        book: Book::own(false),
        code: Some("ANNA20".into()),
        promotion_code: None,
        coupon: None,
    };
    let add = kernel::operator::Action::PartnerAdd {
        handle: anna,
        name: "Anna".into(),
        email: "anna@example.com".into(),
        terms,
    };
    for action in [add, kernel::operator::Action::CodeMap(mapping)] {
        world.operator(&[sandbox::Setup { action, effective_at: None }]);
    }
    let session = r#"{"id":"cs_1","object":"checkout.session","mode":"payment","status":"complete","payment_status":"paid","currency":"usd","amount_total":10000,"amount_subtotal":10000,"created":1767225600,"discounts":[{"coupon":null,"promotion_code":"promo_1"}]}"#;
    let code = r#"{"id":"promo_1","object":"promotion_code","code":"anna20","active":true,"created":1767225000,"promotion":{"type":"coupon","coupon":"C1"}}"#;
    for (id, kind, object) in
        [("evt_sale", "checkout.session.completed", session), ("evt_code", "promotion_code.created", code)]
    {
        world.house.inbox().append(&[event(id, kind, object)]).expect("appended");
        world.drain();
    }
    let shown = engine::explain::explain(&world.house, None, "cs_1").expect("explained").remove(0);
    assert_eq!(shown.partner.as_deref(), Some("anna"));
    assert_eq!(shown.entries[0].causes, ["evt_code"]);
}
