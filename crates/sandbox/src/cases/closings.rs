//! When a dispute that was won lets go of a commission: not before its closing, whichever event tells of it
//! first. All sales are of 2026-01-05 and ripe on 2026-02-04.

use super::Case;
use super::story::Story;
use crate::history::{Checkout, Payment, currency};
use crate::model::{Dispute, ModelEvent, Object};
use crate::render::Version;

const RIPE: &str = "2026-02-04";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![won_early(), won_late(), lost_late(), reopened_lost(), reopened_won()];
    cases.extend([reopened_won_without_money(), reinstated_last(), reinstated_first()]);
    cases
}

/// A one-off of 10000 that is anna's, disputed on 2026-01-20.
fn disputed(name: &'static str, about: &'static str) -> (Story, Payment, Dispute) {
    let mut s = Story::new(name, about);
    // A dispute's shape hardly changes: the oldest family and the newest are enough.
    s.only(|version| version == Version::V2020_08_27 || version.endive());
    s.partner("anna", 2000);
    let price = s.h.price(10_000, currency("usd"), None);
    let bought = s.h.buy(&Checkout::of(&price).reference("anna"));
    let mut payment = Payment { sale: bought.session.id, ..bought.payment };
    s.expect([s.due(&payment.sale, "anna", 2000).status("pending").available(RIPE)]);
    s.h.at("2026-01-20");
    let dispute = s.h.dispute(&mut payment, 10_000, "needs_response").expect("a card was charged");
    s.expect([s.due(&payment.sale, "anna", 2000).status("held")]);
    (s, payment, dispute)
}

/// Nothing but the status changes.
fn says_only(s: &mut Story, dispute: &mut Dispute, status: &'static str) {
    let previous = vec![("status", crate::json::quoted(dispute.status))];
    dispute.status = status;
    s.h.emit_changed("charge.dispute.closed", Object::from(dispute.clone()), previous);
}

fn won_early() -> Case {
    let (mut s, payment, mut dispute) =
        disputed("dispute_won_early", "won before the hold is over: the hold decides");
    s.h.at("2026-01-28");
    s.h.dispute_becomes(&mut dispute, "won");
    s.expect([s.due(&payment.sale, "anna", 2000).status("pending").available(RIPE)]);
    s.done()
}

fn won_late() -> Case {
    let (mut s, payment, mut dispute) =
        disputed("dispute_won_late", "won after the hold: available from its closing");
    s.h.at("2026-02-20");
    s.h.dispute_becomes(&mut dispute, "under_review");
    s.expect([s.due(&payment.sale, "anna", 2000).status("held")]);
    s.h.at("2026-03-15");
    s.h.dispute_becomes(&mut dispute, "won");
    s.expect([s.due(&payment.sale, "anna", 2000).status("available").available("2026-03-15")]);
    s.done()
}

fn lost_late() -> Case {
    let (mut s, payment, mut dispute) = disputed("dispute_lost_late", "lost after the hold: nothing is left");
    s.h.at("2026-03-15");
    s.h.dispute_becomes(&mut dispute, "lost");
    s.expect([s.due(&payment.sale, "anna", 0).status("reversed")]);
    s.done()
}

/// Won on 2026-03-15, an appeal is opened on 2026-03-20.
fn reopened(name: &'static str, about: &'static str) -> (Story, Payment, Dispute) {
    let (mut s, payment, mut dispute) = disputed(name, about);
    s.h.at("2026-03-15");
    s.h.dispute_becomes(&mut dispute, "won");
    s.h.at("2026-03-20");
    s.h.dispute_becomes(&mut dispute, "appeal_needs_response");
    s.expect([s.due(&payment.sale, "anna", 2000).status("held")]);
    (s, payment, dispute)
}

fn reopened_lost() -> Case {
    let (mut s, payment, mut dispute) =
        reopened("dispute_reopened_lost", "won, reopened by an appeal, lost in the end");
    s.h.at("2026-04-15");
    s.h.dispute_becomes(&mut dispute, "lost");
    s.expect([s.due(&payment.sale, "anna", 0).status("reversed")]);
    s.done()
}

fn reopened_won() -> Case {
    let (mut s, payment, mut dispute) =
        reopened("dispute_reopened_won", "won, reopened, won again: the second closing counts");
    s.h.at("2026-04-10");
    s.h.dispute_becomes(&mut dispute, "appeal_under_review");
    s.h.at("2026-04-15");
    s.h.dispute_becomes(&mut dispute, "won");
    s.expect([s.due(&payment.sale, "anna", 2000).status("available").available("2026-04-15")]);
    s.done()
}

fn reopened_won_without_money() -> Case {
    let about =
        "the same, and no money moves the second time: what came back in March closes nothing in April";
    let (mut s, payment, mut dispute) = reopened("dispute_reopened_no_money", about);
    s.h.at("2026-04-15");
    says_only(&mut s, &mut dispute, "won");
    s.expect([s.due(&payment.sale, "anna", 2000).status("available").available("2026-04-15")]);
    s.done()
}

/// The closing on 2026-03-15 moves nothing; the money comes two days later.
fn closed_then_paid(s: &mut Story, dispute: &mut Dispute) -> (Vec<ModelEvent>, Vec<ModelEvent>) {
    s.h.at("2026-03-15");
    says_only(s, dispute, "won");
    let closed = s.h.take();
    s.h.at("2026-03-17");
    dispute.status = "under_review";
    s.h.dispute_becomes(dispute, "won");
    s.h.without("charge.dispute.closed");
    (closed, s.h.take())
}

fn reinstated_last() -> Case {
    let (mut s, payment, mut dispute) =
        disputed("dispute_reinstated_last", "the closing first, two days later the money");
    let (closed, paid) = closed_then_paid(&mut s, &mut dispute);
    s.expect_after(closed, [s.due(&payment.sale, "anna", 2000).status("available").available("2026-03-15")]);
    s.expect_after(paid, [s.due(&payment.sale, "anna", 2000).status("available").available("2026-03-17")]);
    s.done()
}

fn reinstated_first() -> Case {
    let (mut s, payment, mut dispute) =
        disputed("dispute_reinstated_first", "the same two events the other way round: the same books");
    let (closed, paid) = closed_then_paid(&mut s, &mut dispute);
    s.expect_after(paid, [s.due(&payment.sale, "anna", 2000).status("available").available("2026-03-17")]);
    s.expect_after(closed, [s.due(&payment.sale, "anna", 2000).status("available").available("2026-03-17")]);
    s.done()
}
