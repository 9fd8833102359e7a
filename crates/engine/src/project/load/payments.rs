//! The payments of a sale: their charges, refunds and disputes, and what each paid to whom.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{Body, DisputeStatus};
use kernel::{Kind, ObjectKey, Observed};
use rules::view::{DisputeView, PaymentView};

use super::Known;

impl Known {
    /// The payments of a root: its intents, and charges that have none.
    pub(super) fn payment_keys(&self, root: &ObjectKey) -> BTreeSet<ObjectKey> {
        match root.kind {
            Kind::Invoice => {
                let mut keys = self.intents_of_invoice(root);
                let mut charges = self.graph.beside(root, Kind::Charge);
                for payment in self.graph.naming(root, Kind::InvoicePayment) {
                    charges.extend(self.graph.named_by(&payment, Kind::Charge));
                }
                keys.extend(
                    charges.into_iter().filter(|charge| self.graph.beside(charge, Kind::Intent).is_empty()),
                );
                keys
            }
            Kind::Session => self.graph.named_by(root, Kind::Intent),
            Kind::Intent | Kind::Charge => BTreeSet::from([root.clone()]),
            _ => BTreeSet::new(),
        }
    }

    pub(super) fn payment_view(&self, key: &ObjectKey) -> PaymentView {
        let charges = match key.kind {
            Kind::Charge => BTreeSet::from([key.clone()]),
            _ => self.graph.beside(key, Kind::Charge),
        };
        let (mut refunds, mut disputes) =
            (self.graph.naming(key, Kind::Refund), self.graph.naming(key, Kind::Dispute));
        for charge in &charges {
            refunds.extend(self.graph.naming(charge, Kind::Refund));
            disputes.extend(self.graph.naming(charge, Kind::Dispute));
        }
        PaymentView {
            key: key.clone(),
            intent: self.intent(key),
            charges: self.with_state(charges, |key| self.charge(key)),
            refunds: self.with_state(refunds, |key| self.refund(key)),
            disputes: disputes.iter().filter_map(|key| self.dispute_view(key)).collect(),
            paid_to: self.paid_to(key),
        }
    }

    fn dispute_view(&self, key: &ObjectKey) -> Option<DisputeView> {
        let observed = self.state.get(key)?;
        match &observed.body {
            Body::Dispute(dispute) => {
                let (at_s, open_s) = self.won_s.get(key).copied().unwrap_or((observed.at_s, None));
                Some(DisputeView { id: key.id.clone(), dispute: dispute.clone(), at_s, open_s })
            }
            _ => None,
        }
    }

    /// Every sale a payment is linked to, with what invoice payments say it paid there.
    fn paid_to(&self, payment: &ObjectKey) -> Vec<(ObjectKey, i64)> {
        let invoices = match payment.kind {
            Kind::Charge => self.invoices_of_charge(payment),
            _ => self.invoices_of_intent(payment),
        };
        let mut paid: BTreeMap<ObjectKey, i64> = invoices.into_iter().map(|invoice| (invoice, 0)).collect();
        if paid.is_empty() {
            return self
                .graph
                .naming(payment, Kind::Session)
                .into_iter()
                .map(|session| (session, 0))
                .collect();
        }
        let mut rows = self.graph.naming(payment, Kind::InvoicePayment);
        for charge in self.graph.beside(payment, Kind::Charge) {
            rows.extend(self.graph.naming(&charge, Kind::InvoicePayment));
        }
        for row in rows {
            let Some(state) = self.invoice_payment(&row).filter(|row| row.status == "paid") else { continue };
            for invoice in self.graph.named_by(&row, Kind::Invoice) {
                if let Some(sum) = paid.get_mut(&invoice) {
                    *sum = sum.saturating_add(state.amount_paid_minor);
                }
            }
        }
        if paid.len() > 1 {
            for (invoice, sum) in paid.iter_mut().filter(|(_, sum)| **sum == 0) {
                *sum = self.unsaid_cash(invoice);
            }
        }
        paid.into_iter().collect()
    }

    /// What came in for an invoice by its own account of it, beyond what invoice payments say.
    fn unsaid_cash(&self, invoice: &ObjectKey) -> i64 {
        let own = self.invoice(invoice).map_or(0, |found| found.amount_paid_minor.min(found.total_minor));
        let rows = self.graph.naming(invoice, Kind::InvoicePayment);
        let paid = rows.iter().filter_map(|row| self.invoice_payment(row)).filter(|row| row.status == "paid");
        paid.fold(own, |left, row| left.saturating_sub(row.amount_paid_minor)).max(0)
    }
}

/// Won disputes: when they were won is a question to all their versions.
pub(crate) fn won_disputes(state: &BTreeMap<ObjectKey, Observed>) -> Vec<ObjectKey> {
    let won = |observed: &Observed| match &observed.body {
        Body::Dispute(it) => it.status == DisputeStatus::Won,
        _ => false,
    };
    state.iter().filter(|(_, observed)| won(observed)).map(|(key, _)| key.clone()).collect()
}

/// The first second of winning after which nothing else was said (what is said again later closes nothing),
/// and the last second in which something else was.
pub(crate) fn won_since(versions: &[Observed]) -> Option<(i64, Option<i64>)> {
    let is_won = |it: &&Observed| matches!(&it.body, Body::Dispute(it) if it.status == DisputeStatus::Won);
    let open_s = versions.iter().filter(|it| !is_won(it)).map(|it| it.at_s).max();
    let since = versions.iter().filter(is_won).map(|it| it.at_s);
    let since = since.filter(|at_s| open_s.is_none_or(|open_s| *at_s >= open_s)).min()?;
    Some((since, open_s))
}
