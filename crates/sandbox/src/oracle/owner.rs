//! Whose a sale is (MONEY.md section 4): the subscription's owner, else a promotion code, else a reference, else
//! a coupon with one owner. It must not know amounts, except to choose between two codes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Index, Sale, Terms, int, of, rows, text};

/// Who a sale belongs to, and since when (the attribution time).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Owner {
    pub(super) partner: String,
    pub(super) since_s: i64,
}

pub(super) struct Owners<'a> {
    index: &'a Index<'a>,
    terms: &'a Terms,
    codes_of_coupon: BTreeMap<&'a str, Vec<&'a Value>>,
    /// What the first sale that somebody could have decided.
    of_subscription: BTreeMap<&'a str, Owner>,
    /// Subscriptions that had a sale already.
    sold: std::collections::BTreeSet<&'a str>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(index: &'a Index<'a>, terms: &'a Terms) -> Self {
        let mut codes_of_coupon: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for code in index.all("promotion_code") {
            if let Some(coupon) = coupon_of(code) {
                codes_of_coupon.entry(coupon).or_default().push(code);
            }
        }
        let sold = std::collections::BTreeSet::new();
        Self { index, terms, codes_of_coupon, of_subscription: BTreeMap::new(), sold }
    }

    /// Sales must come in the order of their times: the first that is attributed decides for a subscription.
    pub(super) fn of(&mut self, sale: &Sale<'a>) -> Option<Owner> {
        let Some(subscription) = sale.subscription else { return self.named(sale, false) };
        if let Some(owner) = self.of_subscription.get(subscription) {
            return Some(owner.clone());
        }
        let first = self.sold.insert(subscription);
        let owner = self.named(sale, first)?;
        self.of_subscription.insert(subscription, owner.clone());
        Some(owner)
    }

    fn named(&self, sale: &Sale<'a>, first: bool) -> Option<Owner> {
        let session = self.session(sale);
        let discounts = self.discounts(sale, session, first);
        let since_s = |text_s: Option<i64>| text_s.unwrap_or_else(|| self.began_s(sale, session));
        let by_hint = |partner: &str| Owner { partner: partner.to_owned(), since_s: since_s(None) };
        self.by_code(&discounts, since_s)
            .or_else(|| {
                let at_invoice = sale.object.pointer("/parent/subscription_details/metadata");
                let of_session = session.and_then(|session| session.get("metadata"));
                let of_intent = self.intent(sale).and_then(|intent| intent.get("metadata"));
                let places = [at_invoice, of_session, of_intent];
                places.into_iter().flatten().find_map(|place| self.reference(place)).map(by_hint)
            })
            .or_else(|| self.known(text(session?, "/client_reference_id")?).map(by_hint))
            .or_else(|| discounts.iter().find_map(|row| self.sole(row.coupon?, since_s(row.start_s))))
    }

    /// When there is no discount to say it: the session's beginning, the subscription's, the sale.
    fn began_s(&self, sale: &Sale<'a>, session: Option<&Value>) -> i64 {
        let subscription = || sale.subscription.and_then(|id| self.index.get(id));
        session.or_else(subscription).map_or(sale.at_s, |object| int(object, "/created"))
    }

    fn session(&self, sale: &Sale<'a>) -> Option<&'a Value> {
        if text(sale.object, "/object") == Some("checkout.session") {
            return Some(sale.object);
        }
        let by_subscription = sale.subscription.and_then(|id| self.index.session_of_subscription.get(id));
        by_subscription.or_else(|| self.index.session_of_invoice.get(sale.id)).copied()
    }

    fn intent(&self, sale: &Sale<'a>) -> Option<&'a Value> {
        if text(sale.object, "/object") == Some("payment_intent") {
            return Some(sale.object);
        }
        let of_session = text(sale.object, "/payment_intent");
        let payment = self.index.payments_of_invoice.get(sale.id).and_then(|rows| rows.first());
        let of_invoice = payment.and_then(|payment| text(payment, "/payment/payment_intent"));
        of_session.or(of_invoice).and_then(|id| self.index.get(id))
    }

    /// The discounts that argue for this sale: those it names; those that its session names, and so the checkout that
    /// made its subscription; and those that were there when a subscription began with an invoice of nothing, which
    /// may leave them out.
    fn discounts(&self, sale: &Sale<'a>, session: Option<&'a Value>, first: bool) -> Vec<Taken<'a>> {
        let of_discount = |discount: &'a Value, amount: i64| Taken {
            code: text(discount, "/promotion_code"),
            coupon: coupon_of(discount),
            amount,
            start_s: discount.pointer("/start").and_then(Value::as_i64),
        };
        let named = rows(sale.object, "/total_discount_amounts").iter();
        let mut taken: Vec<Taken<'a>> = named
            .filter_map(|row| Some((self.index.get(text(row, "/discount")?)?, int(row, "/amount"))))
            .map(|(discount, amount)| of_discount(discount, amount))
            .collect();
        let had = sale.subscription.map_or(&[][..], |id| of(&self.index.discounts_of_subscription, id));
        if first && taken.is_empty() && begins_with_nothing(sale.object) {
            let made_s = int(sale.object, "/created");
            let there = had.iter().filter(|discount| int(discount, "/start") <= made_s);
            taken.extend(there.map(|discount| of_discount(discount, 0)));
        }
        let of_session = session.into_iter().flat_map(|session| rows(session, "/discounts"));
        taken.extend(of_session.map(|row| {
            let (code, coupon) = (text(row, "/promotion_code"), text(row, "/coupon"));
            let same = |discount: &&&'a Value| match code {
                Some(_) => text(discount, "/promotion_code") == code,
                None => text(discount, "/promotion_code").is_none() && coupon_of(discount) == coupon,
            };
            let start_s = had.iter().filter(same).map(|discount| int(discount, "/start")).min();
            Taken { code, coupon, amount: 0, start_s }
        }));
        taken
    }

    /// The larger discount amount, then the smaller promotion-code id.
    fn by_code(&self, discounts: &[Taken<'a>], since_s: impl Fn(Option<i64>) -> i64) -> Option<Owner> {
        let owned = discounts.iter().filter_map(|row| {
            let (id, at_s) = (row.code?, since_s(row.start_s));
            let partner = self.of_code(self.index.get(id)?, at_s)?;
            Some((std::cmp::Reverse(row.amount), id, at_s, partner))
        });
        owned.min().map(|(.., since_s, partner)| Owner { partner, since_s })
    }

    fn of_code(&self, code: &Value, at_s: i64) -> Option<String> {
        let mapped = self.terms.owner_of_code(text(code, "/id")?, text(code, "/code")?, at_s);
        mapped.map(str::to_owned).or_else(|| named_in(code))
    }

    /// A coupon that is one partner's alone at that time.
    fn sole(&self, coupon: &str, at_s: i64) -> Option<Owner> {
        let mut owners: Vec<String> = self.terms.owners_of_coupon(coupon, at_s).map(str::to_owned).collect();
        owners.extend(self.index.get(coupon).and_then(named_in));
        let codes = self.codes_of_coupon.get(coupon).into_iter().flatten();
        let made = codes.filter(|code| int(code, "/created") <= at_s);
        owners.extend(made.filter_map(|code| self.of_code(code, at_s)));
        owners.sort();
        owners.dedup();
        let partner = owners.pop().filter(|_| owners.is_empty())?;
        Some(Owner { partner, since_s: at_s })
    }

    /// `partner_ref`, then `partner_handle`; a word that names nobody hides no other.
    fn reference(&self, metadata: &'a Value) -> Option<&'a str> {
        let mut names = ["/partner_ref", "/partner_handle"].into_iter().filter_map(|at| text(metadata, at));
        names.find_map(|name| self.known(name))
    }

    fn known(&self, name: &'a str) -> Option<&'a str> {
        self.terms.known(name).then_some(name)
    }
}

/// An invoice that begins its subscription and has nothing that could be taken from, as a trial's.
fn begins_with_nothing(invoice: &Value) -> bool {
    text(invoice, "/billing_reason") == Some("subscription_create") && int(invoice, "/subtotal") == 0
}

struct Taken<'a> {
    code: Option<&'a str>,
    coupon: Option<&'a str>,
    amount: i64,
    /// When the discount began, if there is one to say.
    start_s: Option<i64>,
}

/// The coupon of a promotion code or a discount.
fn coupon_of(row: &Value) -> Option<&str> {
    ["/promotion/coupon", "/source/coupon", "/coupon/id", "/coupon"].into_iter().find_map(|at| text(row, at))
}

fn named_in(row: &Value) -> Option<String> {
    ["partner_ref", "partner_handle"]
        .into_iter()
        .find_map(|name| text(row, &format!("/metadata/{name}")))
        .map(str::to_owned)
}
