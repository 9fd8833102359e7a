//! What a sale is and what it brought (MONEY.md sections 1 to 3), apart from the lettered cases.

use kernel::fact::{DisputeStatus, InvoiceStatus, PaymentStatus, SessionMode};
use rules::sale::{amounts, is_listed, is_partly_paid, sale_at};

use crate::builder::{Sale, currency, day, intent, invoice, key, session};
use crate::check::{due, earns, one_partner, rate};

fn sold(total: i64) -> Sale {
    invoice("in_1", 1, total).took("di_1", ("promo_a", ""), 0, 0)
}

#[test]
fn only_what_is_a_sale_has_a_row() {
    let status = |status| invoice("in_1", 1, 100).cash(0).inv(|it| it.status = status);
    let mode = |mode| session("cs_1", 1, 100).ses(|it| it.mode = mode);
    let said = |word: PaymentStatus, status: Option<&str>| {
        session("cs_1", 1, 100).ses(|it| (it.payment_status, it.status) = (word, status.map(Into::into)))
    };
    let unpaid = || said(PaymentStatus::Unpaid, Some("open"));
    let processing = |sale: Sale| {
        sale.last_payment(|it| {
            it.intent.as_mut().expect("an intent").status = "processing".into();
        })
    };
    for (case, sale, listed) in [
        ("a paid invoice", status(InvoiceStatus::Paid), true),
        ("an open invoice", status(InvoiceStatus::Open), false),
        ("a void invoice that was never paid", status(InvoiceStatus::Void), false),
        ("a void invoice partly paid", status(InvoiceStatus::Void).cash(40), true),
        ("a part of an open invoice", status(InvoiceStatus::Open).part("inpay_1", 1, 40), true),
        ("a paid invoice of nothing (a trial)", invoice("in_1", 1, 0), true),
        (
            "an invoice known by references only",
            invoice("in_1", 1, 9).with(|view| view.invoice = None),
            false,
        ),
        ("an alias", session("cs_1", 1, 100).with(|view| view.alias_of = vec![key("in_1")]), false),
        ("a paid session", said(PaymentStatus::Paid, None), true),
        ("a session that needs no payment", said(PaymentStatus::NoPaymentRequired, Some("complete")), true),
        ("the same in a version without status", said(PaymentStatus::NoPaymentRequired, None), true),
        ("the same before it is complete", said(PaymentStatus::NoPaymentRequired, Some("open")), false),
        ("an unpaid session", unpaid(), false),
        ("an unpaid session whose intent succeeded", unpaid().pay("pi_1", 1, 100), true),
        ("an unpaid session whose intent is processing", processing(unpaid().pay("pi_1", 1, 100)), false),
        ("a subscription session", mode(SessionMode::Subscription), false),
        ("a setup session", mode(SessionMode::Setup), false),
        ("an intent that names a partner", intent("pi_1", 1, 100, Some("a")), true),
        ("an intent that names nobody", intent("pi_1", 1, 100, None), false),
        ("such an intent before it succeeds", processing(intent("pi_1", 1, 100, Some("a"))), false),
    ] {
        assert_eq!(is_listed(&sale.0), Ok(listed), "{case}");
    }
}

#[test]
fn sale_time_is_never_an_events_time() {
    let open = |sale: Sale| sale.inv(|it| it.paid_at_s = None);
    let no_charge = |sale: Sale| sale.last_payment(|it| it.charges.clear());
    for (case, sale, at) in [
        ("paid_at", invoice("in_1", 5, 100).pay("pi_1", 3, 100), 5),
        (
            "the first succeeded charge",
            open(invoice("in_1", 9, 100)).pay("pi_1", 4, 50).pay("pi_2", 3, 50),
            3,
        ),
        ("the intent", no_charge(open(invoice("in_1", 9, 100)).pay("pi_1", 4, 100)), 4),
        ("the session", session("cs_1", 2, 100), 2),
        ("a session's charge", session("cs_1", 2, 100).pay("pi_1", 3, 100), 3),
    ] {
        assert_eq!(sale_at(&sale.0), day(at), "{case}");
    }
}

#[test]
fn cash_is_what_came_in_and_never_more_than_the_total() {
    let authorised = |status: &str| {
        session("cs_1", 1, 100).pay("pi_1", 1, 0).last_payment(|it| {
            it.intent.as_mut().expect("an intent").status = status.into();
        })
    };
    for (case, sale, paid) in [
        ("an overpayment stays with the customer", invoice("in_1", 1, 100).cash(150), 100),
        ("balance used is no cash", invoice("in_1", 1, 100).cash(30), 30),
        ("parts that say more than the invoice", invoice("in_1", 1, 100).cash(0).part("p1", 1, 60), 60),
        ("parts that say less", invoice("in_1", 1, 100).part("p1", 1, 60), 100),
        ("less than nothing", invoice("in_1", 1, -100), 0),
        ("a session without a known intent", session("cs_1", 1, 100), 100),
        ("a session whose intent is only authorised", authorised("requires_capture"), 0),
        ("a paid session whose intent is still on its way", authorised("processing"), 100),
        ("an intent's own", intent("pi_1", 1, 100, Some("a")), 100),
    ] {
        let found = amounts(&sale.0).expect("small").expect("known");
        assert_eq!(found.paid_minor, paid, "{case}");
    }
}

