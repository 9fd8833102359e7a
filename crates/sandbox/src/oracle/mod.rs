//! What each partner is truly due for what happened in a book, worked out from MONEY.md alone over the
//! objects as the API shows them. It shares no code with the house's rules, so that agreeing with them means
//! something; and none with the world's arithmetic, so that it does not repeat its mistakes. It must not know
//! events, time or deliveries.

mod money;
mod owner;

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use owner::Terms;

/// The objects of a book by kind, as one API version shows them.
pub(crate) type Objects = BTreeMap<&'static str, Vec<Value>>;

/// One sale: a row of what is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Due {
    pub(crate) sale: String,
    pub(crate) partner: Option<String>,
    pub(crate) currency: String,
    pub(crate) total_minor: i64,
    /// Cash that came, and what of it was given back or lost.
    pub(crate) paid_minor: i64,
    pub(crate) lost_minor: i64,
    pub(crate) base_minor: i64,
    pub(crate) commission_minor: i64,
}

/// A sale before anybody's share: what it is worth and what names an owner.
pub(crate) struct Sale<'a> {
    id: &'a str,
    currency: &'a str,
    total: i64,
    /// Without tax and shipping.
    net: i64,
    cash: i64,
    lost: i64,
    at_s: i64,
    subscription: Option<&'a str>,
    /// The invoice, session or intent it is.
    object: &'a Value,
}

/// Every sale with its owner and what is due, sorted by id.
pub(crate) fn due(objects: &Objects, terms: &Terms) -> Vec<Due> {
    let index = Index::new(objects);
    let mut sales = money::sales(&index);
    sales.sort_by(|one, other| (one.at_s, one.id).cmp(&(other.at_s, other.id)));
    let mut owners = owner::Owners::new(&index, terms);
    let mut rows: Vec<Due> = sales
        .iter()
        .map(|sale| {
            let partner = owners.of(sale);
            let remaining = (sale.cash - sale.lost).max(0);
            let base = if sale.total > 0 { floor(remaining, sale.net.max(0), sale.total) } else { 0 };
            let rate_bps = partner.as_ref().map_or(0, |partner| terms.rate_bps(partner));
            Due {
                sale: sale.id.to_owned(),
                currency: sale.currency.to_owned(),
                total_minor: sale.total,
                paid_minor: sale.cash,
                lost_minor: sale.lost,
                base_minor: base,
                commission_minor: floor(base, rate_bps, 10_000),
                partner,
            }
        })
        .collect();
    rows.sort_by(|one, other| one.sale.cmp(&other.sale));
    rows
}

/// `amount x part / whole`, towards minus infinity; the amounts here are never negative.
fn floor(amount: i64, part: i64, whole: i64) -> i64 {
    let product = i128::from(amount) * i128::from(part);
    i64::try_from(product.div_euclid(i128::from(whole.max(1)))).unwrap_or(i64::MAX)
}

/// Objects by what they are looked up by.
pub(crate) struct Index<'a> {
    objects: &'a Objects,
    by_id: BTreeMap<&'a str, &'a Value>,
    charges_of_intent: BTreeMap<&'a str, Vec<&'a Value>>,
    payments_of_invoice: BTreeMap<&'a str, Vec<&'a Value>>,
    payments_of_intent: BTreeMap<&'a str, Vec<&'a Value>>,
    refunds_of_charge: BTreeMap<&'a str, Vec<&'a Value>>,
    disputes_of_charge: BTreeMap<&'a str, Vec<&'a Value>>,
    notes_of_invoice: BTreeMap<&'a str, Vec<&'a Value>>,
    session_of_subscription: BTreeMap<&'a str, &'a Value>,
    session_of_intent: BTreeMap<&'a str, &'a Value>,
    session_of_invoice: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Index<'a> {
    fn new(objects: &'a Objects) -> Self {
        let all = |kind: &'static str| objects.get(kind).into_iter().flatten();
        let one = |kind, pointer| {
            all(kind).filter_map(move |row: &'a Value| Some((text(row, pointer)?, row))).collect()
        };
        Self {
            objects,
            by_id: objects.values().flatten().filter_map(|row| Some((text(row, "/id")?, row))).collect(),
            charges_of_intent: grouped(all("charge"), "/payment_intent"),
            payments_of_invoice: grouped(all("invoice_payment"), "/invoice"),
            payments_of_intent: grouped(all("invoice_payment"), "/payment/payment_intent"),
            refunds_of_charge: grouped(all("refund"), "/charge"),
            disputes_of_charge: grouped(all("dispute"), "/charge"),
            notes_of_invoice: grouped(all("credit_note"), "/invoice"),
            session_of_subscription: one("checkout.session", "/subscription"),
            session_of_intent: one("checkout.session", "/payment_intent"),
            session_of_invoice: one("checkout.session", "/invoice"),
        }
    }

    fn all(&self, kind: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.objects.get(kind).into_iter().flatten()
    }

    fn get(&self, id: &str) -> Option<&'a Value> {
        self.by_id.get(id).copied()
    }
}

fn grouped<'a>(rows: impl Iterator<Item = &'a Value>, pointer: &str) -> BTreeMap<&'a str, Vec<&'a Value>> {
    let mut groups: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for row in rows {
        if let Some(key) = text(row, pointer) {
            groups.entry(key).or_default().push(row);
        }
    }
    groups
}

/// Rows of a group.
fn of<'a>(groups: &BTreeMap<&str, Vec<&'a Value>>, key: &str) -> Vec<&'a Value> {
    groups.get(key).cloned().unwrap_or_default()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn int(value: &Value, pointer: &str) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

fn rows<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests;
