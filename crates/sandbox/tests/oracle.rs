//! The oracle against the history: what it reads in the finished world's objects was paid, came back and is whose,
//! looked up a second time in the events alone, the way a receiver would have to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::operator::Action;
use sandbox::traffic::year;
use sandbox::{Discount, Meta, ModelEvent, Object, Session, Traffic};

#[derive(Default)]
struct Heard<'a> {
    /// Of invoices; of sessions nothing yet.
    paid: BTreeMap<&'a str, i64>,
    total: HashMap<&'a str, i64>,
    subscription_of: HashMap<&'a str, &'a str>,
    sale_of_intent: HashMap<&'a str, &'a str>,
    intent_of_charge: HashMap<&'a str, &'a str>,
    received: HashMap<&'a str, i64>,
    /// (charge, amount, whether it counts), by id.
    back: BTreeMap<&'a str, (&'a str, i64, bool)>,
    /// Given outside, by credit note.
    outside: BTreeMap<&'a str, (&'a str, i64)>,
    /// Everything that anybody said about who sent them, by subscription, invoice, session or intent.
    said: HashMap<&'a str, BTreeSet<String>>,
    text_of_code: HashMap<&'a str, &'a str>,
}

impl<'a> Heard<'a> {
    fn read(history: &'a [ModelEvent]) -> Self {
        let mut heard = Self::default();
        for event in history {
            heard.event(event);
        }
        heard
    }

    fn event(&mut self, event: &'a ModelEvent) {
        match &event.object {
            Object::Invoice(invoice) if event.kind != "invoice.upcoming" => {
                self.paid.insert(&invoice.id, invoice.paid);
                self.total.insert(&invoice.id, invoice.total());
                if let Some(subscription) = &invoice.subscription {
                    self.subscription_of.insert(&invoice.id, subscription);
                }
            }
            Object::InvoicePayment(payment) => {
                if let Some(intent) = &payment.intent {
                    self.sale_of_intent.insert(intent, &payment.invoice);
                }
            }
            Object::Session(session) if session.status == "complete" => self.session(session),
            Object::Intent(intent) => {
                self.received.insert(&intent.id, intent.amount_received);
                self.sale_of_intent.entry(&intent.id).or_insert(&intent.id);
                self.metadata(&intent.id, &intent.metadata);
            }
            Object::Charge(charge) => {
                self.intent_of_charge.insert(&charge.id, charge.intent.as_deref().expect("an intent"));
            }
            Object::Refund(refund) => {
                let counts = !matches!(refund.status, "failed" | "canceled");
                let charge = refund.charge.as_deref().expect("a charge");
                self.back.insert(&refund.id, (charge, refund.amount, counts));
            }
            Object::Dispute(dispute) => {
                let lost = dispute.status == "lost";
                self.back.insert(&dispute.id, (&dispute.charge, dispute.amount, lost));
            }
            Object::CreditNote(note) => {
                self.outside.insert(&note.id, (&note.invoice, note.out_of_band));
            }
            Object::PromotionCode(code) => {
                self.text_of_code.insert(&code.id, &code.code);
            }
            Object::Subscription(subscription) => self.metadata(&subscription.id, &subscription.metadata),
            Object::Discount(discount) => self.discount(discount),
            _ => {}
        }
    }

    fn say(&mut self, subject: &'a str, word: &str) {
        self.said.entry(subject).or_default().insert(word.to_owned());
    }

    fn metadata(&mut self, subject: &'a str, metadata: &'a Meta) {
        for (_, word) in metadata {
            self.say(subject, word);
        }
    }

    fn taken(&mut self, subject: &'a str, coupon: &str, code: Option<&str>) {
        let text = code.and_then(|code| self.text_of_code.get(code).copied());
        self.say(subject, text.unwrap_or(coupon));
    }

    fn discount(&mut self, discount: &'a Discount) {
        if let Some(subscription) = &discount.subscription {
            self.taken(subscription, &discount.coupon.id, discount.promotion_code.as_deref());
        }
    }

