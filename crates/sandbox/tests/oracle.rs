//! The oracle against the history itself: what it says was paid, kept and whose it is, worked out a second
//! time from the objects alone, the way a receiver would have to.

use std::collections::{BTreeMap, HashMap};

use sandbox::traffic::year;
use sandbox::{ModelEvent, Object, Session, Traffic};

#[derive(Default)]
struct World<'a> {
    paid: BTreeMap<&'a str, i64>,
    subscription_of: HashMap<&'a str, &'a str>,
    sale_of_intent: HashMap<&'a str, &'a str>,
    intent_of_charge: HashMap<&'a str, &'a str>,
    received: HashMap<&'a str, i64>,
    refunds: BTreeMap<&'a str, (&'a str, i64, bool)>,
    disputes: BTreeMap<&'a str, (&'a str, i64, bool)>,
    /// Code text or handle -> partner, per session, subscription.
    named: HashMap<&'a str, String>,
    promotion: HashMap<&'a str, &'a str>,
}

impl<'a> World<'a> {
    fn read(history: &'a [ModelEvent]) -> Self {
        let mut world = Self::default();
        for event in history {
            world.event(event);
        }
        world
    }

    fn event(&mut self, event: &'a ModelEvent) {
        match &event.object {
            Object::Invoice(invoice) => {
                self.paid.insert(&invoice.id, invoice.paid);
                if let Some(subscription) = &invoice.subscription {
                    self.subscription_of.insert(&invoice.id, subscription);
                }
            }
            Object::InvoicePayment(payment) => {
                if let Some(intent) = &payment.intent {
                    self.sale_of_intent.insert(intent, &payment.invoice);
                }
            }
            Object::Session(session) => self.session(session),
            Object::Intent(intent) => {
                self.received.insert(&intent.id, intent.amount_received);
            }
            Object::Charge(charge) => {
                self.intent_of_charge.insert(&charge.id, charge.intent.as_deref().expect("an intent"));
            }
            Object::Refund(refund) => {
                let counts = !matches!(refund.status, "failed" | "canceled");
                let charge = refund.charge.as_deref().expect("a charge");
                self.refunds.insert(&refund.id, (charge, refund.amount, counts));
            }
            Object::Dispute(dispute) => {
                self.disputes
                    .insert(&dispute.id, (&dispute.charge, dispute.amount, dispute.status == "lost"));
            }
            Object::PromotionCode(code) => {
                self.promotion.insert(&code.id, &code.code);
            }
            Object::Discount(discount) => {
                let (Some(subscription), Some(code)) = (&discount.subscription, &discount.promotion_code)
                else {
                    return;
                };
                self.name(subscription, Some(code), None);
            }
            _ => {}
        }
    }

    fn session(&mut self, session: &'a Session) {
        let hint = session.metadata.first().map(|(_, value)| value.as_str());
        let hint = hint.or(session.client_reference_id.as_deref());
        let code = session.discounts.first().and_then(|(_, code)| code.as_deref());
        let subject = session.subscription.as_deref().or(session.invoice.as_deref());
        if session.invoice.is_none() {
            self.paid.insert(&session.id, 0);
            if let Some(intent) = &session.intent {
                self.sale_of_intent.insert(intent, &session.id);
            }
        }
        self.name(subject.unwrap_or(&session.id), code, hint);
    }

    /// The first code that is a partner's, or hint, stays.
    fn name(&mut self, subject: &'a str, code: Option<&str>, hint: Option<&str>) {
        let text = code.and_then(|code| self.promotion.get(code).copied());
        let owner = text.and_then(owner).or(hint).map(str::to_owned);
        if let Some(owner) = owner {
            self.named.entry(subject).or_insert(owner);
        }
    }

    fn lost(&self, sale: &str) -> i64 {
        let of = |charge: &str| {
            self.intent_of_charge.get(charge).and_then(|intent| self.sale_of_intent.get(intent))
        };
        let rows = self.refunds.values().chain(self.disputes.values());
        rows.filter(|(charge, _, counts)| *counts && of(charge) == Some(&sale))
            .map(|(_, amount, _)| amount)
            .sum()
    }

    fn cash(&self, sale: &str) -> i64 {
        if sale.starts_with("in_") {
            return self.paid[sale];
        }
        let intents = self.sale_of_intent.iter().filter(|(_, of)| **of == sale);
        intents.map(|(intent, _)| self.received[intent]).sum()
    }
}

fn owner(code: &str) -> Option<&'static str> {
    let handles = ["anna", "bruno", "chen", "dora", "elif", "farid"];
    handles.into_iter().find(|handle| code.to_lowercase().starts_with(handle))
}

#[test]
fn the_history_says_the_same_as_the_oracle() {
    let traffic: Traffic = year(11, 12, 150, 1_767_225_600);
    let world = World::read(&traffic.history);
    let (mut reduced, mut owned) = (0, 0);
    for row in &traffic.oracle.rows {
        let sale = row.sale.as_str();
        let cash = world.cash(sale);
        assert_eq!(row.paid_minor, cash, "{sale}");
        assert_eq!(row.kept_minor, (cash - world.lost(sale)).max(0), "{sale}");
        reduced += usize::from(row.kept_minor < cash);
        let subject = world.subscription_of.get(sale).copied().unwrap_or(sale);
        match (row.partner, world.named.get(subject)) {
            (Some(partner), Some(named)) => assert_eq!(partner, named, "{sale}"),
            (Some(partner), None) => panic!("{sale} is said to be {partner}'s, but nothing names a partner"),
            // Nobody's at first: a code came later, and earns from then on only.
            (None, _) => {}
        }
        owned += usize::from(row.partner.is_some());
    }
    println!(
        "{} sales, {owned} with a partner, {reduced} with money that went back",
        traffic.oracle.rows.len()
    );
    assert!(reduced > 10 && owned > 300);
}
