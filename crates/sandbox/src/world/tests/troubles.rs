//! Lives that do not go smoothly: cards that ask, decline or take their time, trials without a card, changes
//! that are not paid for.

use std::sync::Arc;

use super::{Hands, of};
use crate::model::{Collection, Customer, InvoiceStatus, Subscription};
use crate::world::subscription::{self, ItemChange, PaymentBehavior, Prorations, Update};
use crate::world::{invoice, payment, payment_method};

fn now(hands: &mut Hands, old: &Arc<Subscription>) -> Arc<Subscription> {
    subscription::get(hands.book(), &old.id, "id").expect("it is there")
}

fn latest(hands: &mut Hands, of: &Subscription) -> Arc<crate::model::Invoice> {
    let id = of.latest_invoice.clone().expect("an invoice");
    invoice::get(hands.book(), &id, "id").expect("it is there")
}

/// A customer whose card is that one.
fn with_card(hands: &mut Hands, card: &str) -> Arc<Customer> {
    let customer = hands.customer();
    let book = hands.book();
    let method = payment_method::resolve(book, card).expect("a test card");
    let method = payment_method::attach(book, &method, &customer.id).expect("attached");
    let new = Customer { default_payment_method: Some(method.id.clone()), ..Customer::clone(&customer) };
    book.customers.put(&customer.id, new)
}

#[test]
fn a_card_that_asks_leaves_it_incomplete_until_the_answer() {
    let mut hands = Hands::new(1);
    let price = hands.price(2_000, "month");
    let customer = with_card(&mut hands, "pm_card_authenticationRequired");
    let sub = subscription::create(hands.book(), of(&customer.id, &price, 1)).expect("begun");
    assert_eq!(sub.status, "incomplete");
    assert!(hands.kinds().contains(&"invoice.payment_action_required"));
    let open = latest(&mut hands, &sub);
    let intent = open.intent.clone().expect("an intent");
    let intent = payment::get(hands.book(), &intent, "id").expect("there");
    payment::answer(hands.book(), &intent, true).expect("answered");
    assert_eq!(now(&mut hands, &sub).status, "active");
    assert_eq!(latest(&mut hands, &sub).status, InvoiceStatus::Paid);
}

#[test]
fn a_first_invoice_not_paid_within_a_day_ends_it() {
    let mut hands = Hands::new(2);
    let price = hands.price(2_000, "month");
    let customer = with_card(&mut hands, "pm_card_chargeCustomerFail");
    let sub = subscription::create(hands.book(), of(&customer.id, &price, 1)).expect("begun");
    assert_eq!(sub.status, "incomplete");
    hands.days(1);
    assert_eq!(now(&mut hands, &sub).status, "incomplete_expired");
    assert_eq!(latest(&mut hands, &sub).status, InvoiceStatus::Void);
    hands.kinds();
    hands.days(60);
    assert_eq!(hands.kinds(), Vec::<&str>::new());
}

#[test]
fn an_error_if_incomplete_leaves_nothing_but_the_moneys_story() {
    let mut hands = Hands::new(3);
    let price = hands.price(2_000, "month");
    let customer = with_card(&mut hands, "pm_card_chargeCustomerFail");
    hands.kinds();
    let mut new = of(&customer.id, &price, 1);
    new.payment_behavior = PaymentBehavior::ErrorIfIncomplete;
    let refusal = subscription::create(hands.book(), new).expect_err("refused");
    assert_eq!((refusal.status, refusal.code), (402, Some("card_declined")));
    assert_eq!((hands.book().subscriptions.len(), hands.book().invoices.len()), (0, 0));
    let kinds = hands.kinds();
    assert!(kinds.contains(&"charge.failed"), "{kinds:?}");
    assert!(!kinds.iter().any(|kind| kind.contains("subscription") || kind.contains("invoice")), "{kinds:?}");
}

#[test]
fn a_change_that_is_not_paid_for_waits_and_is_applied_once_it_is() {
    let mut hands = Hands::new(4);
    let (basic, pro) = (hands.price(1_000, "month"), hands.price(5_000, "month"));
    let customer = hands.customer();
    let sub = subscription::create(hands.book(), of(&customer.id, &basic, 1)).expect("begun");
    hands.days(5);
    let method = super::declines(&mut hands, &customer);
    let wanted = Update { default_payment_method: Some(Some(method)), ..Update::default() };
    let sub = subscription::update(hands.book(), &sub, &wanted).expect("changed");
    for (paid, price_after) in [(false, &basic), (true, &pro)] {
        let change = ItemChange {
            id: Some(sub.items[0].id.clone()),
            price: Some(Arc::clone(&pro)),
            ..ItemChange::default()
        };
        let wanted = Update {
            items: vec![change],
            prorations: Prorations::AlwaysInvoice,
            payment_behavior: PaymentBehavior::PendingIfIncomplete,
            ..Update::default()
        };
        let old = now(&mut hands, &sub);
        let waiting = subscription::update(hands.book(), &old, &wanted).expect("it waits");
        assert_eq!(waiting.items[0].price.id, basic.id);
        assert!(waiting.pending_update.is_some() && waiting.status == "active");
        hands.kinds();
        if paid {
            let open = latest(&mut hands, &waiting);
            let how = invoice::Pay { payment_method: None, out_of_band: true, off_session: false };
            invoice::pay(hands.book(), &open, &how).expect("paid");
            assert!(hands.kinds().contains(&"customer.subscription.pending_update_applied"));
        } else {
            hands.days(1);
            assert!(hands.kinds().contains(&"customer.subscription.pending_update_expired"));
        }
        let after = now(&mut hands, &sub);
        assert_eq!((&after.items[0].price.id, after.pending_update.is_some()), (&price_after.id, false));
    }
}

