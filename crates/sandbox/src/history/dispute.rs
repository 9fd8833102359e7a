//! Disputes: inquiries, chargebacks, appeals; status and money move apart, as at Stripe.

use super::{DAY_S, History, Payment};
use crate::model::{BalanceMove, Dispute, Object};

const FEE: i64 = 1500;

impl History {
    /// Opens a dispute in that status. Only a real one (not `warning_*`) takes money out.
    pub fn dispute(&mut self, payment: &mut Payment, amount: i64, status: &'static str) -> Option<Dispute> {
        let charge = payment.charge.as_mut()?;
        charge.disputed = true;
        let mut dispute = Dispute {
            id: self.id("dp"),
            amount,
            currency: charge.currency,
            charge: charge.id.clone(),
            intent: charge.intent.clone(),
            reason: "fraudulent",
            status,
            due_by_s: self.now_s + 9 * DAY_S,
            moves: Vec::new(),
            created_s: self.now_s,
        };
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
        dispute.status = status;
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
        let id = self.id("txn");
        dispute.moves.push(BalanceMove { id, amount, fee, created_s: self.now_s });
    }
}
