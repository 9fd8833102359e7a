//! From links and folded facts to what a rule may look at. Only assembling: no decision is made here.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{self, Body, DisputeStatus, Invoice, Session};
use kernel::{Book, Kind, ObjectKey, Observed, Ref};
use rules::view::{DiscountBook, DisputeView, PaymentView, SaleView, SubscriptionView};

use crate::depends::Graph;

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
    state_of!(subscription_state, Subscription, fact::Subscription);
    state_of!(boxed_invoice, Invoice, Plain<Invoice>);
    state_of!(boxed_session, Session, Plain<Session>);

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

    /// Sessions that name the invoice, directly or through an intent that paid it.
    fn sessions_of_invoice(&self, invoice: &ObjectKey) -> BTreeSet<ObjectKey> {
        let mut sessions = self.graph.naming(invoice, Kind::Session);
        for intent in self.intents_of_invoice(invoice) {
            sessions.extend(self.graph.naming(&intent, Kind::Session));
        }
        sessions
    }

    /// Intents linked to an invoice: either names the other, or a session, an invoice payment or a charge
    /// names both.
    fn intents_of_invoice(&self, invoice: &ObjectKey) -> BTreeSet<ObjectKey> {
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

    fn invoices_of_intent(&self, intent: &ObjectKey) -> BTreeSet<ObjectKey> {
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

    fn invoices_of_charge(&self, charge: &ObjectKey) -> BTreeSet<ObjectKey> {
        let mut invoices = self.graph.beside(charge, Kind::Invoice);
        for payment in self.graph.naming(charge, Kind::InvoicePayment) {
            invoices.extend(self.graph.named_by(&payment, Kind::Invoice));
        }
        invoices
    }

    /// What else a root is only another name of.
    fn alias_of(&self, root: &ObjectKey) -> Vec<ObjectKey> {
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

    /// The payments of a root: its intents, and charges that have none.
    fn payment_keys(&self, root: &ObjectKey) -> BTreeSet<ObjectKey> {
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

    fn payment_view(&self, key: &ObjectKey) -> PaymentView {
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

    fn coupon_of(&self, code: &Ref) -> Option<Ref> {
        self.promotion_code(&ObjectKey::new(Kind::PromotionCode, code.clone()))?.coupon
    }

    fn discount_book(&self, named: BTreeSet<ObjectKey>, sessions: &[(Ref, Session)]) -> DiscountBook {
        let discounts: BTreeMap<Ref, Option<fact::Discount>> =
            named.into_iter().map(|key| (key.id.clone(), self.discount(&key))).collect();
        let from_discounts =
            discounts.values().flatten().filter_map(|discount| discount.promotion_code.clone());
        let from_sessions = sessions.iter().flat_map(|(_, session)| {
            session.discounts.iter().filter_map(|(promotion_code, _)| promotion_code.clone())
        });
        let of_discounts =
            discounts.values().flatten().map(|it| (it.promotion_code.as_ref(), it.coupon.as_ref()));
        let of_sessions = sessions.iter().flat_map(|(_, session)| session.discounts.iter());
        let of_sessions = of_sessions.map(|(code, coupon)| (code.as_ref(), coupon.as_ref()));
        let shared = of_discounts.chain(of_sessions).filter_map(|(code, coupon)| {
            let coupon = coupon.cloned().or_else(|| self.coupon_of(code?))?;
            (code.is_none() || self.mapped.contains(&coupon)).then_some(coupon)
        });
        let siblings = shared
            .flat_map(|id| self.graph.naming(&ObjectKey::new(Kind::Coupon, id), Kind::PromotionCode))
            .map(|key| key.id)
            .collect::<Vec<_>>();
        let promotion_codes = from_discounts
            .chain(from_sessions)
            .chain(siblings)
            .map(|id| {
                let state = self.promotion_code(&ObjectKey::new(Kind::PromotionCode, id.clone()));
                (id, state)
            })
            .collect();
        DiscountBook { discounts, promotion_codes }
    }
}

/// Coupons that loaded discounts, sessions and promotion codes name: those applied without a code, and
/// those named beside one, or by the mirror.
pub(crate) fn coupons_named(
    state: &BTreeMap<ObjectKey, Observed>,
) -> (BTreeSet<ObjectKey>, BTreeSet<ObjectKey>) {
    let (mut bare, mut with_code) = (BTreeSet::new(), BTreeSet::new());
    let mut add = |has_code: bool, coupon: &Option<Ref>| {
        let key = coupon.iter().map(|id| ObjectKey::new(Kind::Coupon, id.clone()));
        if has_code { with_code.extend(key) } else { bare.extend(key) }
    };
    for observed in state.values() {
        match &observed.body {
            Body::Discount(discount) => add(discount.promotion_code.is_some(), &discount.coupon),
            Body::Session(session) => {
                session.discounts.iter().for_each(|(code, coupon)| add(code.is_some(), coupon))
            }
            Body::PromotionCode(code) => add(true, &code.coupon),
            _ => {}
        }
    }
    (bare, with_code)
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

/// Promotion codes that loaded discounts and sessions name.
pub(crate) fn promotion_codes_named(state: &BTreeMap<ObjectKey, Observed>) -> BTreeSet<ObjectKey> {
    let mut codes = BTreeSet::new();
    for observed in state.values() {
        match &observed.body {
            Body::Discount(discount) => codes.extend(discount.promotion_code.clone()),
            Body::Session(session) => {
                codes.extend(session.discounts.iter().filter_map(|(code, _)| code.clone()))
            }
            _ => {}
        }
    }
    codes.into_iter().map(|id| ObjectKey::new(Kind::PromotionCode, id)).collect()
}
