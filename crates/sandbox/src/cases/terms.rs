//! What the operator changes, and what it touches: rates, statuses, the start of the program.

use kernel::operator::{Action, Binds, Pay, Terms};
use kernel::{Book, Ref};

use super::Case;
use super::story::{Story, at, handle, rate};
use crate::history::{Bill, Sub, currency};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![u_new(), u_all(), v(), before_start(), code_changes_hands()];
    cases.extend([fixed_amount(), fixed_other_currency(), rates_by_product()]);
    cases
}

fn bill(s: &mut Story, sub: &Sub, date: &str, reason: &'static str) -> String {
    s.h.at(date);
    let invoice = s.h.invoice(&sub.on(Bill::of(10_000, currency("usd")), reason));
    s.h.pay(invoice).sale
}

fn u_new() -> Case {
    u("u_new", "20 -> 10 % for new attributions, between two invoices", Binds::New, 2000)
}

fn u_all() -> Case {
    u("u_all", "20 -> 10 % for all sales, between two invoices", Binds::All, 1000)
}

fn u(name: &'static str, about: &'static str, binds: Binds, second_due: i64) -> Case {
    let mut s = Story::new(name, about);
    s.partner("anna", 2000);
    let sub = s.sub(Some("anna"), 10_000, "usd");
    let first = bill(&mut s, &sub, "2026-01-05", "subscription_create");
    s.expect([s.due(&first, "anna", 2000)]);
    s.terms("anna", 1000, binds, "2026-01-20");
    let second = bill(&mut s, &sub, "2026-02-05", "subscription_cycle");
    s.h.at("2026-02-10");
    let other = s.sub(Some("anna"), 10_000, "usd");
    let third = bill(&mut s, &other, "2026-02-10", "subscription_create");
    let rows = [s.due(&first, "anna", 2000), s.due(&second, "anna", second_due), s.due(&third, "anna", 1000)];
    s.expect(rows);
    s.done()
}

fn v() -> Case {
    let mut s = Story::new("v", "the partner is inactive for invoices 4 and 5 of 6; no arrears");
    s.partner("anna", 2000);
    s.status("anna", false, "2026-03-20");
    s.status("anna", true, "2026-05-20");
    let sub = s.sub(Some("anna"), 10_000, "usd");
    let mut rows = Vec::new();
    for (date, due) in [
        ("2026-01-05", 2000),
        ("2026-02-05", 2000),
        ("2026-03-05", 2000),
        ("2026-04-05", 0),
        ("2026-05-05", 0),
        ("2026-06-05", 2000),
    ] {
        let sale = bill(
            &mut s,
            &sub,
            date,
            if rows.is_empty() { "subscription_create" } else { "subscription_cycle" },
        );
        let row = s.due(&sale, "anna", due);
        rows.push(if due == 0 { row.reason("partner_inactive") } else { row });
    }
    s.expect(rows);
    s.done()
}

fn before_start() -> Case {
    let mut s = Story::new("before_start", "sales before the program's start attribute and stick but earn 0");
    s.book(true, None);
    s.partner("anna", 2000);
    s.set(Action::ProgramStart { book: Book::own(true), at: at("2026-02-01") }, None);
    let sub = s.sub(Some("anna"), 10_000, "usd");
    let early = bill(&mut s, &sub, "2026-01-05", "subscription_create");
    let late = bill(&mut s, &sub, "2026-02-05", "subscription_cycle");
    s.expect([s.due(&early, "anna", 0).reason("before_start"), s.due(&late, "anna", 2000)]);
    s.done()
}

/// The same text may belong to different partners over time; the interval at attribution decides.
fn code_changes_hands() -> Case {
    let mut s = Story::new("code_changes_hands", "B takes over A's coupon from March on");
    s.partner("anna", 2000);
    s.partner("bob", 1000);
    let usd = currency("usd");
    let code = s.h.code("HANDS1000", crate::model::Off::Amount(1000, usd), crate::model::Duration::Once);
    s.owns("anna", &code);
    s.owns_from("bob", &code, "2026-03-01");
    let price = s.h.price(10_000, usd, None);
    let page = crate::history::Checkout::of(&price).code(&code);
    s.h.at("2026-02-20");
    let before = s.h.buy(&page).session.id;
    s.h.at("2026-03-02");
    let after = s.h.buy(&page).session.id;
    s.expect([s.due(&before, "anna", 1800), s.due(&after, "bob", 900)]);
    s.done()
}

fn partner(s: &mut Story, terms: Terms) {
    let (name, email) = ("anna".to_owned(), "anna@partners.example".to_owned());
    s.set(Action::PartnerAdd { handle: handle("anna"), name, email, terms }, None);
}

fn fixed(s: &mut Story) {
    let pay = Pay::Fixed { minor: 500, currency: currency("usd") };
    partner(s, Terms { pay, ..rate(0) });
}

/// floor(500 x 6667 / 10000) = 333.
fn fixed_amount() -> Case {
    let mut s = Story::new("fixed_amount", "500 a sale, scaled by what of the cash stays");
    fixed(&mut s);
    let mut paid = s.sale("anna", Bill::of(10_000, currency("usd")));
    s.expect([s.due(&paid.sale, "anna", 500)]);
    s.h.later(86_400);
    s.h.refund(&mut paid, 3333);
    s.expect([s.due(&paid.sale, "anna", 333)]);
    s.done()
}

fn fixed_other_currency() -> Case {
    let mut s = Story::new("fixed_other_currency", "500 usd a sale earn nothing on one in euros");
    fixed(&mut s);
    let paid = s.sale("anna", Bill::of(10_000, currency("eur")));
    s.expect([s.due(&paid.sale, "anna", 0).currency("eur")]);
    s.done()
}

/// Line nets 5833 and 2500. Whole: 5833 x 30 % + 2500 x 10 % = 1999.9. After 5000 went back the base is
/// floor(5000 x 8333 / 10000) = 4166, split 2916 (.15) and 1249 (.85) + 1: 874.8 + 125 = 999.8.
fn rates_by_product() -> Case {
    let mut s = Story::new("rates_by_product", "30 % of one product, 10 % of the rest, floored once");
    let usd = currency("usd");
    let (special, plain) = (s.h.price(7000, usd, None), s.h.price(3000, usd, None));
    let product = Ref::parse(&special.product).expect("a generated id");
    partner(&mut s, Terms { products: vec![(product, 3000)], ..rate(1000) });
    let bill = Bill::of(7000, usd).price(&special).line_of(3000, &plain).tax_inclusive(1667);
    let mut paid = s.sale("anna", bill);
    s.expect([s.due(&paid.sale, "anna", 1999).sold(8333).net(8333)]);
    s.h.later(86_400);
    s.h.refund(&mut paid, 5000);
    s.expect([s.due(&paid.sale, "anna", 999).net(4166)]);
    s.done()
}
