//! How the last run of the retention ended, whichever process it was. What a run does is not known here.

use kernel::UnixMs;

use crate::db::{Read, Stmt, StoreError, Tx};

/// The last run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastRun {
    /// When it ended.
    pub tried_at: UnixMs,
    /// Runs that failed in a row, this one included; 0: it went well.
    pub failures: i64,
    /// Why it failed; empty if it did not.
    pub problem: String,
}

pub(crate) const ALL: &[&Stmt] = &[&WELL, &FAILED, &LAST];

const WELL: Stmt = Stmt::new(
    "retention.well",
    "INSERT INTO retention (id, tried_at, failures, problem) VALUES (1, $1, 0, '') \
     ON CONFLICT (id) DO UPDATE SET tried_at = excluded.tried_at, failures = 0, problem = ''",
);
const FAILED: Stmt = Stmt::new(
    "retention.failed",
    "INSERT INTO retention (id, tried_at, failures, problem) VALUES (1, $1, 1, $2) \
     ON CONFLICT (id) DO UPDATE SET tried_at = excluded.tried_at, failures = retention.failures + 1, \
     problem = excluded.problem",
);
const LAST: Stmt =
    Stmt::new("retention.last", "SELECT tried_at, failures, problem FROM retention WHERE id = 1");

/// A run ended; `problem` is why it failed.
pub fn ended(tx: &mut Tx<'_>, at: UnixMs, problem: Option<&str>) -> Result<(), StoreError> {
    match problem {
        Some(problem) => tx.expect(&FAILED, &args![at, problem], 1),
        None => tx.expect(&WELL, &args![at], 1),
    }
}

/// `None`: no run has ended yet.
pub fn last(r: &mut Read<'_>) -> Result<Option<LastRun>, StoreError> {
    let row = r.one(&LAST, &[])?;
    row.map(|row| Ok(LastRun { tried_at: row.int(0)?, failures: row.int(1)?, problem: row.text(2)? }))
        .transpose()
}
