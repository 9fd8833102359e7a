//! Entries that cannot be unbalanced: every posting moves one amount from one account to another, so an
//! entry balances per partner and currency by construction (I16, I21). It does not know why it is made.

use std::collections::BTreeMap;

use kernel::Money;
use kernel::operator::Handle;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::account::Account;
use crate::position::{PositionKey, Positions};

/// One line: `money` is debited to one account and credited to the other, both the same partner's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Posting {
    pub debit: Account,
    pub credit: Account,
    pub partner: Handle,
    /// Always more than zero; the direction is said by the sides, never by a sign.
    pub money: Money,
}

/// Why postings do not make an entry.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum EntryError {
    #[error("an entry needs at least one posting")]
    Empty,
    #[error("a posting moves {0}: only amounts above zero can be posted; swap the sides to go the other way")]
    AmountNotPositive(Money),
    #[error("a posting debits and credits {0:?}: it would move nothing")]
    SameAccount(Account),
    #[error("the positions of {partner} in {currency} sum to {sum} and not to zero")]
    Unbalanced { partner: Handle, currency: kernel::Currency, sum: i128 },
    #[error("an amount is too large to book")]
    Overflow,
}

/// Balanced postings, at least one. Read back from storage, it is checked again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<Posting>", into = "Vec<Posting>")]
pub struct Entry {
    postings: Vec<Posting>,
    effect: Positions,
}

impl Entry {
    pub fn try_new(postings: Vec<Posting>) -> Result<Self, EntryError> {
        if postings.is_empty() {
            return Err(EntryError::Empty);
        }
        for posting in &postings {
            if posting.money.minor <= 0 {
                return Err(EntryError::AmountNotPositive(posting.money));
            }
            if posting.debit == posting.credit {
                return Err(EntryError::SameAccount(posting.debit));
            }
        }
        let effect = effect_of(&postings)?;
        Ok(Self { postings, effect })
    }

    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// What the entry adds to each position, debits positive. Positions it leaves alone are absent.
    #[must_use]
    pub fn effect(&self) -> Positions {
        self.effect.clone()
    }

    /// The entry that undoes this one: the same lines with their sides swapped.
    #[must_use]
    pub fn reversal(&self) -> Self {
        let swapped = |posting: &Posting| Posting {
            debit: posting.credit,
            credit: posting.debit,
            partner: posting.partner.clone(),
            money: posting.money,
        };
        // An effect comes from positive amounts summed without overflow, so its negation exists: each
        // side of it was summed in the symmetric range that `effect_of` allows.
        let effect = self.effect.iter().map(|(key, minor)| (key.clone(), -minor)).collect();
        Self { postings: self.postings.iter().map(swapped).collect(), effect }
    }
}

impl TryFrom<Vec<Posting>> for Entry {
    type Error = EntryError;

    fn try_from(postings: Vec<Posting>) -> Result<Self, EntryError> {
        Self::try_new(postings)
    }
}

impl From<Entry> for Vec<Posting> {
    fn from(entry: Entry) -> Self {
        entry.postings
    }
}

/// Sums the postings per position. Every result lies in `-i64::MAX..=i64::MAX`.
fn effect_of(postings: &[Posting]) -> Result<Positions, EntryError> {
    let mut sums: BTreeMap<PositionKey, i128> = BTreeMap::new();
    for posting in postings {
        for (account, sign) in [(posting.debit, 1), (posting.credit, -1)] {
            let key =
                PositionKey { account, partner: posting.partner.clone(), currency: posting.money.currency };
            *sums.entry(key).or_default() += sign * i128::from(posting.money.minor);
        }
    }
    let fits = |(key, sum): (PositionKey, i128)| match i64::try_from(sum) {
        Ok(minor) if minor != i64::MIN => Ok((key, minor)),
        _ => Err(EntryError::Overflow),
    };
    sums.into_iter().filter(|(_, sum)| *sum != 0).map(fits).collect()
}
