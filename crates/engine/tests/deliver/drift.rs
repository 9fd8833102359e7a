//! Drift: every way in which Stripe's codes can differ from ours is found, named, and mended where it can be.

use engine::deliver::drift::{DriftKind, drift};
use engine::deliver::mend::fix;
use engine::deliver::stripe::Meta;
use kernel::operator::{Action, CodeMapping};
use kernel::{Book, Ref};

use crate::fake::code;
use crate::house::{Scene, handle, test};

fn adopt(scene: &Scene, text: Option<&str>, id: Option<&str>, coupon: Option<&str>) {
    scene.act(Action::CodeMap(CodeMapping {
        partner: handle("bob"),
        book: test(),
        code: text.map(str::to_owned),
        promotion_code: id.and_then(Ref::parse),
        coupon: coupon.and_then(Ref::parse),
    }));
}

fn found(scene: &Scene) -> Vec<(DriftKind, String, bool)> {
    let drift = drift(&scene.house, &scene.fake, &test(), scene.now()).expect("compared");
    drift.differences.into_iter().map(|found| (found.kind, found.code, found.fix.is_some())).collect()
}

#[test]
fn what_differs_is_named_and_mended_and_then_nothing_differs() {
    for scene in Scene::each() {
        for text in ["FINE", "OFF", "MOVED", "BARE", "LATER"] {
            let id = scene.create("anna", text).expect("begun").intent.id;
            scene.finish(&id);
        }
        assert_eq!(found(&scene), [], "{}: what was just made does not differ", scene.engine);
        scene.act(Action::CodeEnd(CodeMapping {
            partner: handle("anna"),
            book: test(),
            code: Some("LATER".into()),
            promotion_code: Ref::parse("promo_5"),
            coupon: None,
        }));
        scene.pass(5_000);
        adopt(&scene, Some("ADOPTED"), Some("promo_a"), Some("SUMMER"));
        for text in ["BYHANDLE", "BYNAME", "ANOTHERS"] {
            adopt(&scene, Some(text), None, None);
        }
        adopt(&scene, Some("GONE"), Some("promo_gone"), None);
        adopt(&scene, Some("BYTEXT"), None, None);
        {
            let mut state = scene.fake.state();
            state.codes[1].active = false;
            state.codes[2].coupon = Ref::parse("WINTER");
            state.codes[3].metadata.clear();
            state.codes.push(code("promo_a", "ADOPTED", "SUMMER", &Meta::new()));
            for (id, text, name, value) in [
                ("promo_h", "BYHANDLE", "partner_ref", "bob"),
                ("promo_i", "BYNAME", "partner_handle", "bob"),
                ("promo_j", "ANOTHERS", "partner_ref", "anna"),
            ] {
                let metadata = Meta::from([(name.to_owned(), value.to_owned())]);
                state.codes.push(code(id, text, "SUMMER", &metadata));
            }
            state.codes.push(code("promo_t", "bytext", "SUMMER", &Meta::new()));
        }
        let differs = [
            (DriftKind::Inactive, "OFF".to_owned(), true),
            (DriftKind::OtherCoupon, "MOVED".to_owned(), false),
            (DriftKind::MetadataMissing, "BARE".to_owned(), true),
            (DriftKind::MetadataMissing, "ADOPTED".to_owned(), true),
            (DriftKind::MetadataMissing, "ANOTHERS".to_owned(), true),
            (DriftKind::Missing, "GONE".to_owned(), false),
            (DriftKind::MetadataMissing, "BYTEXT".to_owned(), true),
            (DriftKind::StillActive, "LATER".to_owned(), true),
        ];
        assert_eq!(found(&scene), differs, "{}", scene.engine);
        let seen = drift(&scene.house, &scene.fake, &test(), scene.now()).expect("compared");
        let mended = fix(&scene.house, &scene.fake, &test(), &seen, &scene.asking(), &|| scene.now());
        let mended = mended.expect("mended");
        assert!(mended.iter().all(|one| one.state == "done"), "{mended:?}");
        assert_eq!(mended.len(), 6);
        scene.pass(5_000);
        let left = [
            (DriftKind::OtherCoupon, "MOVED".to_owned(), false),
            (DriftKind::Missing, "GONE".to_owned(), false),
        ];
        assert_eq!(found(&scene), left, "{}", scene.engine);
        let state = scene.fake.state();
        assert_eq!(state.codes[3].metadata["partner_handle"], "anna");
        assert_eq!(state.codes[5].metadata["partner_ref"], "prt_2");
        assert!(!state.codes[4].active);
    }
}

#[test]
fn a_book_without_a_key_is_not_compared() {
    let scene = Scene::new(testkit::TestDatabase::sqlite());
    assert!(drift(&scene.house, &scene.fake, &Book::own(true), scene.now()).is_err());
}
