//! The operator log: what people told the house, in order and without gaps. Whoever appends locks the head
//! alone; every true-up locks it shared, so none commits with a log that moved on while it worked.

use kernel::UnixMs;
use kernel::operator::{Action, Logged};

use crate::db::value::to_json;
use crate::db::{Read, Row, Stmt, StoreError, Tx};

pub(crate) const ALL: &[&Stmt] = &[&HEAD, &HEAD_SHARED, &HEAD_LOCKED, &HEAD_SET, &APPEND, &SINCE, &PAGE];

const HEAD: Stmt = Stmt::new("operator.head", "SELECT seq FROM operator_head WHERE id = 1");
const HEAD_SHARED: Stmt =
    Stmt::new("operator.head_shared", "SELECT seq FROM operator_head WHERE id = 1 {for_share}");
const HEAD_LOCKED: Stmt =
    Stmt::new("operator.head_locked", "SELECT seq FROM operator_head WHERE id = 1 {for_update}");
const HEAD_SET: Stmt =
    Stmt::new("operator.head_set", "UPDATE operator_head SET seq = $2 WHERE id = 1 AND seq = $1");
const APPEND: Stmt = Stmt::new(
    "operator.append",
    "INSERT INTO operator_log (seq, actor, effective_at, recorded_at, action) VALUES ($1, $2, $3, $4, $5)",
);
const SINCE: Stmt = Stmt::new(
    "operator.since",
    "SELECT seq, actor, effective_at, recorded_at, action FROM operator_log WHERE seq > $1 ORDER BY seq",
);
const PAGE: Stmt = Stmt::new(
    "operator.page",
    "SELECT seq, actor, effective_at, recorded_at, action FROM operator_log WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
);

/// Appends one line and returns its number.
pub fn append(
    tx: &mut Tx<'_>,
    actor: &str,
    effective_at: Option<UnixMs>,
    recorded_at: UnixMs,
    action: &Action,
) -> Result<i64, StoreError> {
    let head = tx.one_int(&HEAD_LOCKED, &[])?;
    let seq = head + 1;
    tx.expect(&APPEND, &args![seq, actor, effective_at, recorded_at, to_json(action)?], 1)?;
    tx.expect(&HEAD_SET, &args![head, seq], 1)?;
    Ok(seq)
}

/// Everything after `seq`, in order.
pub fn since(r: &mut Read<'_>, seq: i64) -> Result<Vec<Logged>, StoreError> {
    r.rows(&SINCE, &args![seq])?.iter().map(read).collect()
}

/// Newest first, before `before_seq` (`i64::MAX`: the newest of all).
pub fn page(r: &mut Read<'_>, before_seq: i64, limit: i64) -> Result<Vec<Logged>, StoreError> {
    r.rows(&PAGE, &args![before_seq, limit])?.iter().map(read).collect()
}

pub fn head(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&HEAD, &[])
}

/// The head, held still until this transaction ends.
pub fn head_shared(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.one_int(&HEAD_SHARED, &[])
}

/// The head, held alone until this transaction ends: take it before checking what an append depends on.
pub fn head_locked(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.one_int(&HEAD_LOCKED, &[])
}

fn read(row: &Row) -> Result<Logged, StoreError> {
    Ok(Logged {
        seq: row.int(0)?,
        actor: row.text(1)?,
        effective_at: row.opt_int(2)?,
        recorded_at: row.int(3)?,
        action: row.json(4)?,
    })
}
