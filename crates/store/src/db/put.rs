//! A set-based insert whose text is generated: a prepared loop on SQLite, one statement over arrays on
//! PostgreSQL, so that the number of rows never is a number of round trips.

use std::collections::BTreeMap;

use super::Value;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ColType {
    Int,
    Text,
    Blob,
}

/// A column and its type (the type is needed where a whole column is sent as one array).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Col {
    pub(crate) name: &'static str,
    pub(crate) kind: ColType,
}

impl Col {
    pub(crate) const fn is_int(self) -> bool {
        matches!(self.kind, ColType::Int)
    }
}

#[must_use]
pub const fn int(name: &'static str) -> Col {
    Col { name, kind: ColType::Int }
}

#[must_use]
pub const fn text(name: &'static str) -> Col {
    Col { name, kind: ColType::Text }
}

#[must_use]
pub const fn blob(name: &'static str) -> Col {
    Col { name, kind: ColType::Blob }
}

/// What happens to a row that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conflict {
    /// `StoreError::Constraint`. Rows are written in the caller's order.
    Fail,
    /// The row that is there stays.
    Ignore,
    /// The row with the same first `keys` columns takes over the columns in `set`. Of rows with equal keys
    /// in one call the last wins.
    Update { keys: usize, set: &'static [&'static str] },
}

/// `cols` begin with the table's key, so that sorted rows mean locks taken in one order by everybody.
#[derive(Debug)]
pub struct Put {
    pub table: &'static str,
    pub cols: &'static [Col],
    pub conflict: Conflict,
}

impl Put {
    /// The rows as they are sent: unique and sorted by key, unless a duplicate is meant to fail.
    pub(crate) fn arrange(&self, mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        match self.conflict {
            Conflict::Fail => {}
            Conflict::Ignore => {
                rows.sort_unstable();
                rows.dedup();
            }
            Conflict::Update { keys, .. } => {
                let last: BTreeMap<Vec<Value>, Vec<Value>> =
                    rows.into_iter().map(|row| (row[..keys].to_vec(), row)).collect();
                rows = last.into_values().collect();
            }
        }
        rows
    }
}
