//! Positions: what the books say now, as debit minus credit per account, partner and currency; and the
//! entry that turns what they say into what they should say. It does not know what is wanted or why.

use std::collections::{BTreeMap, BTreeSet};

use kernel::operator::Handle;
use kernel::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::entry::{Entry, EntryError, Posting};

/// Whose bucket, in which currency.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct PositionKey {
    pub account: Account,
    pub partner: Handle,
    pub currency: Currency,
}

/// Debit minus credit in minor units: an expense grows upwards, a liability downwards.
pub type Position = i64;

/// A set of positions; a missing one is zero.
pub type Positions = BTreeMap<PositionKey, Position>;

/// The entry that turns `current` into `wanted`; `None` when the books already say so.
///
/// Both must sum to zero per partner and currency: positions that do not are no books, and nothing is
/// posted on top of them. The postings come out in the order of partner, currency and account.
pub fn difference(current: &Positions, wanted: &Positions) -> Result<Option<Entry>, EntryError> {
    check_balanced(current)?;
    check_balanced(wanted)?;
    let mut deltas: BTreeMap<(&Handle, Currency), Vec<(Account, i128)>> = BTreeMap::new();
    let keys: BTreeSet<&PositionKey> = current.keys().chain(wanted.keys()).collect();
    for key in keys {
        let minor = |positions: &Positions| i128::from(positions.get(key).copied().unwrap_or_default());
        let delta = minor(wanted) - minor(current);
        deltas.entry((&key.partner, key.currency)).or_default().push((key.account, delta));
    }
    let mut postings = Vec::new();
    for ((partner, currency), accounts) in deltas {
        move_between(partner, currency, accounts, &mut postings)?;
    }
    if postings.is_empty() { Ok(None) } else { Entry::try_new(postings).map(Some) }
}

/// Pairs what must be debited with what must be credited, each in the order of accounts. The deltas sum
/// to zero, so both lists run out together.
fn move_between(
    partner: &Handle,
    currency: Currency,
    accounts: Vec<(Account, i128)>,
    postings: &mut Vec<Posting>,
) -> Result<(), EntryError> {
    let (debits, credits): (Vec<_>, Vec<_>) =
        accounts.into_iter().filter(|(_, delta)| *delta != 0).partition(|(_, delta)| *delta > 0);
    let mut credits = credits.into_iter();
    let mut open: Option<(Account, i128)> = None;
    for (debit, mut missing) in debits {
        while missing > 0 {
            let Some((credit, available)) =
                open.take().or_else(|| credits.next().map(|(account, delta)| (account, -delta)))
            else {
                return Err(EntryError::Unbalanced { partner: partner.clone(), currency, sum: missing });
            };
            let moved = missing.min(available);
            let minor = i64::try_from(moved).map_err(|_| EntryError::Overflow)?;
            postings.push(Posting {
                debit,
                credit,
                partner: partner.clone(),
                money: Money { minor, currency },
            });
            missing -= moved;
            open = (available > moved).then_some((credit, available - moved));
        }
    }
    Ok(())
}

fn check_balanced(positions: &Positions) -> Result<(), EntryError> {
    let mut sums: BTreeMap<(&Handle, Currency), i128> = BTreeMap::new();
    for (key, minor) in positions {
        *sums.entry((&key.partner, key.currency)).or_default() += i128::from(*minor);
    }
    match sums.into_iter().find(|(_, sum)| *sum != 0) {
        Some(((partner, currency), sum)) => {
            Err(EntryError::Unbalanced { partner: partner.clone(), currency, sum })
        }
        None => Ok(()),
    }
}
