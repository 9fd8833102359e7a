//! Money that goes back: refunds in every fate and order, disputes in every state. When a won dispute lets go
//! of a commission is `closings`' theme.

use super::Case;
use super::story::Story;
use crate::history::{Bill, Checkout, OneOff, currency};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![l(), m(), n_whole(), n_part(), o()];
    cases.extend([refund_before_sale(), refund_pending(), dispute_other_currency()]);
    cases
}

/// A one-off of 10000 that names anna on its session.
fn one_off(s: &mut Story) -> OneOff {
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    s.h.buy(&Checkout::of(&price).reference("anna"))
}

fn l() -> Case {
    let mut s = Story::new("l", "a refund fails, then a stale charge still counts it");
    let mut bought = one_off(&mut s);
    let sale = bought.session.id.clone();
    s.h.at("2026-01-06");
    let mut refund = s.h.refund(&mut bought.payment, 1000);
    s.expect([s.due(&sale, "anna", 1800)]);
    s.h.at("2026-01-09");
    s.h.refund_fails(&mut bought.payment, &mut refund);
    s.h.without("charge.updated");
    s.h.later(60);
    if let Some(charge) = bought.payment.charge.clone() {
        s.h.charge_says_refunded(&charge, "charge.updated", 1000);
    }
    s.expect([s.due(&sale, "anna", 2000)]);
    s.done()
}

fn m() -> Case {
    let mut s = Story::new("m", "only the charge tells of 5000; later the refunds of 2000 and 3000 do");
    let bought = one_off(&mut s);
    let sale = bought.session.id.clone();
    s.h.at("2026-01-06");
    if let Some(charge) = bought.payment.charge.clone() {
        s.h.charge_says_refunded(&charge, "charge.refunded", 5000);
    }
    s.expect([s.due(&sale, "anna", 1000)]);
    s.h.at("2026-01-07");
    s.h.refund_made(&bought.payment, 2000, "succeeded");
    s.expect([s.due(&sale, "anna", 1000)]);
    s.h.refund_made(&bought.payment, 3000, "succeeded");
    s.expect([s.due(&sale, "anna", 1000)]);
    s.done()
}

fn n_whole() -> Case {
    n("n_whole", "refund 3000, then the whole 10000 disputed and lost: never below zero", 10_000, 0)
}

fn n_part() -> Case {
    n("n_part", "refund 3000, then 4000 disputed and lost", 4000, 600)
}

fn n(name: &'static str, about: &'static str, disputed: i64, due: i64) -> Case {
    let mut s = Story::new(name, about);
    let mut bought = one_off(&mut s);
    let sale = bought.session.id.clone();
    s.h.at("2026-01-06");
    s.h.refund(&mut bought.payment, 3000);
    s.expect([s.due(&sale, "anna", 1400)]);
    s.h.at("2026-01-20");
    let dispute = s.h.dispute(&mut bought.payment, disputed, "needs_response");
    s.expect([s.due(&sale, "anna", 1400).status("held")]);
    s.h.at("2026-02-20");
    if let Some(mut dispute) = dispute {
        s.h.dispute_becomes(&mut dispute, "lost");
    }
    s.expect([s.due(&sale, "anna", due)]);
    s.done()
}

fn o() -> Case {
    let mut s = Story::new("o", "inquiry; escalated; won; appeal opened; lost");
    let mut bought = one_off(&mut s);
    let sale = bought.session.id.clone();
    s.h.at("2026-01-10");
    let Some(mut dispute) = s.h.dispute(&mut bought.payment, 10_000, "warning_needs_response") else {
        return s.done();
    };
    s.expect([s.due(&sale, "anna", 2000).status("pending")]);
    for (date, status, due, held) in [
        ("2026-01-12", "needs_response", 2000, Some("held")),
        ("2026-02-12", "won", 2000, None),
        ("2026-02-20", "appeal_needs_response", 2000, Some("held")),
        ("2026-03-20", "lost", 0, None),
    ] {
        s.h.at(date);
        s.h.dispute_becomes(&mut dispute, status);
        let mut row = s.due(&sale, "anna", due);
        row.status = held;
        s.expect([row]);
    }
    s.done()
}

fn refund_before_sale() -> Case {
    let mut s = Story::new("refund_before_sale", "the refund of 4000 arrives before anything else");
    s.partner("anna", 2000);
    let mut paid = s.sale("anna", Bill::of(10_000, currency("usd")));
    let before = s.h.take();
    s.h.at("2026-01-06");
    s.h.refund(&mut paid, 4000);
    s.expect([]);
    s.expect_after(before, [s.due(&paid.sale, "anna", 1200)]);
    s.done()
}

fn refund_pending() -> Case {
    let mut s = Story::new("refund_pending", "a pending refund counts; canceled, it does not");
    let bought = one_off(&mut s);
    let sale = bought.session.id.clone();
    s.h.at("2026-01-06");
    let mut refund = s.h.refund_made(&bought.payment, 2500, "pending");
    s.expect([s.due(&sale, "anna", 1500)]);
    s.h.at("2026-01-08");
    refund.status = "canceled";
    s.h.emit_changed(
        "refund.updated",
        crate::model::Object::from(refund),
        vec![("status", "\"pending\"".into())],
    );
    s.expect([s.due(&sale, "anna", 2000)]);
    s.done()
}

fn dispute_other_currency() -> Case {
    let mut s =
        Story::new("dispute_other_currency", "a lost dispute in another currency takes all of the sale");
    let mut bought = one_off(&mut s);
    let sale = bought.session.id.clone();
    s.h.at("2026-01-20");
    let dispute = s.h.dispute(&mut bought.payment, 900, "needs_response");
    for kind in ["charge.dispute.created", "charge.dispute.funds_withdrawn"] {
        s.h.without(kind);
    }
    if let Some(mut dispute) = dispute {
        dispute.currency = currency("eur");
        s.h.dispute_becomes(&mut dispute, "lost");
    }
    s.expect([s.due(&sale, "anna", 0)]);
    s.done()
}