#[test]
fn only_money_that_leaves_reduces_a_sale() {
    let house = one_partner(rate(2000));
    let void = |sale: Sale| sale.with(|view| view.credit_notes[0].1.status = "void".into());
    for (case, sale, commission) in [
        ("a credit to the balance", sold(10_000).credit_note(5000, 0), 2000),
        ("money back outside Stripe", sold(10_000).credit_note(5000, 5000), 1000),
        ("a credit note taken back", void(sold(10_000).credit_note(5000, 5000)), 2000),
        ("more than came in", sold(10_000).credit_note(20_000, 20_000), 0),
    ] {
        assert_eq!(earns(&house, &sale), commission, "{case}");
    }
}

#[test]
fn a_void_or_uncollectible_invoice_keeps_what_was_paid_and_not_returned() {
    let house = one_partner(rate(2000));
    for status in [InvoiceStatus::Void, InvoiceStatus::Uncollectible] {
        let sale = sold(10_000).cash(4000).pay("pi_1", 1, 4000).refund(1000).inv(|it| it.status = status);
        assert_eq!((earns(&house, &sale), is_partly_paid(&sale.0)), (600, false));
    }
}

#[test]
fn minor_units_are_never_scaled() {
    let house = one_partner(rate(2000));
    for (money, total, commission) in [("jpy", 2999, 599), ("kwd", 5125, 1025), ("usd", 2999, 599)] {
        let sale = sold(total).inv(|it| it.currency = currency(money));
        assert_eq!(
            (earns(&house, &sale), due(&house, &sale).amounts.currency),
            (commission, currency(money))
        );
    }
}

#[test]
fn a_refund_in_a_currency_nothing_explains_takes_the_same_part_of_the_sale() {
    let house = one_partner(rate(2000));
    let paid = || sold(10_000).pay_in("eur", "pi_1", 1, 9000);
    for (case, sale, commission) in [
        ("a third", paid().refund(3000), 1333),
        ("all of it", paid().refund(9000), 0),
        ("nothing", paid(), 2000),
    ] {
        assert_eq!(earns(&house, &sale), commission, "{case}");
    }
}

#[test]
fn a_lost_dispute_of_an_intent_that_paid_two_sales_is_spread() {
    let house = one_partner(rate(2000));
    let sale = sold(10_000).pay("pi_1", 1, 15_000).paid_to(&[("in_1", 10_000), ("in_2", 5000)]);
    assert_eq!(earns(&house, &sale.clone().dispute(DisputeStatus::Lost, 6000, 3)), 1200);
    assert!(due(&house, &sale.dispute(DisputeStatus::Open("needs_response".into()), 1, 3)).held);
}

#[test]
fn a_refund_without_its_charge_is_not_counted_twice() {
    let loose = |sale: Sale| sale.last_payment(|it| it.refunds[0].1.charge = None);
    let sale = loose(sold(10_000).pay("pi_1", 1, 10_000).charge_says(5000).refund(2000));
    assert_eq!(earns(&one_partner(rate(2000)), &sale), 1000);
}

#[test]
fn amounts_too_large_to_calculate_with_are_an_error_and_no_panic() {
    let huge = invoice("in_1", 1, i64::MAX).tax(i64::MIN, 0);
    assert!(amounts(&huge.0).is_err());
    let refunded = invoice("in_1", 1, 10).pay("pi_1", 1, 10).refund(i64::MAX).refund(i64::MAX);
    assert!(amounts(&refunded.0).is_err());
}

#[test]
fn what_was_never_captured_is_not_lost_a_second_time() {
    let house = one_partner(rate(2000));
    let captured = || {
        let sale = sold(10_000).cash(6000).pay("pi_1", 1, 10_000);
        sale.last_payment(|it| it.charges[0].1.amount_captured_minor = 6000)
    };
    for (case, sale, commission) in [
        ("the release is in the charge's sum", captured().charge_says(4000), 1200),
        ("it is a refund object as well", captured().charge_says(4000).refund(4000), 1200),
        ("it is a refund object alone", captured().refund(4000), 1200),
        ("a refund beside it", captured().charge_says(6000).refund(2000), 800),
        ("the same before the charge says so", captured().charge_says(4000).refund(2000), 800),
        ("a refund that only the charge tells of", captured().charge_says(5000), 1000),
        ("both as objects", captured().charge_says(6000).refund(4000).refund(2000), 800),
        ("everything back", captured().charge_says(10_000).refund(6000), 0),
    ] {
        assert_eq!(earns(&house, &sale), commission, "{case}");
    }
}

#[test]
fn no_sale_of_a_shared_payment_loses_more_than_it_was_paid() {
    let house = one_partner(rate(2000));
    let sale = |parts: &[(&str, i64)]| sold(10_000).pay("pi_1", 1, 15_000).paid_to(parts);
    for (case, parts, back, commission) in [
        ("what the other took is known", [("in_1", 0), ("in_2", 5000)], 15_000, 0),
        ("the rest is of the unsaid part", [("in_1", 0), ("in_2", 5000)], 6000, 1800),
        ("only this part is known", [("in_1", 10_000), ("in_2", 0)], 12_000, 0),
        ("nothing is known", [("in_1", 0), ("in_2", 0)], 6000, 1400),
    ] {
        assert_eq!(earns(&house, &sale(&parts).refund(back)), commission, "{case}");
    }
}
