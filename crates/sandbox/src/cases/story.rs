//! How a case is written: a history, the operator's acts, and the expected rows, step by step. It must
//! not know any rule.

use kernel::operator::{Action, Binds, CodeMapping, HOLD_DAYS_DEFAULT, Handle, Pay, Terms};
use kernel::{Book, Ref, UnixMs};

use super::{Case, Expected, Setup, Step};
use crate::history::{Bill, History, Payment, Sub, currency};
use crate::model::{Coupon, Customer, Item, ModelEvent, Object, Price, PromotionCode, Subscription};
use crate::render::Version;

pub(super) struct Story {
    pub(super) h: History,
    case: Case,
    book: Book,
    setup: Vec<Setup>,
}

impl Story {
    pub(super) fn new(name: &'static str, about: &'static str) -> Self {
        let mut h = History::new(&name.replace('_', ""), false, None);
        h.at("2026-01-05");
        let case = Case { name, about, steps: Vec::new(), versions: Version::ALL.to_vec() };
        Self { h, case, book: Book::own(false), setup: Vec::new() }
    }

    /// Only these families can express it.
    pub(super) fn only(&mut self, can: impl Fn(Version) -> bool) {
        self.case.versions.retain(|version| can(*version));
    }

    /// What follows is in another book: events, mappings and expected rows.
    pub(super) fn book(&mut self, livemode: bool, account: Option<&str>) {
        self.book = Book { account: account.and_then(Ref::parse), livemode };
        self.h.book(livemode, account);
    }

    pub(super) fn set(&mut self, action: Action, effective_at: Option<&str>) {
        let effective_at = effective_at.map(at);
        self.setup.push(Setup { action, effective_at });
    }

    pub(super) fn partner(&mut self, name: &str, rate_bps: i64) {
        let action = Action::PartnerAdd {
            handle: handle(name),
            name: name.to_owned(),
            email: format!("{name}@partners.example"),
            terms: rate(rate_bps),
        };
        self.set(action, None);
    }

    pub(super) fn terms(&mut self, name: &str, rate_bps: i64, binds: Binds, from: &str) {
        let action = Action::TermsSet { handle: handle(name), terms: rate(rate_bps), binds };
        self.set(action, Some(from));
    }

    pub(super) fn status(&mut self, name: &str, active: bool, from: &str) {
        self.set(Action::PartnerStatus { handle: handle(name), active }, Some(from));
    }

    fn mapping(&self, name: &str) -> CodeMapping {
        let partner = handle(name);
        CodeMapping { partner, book: self.book.clone(), code: None, promotion_code: None, coupon: None }
    }

    /// The partner owns this code, by text and id, for ever.
    pub(super) fn owns(&mut self, name: &str, code: &PromotionCode) {
        let action = self.owned(name, code);
        self.set(action, None);
    }

    pub(super) fn owns_from(&mut self, name: &str, code: &PromotionCode, from: &str) {
        let action = self.owned(name, code);
        self.set(action, Some(from));
    }

    fn owned(&self, name: &str, code: &PromotionCode) -> Action {
        Action::CodeMap(CodeMapping {
            code: Some(code.code.clone()),
            promotion_code: Ref::parse(&code.id),
            ..self.mapping(name)
        })
    }

    /// The partner owns this code and its coupon from then on.
    pub(super) fn owns_with_coupon(&mut self, name: &str, code: &PromotionCode, from: &str) {
        let action = Action::CodeMap(CodeMapping {
            code: Some(code.code.clone()),
            promotion_code: Ref::parse(&code.id),
            coupon: Ref::parse(&code.coupon.id),
            ..self.mapping(name)
        });
        self.set(action, Some(from));
    }

    /// The partner owns the code by its text alone.
    pub(super) fn owns_text(&mut self, name: &str, code: &str) {
        let action = Action::CodeMap(CodeMapping { code: Some(code.to_owned()), ..self.mapping(name) });
        self.set(action, None);
    }

    pub(super) fn owns_coupon(&mut self, name: &str, coupon: &Coupon) {
        let action = Action::CodeMap(CodeMapping { coupon: Ref::parse(&coupon.id), ..self.mapping(name) });
        self.set(action, None);
    }

