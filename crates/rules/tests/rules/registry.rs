//! The operator log: what it answers, and what it refuses to let in.

use std::collections::BTreeSet;

use kernel::Book;
use kernel::operator::{Action, Binds, HOLD_DAYS_DEFAULT, ManualScope, Pay, Terms};
use rules::{OperatorError, Registry};

use crate::builder::{currency, day, r};
use crate::check::{House, handle, mapping, rate, two_partners};

fn owner(house: &House, promo: &str, text: Option<&str>, at: i64) -> String {
    let registry = house.registry();
    let owner = registry.owner_of_promotion_code(&Book::own(true), &r(promo), text, day(at));
    owner.map_or_else(String::new, ToString::to_string)
}

fn owners(house: &House, coupon: &str, at: i64) -> Vec<String> {
    let owners: BTreeSet<_> =
        house.registry().owners_of_coupon(&Book::own(true), &r(coupon), &[], day(at)).named;
    owners.iter().map(ToString::to_string).collect()
}

fn two() -> House {
    House::default().partner("a", rate(2000)).partner("b", rate(1000))
}

#[test]
fn the_first_mapping_is_open_to_the_past_and_later_ones_take_effect_when_made() {
    let house =
        two().map(50, None, mapping("a", "", "promo_1", "")).map(60, None, mapping("b", "", "promo_1", ""));
    for (at, who) in [(-9999, "a"), (59, "a"), (60, "b")] {
        assert_eq!(owner(&house, "promo_1", None, at), who, "day {at}");
    }
    let earlier = two().map(50, None, mapping("a", "", "promo_1", "")).map(
        60,
        Some(55),
        mapping("b", "", "promo_1", ""),
    );
    assert_eq!(
        (owner(&earlier, "promo_1", None, 54), owner(&earlier, "promo_1", None, 55)),
        ("a".into(), "b".into())
    );
}

#[test]
fn an_ended_mapping_leaves_a_gap_and_the_next_one_is_not_the_first() {
    let house = two().map(50, None, mapping("a", "X", "", "")).end(60, None, mapping("a", "x", "", ""));
    let house = house.map(70, None, mapping("b", "x", "", ""));
    for (at, who) in [(0, "a"), (60, ""), (69, ""), (70, "b")] {
        assert_eq!(owner(&house, "promo_1", Some("X"), at), who, "day {at}");
    }
}

#[test]
fn an_id_speaks_before_a_text_and_a_text_with_an_id_is_that_ids_alone() {
    let house = two().map(1, None, mapping("a", "SAVE", "promo_1", "")).map(
        2,
        None,
        mapping("b", "save", "promo_2", ""),
    );
    assert_eq!(owner(&house, "promo_1", Some("Save"), 5), "a");
    assert_eq!(owner(&house, "promo_2", Some("Save"), 5), "b");
    assert_eq!(owner(&house, "promo_2", Some("Save"), -5), "b", "its id was never mapped before");
    assert_eq!(owner(&house, "promo_3", Some("Save"), 5), "");
    let by_text = two().map(1, None, mapping("a", "SAVE", "", ""));
    assert_eq!(owner(&by_text, "promo_3", Some("sAvE"), 5), "a");
    assert_eq!(owner(&by_text, "promo_3", None, 5), "");
}

#[test]
fn a_partner_may_hold_a_text_and_one_of_its_ids() {
    let house =
        two().map(1, None, mapping("a", "SAVE", "", "")).map(2, None, mapping("a", "SAVE", "promo_1", "C"));
    for promo in ["promo_1", "promo_2"] {
        assert_eq!(owner(&house, promo, Some("SAVE"), 5), "a", "{promo}");
    }
    let taken = house.map(3, None, mapping("b", "SAVE", "", ""));
    for (promo, at, who) in
        [("promo_1", 5, "b"), ("promo_1", 2, "a"), ("promo_2", 5, "b"), ("promo_2", 2, "a")]
    {
        assert_eq!(owner(&taken, promo, Some("SAVE"), at), who, "{promo} on day {at}");
    }
}

#[test]
fn coupons_are_shared_by_the_codes_that_name_them_as_long_as_these_hold() {
    let house = two().map(10, None, mapping("a", "A", "promo_a", "C")).map(
        20,
        None,
        mapping("b", "B", "promo_b", "C"),
    );
    let house = house.end(30, None, mapping("a", "A", "promo_a", "C"));
    for (at, who) in [(0, vec!["a"]), (19, vec!["a"]), (20, vec!["a", "b"]), (30, vec!["b"])] {
        assert_eq!(owners(&house, "C", at), who, "day {at}");
    }
    assert_eq!(owner(&house, "promo_b", None, 0), "b", "its own code was never mapped before");
}

#[test]
fn everybody_a_change_of_a_mapping_may_touch_is_known() {
    let house = two().map(10, None, mapping("a", "A", "promo_a", "C")).map(
        20,
        None,
        mapping("b", "B", "promo_b", "C"),
    );
    let registry = house.end(30, None, mapping("a", "A", "promo_a", "C")).registry();
    for (changed, who) in [
        (mapping("b", "", "promo_a", ""), vec!["a"]),
        (mapping("b", "a", "", ""), vec!["a"]),
        (mapping("b", "", "", "C"), vec!["a", "b"]),
        (mapping("b", "D", "promo_d", ""), vec![]),
    ] {
        let found: Vec<String> = registry.owners_ever(&changed).iter().map(ToString::to_string).collect();
        assert_eq!(found, who);
    }
    assert_eq!((registry.mapping_start(3), registry.mapping_start(4)), (None, None));
    let later = two().code("a", "promo_a", "").map(20, None, mapping("b", "", "promo_a", "")).registry();
    assert_eq!(later.mapping_start(4), Some(day(20)));
}

