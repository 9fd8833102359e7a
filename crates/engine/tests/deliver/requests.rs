//! Asking twice, asking for what is taken, rotating and deactivating: what is on record decides.

use engine::deliver::begin::{self, Asking, BeginError};
use engine::deliver::change;
use engine::deliver::stripe::{Limits, Meta};
use engine::deliver::{Call, CodeAsk};
use kernel::operator::{Action, CodeMapping};
use kernel::{Money, Ref};
use store::intent::State;

use crate::fake::{Fault, code};
use crate::house::{START, Scene, handle, test};

fn conflict<T: std::fmt::Debug>(result: Result<T, BeginError>, expected: &str) {
    match result {
        Err(BeginError::Conflict(why)) => assert!(why.contains(expected), "{why}"),
        other => panic!("not a conflict about {expected}: {other:?}"),
    }
}

#[test]
fn the_same_request_is_one_intent_as_long_as_it_is_open_or_holds() {
    for scene in Scene::each() {
        let first = scene.create("anna", "ANNA10").expect("begun");
        assert!(first.fresh);
        scene.pass(5);
        let again = scene.create("anna", "ANNA10").expect("the same");
        assert_eq!((again.fresh, &again.intent.id), (false, &first.intent.id));
        conflict(scene.create("bob", "anna10"), "being worked on already");
        assert_eq!(scene.finish(&first.intent.id).0.state, State::Done);
        let again = scene.create("anna", "ANNA10").expect("still holds");
        assert_eq!((again.fresh, again.intent.state.as_str()), (false, "done"));
        conflict(scene.create("bob", "Anna10"), "belongs to anna");
        assert_eq!(scene.fake.state().codes_made, 1, "{}", scene.engine);

        // Ended, it may be made again: another intent with ids of its own.
        let held = change::held(&scene.house, "ANNA10", None, scene.now()).expect("held");
        let ended = change::deactivate(&scene.house, &scene.fake, &held, &scene.asking()).expect("begun");
        assert_eq!(scene.finish(&ended.intent.id).0.state, State::Done);
        assert!(!scene.fake.state().codes[0].active);
        assert_eq!(scene.mappings(), []);
        scene.pass(5);
        let anew = scene.create("bob", "ANNA10").expect("free again");
        assert_eq!(scene.finish(&anew.intent.id).0.state, State::Done);
        scene.pass(5);
        assert_eq!(scene.mappings(), [("bob".into(), "ANNA10".into(), "promo_2".into())]);
    }
}

#[test]
fn a_callers_key_is_one_request_for_ever() {
    let scene = Scene::new(testkit::TestDatabase::sqlite());
    let ask = |code: &str| {
        let ask = CodeAsk { code: Some(code.into()), percent_off_bps: Some(500), ..CodeAsk::default() };
        let asked = ask.read(START).expect("understood");
        let asking = Asking { request_key: Some("k1".into()), ..scene.asking() };
        begin::create(&scene.house, &handle("anna"), &asked, &test(), &asking)
    };
    let first = ask("ANNA5").expect("begun").intent.id;
    assert_eq!(ask("ANNA5").expect("the same").intent.id, first);
    assert!(matches!(ask("ANNA6"), Err(BeginError::KeyReused(id)) if id == first));
}

#[test]
fn a_mapping_by_hand_is_not_overridden() {
    let scene = Scene::new(testkit::TestDatabase::sqlite());
    let mapping = CodeMapping {
        partner: handle("bob"),
        book: test(),
        code: Some("BOB10".into()),
        promotion_code: None,
        coupon: None,
    };
    scene.act(Action::CodeMap(mapping));
    conflict(scene.create("anna", "BOB10"), "belongs to bob");
    conflict(scene.create("bob", "BOB10"), "code deactivate");
    assert!(matches!(scene.create("zoe", "ZOE10"), Err(BeginError::NoPartner(_))));
    assert_eq!(scene.fake.state().calls, [], "nothing was called");
}

