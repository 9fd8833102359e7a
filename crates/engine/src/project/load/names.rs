//! What else names a sale: which sessions, intents and invoices are one purchase, as far as links say.

use std::collections::BTreeSet;

use kernel::{Kind, ObjectKey};

use super::Known;

impl Known {
    /// Sessions that name the invoice, directly or through an intent that paid it.
    pub(super) fn sessions_of_invoice(&self, invoice: &ObjectKey) -> BTreeSet<ObjectKey> {
        let mut sessions = self.graph.naming(invoice, Kind::Session);
        for intent in self.intents_of_invoice(invoice) {
            sessions.extend(self.graph.naming(&intent, Kind::Session));
        }
        sessions
    }

    /// Intents linked to an invoice: either names the other, or a session, an invoice payment or a charge
    /// names both.
    pub(super) fn intents_of_invoice(&self, invoice: &ObjectKey) -> BTreeSet<ObjectKey> {
        let mut intents = self.graph.beside(invoice, Kind::Intent);
        for session in self.graph.naming(invoice, Kind::Session) {
            intents.extend(self.graph.named_by(&session, Kind::Intent));
        }
        for payment in self.graph.naming(invoice, Kind::InvoicePayment) {
            intents.extend(self.graph.named_by(&payment, Kind::Intent));
            for charge in self.graph.named_by(&payment, Kind::Charge) {
                intents.extend(self.graph.beside(&charge, Kind::Intent));
            }
        }
        for charge in self.graph.beside(invoice, Kind::Charge) {
            intents.extend(self.graph.beside(&charge, Kind::Intent));
        }
        intents
    }

    pub(super) fn invoices_of_intent(&self, intent: &ObjectKey) -> BTreeSet<ObjectKey> {
        let mut invoices = self.graph.beside(intent, Kind::Invoice);
        for session in self.graph.naming(intent, Kind::Session) {
            invoices.extend(self.graph.named_by(&session, Kind::Invoice));
        }
        for payment in self.graph.naming(intent, Kind::InvoicePayment) {
            invoices.extend(self.graph.named_by(&payment, Kind::Invoice));
        }
        for charge in self.graph.beside(intent, Kind::Charge) {
            invoices.extend(self.invoices_of_charge(&charge));
        }
        invoices
    }

    pub(super) fn invoices_of_charge(&self, charge: &ObjectKey) -> BTreeSet<ObjectKey> {
        let mut invoices = self.graph.beside(charge, Kind::Invoice);
        for payment in self.graph.naming(charge, Kind::InvoicePayment) {
            invoices.extend(self.graph.named_by(&payment, Kind::Invoice));
        }
        invoices
    }

    /// What else a root is only another name of.
    pub(super) fn alias_of(&self, root: &ObjectKey) -> Vec<ObjectKey> {
        let mut names = BTreeSet::new();
        match root.kind {
            Kind::Session => {
                names.extend(self.graph.named_by(root, Kind::Invoice));
                for intent in self.graph.named_by(root, Kind::Intent) {
                    names.extend(self.invoices_of_intent(&intent));
                }
            }
            Kind::Intent => {
                names.extend(self.invoices_of_intent(root));
                names.extend(self.graph.naming(root, Kind::Session));
            }
            Kind::Charge => {
                names.extend(self.graph.beside(root, Kind::Intent));
                names.extend(self.invoices_of_charge(root));
            }
            _ => {}
        }
        names.into_iter().collect()
    }
}
