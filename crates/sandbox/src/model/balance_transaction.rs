//! A movement of an account's Stripe balance: what came or went, its fees, and from when it can be paid out.
//! It must not know what caused it beyond an id.

use kernel::Currency;

/// A part of a movement's fees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fee {
    pub amount: i64,
    /// `stripe_fee`, `application_fee`, `tax`.
    pub kind: &'static str,
    pub description: String,
    /// Who took an application fee.
    pub application: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BalanceTransaction {
    pub id: String,
    /// Negative: it left.
    pub amount: i64,
    pub fees: Vec<Fee>,
    pub currency: Currency,
    /// `charge`, `payment`, `refund`, `adjustment`, `transfer`, `application_fee`, ...
    pub kind: &'static str,
    pub reporting_category: &'static str,
    pub description: Option<String>,
    pub source: Option<String>,
    /// It counts as available from then on.
    pub available_on_s: i64,
    pub available: bool,
    pub created_s: i64,
}

impl BalanceTransaction {
    #[must_use]
    pub fn fee(&self) -> i64 {
        self.fees.iter().map(|fee| fee.amount).sum()
    }

    #[must_use]
    pub fn net(&self) -> i64 {
        self.amount - self.fee()
    }
}
