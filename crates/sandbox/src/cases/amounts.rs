//! What a sale amounts to: taxes, shipping, discounts, out-of-band money, parts, odd currencies.

use super::Case;
use super::story::Story;
use crate::history::Checkout;
use crate::history::{Bill, TaxRule, currency};
use crate::model::{Duration, Off};
use crate::render::Version;

pub(super) fn cases() -> Vec<Case> {
    vec![a(), b(), e(), f(), g(), h(), jpy(), kwd(), tax_on_top()]
}

fn a() -> Case {
    let mut s = Story::new("a", "2900 incl. VAT 483 at 30 %; then a refund of 1000");
    s.partner("anna", 3000);
    let mut paid = s.sale("anna", Bill::of(2900, currency("eur")).tax_inclusive(483));
    s.expect([s.due(&paid.sale, "anna", 725).gross(2900, 0).sold(2417).net(2417).currency("eur")]);
    s.h.at("2026-01-08");
    s.h.refund(&mut paid, 1000);
    s.expect([s.due(&paid.sale, "anna", 474).gross(2900, 0).sold(2417).net(1583)]);
    s.done()
}

fn b() -> Case {
    let mut s = Story::new("b", "10000 incl. tax 1667 at 15 %; three refunds that sum to all of it");
    s.partner("anna", 1500);
    let mut paid = s.sale("anna", Bill::of(10_000, currency("usd")).tax_inclusive(1667));
    s.expect([s.due(&paid.sale, "anna", 1249)]);
    for (refund, due) in [(3333, 833), (3333, 416), (3334, 0)] {
        s.h.later(86_400);
        s.h.refund(&mut paid, refund);
        s.expect([s.due(&paid.sale, "anna", due)]);
    }
    s.done()
}

fn e() -> Case {
    let mut s = Story::new("e", "12000 with exclusive tax 2000, paid outside Stripe");
    s.partner("anna", 2000);
    let sub = s.sub(Some("anna"), 10_000, "usd");
    let bill = sub.on(Bill::of(10_000, currency("usd")).tax_exclusive(2000), "subscription_create");
    let invoice = s.h.invoice(&bill);
    let paid = s.h.pay_out_of_band(invoice);
    s.expect([s.due(&paid.sale, "anna", 2000).gross(10_000, 0).sold(10_000)]);
    s.done()
}

fn f() -> Case {
    let mut s = Story::new("f", "12000 with exclusive tax 2000, paid in parts of 4000 and 8000");
    s.only(Version::basil);
    s.partner("anna", 2000);
    let sub = s.sub(Some("anna"), 10_000, "usd");
    let bill = sub.on(Bill::of(10_000, currency("usd")).tax_exclusive(2000), "subscription_create");
    let mut invoice = s.h.invoice(&bill);
    s.h.later(60);
    s.h.pay_part(&mut invoice, 4000);
    s.expect([s.due(&invoice.id, "anna", 666).status("pending").net(3333)]);
    s.h.at("2026-01-12");
    s.h.pay_part(&mut invoice, 8000);
    s.expect([s.due(&invoice.id, "anna", 2000).net(10_000)]);
    s.done()
}

fn g() -> Case {
    let mut s = Story::new("g", "item discount 2000, 10 % of the rest, 20 % tax on top");
    let usd = currency("usd");
    s.partner("anna", 2000);
    let tenth = s.h.code("ANNA10G", Off::PercentBps(1000), Duration::Forever);
    let launch = s.h.coupon("LAUNCHG", Off::Amount(2000, usd), Duration::Forever);
    s.owns("anna", &tenth);
    let sub = s.sub(None, 20_000, "usd");
    let mut of_item = s.h.coupon_discount(&launch, sub.customer.as_ref());
    let mut of_invoice = s.h.discount(&tenth, sub.customer.as_ref());
    for discount in [&mut of_item, &mut of_invoice] {
        discount.subscription = Some(sub.subscription.id.clone());
        s.h.emit("customer.discount.created", crate::model::Object::from(discount.clone()));
    }
    let bill = Bill::of(12_000, usd).line(8000).item_discount(&of_item, 2000).discount(&of_invoice, 1800);
    let invoice = s.h.invoice(&sub.on(bill.tax_exclusive(3240), "subscription_create"));
    let paid = s.h.pay(invoice);
    s.expect([s.due(&paid.sale, "anna", 3240).gross(20_000, 3800).sold(16_200).reason("promotion_code")]);
    s.done()
}

fn h() -> Case {
    let mut s = Story::new("h", "items and shipping, both with VAT inside; then a refund of the shipping");
    s.partner("anna", 1500);
    let bill = Bill::of(10_000, currency("usd")).tax_inclusive(1667).shipping(500, 83);
    let mut paid = s.sale("anna", bill);
    s.expect([s.due(&paid.sale, "anna", 1249).gross(10_000, 0).sold(8333).net(8333)]);
    s.h.later(86_400);
    s.h.refund(&mut paid, 500);
    s.expect([s.due(&paid.sale, "anna", 1190).gross(10_000, 0).sold(8333).net(7936)]);
    s.done()
}

/// 2980 yen, 271 of them tax: 2709 x 15 % = 406.35.
fn jpy() -> Case {
    let mut s = Story::new("jpy", "yen have no minor unit; nothing is scaled");
    s.partner("anna", 1500);
    let paid = s.sale("anna", Bill::of(2980, currency("jpy")).tax_inclusive(271));
    s.expect([s.due(&paid.sale, "anna", 406).currency("jpy").sold(2709)]);
    s.done()
}

fn kwd() -> Case {
    let mut s = Story::new("kwd", "dinars have a thousand minor units; nothing is scaled");
    s.partner("anna", 2000);
    let paid = s.sale("anna", Bill::of(12_340, currency("kwd")));
    s.expect([s.due(&paid.sale, "anna", 2468).currency("kwd").sold(12_340)]);
    s.done()
}

/// 5000 - 500 = 4500, tax 900 on top, shipping 700: total 6100. Net 4500, a fifth of it 900.
fn tax_on_top() -> Case {
    let mut s =
        Story::new("session_tax_shipping", "a one-off whose session has a code, tax on top and shipping");
    s.partner("anna", 2000);
    let code = s.h.code("TAXTOP", Off::PercentBps(1000), Duration::Once);
    s.owns("anna", &code);
    let price = s.h.price(5000, currency("usd"), None);
    let mut page = Checkout::of(&price).code(&code);
    page.tax = Some(TaxRule { bps: 2000, inclusive: false });
    page.shipping = 700;
    let mut bought = s.h.buy(&page);
    let sale = bought.session.id.clone();
    s.expect([s.due(&sale, "anna", 900).gross(5000, 500).sold(4500)]);
    // Half of the 6100 goes back: floor(3050 x 4500 / 6100) = 2250, a fifth is 450.
    s.h.later(86_400);
    s.h.refund(&mut bought.payment, 3050);
    s.expect([s.due(&sale, "anna", 450).sold(4500).net(2250)]);
    s.done()
}
