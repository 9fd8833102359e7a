//! Disputes: inquiries, chargebacks, appeals; status and money move apart, as at Stripe.

use std::sync::Arc;

use super::{DAY_S, History, Payment};
use crate::model::{BalanceTransaction, Dispute, Fee, Object};

const FEE: i64 = 1500;

impl History {
    /// Opens a dispute in that status. Only a real one (not `warning_*`) takes money out.
    pub fn dispute(&mut self, payment: &mut Payment, amount: i64, status: &'static str) -> Option<Dispute> {
        let charge = payment.charge.as_mut()?;
        charge.disputed = true;
        let id = self.id("dp");
        let mut dispute = Dispute {
            intent: charge.intent.clone(),
            evidence: vec![
                ("customer_email_address", "buyer@example.com".into()),
                ("customer_purchase_ip", "203.0.113.7".into()),
            ],
            ..Dispute::blank(&id, &charge.id, amount, charge.currency, self.now_s)
        };
        says(&mut dispute, status);
        let withdraws = !status.starts_with("warning_");
        if withdraws {
            self.moved(&mut dispute, -amount, FEE);
        }
        self.emit("charge.dispute.created", Object::from(dispute.clone()));
        if withdraws {
            self.emit("charge.dispute.funds_withdrawn", Object::from(dispute.clone()));
        }
        Some(dispute)
    }

    /// A dispute changes its status: money goes out on escalation, comes back when won.
    pub fn dispute_becomes(&mut self, dispute: &mut Dispute, status: &'static str) {
        let previous = vec![("status", crate::json::quoted(dispute.status))];
        let was_inquiry = dispute.status.starts_with("warning_");
        says(dispute, status);
        let escalated =
            was_inquiry && !status.starts_with("warning_") && status != "won" && status != "prevented";
        let closed = matches!(status, "won" | "lost" | "warning_closed" | "prevented");
        if escalated {
            self.moved(dispute, -dispute.amount, FEE);
        }
        if status == "won" {
            self.moved(dispute, dispute.amount, 0);
        }
        let kind = if closed { "charge.dispute.closed" } else { "charge.dispute.updated" };
        self.emit_changed(kind, Object::from(dispute.clone()), previous);
        if escalated {
            self.emit("charge.dispute.funds_withdrawn", Object::from(dispute.clone()));
        }
        if status == "won" {
            self.emit("charge.dispute.funds_reinstated", Object::from(dispute.clone()));
        }
    }

    fn moved(&mut self, dispute: &mut Dispute, amount: i64, fee: i64) {
        let fee =
            Fee { amount: fee, kind: "stripe_fee", description: "Dispute fee".into(), application: None };
        let row = BalanceTransaction {
            id: self.id("txn"),
            amount,
            fees: if fee.amount == 0 { Vec::new() } else { vec![fee] },
            currency: dispute.currency,
            kind: "adjustment",
            reporting_category: if amount < 0 { "dispute" } else { "dispute_reversal" },
            description: Some("Chargeback withdrawal".into()),
            source: Some(dispute.id.clone()),
            available_on_s: self.now_s + 2 * DAY_S,
            available: true,
            created_s: self.now_s,
        };
        dispute.moves.push(Arc::new(row));
    }
}

/// A status, and what it tells about the evidence.
fn says(dispute: &mut Dispute, status: &'static str) {
    dispute.status = status;
    dispute.has_evidence = matches!(status, "under_review" | "won" | "lost" | "appeal_under_review");
    dispute.submissions = i64::from(dispute.has_evidence);
}
