//! From links and folded facts to what a rule may look at. Only assembling: no decision is made here.

mod discounts;
mod names;
mod payments;

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{self, Body, Invoice, Session};
use kernel::{Book, Kind, ObjectKey, Observed, Ref};
use rules::view::{DiscountBook, PaymentView, SaleView, SubscriptionView};

use crate::depends::Graph;

pub(crate) use discounts::{coupons_named, promotion_codes_named};
pub(crate) use payments::{won_disputes, won_since};

/// The folded state of every loaded object, and the links between them.
pub(crate) struct Known {
    pub(crate) book: Book,
    pub(crate) state: BTreeMap<ObjectKey, Observed>,
    pub(crate) graph: Graph,
    /// Coupons that a mapping names.
    pub(crate) mapped: BTreeSet<Ref>,
    /// Since when a dispute that is won has been, and until when it was not.
    pub(crate) won_s: BTreeMap<ObjectKey, (i64, Option<i64>)>,
}

/// Folds each object's versions to its state.
pub(crate) fn fold(versions: BTreeMap<ObjectKey, Vec<Observed>>) -> BTreeMap<ObjectKey, Observed> {
    let state = |mut versions: Vec<Observed>| match versions.len() {
        1 => versions.pop(),
        _ => fact::newest(&versions).cloned(),
    };
    versions.into_iter().filter_map(|(key, versions)| Some((key, state(versions)?))).collect()
}

macro_rules! state_of {
    ($name:ident, $variant:ident, $ty:ty) => {
        fn $name(&self, key: &ObjectKey) -> Option<$ty> {
            match &self.state.get(key)?.body {
                Body::$variant(body) => Some(body.clone().into()),
                _ => None,
            }
        }
    };
}

/// `Box<T>` and `T` alike.
struct Plain<T>(T);
impl<T> From<Box<T>> for Plain<T> {
    fn from(boxed: Box<T>) -> Self {
        Self(*boxed)
    }
}

impl Known {
    state_of!(intent, Intent, fact::Intent);
    state_of!(charge, Charge, fact::Charge);
    state_of!(refund, Refund, fact::Refund);
    state_of!(invoice_payment, InvoicePayment, fact::InvoicePayment);
    state_of!(credit_note, CreditNote, fact::CreditNote);
    state_of!(discount, Discount, fact::Discount);
    state_of!(promotion_code, PromotionCode, fact::PromotionCode);
    state_of!(boxed_subscription, Subscription, Plain<fact::Subscription>);
    state_of!(boxed_invoice, Invoice, Plain<Invoice>);
    state_of!(boxed_session, Session, Plain<Session>);

    fn subscription_state(&self, key: &ObjectKey) -> Option<fact::Subscription> {
        self.boxed_subscription(key).map(|plain| plain.0)
    }

    fn invoice(&self, key: &ObjectKey) -> Option<Invoice> {
        self.boxed_invoice(key).map(|plain| plain.0)
    }

    fn session(&self, key: &ObjectKey) -> Option<Session> {
        self.boxed_session(key).map(|plain| plain.0)
    }

    /// What a true-up needs to see of a root: of one that is only another name no more than that, since
    /// nothing is due there whatever else is known. (Three of four roots of a usual purchase are such.)
    pub(crate) fn due_view(&self, root: &ObjectKey) -> SaleView {
        let alias_of = self.alias_of(root);
        if alias_of.is_empty() {
            return self.sale_view(root);
        }
        SaleView {
            book: self.book.clone(),
            root: root.clone(),
            alias_of,
            invoice: None,
            sessions: Vec::new(),
            subscription: None,
            invoice_payments: Vec::new(),
            payments: Vec::new(),
            credit_notes: Vec::new(),
            discounts: DiscountBook::default(),
        }
    }

    /// The view of one root (invoice, session, intent, or a charge without intent).
    pub(crate) fn sale_view(&self, root: &ObjectKey) -> SaleView {
        let sessions = match root.kind {
            Kind::Session => self.with_state([root.clone()], |key| self.session(key)),
            Kind::Invoice => self.with_state(self.sessions_of_invoice(root), |key| self.session(key)),
            _ => Vec::new(),
        };
        let invoice = self.invoice(root);
        let payments: Vec<PaymentView> =
            self.payment_keys(root).iter().map(|key| self.payment_view(key)).collect();
        let invoice_payments = match root.kind {
            Kind::Invoice => self
                .with_state(self.graph.naming(root, Kind::InvoicePayment), |key| self.invoice_payment(key)),
            _ => Vec::new(),
        };
        let credit_notes = match root.kind {
            Kind::Invoice => {
                self.with_state(self.graph.naming(root, Kind::CreditNote), |key| self.credit_note(key))
            }
            _ => Vec::new(),
        };
        let named = self.graph.named_by(root, Kind::Discount);
        SaleView {
            book: self.book.clone(),
            root: root.clone(),
            alias_of: self.alias_of(root),
            subscription: self.subscription_of(root, invoice.as_ref()),
            discounts: self.discount_book(named, &sessions),
            invoice,
            sessions,
            invoice_payments,
            payments,
            credit_notes,
        }
    }

    /// The view of one subscription.
    pub(crate) fn subscription_view(&self, subscription: &ObjectKey) -> SubscriptionView {
        let sessions =
            self.with_state(self.graph.naming(subscription, Kind::Session), |key| self.session(key));
        let own = self.graph.named_by(subscription, Kind::Discount);
        SubscriptionView {
            book: self.book.clone(),
            id: subscription.id.clone(),
            subscription: self.subscription_state(subscription),
            discounts: self.discount_book(own.clone(), &sessions),
            own_discounts: own.into_iter().map(|key| key.id).collect(),
            sessions,
        }
    }

    fn with_state<T>(
        &self,
        keys: impl IntoIterator<Item = ObjectKey>,
        state: impl Fn(&ObjectKey) -> Option<T>,
    ) -> Vec<(Ref, T)> {
        keys.into_iter().filter_map(|key| state(&key).map(|state| (key.id, state))).collect()
    }

    /// The subscription of a root: what its facts or links say. The smallest id, should there be several.
    fn subscription_of(&self, root: &ObjectKey, invoice: Option<&Invoice>) -> Option<Ref> {
        let said = invoice.and_then(|invoice| invoice.subscription.clone());
        said.or_else(|| match root.kind {
            Kind::Invoice => {
                self.graph.named_by(root, Kind::Subscription).into_iter().next().map(|key| key.id)
            }
            _ => None,
        })
    }
}
