//! The real executor on real databases against the fake: every pair of faults at every place, killed executors
//! and couriers that take over, and what the books say at the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering};

use engine::House;
use engine::deliver::begin::{self, Asking, Begun};
use engine::deliver::run::{LEASE_MS, Ran, run};
use engine::deliver::{CodeAsk, Stripe, courier};
use engine::operate::{Request, operate};
use kernel::Book;
use kernel::operator::{Action, Handle, Pay, Terms};
use store::intent::State;
use testkit::TestDatabase;

use crate::fake::{FAULTS, Fake, Fault, Killed};

pub(crate) const START: i64 = 1_767_225_600_000;

pub(crate) struct Scene {
    pub(crate) house: House,
    pub(crate) fake: Fake,
    pub(crate) clock: AtomicI64,
    pub(crate) engine: &'static str,
    _database: TestDatabase,
}

impl Scene {
    pub(crate) fn new(database: TestDatabase) -> Self {
        let house = House::open(&database.url).expect("opens");
        let clock = AtomicI64::new(START);
        let scene =
            Self { house, fake: Fake::default(), clock, engine: database.engine, _database: database };
        for name in ["anna", "bob"] {
            let terms = Terms { pay: Pay::RateBps(2_000), products: Vec::new(), hold_days: 30 };
            let email = format!("{name}@example.com");
            scene.act(Action::PartnerAdd { handle: handle(name), name: name.into(), email, terms });
        }
        scene
    }

    pub(crate) fn each() -> Vec<Self> {
        TestDatabase::each_of_many().into_iter().map(Self::new).collect()
    }

