//! An invoice and its arithmetic: every figure Stripe shows is computed here from the lines, so the
//! identities of STRIPE.md section 6.2 hold by construction. It must not know what a commission is.

use std::sync::Arc;

use kernel::Currency;

use super::{Collection, Discount, Line, Meta, Tax, TaxRate};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

impl InvoiceStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Uncollectible => "uncollectible",
            Self::Void => "void",
        }
    }
}

/// Shipping as priced, and its own tax (within the price, or on top).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shipping {
    /// The shipping rate's id.
    pub rate: String,
    pub amount: i64,
    pub tax: Option<Tax>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invoice {
    pub id: String,
    pub number: String,
    pub status: InvoiceStatus,
    pub currency: Currency,
    pub customer: Option<String>,
    pub email: String,
    pub name: String,
    /// `none`, `exempt`, `reverse`.
    pub tax_exempt: &'static str,
    pub subscription: Option<String>,
    pub subscription_metadata: Meta,
    pub subscription_proration_date_s: Option<i64>,
    pub metadata: Meta,
    pub billing_reason: &'static str,
    pub collection: Collection,
    pub auto_advance: bool,
    /// Stripe works out the taxes; nothing is registered here, so they are nothing.
    pub automatic_tax: bool,
    /// Why it could not become final: Stripe's code, and in words.
    pub finalization_error: Option<(&'static str, &'static str)>,
    pub description: Option<String>,
    pub footer: Option<String>,
    pub default_payment_method: Option<String>,
    pub default_tax_rates: Vec<Arc<TaxRate>>,
    pub lines: Vec<Line>,
    pub discounts: Vec<Arc<Discount>>,
    pub shipping: Option<Shipping>,
    /// Negative: the customer's credit before this invoice.
    pub starting_balance: i64,
    /// It comes to less than can be charged: nothing is due, and what it comes to is on the customer's balance.
    pub carried: bool,
    /// Cash, out of band included.
    pub paid: i64,
    pub out_of_band: bool,
    pub intent: Option<String>,
    pub charge: Option<String>,
    pub attempts: i64,
    pub next_attempt_s: Option<i64>,
    /// Credit notes after it was paid.
    pub credited: i64,
    /// Credit notes while it was open: they are not due any more.
    pub credited_before: i64,
    pub period_s: (i64, i64),
    pub due_s: Option<i64>,
    pub finalizes_s: Option<i64>,
    pub created_s: i64,
    pub finalized_s: Option<i64>,
    pub paid_s: Option<i64>,
    pub voided_s: Option<i64>,
    pub uncollectible_s: Option<i64>,
    pub test_clock: Option<String>,
}

impl Invoice {
    /// A draft of nothing yet.
    #[must_use]
    pub fn blank(id: &str, currency: Currency, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            number: String::new(),
            status: InvoiceStatus::Draft,
            currency,
            customer: None,
            email: String::new(),
            name: String::new(),
            tax_exempt: "none",
            subscription: None,
            subscription_metadata: Meta::new(),
            subscription_proration_date_s: None,
            metadata: Meta::new(),
            billing_reason: "manual",
            collection: Collection::Automatic,
            auto_advance: false,
            automatic_tax: false,
            finalization_error: None,
            description: None,
            footer: None,
            default_payment_method: None,
            default_tax_rates: Vec::new(),
            lines: Vec::new(),
            discounts: Vec::new(),
            shipping: None,
            starting_balance: 0,
            carried: false,
            paid: 0,
            out_of_band: false,
            intent: None,
            charge: None,
            attempts: 0,
            next_attempt_s: None,
            credited: 0,
            credited_before: 0,
            period_s: (created_s, created_s),
            due_s: None,
            finalizes_s: None,
            created_s,
            finalized_s: None,
            paid_s: None,
            voided_s: None,
            uncollectible_s: None,
            test_clock: None,
        }
    }

    /// Item discounts are in already, invoice discounts are not; shipping is apart.
    #[must_use]
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum::<i64>() - self.discount_where(true)
    }

    #[must_use]
    pub fn discount(&self) -> i64 {
        self.lines.iter().map(Line::discount).sum()
    }

    fn discount_where(&self, item: bool) -> i64 {
        let applied = self.lines.iter().flat_map(|line| &line.discounts);
        applied.filter(|applied| applied.item == item).map(|applied| applied.amount).sum()
    }

    /// What one discount took off all lines.
    #[must_use]
    pub fn taken_by(&self, discount: &str) -> i64 {
        let applied = self.lines.iter().flat_map(|line| &line.discounts);
        applied.filter(|applied| applied.discount == discount).map(|applied| applied.amount).sum()
    }

    /// Tax of all lines and of shipping, within the prices or on top of them.
    #[must_use]
    pub fn tax(&self, inclusive: bool) -> i64 {
        let shipping = self.shipping.iter().filter_map(|shipping| shipping.tax.as_ref());
        let shipping: i64 = shipping.filter(|tax| tax.inclusive == inclusive).map(|tax| tax.amount).sum();
        self.lines.iter().map(|line| line.tax(inclusive)).sum::<i64>() + shipping
    }

    #[must_use]
    pub fn shipping_amount(&self) -> i64 {
        self.shipping.as_ref().map_or(0, |shipping| shipping.amount)
    }

    #[must_use]
    pub fn total_excluding_tax(&self) -> i64 {
        self.subtotal() - self.discount_where(false) + self.shipping_amount() - self.tax(true)
    }

    #[must_use]
    pub fn total(&self) -> i64 {
        self.total_excluding_tax() + self.tax(true) + self.tax(false)
    }

    #[must_use]
    pub fn amount_due(&self) -> i64 {
        if self.carried {
            return 0;
        }
        (self.total() + self.starting_balance).max(0) - self.credited_before
    }

    #[must_use]
    pub fn amount_remaining(&self) -> i64 {
        self.amount_due() - self.paid
    }

    /// The customer's balance after this invoice: what of the credit is left, the credit it made, or what was
    /// too little to be charged.
    #[must_use]
    pub fn ending_balance(&self) -> i64 {
        let sum = self.total() + self.starting_balance;
        if self.carried { sum } else { sum.min(0) }
    }

    /// All tax rows, summed by rate, lines before shipping.
    #[must_use]
    pub fn tax_rows(&self) -> Vec<Tax> {
        let shipping = self.shipping.iter().filter_map(|shipping| shipping.tax.as_ref());
        let mut rows: Vec<Tax> = Vec::new();
        for tax in self.lines.iter().flat_map(|line| &line.taxes).chain(shipping) {
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
}
