//! Entries and positions as laws: whatever is wanted is reached, and nothing ever fails to balance.

use std::collections::BTreeMap;

use kernel::operator::Handle;
use kernel::{Currency, Money};
use ledger::{Account, Entry, EntryError, PositionKey, Positions, Posting, difference};
use proptest::prelude::*;

fn handle(text: &str) -> Handle {
    Handle::parse(text).expect("a handle")
}

fn usd(minor: i64) -> Money {
    Money { minor, currency: Currency::parse("usd").expect("a code") }
}

fn posting(debit: Account, credit: Account, minor: i64) -> Posting {
    Posting { debit, credit, partner: handle("a"), money: usd(minor) }
}

const EXPENSE: Account = Account::CommissionExpense;
const PAYABLE: Account = Account::CommissionPayable;
const HELD: Account = Account::CommissionHeld;

fn position(account: Account, minor: i64) -> (PositionKey, i64) {
    (PositionKey { account, partner: handle("a"), currency: usd(0).currency }, minor)
}

/// What the books say after an entry; zeros are no positions.
fn applied(current: &Positions, entry: &Entry) -> Positions {
    let mut after = current.clone();
    for (key, minor) in entry.effect() {
        *after.entry(key).or_default() += minor;
    }
    after.retain(|_, minor| *minor != 0);
    after
}

#[test]
fn what_is_no_entry_cannot_be_made() {
    for (postings, error) in [
        (vec![], EntryError::Empty),
        (vec![posting(EXPENSE, PAYABLE, 0)], EntryError::AmountNotPositive(usd(0))),
        (
            vec![posting(EXPENSE, PAYABLE, 1), posting(PAYABLE, HELD, -1)],
            EntryError::AmountNotPositive(usd(-1)),
        ),
        (vec![posting(HELD, HELD, 1)], EntryError::SameAccount(HELD)),
        (vec![posting(EXPENSE, PAYABLE, i64::MAX), posting(EXPENSE, HELD, 1)], EntryError::Overflow),
    ] {
        assert_eq!(Entry::try_new(postings), Err(error));
    }
}

#[test]
fn a_dispute_moves_the_commission_from_payable_to_held_in_one_posting() {
    let owed = Positions::from([position(EXPENSE, 2000), position(PAYABLE, -2000)]);
    let held = Positions::from([position(EXPENSE, 2000), position(HELD, -2000)]);
    let entry = difference(&owed, &held).expect("balanced").expect("a difference");
    assert_eq!(entry.postings(), [posting(PAYABLE, HELD, 2000)]);
    assert_eq!(difference(&held, &held), Ok(None));
    let gone = difference(&held, &Positions::new()).expect("balanced").expect("a difference");
    assert_eq!(gone.postings(), [posting(HELD, EXPENSE, 2000)]);
}

#[test]
fn positions_that_do_not_balance_are_no_books_i16() {
    let torn = Positions::from([position(EXPENSE, 2000), position(PAYABLE, -1999)]);
    let fine = Positions::new();
    for (current, wanted) in [(&torn, &fine), (&fine, &torn)] {
        assert!(matches!(difference(current, wanted), Err(EntryError::Unbalanced { sum: 1, .. })));
    }
}

/// Two partners, two currencies, every account: balanced, because the last account takes the rest.
fn books() -> impl Strategy<Value = Positions> {
    let amounts = proptest::collection::vec(-1_000_000_i64..1_000_000, 8);
    amounts.prop_map(|amounts| {
        let mut positions = Positions::new();
        let mut amounts = amounts.into_iter();
        for partner in ["a", "b"] {
            for currency in ["usd", "jpy"] {
                let (first, second) = (amounts.next().unwrap_or(0), amounts.next().unwrap_or(0));
                for (account, minor) in [(EXPENSE, first), (PAYABLE, second), (HELD, -(first + second))] {
                    let currency = Currency::parse(currency).expect("a code");
                    positions.insert(PositionKey { account, partner: handle(partner), currency }, minor);
                }
            }
        }
        positions.retain(|_, minor| *minor % 3 != 0 || *minor == 0);
        balance(positions)
    })
}

/// Puts what the filter tore apart right again, on the expense.
fn balance(mut positions: Positions) -> Positions {
    let mut sums: BTreeMap<(Handle, Currency), i64> = BTreeMap::new();
    for (key, minor) in &positions {
        *sums.entry((key.partner.clone(), key.currency)).or_default() += minor;
    }
    for ((partner, currency), sum) in sums {
        *positions.entry(PositionKey { account: EXPENSE, partner, currency }).or_default() -= sum;
    }
    positions
}

fn without_zeros(positions: &Positions) -> Positions {
    positions.iter().filter(|(_, minor)| **minor != 0).map(|(key, minor)| (key.clone(), *minor)).collect()
}

proptest! {
    #[test]
    fn a_difference_applied_gives_what_was_wanted_i18(current in books(), wanted in books()) {
        match difference(&current, &wanted).expect("both balance") {
            Some(entry) => prop_assert_eq!(applied(&current, &entry), without_zeros(&wanted)),
            None => prop_assert_eq!(without_zeros(&current), without_zeros(&wanted)),
        }
    }

    #[test]
    fn every_entry_sums_to_zero_per_partner_and_currency_i16_i21(current in books(), wanted in books()) {
        if let Some(entry) = difference(&current, &wanted).expect("both balance") {
            let mut sums: BTreeMap<(Handle, Currency), i64> = BTreeMap::new();
            for (key, minor) in entry.effect() {
                *sums.entry((key.partner, key.currency)).or_default() += minor;
            }
            prop_assert!(sums.values().all(|sum| *sum == 0));
            prop_assert!(entry.postings().iter().all(|posting| posting.money.minor > 0));
        }
    }

    #[test]
    fn a_reversal_undoes_its_entry(current in books(), wanted in books()) {
        if let Some(entry) = difference(&current, &wanted).expect("both balance") {
            let back = entry.reversal();
            let there = applied(&current, &entry);
            prop_assert_eq!(applied(&there, &back), without_zeros(&current));
            prop_assert_eq!(Entry::try_new(back.postings().to_vec()), Ok(back));
        }
    }
}
