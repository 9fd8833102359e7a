//! Money down to balance transactions (invariant I22): gross - fees - refunds - disputes = net, and a payout is the sum of
//! what it carried. What does not add up is a named exception from a closed list. Reads only, and keeps nothing.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{BalanceTransaction, Body, Payout, newest};
use kernel::time::SECOND_MS;
use kernel::{Book, Kind, ObjectKey, Ref, UnixMs};
use serde::Serialize;

use super::lister::{Lister, Page};
use super::{ListFailure, failed};
use crate::fetch::FetchFailure;
use crate::house::{EngineError, House};

/// A currency's movements, payouts left out. Minor units of the balance; fees, refunds and disputes are positive where
/// they took money.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Sums {
    pub currency: String,
    pub transactions: usize,
    pub gross_minor: i64,
    pub fees_minor: i64,
    pub refunds_minor: i64,
    pub disputes_minor: i64,
    /// Transfers, adjustments of other kinds, top-ups, and whatever is newer than this program.
    pub other_minor: i64,
    /// gross - fees - refunds - disputes + other.
    pub net_minor: i64,
    pub payouts: usize,
    pub paid_out_minor: i64,
}

/// Something that does not add up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Exception {
    /// `charge_without_transaction`, `refund_without_transaction`, `source_unknown`, `amount_differs`, `net_differs` or
    /// `payout_differs`.
    pub what: &'static str,
    pub id: String,
    pub currency: String,
    pub expected_minor: i64,
    pub found_minor: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Money {
    pub book: String,
    pub sums: Vec<Sums>,
    pub exceptions: Vec<Exception>,
}

/// Lists every movement and payout of the book, and what each payout carried.
pub fn money(house: &House, lister: &dyn Lister, book: &Book, now: UnixMs) -> Result<Money, ListFailure> {
    let rows = listed(book, now, Kind::BalanceTransaction, &mut |after| {
        lister.objects(book, Kind::BalanceTransaction, after)
    })?;
    let rows: BTreeMap<Ref, BalanceTransaction> = rows
        .into_iter()
        .filter_map(
            |(id, body)| if let Body::BalanceTransaction(row) = body { Some((id, row)) } else { None },
        )
        .collect();
    let mut counted = Counted::default();
    rows.iter().for_each(|(id, row)| counted.row(id, row));
    counted.against(&held(house, book, &rows)?, &rows);
    for (id, body) in listed(book, now, Kind::Payout, &mut |after| lister.objects(book, Kind::Payout, after))?
    {
        let Body::Payout(payout) = body else { continue };
        let settled = payout.automatic && payout.reconciliation_status.as_deref() == Some("completed");
        let carried = if settled {
            listed(book, now, Kind::BalanceTransaction, &mut |after| lister.carried(book, &id, after))?
        } else {
            Vec::new()
        };
        counted.payout(&id, &payout, settled.then_some(carried));
    }
    counted.exceptions.sort();
    let sums = counted.sums.into_values().collect();
    Ok(Money { book: book.label(), sums, exceptions: counted.exceptions })
}

/// Every object of a list, as a fact of ours.
fn listed(
    book: &Book,
    now: UnixMs,
    kind: Kind,
    page: &mut dyn FnMut(Option<&Ref>) -> Result<Page, FetchFailure>,
) -> Result<Vec<(Ref, Body)>, ListFailure> {
    let (mut found, mut after) = (Vec::new(), None);
    let at_s = now.div_euclid(SECOND_MS);
    loop {
        let page = page(after.as_ref()).map_err(|why| failed(book, why))?;
        let mut last = None;
        for body in &page.items {
            let Some(stub) = facts::Stub::parse(body) else { continue };
            let said = facts::normalise_object(kind, None, at_s, &stub.id, body);
            let own = said.facts.into_iter().find(|fact| fact.object.id == stub.id);
            found.extend(own.map(|fact| (fact.object.id, fact.body)));
            last = Some(stub.id);
        }
        if !page.more || last.is_none() || last == after {
            return Ok(found);
        }
        after = last;
    }
}

/// Charges and refunds as we know them, and which of the movements' sources we know at all.
struct Held {
    objects: BTreeMap<ObjectKey, Body>,
    known: BTreeSet<Ref>,
}

fn held(house: &House, book: &Book, rows: &BTreeMap<Ref, BalanceTransaction>) -> Result<Held, EngineError> {
    house.db().read(|read| {
        let (mut objects, mut known) = (BTreeMap::new(), BTreeSet::new());
        let Some(id) = store::book::known(read, book)? else { return Ok(Held { objects, known }) };
        for kind in [Kind::Charge, Kind::Refund] {
            for (key, versions) in store::fact::all_of_kind(read, id, kind)? {
                objects.extend(newest(&versions).map(|fact| (key, fact.body.clone())));
            }
        }
        for source in rows.values().filter_map(|row| row.source.as_ref()) {
            let Some(kind) = kind_of(source) else { continue };
            let key = ObjectKey::new(kind, source.clone());
            if objects.contains_key(&key) || store::fact::known(read, id, &key)? {
                known.insert(source.clone());
            }
        }
        Ok(Held { objects, known })
    })
}

