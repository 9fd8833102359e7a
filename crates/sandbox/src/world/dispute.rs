//! Disputes: opened by test cards or by control, answered with evidence, decided, appealed; and the money
//! each step moves. They must not know who is right beyond the documented texts.

use std::sync::Arc;

use super::balance::{self, DISPUTE_FEE, Move};
use super::payment::Job;
use super::{Book, Refusal};
use crate::model::{Charge, Dispute, EarlyFraudWarning, Fee, Meta, Outcome};

const DAY_S: i64 = 86_400;
/// How long the merchant may answer.
const ANSWER_S: i64 = 9 * DAY_S;
const ANSWER_INQUIRY_S: i64 = 20 * DAY_S;
/// How long a bank thinks about evidence that says neither documented text.
const DECIDES_S: i64 = 60 * DAY_S;
/// An inquiry that nobody escalates is closed then.
const INQUIRY_ENDS_S: i64 = 120 * DAY_S;

/// The evidence texts that decide at once.
const WINNING: &str = "winning_evidence";
const LOSING: &str = "losing_evidence";
const ESCALATING: &str = "escalate_inquiry_evidence";

/// A test card's buyer goes to the bank.
pub(super) fn open_of_card(book: &mut Book, charge: &str) {
    let Some(charge) = book.charges.get(charge).cloned() else { return };
    if let Outcome::Disputes { reason, inquiry } = charge.method.behavior.outcome {
        let _ = open(book, &charge, None, reason, inquiry);
    }
}

/// Questions a charge: an inquiry asks only, a dispute takes the money at once.
pub(crate) fn open(
    book: &mut Book,
    charge: &Arc<Charge>,
    amount: Option<i64>,
    reason: &'static str,
    inquiry: bool,
) -> Result<Arc<Dispute>, Refusal> {
    let left = charge.amount_captured - charge.amount_refunded;
    let amount = amount.unwrap_or(left);
    if charge.status != "succeeded" || amount <= 0 || amount > left {
        return Err(Refusal::invalid(
            "amount",
            format!("Charge {} has not that much to dispute.", charge.id),
        ));
    }
    if charge.disputed {
        return Err(Refusal::request(format!("Charge {} is disputed already.", charge.id)));
    }
    let (id, now_s) = (book.id("dp"), book.now_s());
    let email = charge.method.billing.email.clone().or_else(|| charge.email.clone());
    let due_by_s = now_s + if inquiry { ANSWER_INQUIRY_S } else { ANSWER_S };
    let mut dispute = Dispute {
        intent: charge.intent.clone(),
        reason,
        status: if inquiry { "warning_needs_response" } else { "needs_response" },
        due_by_s,
        evidence: email.map(|email| ("customer_email_address", email)).into_iter().collect(),
        ..Dispute::blank(&id, &charge.id, amount, charge.currency, now_s)
    };
    book.charges.put(&charge.id, Charge { disputed: true, ..Charge::clone(charge) });
    book.payments.disputes.entry(charge.id.clone()).or_default().push(id.clone());
    if !inquiry {
        moved(book, &mut dispute, -amount);
    }
    let dispute = book.disputes.put(&id, dispute);
    book.emit("charge.dispute.created", &dispute);
    if !inquiry {
        book.emit("charge.dispute.funds_withdrawn", &dispute);
    }
    book.schedule_payment(due_by_s, Job::EvidenceDue(id.clone()));
    if inquiry {
        book.schedule_payment(now_s + INQUIRY_ENDS_S, Job::Decide(id));
    }
    Ok(dispute)
}

fn moved(book: &mut Book, dispute: &mut Dispute, amount: i64) {
    let fee =
        Fee { amount: DISPUTE_FEE, kind: "stripe_fee", description: "Dispute fee".into(), application: None };
    let out = amount < 0;
    let row = balance::record(
        book,
        Move {
            amount,
            currency: dispute.currency,
            kind: "adjustment",
            category: if out { "dispute" } else { "dispute_reversal" },
            source: dispute.id.clone(),
            description: Some(format!(
                "Chargeback {} for {}",
                if out { "withdrawal" } else { "reversal" },
                dispute.charge
            )),
            fees: if out { vec![fee] } else { Vec::new() },
            at_once: true,
        },
    );
    dispute.moves.push(row);
}

pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<Dispute>, Refusal> {
    book.disputes.get(id).cloned().ok_or_else(|| Refusal::missing("dispute", "id", id))
}

/// What a call says about a dispute.
pub(crate) struct Answer {
    pub(crate) evidence: Vec<(&'static str, String)>,
    pub(crate) metadata: Meta,
    /// Sends the evidence to the bank.
    pub(crate) submit: bool,
}

pub(crate) fn update(book: &mut Book, old: &Arc<Dispute>, answer: Answer) -> Result<Arc<Dispute>, Refusal> {
    let open = matches!(
        old.status,
        "needs_response" | "warning_needs_response" | "under_review" | "warning_under_review"
    ) || old.status.starts_with("appeal_");
    let speaks = !answer.evidence.is_empty();
    if speaks && !open {
        return Err(Refusal::request("This dispute is already closed").code("dispute_already_closed"));
    }
    let mut new = Dispute { metadata: answer.metadata, ..Dispute::clone(old) };
    for (name, text) in answer.evidence {
        new.evidence.retain(|(known, _)| *known != name);
        if !text.is_empty() {
            new.evidence.push((name, text));
        }
        new.has_evidence = true;
    }
    let waits = matches!(old.status, "needs_response" | "warning_needs_response" | "appeal_needs_response");
    if !(speaks && answer.submit && waits) {
        return Ok(changed(book, old, new));
    }
    new.submissions += 1;
    new.status = match old.status {
        "warning_needs_response" => "warning_under_review",
        "appeal_needs_response" => "appeal_under_review",
        _ => "under_review",
    };
    let dispute = changed(book, old, new);
    let says = |text: &str| dispute.evidence.iter().any(|(_, said)| said == text);
    let inquiry = dispute.status == "warning_under_review";
    if says(WINNING) {
        return Ok(close(book, &dispute, if inquiry { "warning_closed" } else { "won" }));
    }
    if inquiry && (says(ESCALATING) || says(LOSING)) {
        return Ok(escalate(book, &dispute));
    }
    if says(LOSING) {
        return Ok(close(book, &dispute, "lost"));
    }
    if !inquiry {
        book.schedule_payment(book.now_s() + DECIDES_S, Job::Decide(dispute.id.clone()));
    }
    Ok(dispute)
}

fn changed(book: &mut Book, old: &Arc<Dispute>, new: Dispute) -> Arc<Dispute> {
    let new = book.disputes.put(&old.id, new);
    book.emit_changed("charge.dispute.updated", old, &new);
    new
}

/// The merchant gives up (`POST .../close`).
pub(crate) fn give_up(book: &mut Book, old: &Arc<Dispute>) -> Result<Arc<Dispute>, Refusal> {
    if old.closed() {
        return Err(Refusal::request("This dispute is already closed").code("dispute_already_closed"));
    }
    let inquiry = old.status.starts_with("warning_");
    Ok(close(book, old, if inquiry { "warning_closed" } else { "lost" }))
}

/// The bank decides, or the time is over.
pub(crate) fn close(book: &mut Book, old: &Arc<Dispute>, status: &'static str) -> Arc<Dispute> {
    let mut new = Dispute { status, ..Dispute::clone(old) };
    let won = status == "won";
    if won {
        let taken = -new.moves.iter().map(|row| row.amount).sum::<i64>();
        moved(book, &mut new, taken);
    }
    let dispute = book.disputes.put(&old.id, new);
    book.emit_changed("charge.dispute.closed", old, &dispute);
    if won {
        book.emit("charge.dispute.funds_reinstated", &dispute);
    }
    dispute
}

/// An inquiry becomes a dispute: now the money goes, and the merchant is asked again.
pub(crate) fn escalate(book: &mut Book, old: &Arc<Dispute>) -> Arc<Dispute> {
    let charge = book.charges.get(&old.charge);
    let left = charge.map_or(old.amount, |charge| charge.amount_captured - charge.amount_refunded);
    let mut new = Dispute {
        // What was given back meanwhile cannot be taken again.
        amount: old.amount.min(left),
        status: "needs_response",
        due_by_s: book.now_s() + ANSWER_S,
        evidence: Vec::new(),
        has_evidence: false,
        submissions: 0,
        ..Dispute::clone(old)
    };
    let amount = -new.amount;
    moved(book, &mut new, amount);
    reopened(book, old, new)
}

/// The bank appeals a dispute that was won: the money goes again, and the merchant is asked again.
pub(crate) fn appeal(book: &mut Book, old: &Arc<Dispute>) -> Result<Arc<Dispute>, Refusal> {
    if old.status != "won" {
        return Err(Refusal::request(format!(
            "Only a dispute that was won can be appealed; this is {}.",
            old.status
        )));
    }
    let mut new = Dispute {
        status: "appeal_needs_response",
        due_by_s: book.now_s() + ANSWER_S,
        evidence: Vec::new(),
        has_evidence: false,
        past_due: false,
        ..Dispute::clone(old)
    };
    let amount = -new.amount;
    moved(book, &mut new, amount);
    Ok(reopened(book, old, new))
}

fn reopened(book: &mut Book, old: &Arc<Dispute>, new: Dispute) -> Arc<Dispute> {
    let dispute = changed(book, old, new);
    book.emit("charge.dispute.funds_withdrawn", &dispute);
    book.schedule_payment(dispute.due_by_s, Job::EvidenceDue(dispute.id.clone()));
    dispute
}

/// The disputes of a charge, the oldest first.
pub(super) fn of_charge(book: &Book, charge: &str) -> Vec<Arc<Dispute>> {
    let ids = book.payments.disputes.get(charge).map(Vec::as_slice).unwrap_or_default();
    ids.iter().filter_map(|id| book.disputes.get(id).cloned()).collect()
}

/// All of a payment was given back: nothing is left to ask about.
pub(super) fn given_back(book: &mut Book, charge: &str) {
    for dispute in of_charge(book, charge) {
        if dispute.inquiry() && !dispute.closed() {
            close(book, &dispute, "warning_closed");
        }
    }
}

/// The time for evidence is over, if it is still the one that was meant.
pub(super) fn evidence_due(book: &mut Book, id: &str) {
    let now_s = book.now_s();
    let Some(old) = book.disputes.get(id).cloned().filter(|dispute| dispute.due_by_s <= now_s) else {
        return;
    };
    if matches!(old.status, "needs_response" | "appeal_needs_response") {
        let late = Arc::new(Dispute { past_due: true, ..Dispute::clone(&old) });
        book.disputes.put(&old.id, Arc::clone(&late));
        close(book, &late, "lost");
    }
}

/// A bank that heard neither documented text decides for its customer; an old inquiry is closed.
pub(super) fn decide(book: &mut Book, id: &str) {
    let Some(old) = book.disputes.get(id).cloned() else { return };
    match old.status {
        "under_review" | "appeal_under_review" => {
            close(book, &old, "lost");
        }
        "warning_needs_response" | "warning_under_review" => {
            close(book, &old, "warning_closed");
        }
        _ => {}
    }
}

/// The card network warns that a charge may be fraud.
pub(super) fn warn(book: &mut Book, charge: &str) {
    let Some(charge) = book.charges.get(charge).cloned() else { return };
    let id = book.id("issfr");
    let warning = EarlyFraudWarning {
        id: id.clone(),
        charge: charge.id.clone(),
        intent: charge.intent.clone(),
        fraud_type: "unauthorized_use_of_card",
        actionable: true,
        created_s: book.now_s(),
    };
    let warning = book.early_fraud_warnings.put(&id, warning);
    book.emit("radar.early_fraud_warning.created", &warning);
}
