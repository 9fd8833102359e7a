//! Positions: what the books say now, per subject, account, partner and currency. Kept in the transaction
//! that posts; [`crate::verify`] recomputes them from the postings. A position of nothing is no row, so
//! books that were rebuilt have the same rows as books that lived through it.

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, int, text};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PositionRow {
    pub subject: i64,
    pub account: i64,
    pub partner: String,
    pub currency: String,
    /// Debits less credits.
    pub minor: i64,
}

/// The balance of one account in one currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Balance {
    pub account: i64,
    pub currency: String,
    pub minor: i64,
}

pub(crate) const ALL: &[&Stmt] = &[&OF_SUBJECTS, &SWEEP, &TRIAL_BALANCE];

const PUT: Put = Put {
    table: "position",
    cols: &[int("subject"), int("account"), text("partner"), text("currency"), int("minor")],
    conflict: Conflict::Update { keys: 4, set: &["minor"] },
};
const OF_SUBJECTS: Stmt = Stmt::new(
    "position.of_subjects",
    "SELECT subject, account, partner, currency, minor FROM position WHERE subject {in:1} \
     ORDER BY subject, account, partner, currency",
);
const SWEEP: Stmt = Stmt::new("position.sweep", "DELETE FROM position WHERE subject {in:1} AND minor = 0");
const TRIAL_BALANCE: Stmt = Stmt::new(
    "position.trial_balance",
    "SELECT account, currency, CAST(sum(minor) AS BIGINT) FROM position GROUP BY account, currency \
     ORDER BY account, currency",
);

pub fn of_subjects(r: &mut Read<'_>, subjects: &[i64]) -> Result<Vec<PositionRow>, StoreError> {
    r.rows(&OF_SUBJECTS, &args![subjects])?.iter().map(read).collect()
}

/// These positions now stand at these amounts; 0 takes one away.
pub fn set(tx: &mut Tx<'_>, positions: &[PositionRow]) -> Result<(), StoreError> {
    let row = |p: &PositionRow| args![p.subject, p.account, &p.partner, &p.currency, p.minor].to_vec();
    tx.put(&PUT, positions.iter().map(row).collect())?;
    let gone: Vec<i64> = positions.iter().filter(|p| p.minor == 0).map(|p| p.subject).collect();
    if gone.is_empty() { Ok(()) } else { tx.exec(&SWEEP, &args![gone]).map(drop) }
}

/// The sum of all positions by account and currency.
pub fn trial_balance(r: &mut Read<'_>) -> Result<Vec<Balance>, StoreError> {
    let rows = r.rows(&TRIAL_BALANCE, &[])?;
    rows.iter()
        .map(|row| Ok(Balance { account: row.int(0)?, currency: row.text(1)?, minor: row.int(2)? }))
        .collect()
}

fn read(row: &Row) -> Result<PositionRow, StoreError> {
    Ok(PositionRow {
        subject: row.int(0)?,
        account: row.int(1)?,
        partner: row.text(2)?,
        currency: row.text(3)?,
        minor: row.int(4)?,
    })
}
