//! Money that crosses into a connected account's books and back.

use super::{Hands, OWN, usd};
use crate::model::TransferData;
use crate::world::payment::{self, Collect, Outcome};
use crate::world::refund::{self, NewRefund};
use crate::world::{BookKey, balance};

const ACCOUNT: &str = "acct_connected";

fn connected() -> (Hands, BookKey) {
    let mut hands = Hands::new(1);
    let key = BookKey { account: Some(ACCOUNT.to_owned()), livemode: false };
    hands.world.open(&key);
    (hands, key)
}

fn money(amount: i64) -> Collect {
    Collect { payment_method: Some("pm_card_bypassPending".to_owned()), ..Collect::blank(amount, usd()) }
}

/// What an account has by now, pending included.
fn total(hands: &mut Hands, key: &BookKey) -> i64 {
    let book = hands.world.book(key).expect("books");
    balance::totals(book).values().map(|(available, pending)| available + pending).sum()
}

#[test]
fn a_destination_charge_goes_on_less_the_fee_and_comes_back_with_the_refund() {
    let (mut hands, key) = connected();
    let collect =
        Collect { destination: Some(ACCOUNT.to_owned()), application_fee: Some(1000), ..money(10_000) };
    let taken = payment::collect(hands.book(), collect).expect("taken");
    assert_eq!(taken.outcome, Outcome::Succeeded);
    assert_eq!(taken.intent.transfer_data, Some(TransferData { destination: ACCOUNT.into(), amount: None }));
    hands.world.cross();
    assert_eq!(total(&mut hands, &key), 9000, "the charge less the fee");
    assert_eq!(total(&mut hands, &OWN), 1000 - 320, "the fee less Stripe's");
    let book = hands.book();
    let charge = book.charges.get(taken.intent.charge.as_ref().expect("a charge")).cloned().expect("there");
    let transfer = book.transfers.newest().next().cloned().expect("a transfer");
    assert_eq!(charge.transfer.as_ref(), Some(&transfer.id));
    let fee = book.application_fees.newest().next().cloned().expect("a fee");
    assert_eq!((fee.amount, fee.account.as_str()), (1000, ACCOUNT));
    let new = NewRefund { amount: Some(5000), reverse_transfer: true, ..NewRefund::of(charge) };
    refund::create(book, new).expect("refunded");
    hands.world.cross();
    assert_eq!(total(&mut hands, &key), 4000);
    assert_eq!(total(&mut hands, &OWN), 680, "what was refunded came back from the account");
    let transfer = hands.book().transfers.newest().next().cloned().expect("a transfer");
    assert_eq!((transfer.amount_reversed, transfer.reversals.len()), (5000, 1));
}

#[test]
fn a_direct_charge_leaves_the_platform_its_fee() {
    let (mut hands, key) = connected();
    let book = hands.world.book(&key).expect("books");
    let taken =
        payment::collect(book, Collect { application_fee: Some(500), ..money(10_000) }).expect("taken");
    hands.world.cross();
    assert_eq!(total(&mut hands, &key), 10_000 - 320 - 500);
    assert_eq!(total(&mut hands, &OWN), 500);
    let fee = hands.book().application_fees.newest().next().cloned().expect("a fee");
    let book = hands.world.book(&key).expect("books");
    let charge = taken.charge.and_then(|charge| book.charges.get(&charge.id).cloned()).expect("a charge");
    assert_eq!(charge.application_fee, Some(fee.id.clone()));
    assert_eq!(fee.charge, charge.id);
}