    /// A monthly subscription that names its partner (or nobody) in its metadata; nothing billed yet.
    pub(super) fn sub(&mut self, partner: Option<&str>, unit_minor: i64, code: &str) -> Sub {
        let customer = self.h.customer();
        let price = self.h.price(unit_minor, currency(code), Some("month"));
        self.sub_of(&customer, partner, price)
    }

    pub(super) fn sub_of(&mut self, customer: &Customer, partner: Option<&str>, price: Price) -> Sub {
        let now_s = self.h.now_s();
        let (id, item) = (self.h.id("sub"), self.h.id("si"));
        let subscription = Subscription {
            customer: Some(customer.id.clone()),
            period_s: (now_s, now_s + 30 * 86_400),
            metadata: partner.map(|name| ("partner_ref".to_owned(), name.to_owned())).into_iter().collect(),
            ..Subscription::blank(&id, price.currency, now_s)
        };
        let subscription = Subscription { items: vec![Item::blank(&item, price, now_s)], ..subscription };
        self.h.emit("customer.subscription.created", Object::from(subscription.clone()));
        Sub { subscription, customer: Some(customer.clone()), tax: None, uses: Vec::new() }
    }

    /// One invoice of a new subscription of that partner's, with exactly these numbers, paid by card.
    pub(super) fn sale(&mut self, partner: &str, bill: Bill) -> Payment {
        let sub = self.sub(Some(partner), 10_000, "usd");
        let invoice = self.h.invoice(&sub.on(bill, "subscription_create"));
        self.h.pay(invoice)
    }

    /// Ends a step: these are all the rows now.
    pub(super) fn expect(&mut self, rows: impl IntoIterator<Item = Expected>) {
        let events = self.h.take();
        self.expect_after(events, rows);
    }

    /// The same, with events chosen or ordered by hand.
    pub(super) fn expect_after(&mut self, events: Vec<ModelEvent>, rows: impl IntoIterator<Item = Expected>) {
        let setup = std::mem::take(&mut self.setup);
        self.case.steps.push(Step { setup, events, expect: rows.into_iter().collect() });
    }

    /// A row of the current book.
    pub(super) fn due(&self, sale: &str, partner: &'static str, commission_minor: i64) -> Expected {
        self.row(sale, Some(partner), commission_minor)
    }

    /// A row of nobody's.
    pub(super) fn none(&self, sale: &str, reason: &'static str) -> Expected {
        self.row(sale, None, 0).reason(reason)
    }

    fn row(&self, sale: &str, partner: Option<&'static str>, commission_minor: i64) -> Expected {
        Expected {
            book: self.book.clone(),
            sale: sale.to_owned(),
            partner,
            commission_minor,
            status: None,
            reason: None,
            currency: None,
            gross_minor: None,
            discount_minor: None,
            net_sold_minor: None,
            net_minor: None,
            available_at: None,
            rejected: Vec::new(),
        }
    }

    pub(super) fn done(self) -> Case {
        self.case
    }
}

impl Expected {
    pub(super) fn status(mut self, status: &'static str) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn reason(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    pub(super) fn currency(mut self, currency: &'static str) -> Self {
        self.currency = Some(currency);
        self
    }

    pub(super) fn gross(mut self, gross: i64, discount: i64) -> Self {
        self.gross_minor = Some(gross);
        self.discount_minor = Some(discount);
        self
    }

    pub(super) fn sold(mut self, net_sold: i64) -> Self {
        self.net_sold_minor = Some(net_sold);
        self
    }

    pub(super) fn net(mut self, net: i64) -> Self {
        self.net_minor = Some(net);
        self
    }

    pub(super) fn available(mut self, date: &str) -> Self {
        self.available_at = Some(at(date));
        self
    }

    pub(super) fn rejects(mut self, partner: &'static str, reason: &'static str) -> Self {
        self.rejected.push((partner, reason));
        self
    }
}

pub(super) fn handle(name: &str) -> Handle {
    Handle::parse(name).expect("handles in cases are well formed")
}

pub(super) fn rate(bps: i64) -> Terms {
    Terms { pay: Pay::RateBps(bps), products: Vec::new(), hold_days: HOLD_DAYS_DEFAULT }
}

pub(super) fn at(text: &str) -> UnixMs {
    kernel::time::parse(text).expect("times in cases are dates or RFC 3339")
}
