//! A credit note: part of an invoice taken back, before or after it was paid. It must not know how the money
//! goes back, only where to.

use kernel::Currency;

use super::{Meta, Tax};

/// What is taken back of one line, or of nothing in particular.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreditLine {
    pub id: String,
    /// `None`: a line of its own.
    pub invoice_line: Option<String>,
    pub description: String,
    pub quantity: Option<i64>,
    /// Before discounts; tax within the price is in.
    pub amount: i64,
    /// (discount, amount)
    pub discounts: Vec<(String, i64)>,
    pub taxes: Vec<Tax>,
}

impl CreditLine {
    #[must_use]
    pub fn discount(&self) -> i64 {
        self.discounts.iter().map(|(_, amount)| amount).sum()
    }

    /// With discounts off and tax on top.
    #[must_use]
    pub fn total(&self) -> i64 {
        let on_top: i64 = self.taxes.iter().filter(|tax| !tax.inclusive).map(|tax| tax.amount).sum();
        self.amount - self.discount() + on_top
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreditNote {
    pub id: String,
    pub number: String,
    pub invoice: String,
    pub customer: String,
    pub currency: Currency,
    /// `issued`, `void`.
    pub status: &'static str,
    pub reason: Option<&'static str>,
    pub memo: Option<String>,
    pub lines: Vec<CreditLine>,
    pub total: i64,
    /// Tax within `total`.
    pub tax: i64,
    /// Of `total`, what made the invoice due less; the rest goes back.
    pub before_payment: i64,
    /// (refund, amount)
    pub refund: Option<(String, i64)>,
    /// Credited to the customer's balance: (transaction id, amount).
    pub balance: Option<(String, i64)>,
    pub out_of_band: i64,
    pub created_s: i64,
    pub voided_s: Option<i64>,
    pub metadata: Meta,
}

impl CreditNote {
    /// One of nothing yet.
    #[must_use]
    pub fn blank(id: &str, invoice: &str, currency: Currency, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            number: String::new(),
            invoice: invoice.to_owned(),
            customer: String::new(),
            currency,
            status: "issued",
            reason: None,
            memo: None,
            lines: Vec::new(),
            total: 0,
            tax: 0,
            before_payment: 0,
            refund: None,
            balance: None,
            out_of_band: 0,
            created_s,
            voided_s: None,
            metadata: Meta::new(),
        }
    }

    /// Before discounts, without tax on top.
    #[must_use]
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// All tax rows, summed by rate.
    #[must_use]
    pub fn tax_rows(&self) -> Vec<Tax> {
        let mut rows: Vec<Tax> = Vec::new();
        for tax in self.lines.iter().flat_map(|line| &line.taxes) {
            match rows.iter_mut().find(|row| row.rate == tax.rate && row.inclusive == tax.inclusive) {
                Some(row) => {
                    row.amount += tax.amount;
                    row.taxable += tax.taxable;
                }
                None => rows.push(tax.clone()),
            }
        }
        rows
    }

    /// What each discount would have taken off.
    #[must_use]
    pub fn discount_rows(&self) -> Vec<(String, i64)> {
        let mut rows: Vec<(String, i64)> = Vec::new();
        for (discount, amount) in self.lines.iter().flat_map(|line| &line.discounts) {
            match rows.iter_mut().find(|(name, _)| name == discount) {
                Some((_, sum)) => *sum += amount,
                None => rows.push((discount.clone(), *amount)),
            }
        }
        rows
    }
}
