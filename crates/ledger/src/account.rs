//! The chart of accounts. Numbers are stored: add, never renumber.

use serde::{Deserialize, Serialize};

/// What an account is; it fixes the side on which it grows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountType {
    Liability,
    Expense,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Account {
    /// What commissions have cost us. Debit balance.
    CommissionExpense = 1,
    /// What a partner has earned and nothing holds back. Credit balance.
    CommissionPayable = 2,
    /// What a partner has earned while a dispute of the sale is open. Credit balance.
    CommissionHeld = 3,
}

impl Account {
    pub const ALL: [Self; 3] = [Self::CommissionExpense, Self::CommissionPayable, Self::CommissionHeld];

    #[must_use]
    pub const fn code(self) -> i16 {
        self as i16
    }

    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|account| i64::from(account.code()) == code)
    }

    #[must_use]
    pub const fn account_type(self) -> AccountType {
        match self {
            Self::CommissionExpense => AccountType::Expense,
            Self::CommissionPayable | Self::CommissionHeld => AccountType::Liability,
        }
    }

    /// `Expenses:Commission`: the path under which plain-text accounting knows it.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::CommissionExpense => "Expenses:Commission",
            Self::CommissionPayable => "Liabilities:Commission:Payable",
            Self::CommissionHeld => "Liabilities:Commission:Held",
        }
    }
}
