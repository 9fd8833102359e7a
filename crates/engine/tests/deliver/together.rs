//! Several who change one old code at the same time, by real threads on real databases: one of them does, the
//! others are told.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::deliver::begin::BeginError;
use engine::deliver::stripe::{Failure, Reply};
use engine::deliver::{Call, Stripe, change};
use kernel::Book;
use store::intent::State;

use crate::house::Scene;

fn with_old_code(scene: &Scene) {
    let made = scene.create("anna", "OLD").expect("begun").intent.id;
    scene.finish(&made);
    scene.pass(1_000);
}

/// Whose code is which now, and which are active at Stripe.
fn live(scene: &Scene) -> (Vec<String>, Vec<String>) {
    let mapped = scene.mappings().into_iter().map(|(_, text, _)| text).collect();
    let state = scene.fake.state();
    let active = state.codes.iter().filter(|code| code.active).map(|code| code.text.clone());
    (mapped, active.collect())
}

fn rotate(scene: &Scene, stripe: &dyn Stripe, old: &str, new: &str) -> Result<String, BeginError> {
    let begun = change::rotate(&scene.house, stripe, old, new, None, &scene.asking())?;
    Ok(begun.intent.id)
}

#[test]
fn many_that_rotate_one_code_at_once_make_one_successor() {
    for scene in Scene::each() {
        with_old_code(&scene);
        let together = Barrier::new(6);
        let ends: Vec<Result<State, BeginError>> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..6)
                .map(|number| {
                    let (scene, together) = (&scene, &together);
                    scope.spawn(move || {
                        together.wait();
                        let id = rotate(scene, &scene.fake, "OLD", &format!("NEW-{number}"))?;
                        Ok(scene.run(&id).state)
                    })
                })
                .collect();
            all.into_iter().map(|one| one.join().expect("no panic")).collect()
        });
        let done = ends.iter().filter(|end| matches!(end, Ok(State::Done))).count();
        let told = ends.iter().filter(|end| matches!(end, Err(BeginError::Conflict(_)))).count();
        assert_eq!((done, told), (1, 5), "{}: {ends:?}", scene.engine);
        let (mapped, active) = live(&scene);
        assert_eq!((mapped.len(), &mapped), (1, &active), "{}", scene.engine);
    }
}

/// Passes calls on; after the first look at a code, somebody else does something.
struct Meanwhile<'a> {
    scene: &'a Scene,
    other: &'a (dyn Fn() + Sync),
    done: AtomicBool,
}

impl Stripe for Meanwhile<'_> {
    fn ready(&self, book: &Book) -> Result<(), String> {
        self.scene.fake.ready(book)
    }

    fn call(&self, book: &Book, call: &Call, key: Option<&str>) -> Result<Reply, Failure> {
        let answer = self.scene.fake.call(book, call, key);
        if !self.done.swap(true, Ordering::SeqCst) {
            (self.other)();
        }
        answer
    }
}

/// What was read before the intent is written may be over by then.
#[test]
fn a_code_that_ended_while_it_was_looked_at_is_not_changed_again() {
    for scene in Scene::each() {
        with_old_code(&scene);
        let first = || {
            let id = rotate(&scene, &scene.fake, "OLD", "FIRST").expect("begun");
            assert_eq!(scene.finish(&id).0.state, State::Done);
            scene.pass(1_000);
        };
        let slow = Meanwhile { scene: &scene, other: &first, done: AtomicBool::new(false) };
        let second = rotate(&scene, &slow, "OLD", "SECOND");
        assert!(matches!(&second, Err(BeginError::Conflict(why)) if why.contains("OLD")), "{second:?}");
        assert_eq!(live(&scene), (vec!["FIRST".into()], vec!["FIRST".into()]), "{}", scene.engine);

        let mapping = change::held(&scene.house, "FIRST", None, scene.now()).expect("held");
        let next = || {
            let id = rotate(&scene, &scene.fake, "FIRST", "THIRD").expect("begun");
            assert_eq!(scene.finish(&id).0.state, State::Done);
            scene.pass(1_000);
        };
        let slow = Meanwhile { scene: &scene, other: &next, done: AtomicBool::new(false) };
        let ended = change::deactivate(&scene.house, &slow, &mapping, &scene.asking());
        assert!(matches!(&ended, Err(BeginError::Conflict(why)) if why.contains("FIRST")), "{ended:?}");
        assert_eq!(live(&scene), (vec!["THIRD".into()], vec!["THIRD".into()]), "{}", scene.engine);
    }
}

/// A rotation that is under way has the old code too, until it is finished.
#[test]
fn what_is_being_rotated_is_neither_ended_nor_made_nor_rotated_on() {
    for scene in Scene::each() {
        with_old_code(&scene);
        let id = rotate(&scene, &scene.fake, "OLD", "NEW").expect("begun");
        let busy = |what: &str, result: Result<String, BeginError>| match result {
            Err(BeginError::Conflict(why)) => {
                assert!(why.starts_with("old is being worked on already (code_rotate"), "{what}: {why}");
            }
            other => panic!("{}: {what}: {other:?}", scene.engine),
        };
        let held = change::held(&scene.house, "OLD", None, scene.now()).expect("held");
        let ended = change::deactivate(&scene.house, &scene.fake, &held, &scene.asking());
        busy("deactivate", ended.map(|begun| begun.intent.id));
        busy("rotate", rotate(&scene, &scene.fake, "old", "OTHER"));
        busy("rotate by id", rotate(&scene, &scene.fake, "promo_1", "OTHER"));
        busy("create", scene.create("bob", "Old").map(|begun| begun.intent.id));
        assert_eq!(rotate(&scene, &scene.fake, "OLD", "NEW").expect("the same"), id);
        assert_eq!(scene.finish(&id).0.state, State::Done);
        scene.pass(1_000);
        let id = rotate(&scene, &scene.fake, "NEW", "NEWER").expect("free again");
        assert_eq!(scene.finish(&id).0.state, State::Done);
        assert_eq!(live(&scene), (vec!["NEWER".into()], vec!["NEWER".into()]), "{}", scene.engine);
    }
}
