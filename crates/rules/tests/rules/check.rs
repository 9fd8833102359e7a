//! The only place of these tests that calls the rules: an operator log, sales and subscriptions in;
//! partner, commission and reason per sale out.

use std::collections::BTreeMap;

use kernel::Book;
use kernel::operator::{Action, Binds, CodeMapping, Handle, Logged, ManualScope, Pay, Terms};
use rules::view::{SaleView, SubscriptionView};
use rules::{Claim, Due, Reason, Registry, SubscriptionAttribution};

use crate::builder::{Sale, day, r, some, subscription};

pub(crate) fn handle(text: &str) -> Handle {
    Handle::parse(text).expect("a handle")
}

pub(crate) fn rate(bps: i64) -> Terms {
    Terms { pay: Pay::RateBps(bps), products: Vec::new(), hold_days: 30 }
}

/// The operator log being written. Days are when lines are written, and when they take effect unless
/// `from` says otherwise.
#[derive(Clone, Default)]
pub(crate) struct House {
    pub(crate) log: Vec<Logged>,
}

/// Partners `a` and `b` at 20 %, with the codes `promo_a` and `promo_b`.
pub(crate) fn two_partners() -> House {
    House::default()
        .partner("a", rate(2000))
        .partner("b", rate(2000))
        .code("a", "promo_a", "")
        .code("b", "promo_b", "")
}

/// One partner `a`, with the code `promo_a`.
pub(crate) fn one_partner(terms: Terms) -> House {
    House::default().partner("a", terms).code("a", "promo_a", "")
}

impl House {
    pub(crate) fn say(mut self, at: i64, from: Option<i64>, action: Action) -> Self {
        self.log.push(Logged {
            seq: i64::try_from(self.log.len()).expect("short") + 1,
            actor: "test".into(),
            effective_at: from.map(day),
            recorded_at: day(at),
            action,
        });
        self
    }

    pub(crate) fn partner(self, who: &str, terms: Terms) -> Self {
        let (handle, name, email) = (handle(who), who.to_uppercase(), format!("{who}@example.com"));
        self.say(900, None, Action::PartnerAdd { handle, name, email, terms })
    }

    /// A first mapping, long after every sale: open to the past.
    pub(crate) fn code(self, who: &str, promo: &str, coupon: &str) -> Self {
        self.map(900, None, mapping(who, "", promo, coupon))
    }

    pub(crate) fn map(self, at: i64, from: Option<i64>, mapping: CodeMapping) -> Self {
        self.say(at, from, Action::CodeMap(mapping))
    }

    pub(crate) fn end(self, at: i64, from: Option<i64>, mapping: CodeMapping) -> Self {
        self.say(at, from, Action::CodeEnd(mapping))
    }

    pub(crate) fn active(self, who: &str, at: i64, active: bool) -> Self {
        self.say(at, None, Action::PartnerStatus { handle: handle(who), active })
    }

    pub(crate) fn terms(self, who: &str, at: i64, terms: Terms, binds: Binds) -> Self {
        self.say(at, None, Action::TermsSet { handle: handle(who), terms, binds })
    }

    pub(crate) fn start(self, at: i64) -> Self {
        self.say(900, None, Action::ProgramStart { book: Book::own(true), at: day(at) })
    }

    pub(crate) fn manual(self, id: &str, from: Option<i64>, who: Option<&str>) -> Self {
        let scope = match id.starts_with("sub_") {
            true => ManualScope::Subscription(r(id)),
            false => ManualScope::Sale(r(id)),
        };
        self.say(900, from, Action::Manual { book: Book::own(true), scope, partner: who.map(handle) })
    }

    pub(crate) fn registry(&self) -> Registry {
        Registry::fold(&self.log)
    }
}

pub(crate) fn mapping(who: &str, code: &str, promo: &str, coupon: &str) -> CodeMapping {
    CodeMapping {
        partner: handle(who),
        book: Book::own(true),
        code: (!code.is_empty()).then(|| code.to_owned()),
        promotion_code: some(promo),
        coupon: some(coupon),
    }
}

/// Everything due of these sales: claims first, then subscriptions, then the sales, as the engine does.
pub(crate) fn dues(
    house: &House,
    sales: &[SaleView],
    subscriptions: &[SubscriptionView],
) -> BTreeMap<String, Due> {
    let registry = house.registry();
    let mut attributions: BTreeMap<String, SubscriptionAttribution> = BTreeMap::new();
    for id in sales.iter().filter_map(|view| view.subscription.clone()) {
        let claims: Vec<Claim> = sales
            .iter()
            .filter(|view| view.subscription.as_ref() == Some(&id))
            .filter_map(|view| rules::attribution::claim(view, &registry))
            .collect();
        let silent = subscription(id.as_str(), 0);
        let view = subscriptions.iter().find(|view| view.id == id).unwrap_or(&silent);
        attributions.insert(id.to_string(), rules::subscription::attribute(view, &claims, &registry));
    }
    let mut found = BTreeMap::new();
    for view in sales {
        let attribution = view.subscription.as_ref().and_then(|id| attributions.get(id.as_str()));
        if let Some(due) = rules::commission::due(view, attribution, &registry).expect("amounts fit") {
            found.insert(view.root.id.to_string(), due);
        }
    }
    found
}

pub(crate) fn due(house: &House, sale: &Sale) -> Due {
    let id = sale.0.root.id.to_string();
    dues(house, std::slice::from_ref(&sale.0), &[]).remove(&id).expect("a row")
}

/// What one sale earns; it must have a row.
pub(crate) fn earns(house: &House, sale: &Sale) -> i64 {
    commission(&due(house, sale))
}

pub(crate) fn commission(due: &Due) -> i64 {
    due.shares.iter().map(|share| share.commission_minor).sum()
}

/// (sale, partner or "", commission, reason)
pub(crate) type Row<'a> = (&'a str, &'a str, i64, Reason);

/// Every row these sales have, and no other.
#[track_caller]
pub(crate) fn check_with(
    house: &House,
    sales: &[Sale],
    subscriptions: &[SubscriptionView],
    expected: &[Row<'_>],
) {
    let views: Vec<SaleView> = sales.iter().map(|sale| sale.0.clone()).collect();
    let found = dues(house, &views, subscriptions);
    let found: Vec<Row<'_>> = found
        .iter()
        .map(|(id, due)| {
            let partner = due.attribution.partner.as_ref().map_or("", |partner| partner.as_str());
            (id.as_str(), partner, commission(due), due.attribution.reason)
        })
        .collect();
    assert_eq!(found, expected);
}

#[track_caller]
pub(crate) fn check(house: &House, sales: &[Sale], expected: &[Row<'_>]) {
    check_with(house, sales, &[], expected);
}
