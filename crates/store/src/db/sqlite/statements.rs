//! Running statements, and values on their way in and out.

use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use super::classify;
use crate::db::{Dialect, Put, Row, Stmt, StoreError, Value};

pub(in crate::db) fn each(
    conn: &Connection,
    stmt: &Stmt,
    args: &[Value],
    take: &mut dyn FnMut(Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let wrong = |error| classify(&error, stmt.name);
    let mut prepared = conn.prepare_cached(&Dialect::Sqlite.statement(stmt.text)).map_err(wrong)?;
    let width = prepared.column_count();
    let mut rows = prepared.query(rusqlite::params_from_iter(args)).map_err(wrong)?;
    while let Some(row) = rows.next().map_err(wrong)? {
        let cells: Result<Vec<Value>, StoreError> =
            (0..width).map(|index| row.get_ref(index).map_err(wrong).and_then(cell)).collect();
        take(Row(cells?))?;
    }
    Ok(())
}

pub(super) fn cell(value: ValueRef<'_>) -> Result<Value, StoreError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(value) => Ok(Value::Int(value)),
        ValueRef::Blob(value) => Ok(Value::Bytes(value.to_vec())),
        ValueRef::Text(value) => match std::str::from_utf8(value) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err(StoreError::Corrupt("text that is not UTF-8".into())),
        },
        ValueRef::Real(_) => Err(StoreError::Unreadable("a floating point number".into())),
    }
}

pub(in crate::db) fn exec(conn: &Connection, stmt: &Stmt, args: &[Value]) -> Result<u64, StoreError> {
    let wrong = |error| classify(&error, stmt.name);
    let mut prepared = conn.prepare_cached(&Dialect::Sqlite.statement(stmt.text)).map_err(wrong)?;
    prepared.execute(rusqlite::params_from_iter(args)).map(|changed| changed as u64).map_err(wrong)
}

pub(in crate::db) fn put(conn: &Connection, put: &Put, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
    let wrong = |error| classify(&error, put.table);
    let mut prepared = conn.prepare_cached(&Dialect::Sqlite.insert(put)).map_err(wrong)?;
    let mut written = 0;
    for row in rows {
        written += prepared.execute(rusqlite::params_from_iter(row)).map_err(wrong)? as u64;
    }
    Ok(written)
}

/// Keys as `{"ref": kind, ...}`. A name may occur twice: one id under two kinds.
struct Keys<'a>(&'a [(i64, String)]);

impl serde::Serialize for Keys<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(kind, reference)| (reference, kind)))
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let list = |text: serde_json::Result<String>| {
            text.map(|text| ToSqlOutput::Owned(rusqlite::types::Value::Text(text)))
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
        };
        match self {
            Self::Null => Ok(ToSqlOutput::Borrowed(ValueRef::Null)),
            Self::Int(value) => Ok(ToSqlOutput::Borrowed(ValueRef::Integer(*value))),
            Self::Text(value) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes()))),
            Self::Bytes(value) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(value))),
            Self::IntList(values) => list(serde_json::to_string(values)),
            Self::TextList(values) => list(serde_json::to_string(values)),
            Self::KeyList(values) => list(serde_json::to_string(&Keys(values))),
            Self::PairList(values) => list(serde_json::to_string(values)),
        }
    }
}
