//! The books against what the traffic source worked out by itself: every sale with its partner, its amounts and
//! its commission, and every total. It must not know how either came to it.

use std::collections::{BTreeMap, BTreeSet};

use engine::export::ExportRow;
use sandbox::traffic::{Due, Oracle};

/// What the books say of one sale, in the source's words.
fn said(row: &ExportRow) -> Due {
    Due {
        sale: row.sale.clone(),
        partner: row.partner.clone(),
        currency: row.currency.clone(),
        total_minor: row.total_minor,
        paid_minor: row.paid_minor,
        lost_minor: (row.refunded_minor + row.disputed_minor).min(row.paid_minor),
        base_minor: row.net_minor,
        commission_minor: row.commission_minor,
    }
}

/// The sales in which they differ, those that only one of them has among them, sorted.
pub(super) fn differing(rows: &[ExportRow], source: &Oracle) -> Vec<String> {
    let ours: BTreeSet<Due> = rows.iter().map(said).collect();
    let theirs: BTreeSet<Due> = source.rows.iter().cloned().collect();
    let sales: BTreeSet<&String> = ours.symmetric_difference(&theirs).map(|row| &row.sale).collect();
    sales.into_iter().cloned().collect()
}

/// Whether every partner's total in every currency is the same.
pub(super) fn same_totals(rows: &[ExportRow], source: &Oracle) -> bool {
    let mut ours: BTreeMap<(&str, &str), (i128, usize)> = BTreeMap::new();
    for row in rows {
        let Some(partner) = &row.partner else { continue };
        let (commission, sales) = ours.entry((partner, &row.currency)).or_default();
        *commission += i128::from(row.commission_minor);
        *sales += 1;
    }
    let theirs = source.totals.iter().map(|total| {
        let sum = (i128::from(total.commission_minor), total.sales);
        ((total.partner.as_str(), total.currency.as_str()), sum)
    });
    ours == theirs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(sale: &str, partner: Option<&str>, commission_minor: i64) -> Due {
        Due {
            sale: sale.to_owned(),
            partner: partner.map(str::to_owned),
            currency: "usd".to_owned(),
            total_minor: 1000,
            paid_minor: 1000,
            lost_minor: 0,
            base_minor: 1000,
            commission_minor,
        }
    }

    #[test]
    fn a_sale_that_only_the_source_has_differs() {
        let rows = vec![due("in_1", Some("anna"), 200), due("in_2", None, 0)];
        let source = Oracle { rows, totals: Vec::new() };
        assert_eq!(differing(&[], &source), ["in_1", "in_2"]);
        assert!(same_totals(&[], &source), "no totals on either side");
    }
}
