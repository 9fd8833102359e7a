//! Lives of subscriptions, told by their events and amounts.

use std::sync::Arc;

use super::{Hands, of};
use crate::model::{InvoiceStatus, Subscription};
use crate::world::subscription::{self, Cancel, ItemChange, Prorations, Update};

fn now(hands: &mut Hands, old: &Arc<Subscription>) -> Arc<Subscription> {
    subscription::get(hands.book(), &old.id, "id").expect("it is there")
}

#[test]
fn a_month_goes_by_and_the_next_is_billed_an_hour_later() {
    let mut hands = Hands::new(1);
    hands.book().payouts.manual = true;
    let price = hands.price(2_000, "month");
    let customer = hands.customer();
    let sub = subscription::create(hands.book(), of(&customer.id, &price, 1)).expect("begun");
    assert_eq!(sub.status, "active");
    let begun: Vec<&str> = hands.kinds();
    for kind in [
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    ] {
        assert!(begun.contains(&kind), "{kind} in {begun:?}");
    }
    hands.days(31);
    let sub = now(&mut hands, &sub);
    let kinds = hands.kinds();
    assert_eq!(kinds.first(), Some(&"invoice.upcoming"));
    assert!(kinds.contains(&"invoice.created") && !kinds.contains(&"invoice.finalized"), "{kinds:?}");
    hands.days(1);
    assert!(hands.kinds().contains(&"invoice.paid"));
    let latest = sub.latest_invoice.clone().expect("an invoice");
    let latest = hands.book().invoices.get(&latest).cloned().expect("there");
    assert_eq!((latest.billing_reason, latest.total(), latest.attempts), ("subscription_cycle", 2_000, 1));
}

#[test]
fn an_upgrade_credits_what_was_not_used_and_debits_what_is_left() {
    let mut hands = Hands::new(2);
    let (basic, pro) = (hands.price(3_100, "month"), hands.price(6_200, "month"));
    let customer = hands.customer();
    let sub = subscription::create(hands.book(), of(&customer.id, &basic, 1)).expect("begun");
    hands.days(10);
    let change = ItemChange { id: Some(sub.items[0].id.clone()), price: Some(pro), ..ItemChange::default() };
    let wanted = Update { items: vec![change], prorations: Prorations::AlwaysInvoice, ..Update::default() };
    let sub = subscription::update(hands.book(), &sub, &wanted).expect("changed");
    let latest = sub.latest_invoice.clone().expect("an invoice");
    let latest = hands.book().invoices.get(&latest).cloned().expect("there");
    let amounts: Vec<i64> = latest.lines.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [-2_100, 4_200]);
    assert_eq!((latest.status, latest.billing_reason), (InvoiceStatus::Paid, "subscription_update"));
    assert!(latest.lines[0].credited.is_some() && latest.lines.iter().all(|line| line.proration));

    hands.days(10);
    let back = ItemChange { id: Some(sub.items[0].id.clone()), price: Some(basic), ..ItemChange::default() };
    let wanted = Update { items: vec![back], ..Update::default() };
    let sub = subscription::update(hands.book(), &sub, &wanted).expect("changed back");
    assert_eq!(hands.book().waiting(&customer.id, Some(&sub.id)).len(), 2);
    hands.days(12);
    let latest = now(&mut hands, &sub).latest_invoice.clone().expect("an invoice");
    let latest = hands.book().invoices.get(&latest).cloned().expect("there");
    let amounts: Vec<i64> = latest.lines.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [-2_200, 1_100, 3_100]);
}

#[test]
fn a_downgrade_billed_at_once_leaves_credit_that_the_next_invoice_uses() {
    let mut hands = Hands::new(3);
    let (basic, pro) = (hands.price(1_000, "month"), hands.price(31_000, "month"));
    let customer = hands.customer();
    let sub = subscription::create(hands.book(), of(&customer.id, &pro, 1)).expect("begun");
    hands.days(1);
    let change =
        ItemChange { id: Some(sub.items[0].id.clone()), price: Some(basic), ..ItemChange::default() };
    let wanted = Update { items: vec![change], prorations: Prorations::AlwaysInvoice, ..Update::default() };
    let sub = subscription::update(hands.book(), &sub, &wanted).expect("changed");
    let credit = hands.book().customers.get(&customer.id).expect("there").balance;
    assert_eq!(credit, -30_000 + 968);
    hands.days(31);
    let latest = now(&mut hands, &sub).latest_invoice.clone().expect("an invoice");
    let latest = hands.book().invoices.get(&latest).cloned().expect("there");
    assert_eq!((latest.total(), latest.amount_due(), latest.status), (1_000, 0, InvoiceStatus::Paid));
    assert_eq!(latest.ending_balance(), credit + 1_000);
}

#[test]
fn a_trial_is_announced_and_ends_in_a_paid_period() {
    let mut hands = Hands::new(4);
    let price = hands.price(2_000, "month");
    let customer = hands.customer();
    let mut new = of(&customer.id, &price, 1);
    new.trial_end_s = Some(super::START_S + 14 * 86_400);
    let sub = subscription::create(hands.book(), new).expect("begun");
    assert_eq!(sub.status, "trialing");
    let first = sub.latest_invoice.clone().expect("an invoice");
    let first = hands.book().invoices.get(&first).cloned().expect("there");
    assert_eq!((first.total(), first.status), (0, InvoiceStatus::Paid));
    hands.kinds();
    hands.days(11);
    assert!(hands.kinds().contains(&"customer.subscription.trial_will_end"));
    hands.days(4);
    assert_eq!(now(&mut hands, &sub).status, "active");
    assert!(hands.kinds().contains(&"invoice.paid"));
}

#[test]
fn a_card_that_declines_is_tried_again_and_then_the_subscription_ends() {
    let mut hands = Hands::new(5);
    let price = hands.price(2_000, "month");
    let customer = hands.customer();
    let sub = subscription::create(hands.book(), of(&customer.id, &price, 1)).expect("begun");
    let wanted = Update {
        default_payment_method: Some(Some(super::declines(&mut hands, &customer))),
        ..Update::default()
    };
    let sub = subscription::update(hands.book(), &sub, &wanted).expect("changed");
    hands.days(32);
    assert_eq!(now(&mut hands, &sub).status, "past_due");
    hands.days(15);
    let over = now(&mut hands, &sub);
    assert_eq!((over.status, over.cancellation.reason), ("canceled", Some("payment_failed")));
    let latest = over.latest_invoice.clone().expect("an invoice");
    let latest = hands.book().invoices.get(&latest).cloned().expect("there");
    assert_eq!((latest.status, latest.attempts, latest.next_attempt_s), (InvoiceStatus::Open, 8, None));
}

#[test]
fn a_cancellation_at_the_periods_end_ends_it_there() {
    let mut hands = Hands::new(6);
    let price = hands.price(2_000, "month");
    let customer = hands.customer();
    let sub = subscription::create(hands.book(), of(&customer.id, &price, 1)).expect("begun");
    let wanted = Update { cancel_at_period_end: Some(true), ..Update::default() };
    let sub = subscription::update(hands.book(), &sub, &wanted).expect("changed");
    assert_eq!(sub.status, "active");
    hands.days(32);
    let over = now(&mut hands, &sub);
    assert_eq!((over.status, over.ended_at_s), ("canceled", Some(sub.period_s.1)));
    let again = subscription::cancel(hands.book(), &over, Cancel::default());
    assert!(again.is_err());
}
