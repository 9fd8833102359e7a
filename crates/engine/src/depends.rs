//! Who depends on whom: from a changed object, along links, to the subjects whose due may change.
//!
//! This is the whole dependency knowledge of the house (DESIGN.md 2a.6). Three rules:
//! - **Payment kinds** (invoice, session, intent, charge, refund, dispute, invoice payment, credit note) that
//!   are linked in either direction form a *component*, and every root in it (invoice, session, intent,
//!   charge) is a subject. Components are small: one purchase, or the few invoices one intent paid.
//! - A **subscription** named by a root of the component is a subject too, but the walk does not go on
//!   through it: its other sales learn of a change through marks, and only if its output changed.
//! - **Discounts** and **promotion codes** are mirrors: subjects of their own whose dependents are marked
//!   only when what they say changed.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::Link;
use kernel::{Kind, ObjectKey};

/// What a kind of object is to the walk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// Part of a payment component and itself a possible sale (or unlinked payment).
    Root,
    /// Part of a payment component only.
    Payment,
    Subscription,
    Mirror,
    /// Nothing depends on it.
    Leaf,
}

pub(crate) const fn role(kind: Kind) -> Role {
    match kind {
        Kind::Invoice | Kind::Session | Kind::Intent | Kind::Charge => Role::Root,
        Kind::Refund | Kind::Dispute | Kind::InvoicePayment | Kind::CreditNote => Role::Payment,
        Kind::Subscription => Role::Subscription,
        Kind::Discount | Kind::PromotionCode => Role::Mirror,
        Kind::Coupon | Kind::Customer => Role::Leaf,
        // Looked up in the mirror, and read by no rule.
        Kind::Product
        | Kind::Price
        | Kind::PaymentMethod
        | Kind::SetupIntent
        | Kind::Schedule
        | Kind::Payout
        | Kind::Transfer
        | Kind::BalanceTransaction
        | Kind::ApplicationFee
        | Kind::FeeRefund
        | Kind::Account
        | Kind::Capability
        | Kind::Application
        | Kind::FraudWarning
        | Kind::Review
        | Kind::Entitlements
        | Kind::CreditGrant
        | Kind::Meter
        | Kind::Alert
        | Kind::PortalConfiguration
        | Kind::PortalSession
        | Kind::TaxId
        | Kind::TestClock => Role::Leaf,
    }
}

/// Whether a fact about this kind of object can change what the books say.
pub(crate) const fn needs_mark(kind: Kind) -> bool {
    !matches!(role(kind), Role::Leaf)
}

pub(crate) const fn in_component(kind: Kind) -> bool {
    matches!(role(kind), Role::Root | Role::Payment)
}

/// The part of the link graph a batch of marks reaches, grown until nothing is added.
#[derive(Clone, Default, Debug)]
pub(crate) struct Closure {
    /// Every key whose marks this batch answers: component objects, subscriptions, mirrors.
    pub(crate) keys: BTreeSet<ObjectKey>,
    /// Every link with an end in `keys` that was seen on the way.
    pub(crate) links: BTreeSet<Link>,
}

impl Closure {
    /// Starts at the marked objects.
    pub(crate) fn start(marked: impl IntoIterator<Item = ObjectKey>) -> Self {
        Self { keys: marked.into_iter().collect(), links: BTreeSet::new() }
    }

    /// Adds what was found around `frontier`; returns the component objects that are new.
    pub(crate) fn grow(&mut self, found: Vec<Link>) -> Vec<ObjectKey> {
        let mut fresh = Vec::new();
        for link in found {
            for (near, far) in [(&link.from, &link.to), (&link.to, &link.from)] {
                let walks_on = in_component(near.kind) && in_component(far.kind);
                let names_subscription = near.kind != Kind::Subscription
                    && far.kind == Kind::Subscription
                    && matches!(near.kind, Kind::Invoice | Kind::Session)
                    && *near == link.from;
                let reached = self.keys.contains(near);
                if !reached || !(walks_on || names_subscription) {
                    continue;
                }
                let new = self.keys.insert(far.clone());
                if new && walks_on {
                    fresh.push(far.clone());
                }
            }
            self.links.insert(link);
        }
        fresh
    }

    /// The rows to lock, sorted: every root, subscription and mirror of the closure.
    pub(crate) fn subjects(&self) -> Vec<ObjectKey> {
        self.keys
            .iter()
            .filter(|key| matches!(role(key.kind), Role::Root | Role::Subscription | Role::Mirror))
            .cloned()
            .collect()
    }
}