    fn session(&mut self, session: &'a Session) {
        let subject = session.subscription.as_deref().or(session.invoice.as_deref()).unwrap_or(&session.id);
        if subject == session.id {
            self.paid.insert(&session.id, 0);
            self.total.insert(&session.id, session.total());
        }
        if let Some(intent) = &session.intent {
            self.sale_of_intent.insert(intent, subject);
            for word in self.said.get(intent.as_str()).cloned().unwrap_or_default() {
                self.say(subject, &word);
            }
        }
        self.metadata(subject, &session.metadata);
        if let Some(word) = &session.client_reference_id {
            self.say(subject, word);
        }
        for (coupon, code) in &session.discounts {
            self.taken(subject, coupon, code.as_deref());
        }
    }

    fn lost(&self, sale: &str) -> i64 {
        let of = |charge: &str| {
            self.intent_of_charge.get(charge).and_then(|intent| self.sale_of_intent.get(intent))
        };
        let back = self.back.values().filter(|(charge, _, counts)| *counts && of(charge) == Some(&sale));
        let outside = self.outside.values().filter(|(invoice, _)| *invoice == sale);
        back.map(|row| row.1).sum::<i64>() + outside.map(|row| row.1).sum::<i64>()
    }

    fn cash(&self, sale: &str) -> i64 {
        if sale.starts_with("in_") {
            return self.paid[sale].min(self.total[sale].max(0));
        }
        let intents = self.sale_of_intent.iter().filter(|(_, of)| **of == sale);
        intents.map(|(intent, _)| self.received[intent]).sum()
    }
}

/// Handles and the words that stand for them: codes, coupons, and the handles themselves.
fn words(traffic: &Traffic) -> BTreeSet<(String, String)> {
    let mut words = BTreeSet::new();
    for line in &traffic.setup {
        match &line.action {
            Action::PartnerAdd { handle, .. } => {
                words.insert((handle.to_string(), handle.to_string()));
            }
            Action::CodeMap(map) => {
                let coupon = map.coupon.as_ref().map(ToString::to_string);
                let word = map.code.clone().or(coupon).expect("a code or a coupon");
                words.insert((map.partner.to_string(), word));
            }
            _ => {}
        }
    }
    // Coupons that are theirs because their codes alone use them.
    for (handle, coupon) in [("anna", "ANNA-20"), ("gita", "SUMMER")] {
        words.insert((handle.to_owned(), coupon.to_owned()));
    }
    words
}

#[test]
fn the_events_say_the_same_as_the_oracle_reads_in_the_world() {
    let traffic: Traffic = year(11, 12, 150, 1_767_225_600);
    let heard = Heard::read(&traffic.history);
    let words = words(&traffic);
    let (mut reduced, mut owned, mut silent) = (0, 0, 0);
    for row in &traffic.oracle.rows {
        let sale = row.sale.as_str();
        let cash = heard.cash(sale);
        assert_eq!(row.paid_minor, cash, "{sale}");
        assert_eq!(row.lost_minor, heard.lost(sale).min(cash), "{sale}");
        reduced += usize::from(row.lost_minor > 0);
        let subject = heard.subscription_of.get(sale).copied().unwrap_or(sale);
        let said = heard.said.get(subject);
        let names = |handle: &String| {
            said.is_some_and(|said| said.iter().any(|word| words.contains(&(handle.clone(), word.clone()))))
        };
        match &row.partner {
            Some(partner) => assert!(names(partner), "{sale} is said to be {partner}'s, of {said:?}"),
            // Somebody may be named and yet not have it: a code came later, or a coupon is shared.
            None => silent += usize::from(said.is_none()),
        }
        owned += usize::from(row.partner.is_some());
    }
    println!(
        "{} sales, {owned} with a partner, {silent} of which nobody said anything, {reduced} with money that went back",
        traffic.oracle.rows.len()
    );
    assert!(reduced > 10 && owned > 200 && silent > 50);
}
