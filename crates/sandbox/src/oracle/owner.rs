//! Whose a sale is (MONEY.md section 4): the subscription's owner, else a promotion code, else a reference, else
//! a coupon with one owner. It must not know amounts, except to choose between two codes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Index, Sale, int, rows, text};

/// Who owns which code, and what each earns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// Promotion codes by their text in upper case, and coupons by id. Codes with `partner_ref` in their
    /// metadata need not be here.
    pub(crate) codes: BTreeMap<String, String>,
    pub(crate) rates_bps: BTreeMap<String, i64>,
    pub(crate) rate_bps: i64,
}

impl Terms {
    pub(crate) fn rate_bps(&self, partner: &str) -> i64 {
        self.rates_bps.get(partner).copied().unwrap_or(self.rate_bps)
    }
}

pub(super) struct Owners<'a> {
    index: &'a Index<'a>,
    terms: &'a Terms,
    /// Coupons by the partners of their codes.
    sharers: BTreeMap<&'a str, Vec<String>>,
    of_subscription: BTreeMap<&'a str, String>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(index: &'a Index<'a>, terms: &'a Terms) -> Self {
        let mut owners = Self { index, terms, sharers: BTreeMap::new(), of_subscription: BTreeMap::new() };
        for code in index.all("promotion_code") {
            if let (Some(coupon), Some(partner)) = (coupon_of(code), owners.of_code(code)) {
                owners.sharers.entry(coupon).or_default().push(partner);
            }
        }
        owners
    }

    /// Sales must come in the order of their times: the first that is attributed decides for a subscription.
    pub(super) fn of(&mut self, sale: &Sale<'a>) -> Option<String> {
        if let Some(owner) = sale.subscription.and_then(|id| self.of_subscription.get(id)) {
            return Some(owner.clone());
        }
        let owner = self.named(sale)?;
        if let Some(subscription) = sale.subscription {
            self.of_subscription.insert(subscription, owner.clone());
        }
        Some(owner)
    }

    fn named(&self, sale: &Sale<'a>) -> Option<String> {
        let session = self.session(sale);
        let subscription = sale.subscription.and_then(|id| self.index.get(id));
        let discounts = self.discounts(sale, session);
        self.by_code(&discounts)
            .or_else(|| {
                let intent = self.intent(sale);
                let places = [subscription, session, intent, Some(sale.object)];
                places.into_iter().flatten().find_map(|place| self.reference(place))
            })
            .or_else(|| self.known(text(session?, "/client_reference_id")?))
            .or_else(|| discounts.iter().find_map(|row| self.sole(row.coupon?)))
    }

    fn session(&self, sale: &Sale<'a>) -> Option<&'a Value> {
        if text(sale.object, "/object") == Some("checkout.session") {
            return Some(sale.object);
        }
        let by_subscription = sale.subscription.and_then(|id| self.index.session_of_subscription.get(id));
        by_subscription.or_else(|| self.index.session_of_invoice.get(sale.id)).copied()
    }

    fn intent(&self, sale: &Sale<'a>) -> Option<&'a Value> {
        let of_session = text(sale.object, "/payment_intent");
        let payment = self.index.payments_of_invoice.get(sale.id).and_then(|rows| rows.first());
        let of_invoice = payment.and_then(|payment| text(payment, "/payment/payment_intent"));
        of_session.or(of_invoice).and_then(|id| self.index.get(id))
    }

    /// The discounts of the sale itself; those of a subscription's session only for its first sale.
    fn discounts(&self, sale: &Sale<'a>, session: Option<&'a Value>) -> Vec<Taken<'a>> {
        let mut taken: Vec<Taken<'a>> = rows(sale.object, "/total_discount_amounts")
            .iter()
            .filter_map(|row| {
                let discount = self.index.get(text(row, "/discount")?)?;
                Some(Taken {
                    code: text(discount, "/promotion_code"),
                    coupon: coupon_of(discount),
                    amount: int(row, "/amount"),
                })
            })
            .collect();
        for row in session.into_iter().flat_map(|session| rows(session, "/discounts")) {
            taken.push(Taken { code: text(row, "/promotion_code"), coupon: text(row, "/coupon"), amount: 0 });
        }
        taken
    }

    /// The larger discount amount, then the smaller promotion-code id.
    fn by_code(&self, discounts: &[Taken<'a>]) -> Option<String> {
        let owned = discounts.iter().filter_map(|row| {
            let id = row.code?;
            Some((std::cmp::Reverse(row.amount), id, self.of_code(self.index.get(id)?)?))
        });
        owned.min().map(|(.., partner)| partner)
    }

    fn of_code(&self, code: &Value) -> Option<String> {
        let text_of = text(code, "/code")?.to_uppercase();
        self.terms.codes.get(&text_of).cloned().or_else(|| named_in(code))
    }

    /// A coupon that is one partner's alone.
    fn sole(&self, coupon: &str) -> Option<String> {
        let own = self.terms.codes.get(coupon).cloned().or_else(|| named_in(self.index.get(coupon)?));
        let mut owners: Vec<String> = self.sharers.get(coupon).cloned().unwrap_or_default();
        owners.extend(own);
        owners.sort();
        owners.dedup();
        if owners.len() == 1 { owners.pop() } else { None }
    }

    fn reference(&self, place: &Value) -> Option<String> {
        self.known(text(place, "/metadata/partner_ref").or(text(place, "/metadata/partner_handle"))?)
    }

    /// A reference counts when it names a partner.
    fn known(&self, name: &str) -> Option<String> {
        let terms = self.terms;
        let known = terms.rates_bps.contains_key(name) || terms.codes.values().any(|partner| partner == name);
        known.then(|| name.to_owned())
    }
}

struct Taken<'a> {
    code: Option<&'a str>,
    coupon: Option<&'a str>,
    amount: i64,
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
