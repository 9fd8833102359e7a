//! What the partner earns: terms, several rates, fixed amounts, the program's start, the hold, and the
//! arithmetic as it is shown.

use kernel::operator::{Pay, Terms};
use ledger::Account;
use rules::Reason::*;

use crate::builder::{Sale, currency, day, invoice, r};
use crate::check::{check, due, earns, one_partner, rate};

fn sold(id: &str, at: i64, total: i64) -> Sale {
    invoice(id, at, total).took("di_1", ("promo_a", ""), 0, 0)
}

fn with_products(general: i64, products: &[(&str, i64)]) -> Terms {
    Terms { products: products.iter().map(|(product, bps)| (r(product), *bps)).collect(), ..rate(general) }
}

fn fixed(minor: i64) -> Terms {
    Terms { pay: Pay::Fixed { minor, currency: currency("usd") }, ..rate(0) }
}

#[test]
fn sales_before_the_programs_start_stick_but_earn_nothing() {
    let house = one_partner(rate(2000)).start(10);
    let sales = [sold("in_1", 9, 1000).of("sub_1"), sold("in_2", 10, 1000).of("sub_1")];
    check(&house, &sales, &[("in_1", "a", 0, BeforeStart), ("in_2", "a", 200, ExistingAttribution)]);
}

#[test]
fn several_rates_share_the_base_by_what_each_line_sold() {
    let terms = with_products(1000, &[("pro", 3000), ("free", 0)]);
    let two = |total| sold("in_1", 1, total).line("il_1", "pro", 667).line("il_2", "basic", 333);
    for (case, sale, commission, one_rate) in [
        ("667 at 30 % and 333 at 10 %", two(1000), 233, None),
        ("half of it paid, the odd cent to the earlier line", two(1000).cash(500), 116, None),
        ("one rate on every line", sold("in_1", 1, 1000).line("il_1", "pro", 1000), 300, Some(3000)),
        ("no line of a special product", sold("in_1", 1, 1000).line("il_1", "x", 1000), 100, Some(1000)),
        ("a negative line has made the base smaller", two(600).line("il_3", "pro", -400), 140, None),
        ("a line of nothing takes no part", two(1000).line("il_3", "free", 0), 233, None),
        (
            "so its rate is none of the sale's",
            sold("in_1", 1, 1000).line("il_1", "pro", 1000).line("il_2", "free", 0),
            300,
            Some(3000),
        ),
        ("lines Stripe did not list", two(2000).inv(|it| it.lines_truncated = true), 333, None),
    ] {
        let found = due(&one_partner(terms.clone()), &sale);
        assert_eq!((found.shares[0].commission_minor, found.rate_bps), (commission, one_rate), "{case}");
    }
}

#[test]
fn a_remainder_goes_to_the_earlier_line_and_the_sum_is_rounded_once() {
    let house = one_partner(with_products(0, &[("one", 10_000), ("two", 9999)]));
    let sale = sold("in_1", 1, 1).line("il_b", "one", 5).line("il_a", "two", 5);
    assert_eq!(earns(&house, &sale), 0, "the only cent is il_a's, and 0.9999 is not a cent");
}

#[test]
fn a_fixed_amount_is_paid_once_and_shrinks_with_refunds() {
    let house = one_partner(fixed(500));
    let paid = || sold("in_1", 1, 3000).pay("pi_1", 1, 3000);
    for (case, sale, commission) in [
        ("whole", paid(), 500),
        ("a third refunded", paid().refund(1000), 333),
        ("all refunded", paid().refund(3000), 0),
        ("another currency", paid().inv(|it| it.currency = currency("eur")), 0),
        ("nothing sold", sold("in_1", 1, 0), 0),
    ] {
        assert_eq!(earns(&house, &sale), commission, "{case}");
    }
}

#[test]
fn the_hold_runs_from_the_last_payment() {
    let ten_days = Terms { hold_days: 10, ..rate(2000) };
    let parts = sold("in_1", 1, 1000).inv(|it| it.paid_at_s = None).pay("pi_1", 2, 500).pay("pi_2", 8, 500);
    for (case, terms, sale, at) in [
        ("thirty days unless said", rate(2000), sold("in_1", 1, 1000), 31),
        ("ten days", ten_days.clone(), sold("in_1", 1, 1000), 11),
        ("the last of two parts", ten_days, parts, 18),
    ] {
        assert_eq!(due(&one_partner(terms), &sale).available_at, Some(day(at)), "{case}");
    }
    assert_eq!(due(&one_partner(rate(1)), &invoice("in_9", 1, 5)).available_at, None, "nobody is owed");
}

#[test]
fn the_arithmetic_can_be_followed_with_a_pencil() {
    let sale = sold("in_1", 1, 2900).tax(483, 0).pay("pi_1", 1, 2900).refund(1000);
    let lines: Vec<String> =
        due(&one_partner(rate(3000)), &sale).lines.into_iter().map(|line| line.arithmetic).collect();
    let expected = [
        "total = 2900 usd",
        "net = 2900 total - 483 tax - 0 shipping = 2417",
        "paid = 2900 of 2900",
        "refunded = 1000",
        "remaining = max(0, 2900 - 1000 - 0) = 1900",
        "base = floor(1900 x 2417 / 2900) = 1583",
        "commission = floor(1583 x 3000 / 10000) = 474",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_dues_positions_are_the_expense_and_what_is_owed_or_held() {
    let open = kernel::fact::DisputeStatus::Open("under_review".into());
    let paid = || sold("in_1", 1, 1000).pay("pi_1", 1, 1000);
    for (sale, owed) in
        [(paid(), Account::CommissionPayable), (paid().dispute(open, 1000, 2), Account::CommissionHeld)]
    {
        let positions = rules::commission::positions(&due(&one_partner(rate(2000)), &sale));
        let found: Vec<_> = positions.iter().map(|(key, minor)| (key.account, *minor)).collect();
        assert_eq!(found, [(Account::CommissionExpense, 200), (owed, -200)]);
    }
    let nobody = due(&one_partner(rate(2000)), &invoice("in_2", 1, 1000));
    assert!(rules::commission::positions(&nobody).is_empty());
}

#[test]
fn a_row_names_the_smallest_of_what_it_is_linked_to() {
    let sale = sold("in_1", 1, 1000).pay("pi_2", 1, 500).pay("pi_1", 1, 500);
    let sale = sale.by("cs_2", 0, |_| ()).by("cs_1", 0, |it| it.customer = Some(r("cus_0")));
    let refs = due(&one_partner(rate(1)), &sale).refs;
    let found = [refs.invoice, refs.session, refs.intent, refs.customer, refs.subscription];
    assert_eq!(found, [Some(r("in_1")), Some(r("cs_1")), Some(r("pi_1")), Some(r("cus_0")), None]);
}