/// Somebody maps the text while Stripe is being called: the log refuses, and nothing stays behind.
#[test]
fn a_mapping_that_comes_in_between_wins_and_what_was_made_is_undone() {
    for scene in Scene::each() {
        let begun = scene.create("anna", "ANNA10").expect("begun");
        scene.fake.state().script = [Fault::None, Fault::None, Fault::SilentAfter].into();
        assert_eq!(scene.run(&begun.intent.id).state, State::Open);
        let mapping = CodeMapping {
            partner: handle("bob"),
            book: test(),
            code: Some("ANNA10".into()),
            promotion_code: None,
            coupon: None,
        };
        scene.act(Action::CodeMap(mapping));
        scene.fake.state().script =
            [Fault::None, Fault::SilentAfter, Fault::NotDone, Fault::SilentAfter].into();
        let (ran, _) = scene.finish(&begun.intent.id);
        assert_eq!(ran.state, State::Refused, "{}: {ran:?}", scene.engine);
        let state = scene.fake.state();
        assert!(state.codes.iter().all(|code| !code.active), "{:?}", state.codes);
        assert_eq!(state.coupons.len(), 0);
        drop(state);
        assert_eq!(scene.mappings(), [("bob".into(), "ANNA10".into(), String::new())]);
    }
}

#[test]
fn a_rotation_copies_the_terms_and_leaves_no_gap() {
    for scene in Scene::each() {
        let made = scene.create("anna", "OLD").expect("begun").intent.id;
        scene.finish(&made);
        let limits = Limits {
            max_redemptions: Some(10),
            expires_at_s: Some(START / 1000 + 86_400),
            first_time_only: true,
            minimum: Some(Money { minor: 500, currency: kernel::Currency::parse("usd").expect("a code") }),
            customer: None,
        };
        {
            let mut state = scene.fake.state();
            state.codes[0].limits = limits.clone();
            state.codes[0].times_redeemed = 4;
        }
        scene.pass(1_000);
        let rotate = || change::rotate(&scene.house, &scene.fake, "old", "NEW", None, &scene.asking());
        let begun = rotate().expect("begun");
        scene.fake.state().script = [Fault::None, Fault::None, Fault::None, Fault::SilentAfter].into();
        assert_eq!(scene.run(&begun.intent.id).state, State::Open);
        assert_eq!(scene.mappings().len(), 2, "the new one is mapped before the old one ends");
        // Asked again meanwhile, though the old one is inactive already.
        let again = rotate().expect("the same");
        assert_eq!(again.intent.id, begun.intent.id);
        let (ran, _) = scene.finish(&begun.intent.id);
        assert_eq!(ran.state, State::Done);
        let again = rotate().expect("the same, though the old code is nobody's any more");
        assert_eq!((again.intent.id, again.fresh), (begun.intent.id, false));
        let state = scene.fake.state();
        let [old, new] = state.codes.as_slice() else { panic!("{:?}", state.codes) };
        assert_eq!((old.active, new.active, &new.coupon), (false, true, &old.coupon));
        assert_eq!(new.limits, Limits { max_redemptions: Some(6), ..limits });
        assert_eq!(state.coupons_made, 1);
        let created = |call: &&(Call, Option<String>)| matches!(call.0, Call::CreateCode(_));
        assert_eq!(state.calls.iter().filter(created).count(), 2);
        drop(state);
        assert_eq!(scene.mappings(), [("anna".into(), "NEW".into(), "promo_2".into())], "{}", scene.engine);
        assert!(matches!(change::held(&scene.house, "OLD", None, scene.now()), Err(BeginError::Conflict(_))));
    }
}

#[test]
fn a_code_adopted_by_its_text_alone_is_deactivated_by_its_id() {
    let scene = Scene::new(testkit::TestDatabase::sqlite());
    scene.fake.state().codes.push(code("promo_x", "BOB10", "SUMMER", &Meta::new()));
    let mapping = CodeMapping {
        partner: handle("bob"),
        book: test(),
        code: Some("BOB10".into()),
        promotion_code: None,
        coupon: None,
    };
    scene.act(Action::CodeMap(mapping));
    let held = change::held(&scene.house, "bob10", None, scene.now()).expect("held");
    scene.fake.state().script = [Fault::None, Fault::SilentAfter].into();
    let begun = change::deactivate(&scene.house, &scene.fake, &held, &scene.asking()).expect("begun");
    assert_eq!(scene.run(&begun.intent.id).state, State::Open);
    let again = change::deactivate(&scene.house, &scene.fake, &held, &scene.asking()).expect("the same");
    assert_eq!(again.intent.id, begun.intent.id);
    let (ran, _) = scene.finish(&begun.intent.id);
    assert_eq!((ran.state, ran.intent.promotion_code), (State::Done, Some("promo_x".into())));
    assert!(!scene.fake.state().codes[0].active);
    assert_eq!(scene.mappings(), []);
    assert_eq!(Ref::parse("promo_x"), Some(scene.fake.state().codes[0].id.clone()));
}
