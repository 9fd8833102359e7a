//! What is due, worked out from MONEY.md while the traffic is made: the generator says what it did to each
//! sale, this does the arithmetic. Independent of `rules` on purpose.

use std::collections::BTreeMap;

use kernel::Currency;

use super::shop::{Partner, Shop};
use crate::history::{OneOff, Payment};
use crate::model::Invoice;

/// One sale at the end of the traffic: a row of the export.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Due {
    pub sale: String,
    pub partner: Option<&'static str>,
    pub currency: Currency,
    pub commission_minor: i64,
    /// Cash that came, and what of it stayed.
    pub paid_minor: i64,
    pub kept_minor: i64,
}

/// What one partner is due in one currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Total {
    pub partner: &'static str,
    pub currency: Currency,
    pub commission_minor: i64,
    /// All rows of the partner, those that earn nothing included.
    pub sales: usize,
}

/// Sorted by sale; totals by partner and currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Oracle {
    pub rows: Vec<Due>,
    pub totals: Vec<Total>,
}

/// Who a sale belongs to: the partner's place in the shop, and when it was attributed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Owner {
    pub(super) partner: usize,
    pub(super) since_s: i64,
}

struct Sale {
    id: String,
    owner: Option<Owner>,
    currency: Currency,
    total: i64,
    net: i64,
    cash: i64,
    lost: i64,
    at_s: i64,
}

pub(super) struct Book {
    partners: Vec<Partner>,
    sales: Vec<Sale>,
}

impl Book {
    pub(super) fn new(shop: &Shop) -> Self {
        Self { partners: shop.partners.clone(), sales: Vec::new() }
    }

    /// An invoice as it is in the end.
    pub(super) fn invoice(&mut self, invoice: &Invoice, owner: Option<Owner>) {
        let shipping = invoice.shipping.as_ref();
        let within = shipping.and_then(|row| row.tax.as_ref()).filter(|tax| tax.inclusive);
        let shipping_net = invoice.shipping_amount() - within.map_or(0, |tax| tax.amount);
        let tax = invoice.tax(true) + invoice.tax(false);
        self.sales.push(Sale {
            id: invoice.id.clone(),
            owner,
            currency: invoice.currency,
            total: invoice.total(),
            net: invoice.total() - tax - shipping_net,
            cash: invoice.paid,
            lost: 0,
            at_s: invoice.paid_s.unwrap_or(invoice.created_s),
        });
    }

    pub(super) fn payment(&mut self, payment: &Payment, owner: Option<Owner>) {
        if let Some(invoice) = &payment.invoice {
            self.invoice(invoice, owner);
        }
    }

    /// A one-off without an invoice.
    pub(super) fn one_off(&mut self, bought: &OneOff, owner: Option<Owner>) {
        let session = &bought.session;
        let intent = bought.payment.intent.as_ref();
        self.sales.push(Sale {
            id: session.id.clone(),
            owner,
            currency: session.currency,
            total: session.total(),
            net: session.total() - session.tax() - session.shipping,
            cash: intent.map_or(0, |intent| intent.amount_received),
            lost: 0,
            at_s: bought.payment.charge.as_ref().map_or(session.created_s, |charge| charge.created_s),
        });
    }

    /// A counting refund, or a lost dispute: never more than remains.
    pub(super) fn lost(&mut self, sale: &str, amount: i64) {
        if let Some(sale) = self.sales.iter_mut().rev().find(|row| row.id == sale) {
            sale.lost = (sale.lost + amount).min(sale.cash);
        }
    }

    pub(super) fn close(self) -> Oracle {
        let mut rows: Vec<Due> = self.sales.iter().map(|sale| self.due(sale)).collect();
        rows.sort();
        let mut totals: BTreeMap<(&'static str, Currency), (i64, usize)> = BTreeMap::new();
        for row in &rows {
            let Some(partner) = row.partner else { continue };
            let total = totals.entry((partner, row.currency)).or_default();
            *total = (total.0 + row.commission_minor, total.1 + 1);
        }
        let total = |((partner, currency), (commission_minor, sales))| Total {
            partner,
            currency,
            commission_minor,
            sales,
        };
        Oracle { rows, totals: totals.into_iter().map(total).collect() }
    }

    fn due(&self, sale: &Sale) -> Due {
        let kept = (sale.cash - sale.lost).max(0);
        let owner = sale.owner.and_then(|owner| Some((owner, self.partners.get(owner.partner)?)));
        let base = if sale.total > 0 { floor(kept, sale.net, sale.total) } else { 0 };
        let bps = owner.map_or(0, |(owner, partner)| partner.rate(sale.at_s, owner.since_s));
        Due {
            sale: sale.id.clone(),
            partner: owner.map(|(_, partner)| partner.handle),
            currency: sale.currency,
            commission_minor: floor(base, bps, 10_000),
            paid_minor: sale.cash,
            kept_minor: kept,
        }
    }
}

impl Partner {
    /// The newest version from before the sale that binds all, or binds new and from before the attribution.
    fn rate(&self, sale_s: i64, attributed_s: i64) -> i64 {
        if self.away.is_some_and(|(from, to)| (from..to).contains(&sale_s)) {
            return 0;
        }
        let binds = |(from, _, new): &&(i64, i64, bool)| *from <= sale_s && (!new || *from <= attributed_s);
        self.rates.iter().rev().find(binds).map_or(0, |(_, bps, _)| *bps)
    }
}

fn floor(amount: i64, part: i64, whole: i64) -> i64 {
    let product = i128::from(amount) * i128::from(part);
    i64::try_from(product.div_euclid(i128::from(whole))).unwrap_or(0)
}