#[test]
fn terms_are_the_newest_version_that_binds_the_sale_i28() {
    let house = two().terms("a", 10, rate(1), Binds::New).terms("a", 20, rate(2), Binds::All);
    let registry = house.terms("a", 30, rate(3), Binds::New).registry();
    for (sale, attributed, version) in
        [(5, 5, 1), (15, 5, 1), (15, 12, 2), (25, 5, 3), (25, 12, 3), (35, 12, 3), (35, 31, 4), (25, 31, 3)]
    {
        let found = registry.terms_at(&handle("a"), day(sale), day(attributed)).map(|(version, _)| version);
        assert_eq!(found, Some(version), "sale {sale}, attributed {attributed}");
    }
    assert_eq!(registry.terms_at(&handle("c"), 0, 0), None);
}

#[test]
fn a_status_holds_from_its_line_on_and_the_first_always_did() {
    let registry = two().active("a", 10, false).active("a", 20, true).registry();
    for (at, active) in [(-999, true), (10, false), (19, false), (20, true)] {
        assert_eq!(registry.is_active(&handle("a"), day(at)), active, "day {at}");
    }
    assert!(!registry.is_active(&handle("c"), 0));
}

#[test]
fn partners_are_known_by_id_and_handle() {
    let registry = two().registry();
    for (hint, who) in
        [("prt_1", Some("a")), ("PRT_2", Some("b")), (" A ", Some("a")), ("prt_9", None), ("", None)]
    {
        assert_eq!(registry.partner_by_hint(hint).map(|it| it.as_str()), who, "{hint}");
    }
    assert_eq!(registry.partner_number("b"), Some(2));
}

#[test]
fn a_log_read_in_any_order_and_twice_is_the_same_registry() {
    let mut log = two_partners().active("a", 10, false).terms("b", 11, rate(5), Binds::New).log;
    let whole = Registry::fold(&log);
    log.extend(log.clone());
    log.reverse();
    assert_eq!(Registry::fold(&log), whole);
    assert_eq!(whole.seq(), 6);
}

#[test]
fn what_makes_no_sense_is_refused_with_the_way_out() {
    let add = |who: &str, email: &str, terms: Terms| Action::PartnerAdd {
        handle: handle(who),
        name: "N".into(),
        email: email.into(),
        terms,
    };
    let products =
        |pay| Terms { pay, products: vec![(r("p"), 1), (r("p"), 2)], hold_days: HOLD_DAYS_DEFAULT };
    let fixed = Pay::Fixed { minor: 1, currency: currency("usd") };
    let manual =
        |id| Action::Manual { book: Book::own(true), scope: ManualScope::Sale(r(id)), partner: None };
    for (action, complaint) in [
        (add("a", "a@b", rate(1)), "is taken"),
        (add("prt_7", "a@b", rate(1)), "looks like a partner id"),
        (add("c", "a.b", rate(1)), "not an e-mail"),
        (add("c", "a@b", rate(10_001)), "out of range"),
        (add("c", "a@b", rate(-1)), "out of range"),
        (add("c", "a@b", Terms { hold_days: -1, ..rate(1) }), "days of hold"),
        (add("c", "a@b", products(fixed)), "general rate"),
        (add("c", "a@b", products(Pay::RateBps(1))), "two rates"),
        (Action::PartnerStatus { handle: handle("c"), active: true }, "no partner `c`"),
        (Action::TermsSet { handle: handle("a"), terms: rate(20_000), binds: Binds::All }, "out of range"),
        (Action::CodeMap(mapping("a", "", "", "")), "nothing to map"),
        (Action::CodeMap(mapping("a", " X", "", "")), "not a code"),
        (Action::CodeMap(mapping("b", "", "promo_a", "")), "belongs to `a`"),
        (Action::CodeEnd(mapping("b", "", "promo_a", "")), "no such mapping"),
        (manual("ch_1"), "not a sale"),
    ] {
        let refused = two_partners().registry().check(&action, None).expect_err(complaint);
        assert!(refused.to_string().contains(complaint), "{refused}");
    }
}

#[test]
fn a_code_changes_hands_only_when_that_is_said() {
    let house = two().map(1, None, mapping("a", "SAVE", "", ""));
    let new = Action::CodeMap(mapping("b", "save", "promo_1", ""));
    let refused = house.registry().check(&new, None);
    assert!(matches!(refused, Err(OperatorError::CodeOwned { owner, .. }) if owner == handle("a")));
    assert_eq!(house.registry().check(&new, Some(day(10))), Ok(()), "a time makes it a takeover");
    let ended = house.end(10, Some(10), mapping("a", "SAVE", "", ""));
    assert_eq!(ended.registry().check(&new, None), Ok(()));
    let mut elsewhere = mapping("b", "SAVE", "", "");
    elsewhere.book.livemode = false;
    assert_eq!(
        two().map(1, None, mapping("a", "SAVE", "", "")).registry().check(&Action::CodeMap(elsewhere), None),
        Ok(())
    );
}
