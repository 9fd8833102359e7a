//! The second half of the builder: money that came in and money that went back.

use kernel::fact::{
    Charge, CreditNote, Dispute, DisputeStatus, Intent, InvoicePayment, Refund, RefundStatus,
};
use rules::view::{DisputeView, PaymentView};

use crate::builder::{Sale, currency, day_s, key, r};

impl Sale {
    /// An intent with its succeeded charge (`pi_1` has `ch_1`).
    pub(crate) fn pay(self, pi: &str, at: i64, amount: i64) -> Self {
        self.pay_in("usd", pi, at, amount)
    }

    pub(crate) fn pay_in(self, money: &str, pi: &str, at: i64, amount: i64) -> Self {
        let intent = Intent {
            status: "succeeded".into(),
            currency: currency(money),
            amount_minor: amount,
            amount_received_minor: amount,
            customer: None,
            partner_hint: None,
            created_s: day_s(at),
        };
        let charge = Charge {
            status: "succeeded".into(),
            currency: currency(money),
            amount_minor: amount,
            amount_captured_minor: amount,
            amount_refunded_minor: 0,
            intent: Some(r(pi)),
            customer: None,
            created_s: day_s(at),
        };
        let payment = PaymentView {
            key: key(pi),
            intent: Some(intent),
            charges: vec![(r(&pi.replace("pi_", "ch_")), charge)],
            refunds: Vec::new(),
            disputes: Vec::new(),
            paid_to: Vec::new(),
        };
        self.with(|view| view.payments.push(payment))
    }

    pub(crate) fn last_payment(self, change: impl FnOnce(&mut PaymentView)) -> Self {
        self.with(|view| change(view.payments.last_mut().expect("a payment")))
    }

    /// A succeeded refund of the last payment.
    pub(crate) fn refund(self, minor: i64) -> Self {
        self.refund_as(RefundStatus::Succeeded, minor)
    }

    pub(crate) fn refund_as(self, status: RefundStatus, minor: i64) -> Self {
        self.last_payment(|payment| {
            let (id, charge) = payment.charges.first().expect("a charge");
            let refund = Refund {
                status,
                currency: charge.currency,
                amount_minor: minor,
                charge: Some(id.clone()),
                intent: None,
                created_s: charge.created_s,
            };
            let id = format!("re_{}_{}", payment.key.id, payment.refunds.len());
            payment.refunds.push((r(&id), refund));
        })
    }

    /// What the charge of the last payment says was refunded.
    pub(crate) fn charge_says(self, minor: i64) -> Self {
        self.last_payment(|payment| payment.charges[0].1.amount_refunded_minor = minor)
    }

    pub(crate) fn dispute(self, status: DisputeStatus, minor: i64, at: i64) -> Self {
        self.dispute_in("usd", status, minor, at)
    }

    pub(crate) fn dispute_in(self, money: &str, status: DisputeStatus, minor: i64, at: i64) -> Self {
        self.last_payment(|payment| {
            let dispute = Dispute {
                status,
                currency: currency(money),
                amount_minor: minor,
                charge: None,
                intent: Some(payment.key.id.clone()),
                reason: None,
                due_by_s: None,
                reinstated_at_s: None,
                created_s: day_s(at),
            };
            let id = r(&format!("dp_{}", payment.disputes.len()));
            payment.disputes.push(DisputeView { id, dispute, at_s: day_s(at), open_s: None });
        })
    }

    pub(crate) fn paid_to(self, sales: &[(&str, i64)]) -> Self {
        let paid_to = sales.iter().map(|(id, minor)| (key(id), *minor)).collect();
        self.last_payment(|payment| payment.paid_to = paid_to)
    }

    pub(crate) fn part(self, id: &str, at: i64, minor: i64) -> Self {
        let part = InvoicePayment {
            invoice: Some(self.0.root.id.clone()),
            status: "paid".into(),
            currency: currency("usd"),
            amount_paid_minor: minor,
            intent: None,
            charge: None,
            paid_at_s: Some(day_s(at)),
        };
        self.with(|view| view.invoice_payments.push((r(id), part)))
    }

    pub(crate) fn credit_note(self, total: i64, out_of_band: i64) -> Self {
        let note = CreditNote {
            invoice: Some(self.0.root.id.clone()),
            status: "issued".into(),
            currency: currency("usd"),
            total_minor: total,
            out_of_band_minor: out_of_band,
            created_s: day_s(0),
        };
        self.with(|view| view.credit_notes.push((r(&format!("cn_{}", view.credit_notes.len())), note)))
    }
}