    pub(crate) fn act(&self, action: Action) {
        let request = Request { actor: "jo".into(), effective_at: None, action, retroactive: false };
        operate(&self.house, &request, self.now()).expect("accepted");
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn asking(&self) -> Asking {
        Asking { actor: "jo".into(), request_key: None, now: self.now() }
    }

    pub(crate) fn create(&self, partner: &str, code: &str) -> Result<Begun, begin::BeginError> {
        let ask = CodeAsk { code: Some(code.into()), percent_off_bps: Some(1_000), ..CodeAsk::default() };
        let asked = ask.read(self.now()).expect("understood");
        begin::create(&self.house, &handle(partner), &asked, &test(), &self.asking())
    }

    pub(crate) fn run(&self, id: &str) -> Ran {
        run(&self.house, &self.fake, id, &|| self.now()).expect("the books can be written")
    }

    /// One life of an executor: `None` if it was killed.
    fn life(&self, id: &str) -> Option<Ran> {
        match catch_unwind(AssertUnwindSafe(|| self.run(id))) {
            Ok(ran) => Some(ran),
            Err(panic) if panic.is::<Killed>() => None,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Lives until it is finished; says how many.
    pub(crate) fn finish(&self, id: &str) -> (Ran, usize) {
        for lives in 1..40 {
            if std::mem::take(&mut self.fake.state().forgotten) {
                self.pass(25 * 3_600_000);
            }
            match self.life(id) {
                Some(ran) if matches!(ran.state, State::Done | State::Refused) => return (ran, lives),
                // A killed executor's lease has to run out first.
                _ => self.pass(LEASE_MS + 1),
            }
        }
        panic!("no end: {id}")
    }

    /// Mappings in force: partner, text, promotion code.
    pub(crate) fn mappings(&self) -> Vec<(String, String, String)> {
        let registry = self.house.current_registry().expect("readable");
        let held = registry.mappings().filter(|mapping| mapping.until.is_none());
        held.map(|mapping| {
            let id = mapping.promotion_code.as_ref().map(ToString::to_string);
            (mapping.partner.to_string(), mapping.code.clone().unwrap_or_default(), id.unwrap_or_default())
        })
        .collect()
    }
}

pub(crate) fn handle(name: &str) -> Handle {
    Handle::parse(name).expect("a handle")
}

pub(crate) fn test() -> Book {
    Book::own(false)
}

fn quiet() {
    std::panic::set_hook(Box::new(|info| {
        if !info.payload().is::<Killed>() {
            eprintln!("{info}");
        }
    }));
}

/// Faults at the first two places where something is called or answered, all pairs, in one house: each pair makes
/// a code of its own, so nothing may leak from one into another either.
#[test]
fn every_pair_of_faults_leaves_one_code_mapped_or_nothing() {
    quiet();
    for scene in Scene::each() {
        let (mut plays, mut lives_all, mut refused) = (0, 0, 0);
        for skip in 0..3 {
            for first in FAULTS {
                for second in FAULTS {
                    let text = format!("CODE-{plays}");
                    let mut script = vec![Fault::None; skip];
                    script.extend([first, second]);
                    let (codes, coupons) = {
                        let mut state = scene.fake.state();
                        state.script = script.clone().into();
                        (state.codes_made, state.coupons_made)
                    };
                    let before = scene.mappings().len();
                    let begun = scene.create("anna", &text).expect("begun");
                    let (ran, lives) = scene.finish(&begun.intent.id);
                    plays += 1;
                    lives_all += lives;
                    let (engine, what) = (scene.engine, format!("{script:?} {:?}", ran.intent));
                    let mut state = scene.fake.state();
                    state.script.clear();
                    assert!(state.codes_made <= codes + 1, "{engine}: two codes: {what}");
                    assert!(state.coupons_made <= coupons + 1, "{engine}: two coupons: {what}");
                    let active = state.codes.iter().filter(|code| code.active && code.text == text);
                    let ours =
                        active.filter(|code| code.metadata.contains_key("countinghouse_intent")).count();
                    drop(state);
                    let mapped = scene.mappings().len() - before;
                    match ran.state {
                        State::Done => assert_eq!((ours, mapped), (1, 1), "{engine}: {what}"),
                        _ => {
                            refused += 1;
                            assert_eq!((ours, mapped), (0, 0), "{engine}: {what}");
                            let reason = ran.intent.reason.unwrap_or_default();
                            assert!(reason.contains("code adopt"), "{engine}: {reason}");
                        }
                    }
                }
            }
        }
        let state = scene.fake.state();
        assert_eq!(state.codes_made, plays - refused, "{}", scene.engine);
        assert_eq!(state.coupons.len(), plays - refused, "{}: a refused code's coupon is left", scene.engine);
        println!(
            "{}: {plays} fault pairs, {lives_all} lives, {} calls, {refused} refused, 0 duplicate objects, 0 lost",
            scene.engine,
            state.calls.len()
        );
        drop(state);
        assert!(engine::audit::verify(&scene.house, true).expect("verified").sound());
    }
}

#[test]
fn a_courier_takes_over_from_a_killed_executor_only_when_its_lease_is_over() {
    quiet();
    for scene in Scene::each() {
        scene.fake.state().script = [Fault::None, Fault::KilledAfter].into();
        let begun = scene.create("anna", "ANNA10").expect("begun");
        assert!(scene.life(&begun.intent.id).is_none(), "killed");
        let round = || courier::round(&scene.house, &scene.fake, &|| scene.now()).expect("a round");
        assert_eq!(round(), 0, "the lease still runs");
        let busy = scene.run(&begun.intent.id);
        assert_eq!((busy.state, busy.busy_until), (State::Open, Some(START + LEASE_MS)), "{}", scene.engine);
        scene.pass(LEASE_MS);
        assert_eq!(round(), 1);
        assert_eq!(scene.mappings(), [("anna".into(), "ANNA10".into(), "promo_1".into())]);
        assert_eq!(scene.fake.state().coupons_made, 1);
        assert_eq!(round(), 0, "nothing is left to do");
    }
}

/// An executor that is stopped for longer than its lease and then goes on writes nothing and makes nothing twice.
#[test]
fn an_executor_that_lost_its_lease_writes_nothing() {
    for scene in Scene::each() {
        let begun = scene.create("anna", "ANNA10").expect("begun");
        let now = || scene.now();
        let mut slow = engine::deliver::run::claim(&scene.house, &begun.intent.id, scene.now())
            .expect("readable")
            .expect("free");
        for _ in 0..2 {
            assert!(
                engine::deliver::run::one_move(&scene.house, &scene.fake, &mut slow, &now).expect("a move")
            );
        }
        scene.pass(LEASE_MS + 1);
        let (ran, _) = scene.finish(&begun.intent.id);
        assert_eq!(ran.state, State::Done);
        while engine::deliver::run::one_move(&scene.house, &scene.fake, &mut slow, &now).expect("a move") {}
        let state = scene.fake.state();
        assert_eq!((state.codes_made, state.coupons_made), (1, 1), "{}", scene.engine);
        drop(state);
        // Two partners, one mapping: also a line that changes nothing in force would be one too many.
        let lines = scene.house.current_registry().expect("readable").seq();
        assert_eq!((scene.mappings().len(), lines), (1, 3), "{}", scene.engine);
    }
}

#[test]
fn many_executors_at_once_make_one_code() {
    for scene in Scene::each() {
        let begun = scene.create("anna", "ANNA10").expect("begun");
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| scene.run(&begun.intent.id));
            }
        });
        let (ran, _) = scene.finish(&begun.intent.id);
        assert_eq!(ran.state, State::Done);
        let state = scene.fake.state();
        assert_eq!((state.codes_made, state.coupons_made, state.calls.len()), (1, 1, 3), "{}", scene.engine);
    }
}

#[test]
fn a_house_without_a_key_for_the_book_says_what_to_set() {
    let scene = Scene::new(TestDatabase::sqlite());
    let live = begin::book(&scene.house, &scene.fake, Some(&Book::own(true)));
    assert!(matches!(live, Err(begin::BeginError::NoKey(_))), "{live:?}");
    let words = engine::deliver::NoKey.ready(&Book::own(true)).expect_err("no key");
    assert!(words.contains("STRIPE_API_KEY") && words.contains("code adopt"), "{words}");
    assert_eq!(begin::book(&scene.house, &scene.fake, None).expect("the only one with a key"), test());
}
