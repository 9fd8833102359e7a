//! Money that goes back: refunds in all their fates, and credit notes.

use super::{History, Payment};
use crate::model::{Charge, CreditLine, CreditNote, Invoice, Object, Refund};

const FAILED: &str = "expired_or_canceled_card";

impl History {
    /// Refunds part of a payment: the refund, then the charge with its cumulative amount.
    pub fn refund(&mut self, payment: &mut Payment, amount: i64) -> Refund {
        let refund = self.refund_made(payment, amount, "succeeded");
        if let Some(charge) = payment.charge.as_mut() {
            let previous = vec![("amount_refunded", charge.amount_refunded.to_string())];
            charge.amount_refunded += amount;
            charge.refunds.insert(0, refund.clone());
            self.emit_changed("charge.refunded", Object::from(charge.clone()), previous);
        }
        refund
    }

    /// Only the refund object, in that state; the charge says nothing.
    pub fn refund_made(&mut self, payment: &Payment, amount: i64, status: &'static str) -> Refund {
        let charge = payment.charge.as_ref();
        let currency = charge.map_or_else(|| super::currency("usd"), |charge| charge.currency);
        let id = self.id("re");
        let refund = Refund {
            charge: charge.map(|charge| charge.id.clone()),
            intent: charge.and_then(|charge| charge.intent.clone()),
            customer: charge.and_then(|charge| charge.customer.clone()),
            status,
            reason: Some("requested_by_customer"),
            failure_reason: matches!(status, "failed" | "canceled").then_some(FAILED),
            balance_transaction: Some(format!("txn_{id}")),
            ..Refund::blank(&id, amount, currency, self.now_s)
        };
        self.emit("refund.created", Object::from(refund.clone()));
        refund
    }

    /// The bank sends a refund back: it failed, and the charge counts it no longer.
    pub fn refund_fails(&mut self, payment: &mut Payment, refund: &mut Refund) {
        let previous = vec![("status", crate::json::quoted(refund.status))];
        refund.status = "failed";
        refund.failure_reason = Some(FAILED);
        self.emit_changed("refund.updated", Object::from(refund.clone()), previous);
        self.emit("refund.failed", Object::from(refund.clone()));
        if let Some(charge) = payment.charge.as_mut() {
            let previous = vec![("amount_refunded", charge.amount_refunded.to_string())];
            charge.amount_refunded -= refund.amount;
            charge.refunds.retain(|row| row.id != refund.id);
            charge.refunds.insert(0, refund.clone());
            self.emit_changed("charge.updated", Object::from(charge.clone()), previous);
        }
    }

    /// Only the charge, with that cumulative amount: stale, or all the receiver ever gets.
    pub fn charge_says_refunded(&mut self, charge: &Charge, kind: &'static str, amount_refunded: i64) {
        let charge = Charge { amount_refunded, ..charge.clone() };
        self.emit(kind, Object::from(charge));
    }

    /// A credit note whose money goes to the customer's balance.
    pub fn credit_note_to_balance(&mut self, invoice: &mut Invoice, total: i64) -> CreditNote {
        let transaction = self.id("cbtxn");
        self.credit_note(invoice, total, |note| note.balance = Some((transaction, total)))
    }

    /// A credit note whose money goes back through a refund made beside it.
    pub fn credit_note_refunded(&mut self, payment: &mut Payment, total: i64) -> Option<CreditNote> {
        let refund = self.refund(payment, total);
        let invoice = payment.invoice.as_mut()?;
        Some(self.credit_note(invoice, total, |note| note.refund = Some((refund.id, total))))
    }

    /// A credit note whose money goes back outside Stripe.
    pub fn credit_note_out_of_band(&mut self, invoice: &mut Invoice, total: i64) -> CreditNote {
        self.credit_note(invoice, total, |note| note.out_of_band = total)
    }

    fn credit_note(
        &mut self,
        invoice: &mut Invoice,
        total: i64,
        how: impl FnOnce(&mut CreditNote),
    ) -> CreditNote {
        let id = self.id("cn");
        let line = CreditLine {
            id: format!("cnli_{id}"),
            invoice_line: None,
            description: "Credit".into(),
            quantity: Some(1),
            amount: total,
            discounts: Vec::new(),
            taxes: Vec::new(),
        };
        let mut note = CreditNote {
            number: format!("{}-CN-{id}", invoice.number),
            customer: invoice.customer.clone().unwrap_or_else(|| "cus_unknown".into()),
            reason: Some("product_unsatisfactory"),
            lines: vec![line],
            total,
            ..CreditNote::blank(&id, &invoice.id, invoice.currency, self.now_s)
        };
        how(&mut note);
        let previous = vec![("post_payment_credit_notes_amount", invoice.credited.to_string())];
        invoice.credited += total;
        self.emit("credit_note.created", Object::from(note.clone()));
        self.emit_changed("invoice.updated", Object::from(invoice.clone()), previous);
        note
    }
}
