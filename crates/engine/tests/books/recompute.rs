//! Incremental books equal a full recompute after every step, and a replay gives the same export (I12).

use engine::operate::{Request, operate};
use kernel::operator::{Action, Binds, Pay, Terms};
use sandbox::Rng;
use sandbox::traffic::year;
use testkit::TestDatabase;

use crate::world::{NOW, World};

#[test]
fn after_every_random_step_the_books_equal_a_full_recompute() {
    for (seed, database) in [(5, TestDatabase::sqlite()), (6, TestDatabase::sqlite())] {
        let traffic = year(seed, 4, 6, 1_735_689_600);
        let world = World::new(database);
        world.operator(&traffic.setup);
        let mut rng = Rng::new(seed);
        let mut rest: Vec<_> = traffic.deliveries().collect();
        let mut steps = 0;
        while !rest.is_empty() {
            let portion = usize::try_from(rng.between(1, 12)).expect("small").min(rest.len());
            world.receive(&rest.drain(..portion).collect::<Vec<_>>());
            if rng.between(0, 9) == 0 {
                change_terms(&world, &mut rng);
            }
            world.drain();
            let replayed = engine::audit::replay(&world.house, NOW, &mut |_, _| {}).expect("replayed");
            assert_eq!(replayed.differences, Vec::<String>::new(), "seed {seed}, step {steps}");
            assert!(replayed.level);
            steps += 1;
        }
        world.verify();
        println!("seed {seed}: {steps} steps, {} rows", world.rows().len());
    }
}

/// An operator's change in the middle of things, back into the past.
fn change_terms(world: &World, rng: &mut Rng) {
    let registry = world.house.current_registry().expect("a registry");
    let partners: Vec<_> = registry.partners().map(|partner| partner.handle.clone()).collect();
    let index =
        usize::try_from(rng.between(0, i64::try_from(partners.len()).expect("few") - 1)).expect("small");
    let terms = Terms { pay: Pay::RateBps(rng.between(0, 5000)), products: Vec::new(), hold_days: 30 };
    let request = Request {
        actor: "test".into(),
        effective_at: Some(1_735_689_600_000 + rng.between(0, 90) * 86_400_000),
        action: Action::TermsSet {
            handle: partners[index].clone(),
            terms,
            binds: if rng.between(0, 1) == 0 { Binds::All } else { Binds::New },
        },
        retroactive: true,
    };
    operate(&world.house, &request, NOW).expect("terms are set");
}

#[test]
fn a_replay_gives_the_same_books_on_both_engines() {
    let traffic = year(9, 12, 20, 1_735_689_600);
    let mut exports = Vec::new();
    for world in World::each() {
        world.operator(&traffic.setup);
        for portion in traffic.deliveries().collect::<Vec<_>>().chunks(200) {
            world.receive(portion);
        }
        world.drain();
        world.verify();
        let replayed =
            engine::audit::replay(&world.house, NOW + 86_400_000, &mut |_, _| {}).expect("replayed");
        assert_eq!(replayed.differences, Vec::<String>::new(), "{}", world.engine);
        exports.push(world.canonical());
    }
    assert!(exports.windows(2).all(|pair| pair[0] == pair[1]), "the engines agree to the byte");
}

#[test]
fn a_change_of_terms_that_alters_booked_sales_is_refused_and_named_unless_meant() {
    let traffic = year(2, 6, 10, 1_735_689_600);
    let world = World::sqlite();
    world.operator(&traffic.setup);
    world.receive(&traffic.deliveries().collect::<Vec<_>>());
    world.drain();
    let earning = world.rows().into_iter().find(|row| row.commission_minor > 0).expect("somebody earns");
    let handle =
        kernel::operator::Handle::parse(earning.partner.as_deref().unwrap_or_default()).expect("a handle");
    let terms = Terms { pay: Pay::RateBps(1), products: Vec::new(), hold_days: 30 };
    let mut request = Request {
        actor: "test".into(),
        effective_at: Some(0),
        action: Action::TermsSet { handle, terms, binds: Binds::All },
        retroactive: false,
    };
    let before = world.canonical();
    match operate(&world.house, &request, NOW) {
        Err(engine::operate::OperateError::WouldChange(changes)) => {
            assert!(changes.iter().any(|change| change.sale == earning.sale), "{} is named", earning.sale);
        }
        other => panic!("not refused: {other:?}"),
    }
    world.drain();
    assert_eq!(world.canonical(), before, "nothing changed");
    request.retroactive = true;
    let outcome = operate(&world.house, &request, NOW).expect("meant");
    world.drain();
    let after = world.rows();
    for change in outcome.changes {
        let row = after.iter().find(|row| row.sale == change.sale).expect("still a row");
        assert_eq!(
            row.commission_minor, change.commission_after_minor,
            "{} came out as previewed",
            change.sale
        );
    }
}

#[test]
fn a_replay_names_each_row_that_the_live_books_have_otherwise() {
    let traffic = year(2, 6, 10, 1_735_689_600);
    let world = World::sqlite();
    world.operator(&traffic.setup);
    world.receive(&traffic.deliveries().collect::<Vec<_>>());
    world.drain();
    let before = world.rows();
    let earning = before.iter().find(|row| row.commission_minor > 0).expect("somebody earns");
    let handle =
        kernel::operator::Handle::parse(earning.partner.as_deref().unwrap_or_default()).expect("a handle");
    let terms = Terms { pay: Pay::RateBps(1), products: Vec::new(), hold_days: 30 };
    let action = Action::TermsSet { handle, terms, binds: Binds::All };
    // Without the marks that go with it: the live books do not hear of it.
    let append = |tx: &mut store::Tx<'_>| store::operator::append(tx, "test", Some(0), NOW, &action);
    world.house.db().work(append).expect("appended");
    let replayed = engine::audit::replay(&world.house, NOW, &mut |_, _| {}).expect("replayed");
    let named = |whose: &str| {
        let lines = replayed.differences.iter().filter(|line| line.starts_with(whose));
        lines.filter(|line| line.contains(&format!("\"sale\":\"{}\"", earning.sale))).count()
    };
    assert_eq!((named("books:  {"), named("replay: {")), (1, 1), "{:#?}", replayed.differences);
    assert!(replayed.differences.len() < 2 * before.len(), "and no row that is the same");
    assert_eq!(replayed.rows, before.len());
}
