//! What people do because of what happened: buyers regret and banks question payments, bad cards are replaced,
//! sent invoices are paid or not, disputes answered, and some who left come back. It must not know amounts.

use super::back::{Back, Gives, Settled};
use super::later::{self, Later, What};
use super::play::{Play, Todo};
use super::shop::DAY_S;
use super::visit::{Visit, Wants};
use crate::model::{Charge, Dispute, Invoice, ModelEvent, Object, Refund, Subscription};

pub(super) fn heard(play: &mut Play, event: &ModelEvent) {
    match (event.kind, &event.object) {
        ("customer.subscription.created", Object::Subscription(row)) => later::draw(play, row),
        ("customer.subscription.deleted", Object::Subscription(row)) => gone(play, row),
        ("charge.succeeded" | "charge.captured", Object::Charge(row)) => paid(play, row),
        ("invoice.payment_failed", Object::Invoice(row)) if row.attempts == 1 => unpaid(play, row),
        ("invoice.sent", Object::Invoice(row)) => sent(play, row),
        ("refund.created", Object::Refund(row)) => refunded(play, row),
        ("charge.dispute.created" | "charge.dispute.updated", Object::Dispute(row)) => questioned(play, row),
        ("charge.dispute.closed", Object::Dispute(row)) if row.status == "won" && play.rng.chance(300) => {
            play.within((3 * DAY_S, 20 * DAY_S), Todo::Back(Back::Appeal(row.id.clone())));
        }
        _ => {}
    }
}

/// Some come back, sent by somebody else or by nobody.
fn gone(play: &mut Play, subscription: &Subscription) {
    if !play.rng.chance(300) {
        return;
    }
    let same = |market: &super::shop::Market| market.currency == subscription.currency.as_str();
    let market = play.shop.markets.iter().position(same).unwrap_or(0);
    let (wants, by) = (play.plan(), play.by());
    let who = u32::try_from(play.pick(1_000_000)).unwrap_or(0);
    let taxed = !subscription.default_tax_rates.is_empty()
        || subscription.items.iter().any(|item| !item.tax_rates.is_empty());
    let wants = if play.rng.chance(800) { wants } else { Wants::Bill { sent: false } };
    let visit = Visit { who, customer: subscription.customer.clone(), market, taxed, wants, by };
    play.within((5 * DAY_S, 60 * DAY_S), Todo::Visit(visit));
}

fn paid(play: &mut Play, charge: &Charge) {
    if charge.amount_captured == 0 {
        held(play, charge);
        return;
    }
    let (id, invoice) = (charge.id.clone(), charge.invoice.clone());
    let back = match (play.rng.weighted(&[880, 40, 15, 25, 40]), invoice) {
        (1, _) => {
            let hundredths = if play.rng.chance(450) { 100 } else { play.rng.between(1, 99) };
            Back::Refund(id, hundredths)
        }
        (2, _) => {
            let first = Back::Refund(id.clone(), 33);
            play.within((DAY_S, 5 * DAY_S), Todo::Back(first));
            Back::Refund(id, 50)
        }
        (3, Some(invoice)) => {
            let gives = [Gives::Refund, Gives::Balance, Gives::OutOfBand][play.rng.weighted(&[50, 30, 20])];
            Back::Note(invoice, gives, play.rng.between(5, 100))
        }
        (4, _) => {
            let hundredths = if play.rng.chance(700) { 100 } else { play.rng.between(10, 90) };
            // Some were refunded in part before.
            if play.rng.chance(200) {
                play.within((DAY_S / 2, DAY_S), Todo::Back(Back::Refund(id.clone(), 30)));
            }
            Back::Dispute { charge: id, hundredths, inquiry: play.rng.chance(300) }
        }
        _ => return,
    };
    play.within((DAY_S, 12 * DAY_S), Todo::Back(back));
}

/// Authorised, not captured: in whole, in part, or never.
fn held(play: &mut Play, charge: &Charge) {
    let Some(intent) = charge.intent.clone() else { return };
    let hundredths = match play.rng.weighted(&[40, 45, 15]) {
        0 => 100,
        1 => play.rng.between(30, 95),
        _ => return,
    };
    play.within((DAY_S, 5 * DAY_S), Todo::Back(Back::Capture(intent, hundredths)));
}

/// A renewal was declined: most find a better card in time.
fn unpaid(play: &mut Play, invoice: &Invoice) {
    let Some(subscription) = invoice.subscription.clone() else { return };
    if play.rng.chance(650) {
        let later = Later { subscription, what: What::GoodCard(invoice.id.clone()) };
        play.within((DAY_S / 4, 9 * DAY_S), Todo::Later(later));
    } else if play.rng.chance(400) {
        let settled = if play.rng.chance(500) { Settled::Void } else { Settled::Uncollectible };
        let back = Back::Settle(invoice.id.clone(), settled);
        play.within((16 * DAY_S, 25 * DAY_S), Todo::Back(back));
    }
}

fn sent(play: &mut Play, invoice: &Invoice) {
    let id = invoice.id.clone();
    if play.rng.chance(100) {
        let less = Back::Note(id.clone(), Gives::Less, play.rng.between(5, 60));
        play.within((3600, DAY_S), Todo::Back(less));
    }
    let all = [Settled::ByCard, Settled::OutOfBand, Settled::AfterAll, Settled::Void, Settled::Uncollectible];
    let settled = all[play.rng.weighted(&[60, 22, 6, 6, 6])];
    play.within((DAY_S, 18 * DAY_S), Todo::Back(Back::Settle(id, settled)));
}

/// Some refunds never arrive, and some on their way are called back.
fn refunded(play: &mut Play, refund: &Refund) {
    if play.rng.chance(80) {
        play.within((2 * DAY_S, 9 * DAY_S), Todo::Back(Back::RefundFails(refund.id.clone())));
    } else if refund.status == "pending" && play.rng.chance(150) {
        play.within((1, 4), Todo::Back(Back::RefundCanceled(refund.id.clone())));
    }
}

/// The shop answers, well or badly or not at all.
fn questioned(play: &mut Play, dispute: &Dispute) {
    let evidence = match (dispute.status, play.rng.weighted(&[40, 30, 15, 15])) {
        ("warning_needs_response", 0) => "winning_evidence",
        ("warning_needs_response", 1) => "escalate_inquiry_evidence",
        ("needs_response" | "appeal_needs_response", 0) => "winning_evidence",
        ("needs_response" | "appeal_needs_response", 1) => "losing_evidence",
        ("needs_response" | "appeal_needs_response" | "warning_needs_response", 2) => "it+was+delivered",
        _ => return,
    };
    play.within((DAY_S, 8 * DAY_S), Todo::Back(Back::Answer(dispute.id.clone(), evidence)));
}