#[test]
fn a_trial_without_a_card_may_pause_and_go_on_with_one() {
    let mut hands = Hands::new(5);
    let price = hands.price(2_000, "month");
    let customer = hands.customer();
    let bare = Customer { default_payment_method: None, ..Customer::clone(&customer) };
    hands.book().customers.put(&customer.id, bare);
    let mut new = of(&customer.id, &price, 1);
    new.trial_end_s = Some(super::START_S + 7 * 86_400);
    new.trial_without_method = "pause";
    let sub = subscription::create(hands.book(), new).expect("begun");
    hands.days(8);
    assert_eq!(now(&mut hands, &sub).status, "paused");
    assert!(hands.kinds().contains(&"customer.subscription.paused"));
    hands.book().customers.put(&customer.id, customer.clone());
    let paused = now(&mut hands, &sub);
    let on = subscription::resume(hands.book(), &paused, true).expect("resumed");
    assert_eq!((on.status, latest(&mut hands, &on).total()), ("active", 2_000));
    assert!(hands.kinds().contains(&"customer.subscription.resumed"));
}

#[test]
fn what_is_sent_is_due_later_and_reminded_of() {
    let mut hands = Hands::new(6);
    let price = hands.price(2_000, "month");
    let customer = hands.customer();
    let mut new = of(&customer.id, &price, 1);
    new.collection = Collection::Send { days_until_due: 10 };
    let sub = subscription::create(hands.book(), new).expect("begun");
    assert_eq!((sub.status, latest(&mut hands, &sub).status), ("active", InvoiceStatus::Draft));
    hands.days(1);
    assert!(hands.kinds().contains(&"invoice.sent"));
    hands.days(7);
    assert!(hands.kinds().contains(&"invoice.will_be_due"));
    hands.days(3);
    assert!(hands.kinds().contains(&"invoice.overdue"));
    assert_eq!(now(&mut hands, &sub).status, "past_due");
    let open = latest(&mut hands, &sub);
    let how = invoice::Pay { payment_method: None, out_of_band: true, off_session: false };
    invoice::pay(hands.book(), &open, &how).expect("paid");
    assert_eq!(now(&mut hands, &sub).status, "active");
}

#[test]
fn money_on_its_way_is_enough_to_begin_and_comes_back_if_it_fails() {
    for (account, status) in
        [("pm_usBankAccount_success", "active"), ("pm_usBankAccount_insufficientFunds", "past_due")]
    {
        let mut hands = Hands::new(7);
        let price = hands.price(2_000, "month");
        let customer = hands.customer();
        let method = payment_method::resolve(hands.book(), account).expect("a test account");
        let mut new = of(&customer.id, &price, 1);
        new.default_payment_method = Some(method.id.clone());
        let sub = subscription::create(hands.book(), new).expect("begun");
        assert_eq!(
            (sub.status, latest(&mut hands, &sub).status),
            ("active", InvoiceStatus::Open),
            "{account}"
        );
        hands.days(8);
        assert_eq!(now(&mut hands, &sub).status, status, "{account}");
    }
}

#[test]
fn a_discount_for_once_is_used_by_one_invoice_and_one_for_months_by_so_many() {
    use crate::model::{Coupon, Duration, Off};
    use crate::world::discount::Wanted;
    let mut hands = Hands::new(8);
    let price = hands.price(2_000, "month");
    let customer = hands.customer();
    for (id, duration) in [("ONCE", Duration::Once), ("THREE", Duration::Months(3))] {
        let coupon = Coupon { duration, ..Coupon::blank(id, Off::PercentBps(5_000), super::START_S) };
        hands.book().coupons.put(id, coupon);
    }
    for (id, expected) in [("ONCE", [1_000, 2_000, 2_000, 2_000]), ("THREE", [1_000, 1_000, 1_000, 2_000])] {
        let mut new = of(&customer.id, &price, 1);
        new.wanted = vec![Wanted::Coupon(id.into())];
        let sub = subscription::create(hands.book(), new).expect("begun");
        hands.days(100);
        let totals: Vec<i64> = {
            let all = hands.book().invoices.oldest();
            all.filter(|row| row.subscription.as_ref() == Some(&sub.id)).map(|row| row.total()).collect()
        };
        assert_eq!(totals, expected, "{id}");
        assert!(now(&mut hands, &sub).discounts.is_empty(), "{id}");
        assert_eq!(hands.book().coupons.get(id).expect("there").times_redeemed, 1, "{id}");
    }
}

#[test]
fn a_customers_own_discount_is_on_subscriptions_that_have_none_and_prices_follow_their_currency() {
    use crate::model::{Coupon, CurrencyOption, Discount, Duration, Off, Price};
    let mut hands = Hands::new(9);
    let eur = kernel::Currency::parse("eur").expect("a currency");
    let price = hands.price(2_000, "month");
    let option =
        CurrencyOption { currency: eur, unit_minor: 1_800, tiers: Vec::new(), tax_behavior: "unspecified" };
    let price = Arc::new(Price { currency_options: vec![option], ..Price::clone(&price) });
    let customer = hands.customer();
    let coupon = Coupon { duration: Duration::Forever, ..Coupon::blank("HALF", Off::PercentBps(5_000), 0) };
    let discount = Discount::blank("di_customer", Arc::new(coupon), super::START_S);
    let with = Customer { discount: Some(discount), currency: Some(eur), ..Customer::clone(&customer) };
    hands.book().customers.put(&customer.id, with);
    let sub = subscription::create(hands.book(), of(&customer.id, &price, 1)).expect("begun");
    assert_eq!((sub.currency, latest(&mut hands, &sub).total()), (eur, 900));
}
