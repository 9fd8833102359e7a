//! Lines of an invoice, and the discounts that an invoice and its lines name. Before basil a line embeds its
//! price, since then it names it. It must not know the invoice's totals.

use std::collections::BTreeMap;

use kernel::fact::{DiscountAmount, InvoiceLine};
use kernel::{NoteCode, ObjectKey, Ref};

use super::out::Out;
use super::{discount, tax};
use crate::object::{Named, Obj};

/// Every discount that an invoice names, with what it took.
pub(crate) struct Discounts {
    owner: ObjectKey,
    /// By discount: what the invoice says it took, and what the lines say.
    taken: BTreeMap<Ref, (i64, i64)>,
    /// Discounts without an id, and what they took.
    nameless: bool,
    nameless_taken: i64,
    /// The invoice has `total_discount_amounts`.
    pub(crate) amounts_known: bool,
}

impl Discounts {
    pub(crate) const fn new(owner: ObjectKey) -> Self {
        Self { owner, taken: BTreeMap::new(), nameless: false, nameless_taken: 0, amounts_known: false }
    }

    pub(crate) const fn owner(&self) -> &ObjectKey {
        &self.owner
    }

    /// The discount is named, without saying what it took.
    pub(crate) fn name(&mut self, discount: Option<Ref>) {
        match discount {
            Some(id) => {
                self.taken.entry(id).or_default();
            }
            None => self.nameless = true,
        }
    }

    /// The invoice says what the discount took.
    pub(crate) fn take(&mut self, named: &Named<'_>, amount: i64, out: &mut Out<'_>) {
        match discount::embedded(named, &self.owner, out).discount {
            Some(id) => {
                let (taken, _) = self.taken.entry(id).or_default();
                *taken = taken.saturating_add(amount);
            }
            None => self.nameless_taken = self.nameless_taken.saturating_add(amount),
        }
    }

    fn take_of_line(&mut self, named: &Named<'_>, amount: i64, out: &mut Out<'_>) {
        if let Some(id) = discount::embedded(named, &self.owner, out).discount {
            let (_, of_lines) = self.taken.entry(id).or_default();
            *of_lines = of_lines.saturating_add(amount);
        }
    }

    /// What the invoice says all discounts took.
    pub(crate) fn taken(&self) -> i64 {
        self.taken.values().fold(self.nameless_taken, |sum, (taken, _)| sum.saturating_add(*taken))
    }

    pub(crate) const fn some_nameless(&self) -> bool {
        self.nameless || self.nameless_taken != 0
    }

    pub(crate) fn nothing_named(&self) -> bool {
        self.taken.is_empty() && !self.nameless
    }

    /// Sorted by id. When the invoice does not say what its discounts took: the lines do, and a sole
    /// discount took all there was.
    pub(crate) fn into_sorted(self, total: i64) -> Vec<DiscountAmount> {
        let sole = self.taken.len() == 1 && !self.nameless;
        let amount = |(of_invoice, of_lines): (i64, i64)| match (self.amounts_known, of_lines) {
            (true, _) => of_invoice,
            (false, 0) if sole => total,
            (false, of_lines) => of_lines,
        };
        let taken = self.taken.into_iter();
        taken.map(|(discount, both)| DiscountAmount { discount, amount_minor: amount(both) }).collect()
    }
}

pub(crate) fn read(rows: &[Obj<'_>], discounts: &mut Discounts, out: &mut Out<'_>) -> Vec<InvoiceLine> {
    rows.iter().filter_map(|row| line(row, discounts, out)).collect()
}

fn line(row: &Obj<'_>, discounts: &mut Discounts, out: &mut Out<'_>) -> Option<InvoiceLine> {
    for named in row.names("discounts") {
        let applied = discount::embedded(&named, discounts.owner(), out);
        discounts.name(applied.discount);
    }
    let mut discount_minor = 0i64;
    for taken in row.objects("discount_amounts") {
        let amount = taken.amount("amount");
        discount_minor = discount_minor.saturating_add(amount);
        if let Some(named) = taken.named("discount") {
            discounts.take_of_line(&named, amount, out);
        }
    }
    let id = row.reference("id");
    if id.is_none() {
        row.note(NoteCode::ObjectWithoutId, "id", "line");
    }
    let period = row.object("period");
    let (price, product) = price(row);
    Some(InvoiceLine {
        id: id?,
        amount_minor: row.amount("amount"),
        discount_minor,
        tax_inclusive_minor: tax::rows(row, "tax_amounts", "taxes").unwrap_or_default().inclusive,
        product,
        price,
        period_start_s: period.as_ref().and_then(|period| period.second("start")),
        period_end_s: period.as_ref().and_then(|period| period.second("end")),
    })
}

/// (price, product): `pricing.price_details` since basil, before that `price`, before that `plan`.
fn price(row: &Obj<'_>) -> (Option<Ref>, Option<Ref>) {
    let details = row.object("pricing").and_then(|pricing| pricing.object("price_details"));
    if let Some(details) = details {
        return (details.reference("price"), details.reference("product"));
    }
    match row.named("price").or_else(|| row.named("plan")) {
        Some(Named::Whole(price)) => (price.reference("id"), price.reference("product")),
        Some(Named::Id(price)) => (Some(price), None),
        None => (None, None),
    }
}

/// The subscription that the line was made for.
pub(crate) fn subscription(row: &Obj<'_>) -> Option<Ref> {
    let parent = || {
        let parent = row.object("parent")?;
        let details = |name| parent.object(name)?.reference("subscription");
        details("subscription_item_details").or_else(|| details("invoice_item_details"))
    };
    row.reference("subscription").or_else(parent)
}
