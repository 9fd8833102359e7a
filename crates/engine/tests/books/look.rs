//! What people look up: whose an e-mail address is, which types of event came in, and what one event did.

use engine::search::{Hit, find};
use kernel::Book;
use kernel::operator::{Action, Handle, Pay, Terms};
use sandbox::Setup;
use store::Append;

use crate::invariants::event;
use crate::world::{NOW, World};

fn receive(world: &World, events: &[Append]) {
    for event in events {
        world.house.inbox().append(std::slice::from_ref(event)).expect("appended");
    }
    world.drain();
}

fn customer(id: &str, number: usize, email: &str) -> Append {
    let object = format!(r#"{{"id":"{id}","object":"customer","email":"{email}","created":1767225600}}"#);
    event(&format!("evt_{number}"), "customer.updated", &object)
}

fn gone(id: &str) -> Append {
    event("evt_gone", "customer.deleted", &format!(r#"{{"id":"{id}","object":"customer"}}"#))
}

fn hits(world: &World, text: &str) -> Vec<String> {
    let found = find(&world.house, text).expect("found");
    let name = |hit: Hit| match hit {
        Hit::Customer { id, .. } | Hit::Sale { id, .. } => id,
        other => format!("{other:?}"),
    };
    found.into_iter().map(name).collect()
}

#[test]
fn a_customer_is_found_by_every_address_he_ever_had_and_forgotten_with_himself() {
    let guest = r#"{"id":"cs_1","object":"checkout.session","mode":"payment","payment_status":"paid","status":"complete",
        "amount_total":900,"amount_subtotal":900,"currency":"usd","created":1767225600,
        "customer_details":{"email":"guest@example.com"}}"#;
    for world in World::each() {
        let told = [
            customer("cus_1", 1, "Ada@Example.com"),
            customer("cus_1", 2, "ada@new.example"),
            customer("cus_2", 3, "ada@example.com"),
            event("evt_4", "checkout.session.completed", guest),
        ];
        receive(&world, &told);
        assert_eq!(hits(&world, " ADA@example.com "), ["cus_1", "cus_2"], "{}", world.engine);
        assert_eq!(hits(&world, "ada@new.example"), ["cus_1"]);
        assert_eq!(hits(&world, "guest@example.com"), ["cs_1"]);
        assert_eq!(hits(&world, "nobody@example.com"), Vec::<String>::new());
        receive(&world, &[gone("cus_1"), customer("cus_1", 5, "ada@late.example")]);
        assert_eq!(hits(&world, "ada@example.com"), ["cus_2"], "{}", world.engine);
        assert_eq!(hits(&world, "ada@late.example"), Vec::<String>::new(), "in either order of arrival");
    }
}

#[test]
fn types_are_counted_by_version_and_every_handled_one_is_there() {
    for world in World::each() {
        receive(&world, &[customer("cus_1", 1, "a@b.c"), customer("cus_1", 2, "a@b.c")]);
        let newer = Append { api_version: Some("2026-07-29.dahlia".into()), ..customer("cus_1", 3, "a@b.c") };
        let odd = event("evt_4", "comet.seen", r#"{"id":"co_1","object":"comet"}"#);
        receive(&world, &[newer, odd]);
        let rows = engine::types::types(&world.house, &Book::own(false)).expect("rows");
        let row = |name: &str| rows.iter().find(|row| row.event_type == name).expect("the type");
        let updated = row("customer.updated");
        assert_eq!((updated.received, updated.object, updated.parked), (3, Some("customer"), 0));
        assert_eq!(updated.versions, ["2026-07-29.dahlia"], "{}", world.engine);
        assert!(updated.last_received_at.is_some() && updated.subscribed);
        assert_eq!((row("comet.seen").received, row("comet.seen").object), (1, None));
        assert_eq!(row("invoice.paid").received, 0);
        assert_eq!(rows.iter().filter(|row| row.object.is_some()).count(), facts::handles().count());
        let live = engine::types::types(&world.house, &Book::own(true)).expect("rows");
        assert!(live.iter().all(|row| row.received == 0), "each book for itself");
    }
}

#[test]
fn an_event_tells_what_happened_to_it_and_what_it_did() {
    for world in World::each() {
        let anna = Handle::parse("anna").expect("a handle");
        let terms = Terms { pay: Pay::RateBps(1_000), products: Vec::new(), hold_days: 30 };
        let action =
            Action::PartnerAdd { handle: anna, name: "Anna".into(), email: "anna@example.com".into(), terms };
        world.operator(&[Setup { action, effective_at: None }]);
        let session = r#"{"id":"cs_1","object":"checkout.session","mode":"payment","payment_status":"paid","status":"complete",
            "amount_total":900,"amount_subtotal":900,"currency":"usd","created":1767225600,"metadata":{"partner_ref":"anna"}}"#;
        let sold = event("evt_1", "checkout.session.completed", session);
        receive(&world, &[sold.clone(), sold, customer("cus_1", 2, "a@b.c")]);
        assert!(engine::effects::body_shown(&world.house, "evt_1", "console", NOW).expect("written"));
        assert!(!engine::effects::body_shown(&world.house, "evt_9", "console", NOW).expect("nothing"));
        let shown = engine::events::show(&world.house, "evt_1").expect("shown").remove(0);
        let steps: Vec<&str> = shown.timeline.iter().map(|step| step.what.as_str()).collect();
        assert_eq!(steps, ["made", "received", "repeated", "shown", "done"], "{}", world.engine);
        let [entry] = shown.effects.entries.as_slice() else { panic!("one entry: {:?}", shown.effects) };
        assert_eq!((entry.sale.as_str(), entry.entry.postings[0].amount_minor), ("cs_1", 90));
        let other = engine::events::show(&world.house, "evt_2").expect("shown").remove(0);
        assert_eq!(other.effects.entries, Vec::new());
        world.verify();
        let replayed = engine::audit::replay(&world.house, NOW, &mut |_, _| {}).expect("replayed");
        assert_eq!(replayed.differences, Vec::<String>::new(), "a body that was shown changes no book");
    }
}

/// Its own bound is in the letter box; here it is what people are told.
#[test]
fn of_an_event_repeated_again_and_again_people_see_the_first_times_the_newest_and_how_many_more() {
    for world in World::each() {
        let sent = customer("cus_1", 1, "a@b.c");
        let at = |number: i64| Append { received_at: NOW + number * 1000, ..sent.clone() };
        receive(&world, &(0..100).map(at).collect::<Vec<_>>());
        let counted = [(customer("cus_2", 2, "a@b.c"), store::inbox::Deliveries::counted(3))];
        world.house.inbox().append_kept(&counted).expect("of an older export");
        let show = |id: &str| engine::events::show(&world.house, id).expect("shown").remove(0);
        let shown = show("evt_1");
        let again: Vec<_> = shown.timeline.iter().filter(|step| step.what == "repeated").collect();
        let (count, kept) = (again.len(), usize::try_from(store::inbox::REPEATS_KEPT_MAX).expect("small"));
        assert_eq!((count, shown.delivered.len()), (kept + 2, kept + 1), "{}", world.engine);
        assert!(again[kept].at.is_none() && again[kept].words.contains("came 48 more time(s)"), "{again:?}");
        assert_eq!(again[kept + 1].at, Some(kernel::time::rfc3339(NOW + 99_000)));
        assert_eq!(shown.row.repeated_at, again[kept + 1].at);
        let older = show("evt_2");
        let words: Vec<_> =
            older.timeline.iter().map(|step| (step.at.is_some(), step.what.as_str())).collect();
        assert_eq!(words, [(true, "made"), (true, "received"), (false, "repeated"), (false, "pending")]);
        assert_eq!((older.row.repeated_at, older.delivered.len()), (None, 1));
    }
}

#[test]
fn a_replay_compares_the_readable_views_too() {
    for world in World::each() {
        receive(&world, &[customer("cus_1", 1, "a@b.c"), customer("cus_2", 2, "a@b.c")]);
        let replay = || engine::audit::replay(&world.house, NOW, &mut |_, _| {}).expect("replayed");
        let sound = replay();
        assert_eq!((sound.mirror_rows, sound.mirror_level), (2, true), "{}", world.engine);
        assert_eq!(sound.mirror_differences, Vec::<String>::new());
        let key = kernel::ObjectKey::new(kernel::Kind::Customer, kernel::Ref::parse("cus_1").expect("an id"));
        let spoilt = store::mirror::Mirrored { key: &key, state: None, deleted: true };
        world
            .house
            .db()
            .work(|tx| store::mirror::put(tx, 1, std::slice::from_ref(&spoilt)))
            .expect("a row that no event says");
        let found = replay();
        assert_eq!((found.differences.len(), found.mirror_differences.len()), (0, 2), "{found:?}");
        assert!(found.mirror_differences[0].starts_with("books:  stripe_customer test \"cus_1\""));
    }
}