/// The kinds of source that we should know.
fn kind_of(source: &Ref) -> Option<Kind> {
    let prefixes = [
        ("ch_", Kind::Charge),
        ("py_", Kind::Charge),
        ("re_", Kind::Refund),
        ("pyr_", Kind::Refund),
        ("dp_", Kind::Dispute),
        ("du_", Kind::Dispute),
    ];
    prefixes.iter().find(|(prefix, _)| source.as_str().starts_with(prefix)).map(|(_, kind)| *kind)
}

#[derive(Default)]
struct Counted {
    sums: BTreeMap<String, Sums>,
    exceptions: Vec<Exception>,
}

impl Counted {
    fn sums(&mut self, currency: kernel::Currency) -> &mut Sums {
        let currency = currency.to_string();
        let sums = self.sums.entry(currency.clone()).or_default();
        sums.currency = currency;
        sums
    }

    fn exception(&mut self, what: &'static str, id: &Ref, currency: kernel::Currency, minor: (i64, i64)) {
        self.exceptions.push(Exception {
            what,
            id: id.to_string(),
            currency: currency.to_string(),
            expected_minor: minor.0,
            found_minor: minor.1,
        });
    }

    fn row(&mut self, id: &Ref, row: &BalanceTransaction) {
        let net_minor = row.amount_minor.saturating_sub(row.fee_minor);
        if row.net_minor != net_minor {
            self.exception("net_differs", id, row.currency, (net_minor, row.net_minor));
        }
        if row.transaction_type.starts_with("payout") {
            return;
        }
        let disputed = row.reporting_category.as_deref().is_some_and(|name| name.starts_with("dispute"))
            || row.source.as_ref().and_then(kind_of) == Some(Kind::Dispute);
        let sums = self.sums(row.currency);
        sums.transactions += 1;
        sums.fees_minor = sums.fees_minor.saturating_add(row.fee_minor);
        sums.net_minor = sums.net_minor.saturating_add(row.net_minor);
        let (place, minor) = match row.transaction_type.as_str() {
            "charge" | "payment" => (&mut sums.gross_minor, row.amount_minor),
            name if name.contains("refund") => (&mut sums.refunds_minor, row.amount_minor.saturating_neg()),
            _ if disputed => (&mut sums.disputes_minor, row.amount_minor.saturating_neg()),
            _ => (&mut sums.other_minor, row.amount_minor),
        };
        *place = place.saturating_add(minor);
    }

    /// What we know of, against what moved.
    fn against(&mut self, held: &Held, rows: &BTreeMap<Ref, BalanceTransaction>) {
        let mut moved: BTreeMap<&Ref, Vec<&BalanceTransaction>> = BTreeMap::new();
        for (id, row) in rows {
            let Some(source) = &row.source else { continue };
            moved.entry(source).or_default().push(row);
            if kind_of(source).is_some() && !held.known.contains(source) {
                self.exception("source_unknown", id, row.currency, (0, row.amount_minor));
            }
        }
        for (key, body) in &held.objects {
            let (what, currency, minor) = match body {
                Body::Charge(charge) if charge.status == "succeeded" && charge.amount_captured_minor > 0 => {
                    ("charge_without_transaction", charge.currency, charge.amount_captured_minor)
                }
                Body::Refund(refund) if matches!(refund.status, kernel::fact::RefundStatus::Succeeded) => {
                    ("refund_without_transaction", refund.currency, refund.amount_minor.saturating_neg())
                }
                _ => continue,
            };
            let Some(rows) = moved.get(&key.id) else {
                self.exception(what, &key.id, currency, (minor, 0));
                continue;
            };
            let found: i64 = rows.iter().map(|row| row.amount_minor).sum();
            // In another currency the balance holds what the bank made of it.
            if rows.iter().all(|row| row.currency == currency) && found != minor {
                self.exception("amount_differs", &key.id, currency, (minor, found));
            }
        }
    }

    /// `carried`: what Stripe says it consists of, once Stripe knows.
    fn payout(&mut self, id: &Ref, payout: &Payout, carried: Option<Vec<(Ref, Body)>>) {
        let failed = matches!(payout.status.as_str(), "failed" | "canceled");
        let sums = self.sums(payout.currency);
        sums.payouts += 1;
        if !failed {
            sums.paid_out_minor = sums.paid_out_minor.saturating_add(payout.amount_minor);
        }
        let Some(carried) = carried else { return };
        let net = |body: &Body| match body {
            Body::BalanceTransaction(row) if row.source.as_ref() != Some(id) => row.net_minor,
            _ => 0,
        };
        let found: i64 = carried.iter().map(|(_, body)| net(body)).sum();
        if found != payout.amount_minor {
            self.exception("payout_differs", id, payout.currency, (payout.amount_minor, found));
        }
    }
}
