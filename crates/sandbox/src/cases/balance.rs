//! The customer's balance: credits reach the partner through smaller cash later, counted once.

use super::Case;
use super::story::Story;
use crate::history::{Bill, currency};
use crate::render::Version;

pub(super) fn cases() -> Vec<Case> {
    vec![
        c(),
        d(),
        credit_balance(),
        credit_note_out_of_band(),
        credit_note_refunded(),
        uncollectible_part_paid(),
    ]
}

fn c() -> Case {
    let mut s = Story::new("c", "a credit note of 2000 to the balance makes the next invoice's cash 8000");
    let usd = currency("usd");
    s.partner("anna", 2000);
    let sub = s.sub(Some("anna"), 10_000, "usd");
    let first = s.h.invoice(&sub.on(Bill::of(10_000, usd), "subscription_create"));
    let first = s.h.pay(first);
    s.expect([s.due(&first.sale, "anna", 2000)]);
    s.h.at("2026-01-20");
    if let Some(mut invoice) = first.invoice.clone() {
        s.h.credit_note_to_balance(&mut invoice, 2000);
    }
    s.expect([s.due(&first.sale, "anna", 2000)]);
    s.h.at("2026-02-05");
    let second = s.h.invoice(&sub.on(Bill::of(10_000, usd).credit(2000), "subscription_cycle"));
    let second = s.h.pay(second);
    s.expect([s.due(&first.sale, "anna", 2000), s.due(&second.sale, "anna", 1600).sold(8000)]);
    s.done()
}

fn d() -> Case {
    let mut s = Story::new("d", "a downgrade's credit is used up by the invoices that follow");
    let usd = currency("usd");
    s.partner("anna", 2000);
    let sub = s.sub(Some("anna"), 9000, "usd");
    let mut sales = Vec::new();
    for (date, bill) in [
        ("2026-01-05", sub.on(Bill::of(9000, usd), "subscription_create")),
        ("2026-01-06", sub.on(Bill::of(-9000, usd), "subscription_update").proration(3000)),
        ("2026-02-05", sub.on(Bill::of(5000, usd).credit(6000), "subscription_cycle")),
        ("2026-03-05", sub.on(Bill::of(5000, usd).credit(1000), "subscription_cycle")),
    ] {
        s.h.at(date);
        let invoice = s.h.invoice(&bill);
        sales.push(s.h.pay(invoice).sale);
    }
    let dues = [1800, 0, 0, 800];
    let rows: Vec<_> = sales.iter().zip(dues).map(|(sale, due)| s.due(sale, "anna", due)).collect();
    s.expect(rows);
    s.done()
}

fn credit_balance() -> Case {
    let mut s = Story::new("credit_balance", "3000 of 10000 come from the customer's credit: not cash");
    s.partner("anna", 2000);
    let paid = s.sale("anna", Bill::of(10_000, currency("usd")).credit(3000));
    s.expect([s.due(&paid.sale, "anna", 1400).sold(7000)]);
    s.done()
}

fn credit_note_out_of_band() -> Case {
    let mut s = Story::new("credit_note_out_of_band", "2000 given back outside Stripe reduce the sale");
    s.partner("anna", 2000);
    let mut paid = s.sale("anna", Bill::of(10_000, currency("usd")));
    s.h.later(86_400);
    if let Some(invoice) = paid.invoice.as_mut() {
        s.h.credit_note_out_of_band(invoice, 2000);
    }
    s.expect([s.due(&paid.sale, "anna", 1600)]);
    s.done()
}

fn credit_note_refunded() -> Case {
    let mut s = Story::new("credit_note_refunded", "a credit note with a refund: the refund counts, once");
    s.partner("anna", 2000);
    let mut paid = s.sale("anna", Bill::of(10_000, currency("usd")));
    s.h.later(86_400);
    s.h.credit_note_refunded(&mut paid, 2000);
    s.expect([s.due(&paid.sale, "anna", 1600)]);
    s.done()
}

fn uncollectible_part_paid() -> Case {
    let mut s = Story::new("uncollectible_part_paid", "4000 of 10000 came before it was given up: kept");
    s.only(Version::basil);
    s.partner("anna", 2000);
    let sub = s.sub(Some("anna"), 10_000, "usd");
    let mut invoice = s.h.invoice(&sub.on(Bill::of(10_000, currency("usd")), "subscription_create"));
    s.h.pay_part(&mut invoice, 4000);
    s.h.at("2026-03-05");
    s.h.uncollectible(&mut invoice);
    s.expect([s.due(&invoice.id, "anna", 800)]);
    s.done()
}
