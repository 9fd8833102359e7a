//! What can be asked of a code, and what is said to what cannot.

use std::collections::BTreeMap;

use engine::deliver::CodeAsk;
use engine::deliver::ask::percent_bps;
use engine::deliver::plan::CouponPlan;
use engine::deliver::stripe::{Lasts, Off};

const NOW: i64 = 1_767_225_600_000;

fn ask(change: impl FnOnce(&mut CodeAsk)) -> Result<engine::deliver::ask::Asked, String> {
    let mut ask = CodeAsk { code: Some("ANNA10".into()), percent_off_bps: Some(1_000), ..CodeAsk::default() };
    change(&mut ask);
    ask.read(NOW)
}

fn amount(ask: &mut CodeAsk, minor: i64, currency: &str) {
    ask.percent_off_bps = None;
    ask.amount_off_minor = Some(minor);
    ask.currency = Some(currency.to_owned());
}

#[test]
fn what_is_wrong_is_said_in_a_sentence_before_anything_is_done() {
    type Change = fn(&mut CodeAsk);
    let rows: [(Change, &str); 24] = [
        (|ask| ask.code = None, "say the code's text"),
        (|ask| ask.code = Some("ANNA 10".into()), "cannot be a promotion code"),
        (|ask| ask.code = Some("ÄNNA".into()), "cannot be a promotion code"),
        (|ask| ask.code = Some("A".repeat(101)), "cannot be a promotion code"),
        (|ask| ask.percent_off_bps = None, "not neither"),
        (|ask| ask.amount_off_minor = Some(5), "not both"),
        (|ask| ask.percent_off_bps = Some(0), "out of range"),
        (|ask| ask.percent_off_bps = Some(10_001), "out of range"),
        (|ask| ask.currency = Some("usd".into()), "no currency"),
        (|ask| amount(ask, 500, "dollar"), "not a currency"),
        (|ask| amount(ask, 0, "usd"), "out of range"),
        (
            |ask| {
                amount(ask, 500, "usd");
                ask.currency = None;
            },
            "needs its currency",
        ),
        (
            |ask| {
                amount(ask, 500, "usd");
                ask.currency_options = BTreeMap::from([("USD".into(), 450)]);
            },
            "given twice",
        ),
        (|ask| ask.duration = Some("repeating".into()), "needs its months"),
        (|ask| ask.months = Some(3), "belongs to the duration"),
        (|ask| ask.duration = Some("always".into()), "unknown"),
        (|ask| ask.products = vec!["Shirt".into()], "not a product's id"),
        (|ask| ask.max_redemptions = Some(0), "at least 1"),
        (|ask| ask.expires_at = Some("2025-12-31".into()), "already be expired"),
        (|ask| ask.expires_at = Some("soon".into()), "not a time"),
        (|ask| ask.minimum_amount_minor = Some(5), "needs its currency"),
        (|ask| ask.minimum_currency = Some("usd".into()), "without an amount"),
        (|ask| ask.coupon = Some("a/b".into()), "cannot be a coupon's id"),
        (
            |ask| {
                ask.percent_off_bps = None;
                ask.coupon = Some("SUMMER".into());
                ask.duration = Some("once".into());
            },
            "say what the coupon takes off",
        ),
    ];
    for (change, expected) in rows {
        match ask(change) {
            Err(why) => assert!(why.contains(expected), "{why:?} does not say {expected:?}"),
            Ok(asked) => panic!("{expected}: {asked:?}"),
        }
    }
}

#[test]
fn what_is_asked_is_understood() {
    let asked = ask(|ask| {
        amount(ask, 500, "USD");
        ask.currency_options = BTreeMap::from([("gbp".into(), 400), ("eur".into(), 450)]);
        ask.duration = Some("repeating".into());
        ask.months = Some(3);
        ask.expires_at = Some("2026-12-31".into());
    })
    .expect("understood");
    let CouponPlan::Own(terms) = asked.code.coupon else { panic!("an own coupon") };
    let Off::Amount { minor, currency, others } = terms.off else { panic!("an amount") };
    assert_eq!((minor, currency.as_str(), terms.lasts), (500, "usd", Lasts::Months(3)));
    assert_eq!(
        others.iter().map(|(c, m)| (c.as_str(), *m)).collect::<Vec<_>>(),
        [("eur", 450), ("gbp", 400)]
    );
    assert_eq!(asked.code.limits.expires_at_s, Some(1_798_675_200));
    let there = ask(|ask| {
        ask.percent_off_bps = None;
        ask.coupon = Some("SUMMER".into());
    });
    assert!(matches!(there.expect("understood").code.coupon, CouponPlan::There(_)));
    let shared = ask(|ask| ask.coupon = Some("SUMMER".into()));
    assert!(matches!(shared.expect("understood").code.coupon, CouponPlan::Shared(..)));
}

#[test]
fn percentages_are_read_from_decimals_without_floating_point() {
    for (text, expected) in [
        ("10", Some(1_000)),
        ("12.5", Some(1_250)),
        ("12.5 %", Some(1_250)),
        ("0.25", Some(25)),
        ("33.333", None),
        ("", None),
        ("ten", None),
        ("-5", None),
        (".5", None),
    ] {
        assert_eq!(percent_bps(text), expected, "{text}");
    }
}
