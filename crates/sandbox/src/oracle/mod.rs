//! What each partner is truly due for what happened in a book, worked out from MONEY.md alone over the
//! objects as the API shows them. It shares no code with the house's rules, so that agreeing with them means
//! something; and none with the world's arithmetic, so that it does not repeat its mistakes. It must not know
//! events, time or deliveries.

mod index;
mod money;
mod owner;
mod terms;

use std::collections::BTreeMap;

use serde_json::Value;

use index::{Index, int, of, rows, text};
pub(crate) use index::{Objects, shown};
pub(crate) use terms::Terms;

/// One sale: a row of what is due.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due {
    pub sale: String,
    pub partner: Option<String>,
    pub currency: String,
    pub total_minor: i64,
    /// Cash that came, and what of it was given back or lost.
    pub paid_minor: i64,
    pub lost_minor: i64,
    pub base_minor: i64,
    pub commission_minor: i64,
}

/// What one partner is due in one currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Total {
    pub partner: String,
    pub currency: String,
    pub commission_minor: i64,
    /// All rows of the partner, those that earn nothing included.
    pub sales: usize,
}

/// A sale before anybody's share: what it is worth and what names an owner.
struct Sale<'a> {
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
            let owner = owners.of(sale);
            let remaining = (sale.cash - sale.lost).max(0);
            let base = if sale.total > 0 { floor(remaining, sale.net.max(0), sale.total) } else { 0 };
            let rate_bps = owner.as_ref().map_or(0, |owner| terms.rate_bps(owner, sale.at_s));
            Due {
                sale: sale.id.to_owned(),
                currency: sale.currency.to_owned(),
                total_minor: sale.total,
                paid_minor: sale.cash,
                lost_minor: sale.lost,
                base_minor: base,
                commission_minor: floor(base, rate_bps, 10_000),
                partner: owner.map(|owner| owner.partner),
            }
        })
        .collect();
    rows.sort();
    rows
}

/// The sums of those rows, by partner and currency.
pub(crate) fn totals(rows: &[Due]) -> Vec<Total> {
    let mut sums: BTreeMap<(&str, &str), (i64, usize)> = BTreeMap::new();
    for row in rows {
        if let Some(partner) = &row.partner {
            let (commission, sales) = sums.entry((partner, &row.currency)).or_default();
            *commission += row.commission_minor;
            *sales += 1;
        }
    }
    let total = |((partner, currency), (commission_minor, sales)): ((&str, &str), _)| Total {
        partner: partner.to_owned(),
        currency: currency.to_owned(),
        commission_minor,
        sales,
    };
    sums.into_iter().map(total).collect()
}

/// `amount x part / whole`, towards minus infinity; the amounts here are never negative.
fn floor(amount: i64, part: i64, whole: i64) -> i64 {
    let product = i128::from(amount) * i128::from(part);
    i64::try_from(product.div_euclid(i128::from(whole.max(1)))).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
