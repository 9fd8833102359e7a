//! A book: one set of books per (Stripe account, livemode). Every row that comes from Stripe belongs to
//! exactly one, and nothing joins two.

use serde::{Deserialize, Serialize};

use crate::key::Ref;

/// `account` is `None` for the own account, otherwise the connected account's `acct_` id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Book {
    pub account: Option<Ref>,
    pub livemode: bool,
}

impl Book {
    #[must_use]
    pub const fn own(livemode: bool) -> Self {
        Self { account: None, livemode }
    }

    /// `live`, `test`, `acct_1` (live) or `acct_1:test`: how a person names a book.
    #[must_use]
    pub fn label(&self) -> String {
        match (&self.account, self.livemode) {
            (None, true) => "live".into(),
            (None, false) => "test".into(),
            (Some(account), true) => account.to_string(),
            (Some(account), false) => format!("{account}:test"),
        }
    }

    /// The inverse of [`Book::label`]; `acct_1:live` is understood too.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        match label {
            "live" => Some(Self::own(true)),
            "test" => Some(Self::own(false)),
            other => {
                let (account, mode) = other.split_once(':').unwrap_or((other, "live"));
                let livemode = match mode {
                    "live" => true,
                    "test" => false,
                    _ => return None,
                };
                let account = account.starts_with("acct_").then(|| Ref::parse(account)).flatten()?;
                Some(Self { account: Some(account), livemode })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_its_book_and_nothing_else() {
        for label in ["live", "test", "acct_1", "acct_1:test"] {
            assert_eq!(Book::parse(label).expect("a book").label(), label);
        }
        assert_eq!(Book::parse("acct_1:live"), Book::parse("acct_1"));
        assert_eq!(Book::parse("prod"), None);
    }
}