/// The links of a closure, to be asked in both directions.
#[derive(Default, Debug)]
pub(crate) struct Graph {
    out: BTreeMap<ObjectKey, BTreeSet<ObjectKey>>,
    back: BTreeMap<ObjectKey, BTreeSet<ObjectKey>>,
}

impl Graph {
    pub(crate) fn new<'a>(links: impl IntoIterator<Item = &'a Link>) -> Self {
        let mut graph = Self::default();
        for link in links {
            graph.add(link);
        }
        graph
    }

    pub(crate) fn add(&mut self, link: &Link) {
        self.out.entry(link.from.clone()).or_default().insert(link.to.clone());
        self.back.entry(link.to.clone()).or_default().insert(link.from.clone());
    }

    /// Objects of one kind that `from` names, by id.
    pub(crate) fn named_by(&self, from: &ObjectKey, kind: Kind) -> BTreeSet<ObjectKey> {
        of_kind(&self.out, from, kind)
    }

    /// Objects of one kind that name `to`, by id.
    pub(crate) fn naming(&self, to: &ObjectKey, kind: Kind) -> BTreeSet<ObjectKey> {
        of_kind(&self.back, to, kind)
    }

    /// Everything linked to `key` in either direction.
    pub(crate) fn around<'g>(&'g self, key: &ObjectKey) -> impl Iterator<Item = &'g ObjectKey> + use<'g> {
        let side = |side: &'g BTreeMap<ObjectKey, BTreeSet<ObjectKey>>| side.get(key).into_iter().flatten();
        side(&self.out).chain(side(&self.back))
    }

    /// Objects of one kind linked to `key` in either direction, by id.
    pub(crate) fn beside(&self, key: &ObjectKey, kind: Kind) -> BTreeSet<ObjectKey> {
        let mut found = self.named_by(key, kind);
        found.extend(self.naming(key, kind));
        found
    }
}

fn of_kind(
    side: &BTreeMap<ObjectKey, BTreeSet<ObjectKey>>,
    key: &ObjectKey,
    kind: Kind,
) -> BTreeSet<ObjectKey> {
    side.get(key).into_iter().flatten().filter(|other| other.kind == kind).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Ref;

    fn key(kind: Kind, id: &str) -> ObjectKey {
        ObjectKey::new(kind, Ref::parse(id).expect("an id"))
    }

    fn closure(links: &[Link], start: ObjectKey) -> Closure {
        let mut closure = Closure::start([start.clone()]);
        let mut frontier = vec![start];
        while !frontier.is_empty() {
            let found = links
                .iter()
                .filter(|link| frontier.contains(&link.from) || frontier.contains(&link.to))
                .cloned()
                .collect();
            frontier = closure.grow(found);
        }
        closure
    }

    #[test]
    fn a_refund_reaches_every_invoice_its_intent_paid_and_their_subscription_but_no_further() {
        let links = [
            Link { from: key(Kind::Refund, "re_1"), to: key(Kind::Intent, "pi_1") },
            Link { from: key(Kind::InvoicePayment, "inpay_1"), to: key(Kind::Intent, "pi_1") },
            Link { from: key(Kind::InvoicePayment, "inpay_1"), to: key(Kind::Invoice, "in_1") },
            Link { from: key(Kind::InvoicePayment, "inpay_2"), to: key(Kind::Intent, "pi_1") },
            Link { from: key(Kind::InvoicePayment, "inpay_2"), to: key(Kind::Invoice, "in_2") },
            Link { from: key(Kind::Invoice, "in_1"), to: key(Kind::Subscription, "sub_1") },
            Link { from: key(Kind::Invoice, "in_3"), to: key(Kind::Subscription, "sub_1") },
            Link { from: key(Kind::Invoice, "in_1"), to: key(Kind::Discount, "di_1") },
            Link { from: key(Kind::Invoice, "in_4"), to: key(Kind::Discount, "di_1") },
        ];
        let subjects = closure(&links, key(Kind::Refund, "re_1")).subjects();
        let expected = vec![
            key(Kind::Invoice, "in_1"),
            key(Kind::Invoice, "in_2"),
            key(Kind::Intent, "pi_1"),
            key(Kind::Subscription, "sub_1"),
        ];
        assert_eq!(subjects, expected);
    }
}
