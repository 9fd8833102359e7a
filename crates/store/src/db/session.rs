//! An open transaction as its user sees it. [`Read`] asks, [`Tx`] also changes. A statement that failed
//! spoils the whole transaction on both engines (PostgreSQL insists, so SQLite follows).

use std::ops::{Deref, DerefMut};

use super::{Put, Row, Stmt, StoreError, Value, postgres, sqlite};

pub(super) enum Conn<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut postgres::Connection),
}

/// One snapshot of the database.
pub struct Read<'c> {
    conn: Conn<'c>,
    spoiled: Option<StoreError>,
}

impl<'c> Read<'c> {
    pub(super) const fn new(conn: Conn<'c>) -> Self {
        Self { conn, spoiled: None }
    }

    /// The first failure of a statement, if there was one.
    pub(super) fn spoiled(&mut self) -> Option<StoreError> {
        self.spoiled.take()
    }

    fn watch<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.spoiled.get_or_insert_with(|| error.clone());
        }
        result
    }

    /// All rows of the answer.
    pub fn rows(&mut self, stmt: &Stmt, args: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        self.each(stmt, args, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Hands over row after row; the whole answer is never in memory.
    pub fn each(
        &mut self,
        stmt: &Stmt,
        args: &[Value],
        take: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let result = match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::each(conn, stmt, args, take),
            Conn::Postgres(conn) => conn.each(stmt, args, take),
        };
        self.watch(result)
    }

    pub fn one(&mut self, stmt: &Stmt, args: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(stmt, args)?.into_iter().next())
    }

    /// The first column of the first row; an answer without rows is an error.
    pub fn one_int(&mut self, stmt: &Stmt, args: &[Value]) -> Result<i64, StoreError> {
        match self.one(stmt, args)? {
            Some(row) => row.int(0),
            None => Err(StoreError::Unreadable(format!("{}: no row", stmt.name))),
        }
    }

    /// Whether nobody else can write until this transaction ends (SQLite's one writer).
    #[must_use]
    pub const fn alone(&self) -> bool {
        matches!(self.conn, Conn::Sqlite(_))
    }

    pub(crate) const fn dialect(&self) -> super::Dialect {
        match self.conn {
            Conn::Sqlite(_) => super::Dialect::Sqlite,
            Conn::Postgres(_) => super::Dialect::Postgres,
        }
    }
}

/// A transaction. Everything in it commits together or not at all.
pub struct Tx<'c>(Read<'c>);

impl<'c> Tx<'c> {
    pub(super) const fn new(conn: Conn<'c>) -> Self {
        Self(Read::new(conn))
    }

    /// Runs a statement and says how many rows it changed.
    pub fn exec(&mut self, stmt: &Stmt, args: &[Value]) -> Result<u64, StoreError> {
        let result = match &mut self.0.conn {
            Conn::Sqlite(conn) => sqlite::exec(conn, stmt, args),
            Conn::Postgres(conn) => conn.exec(stmt, args),
        };
        self.0.watch(result)
    }

    /// Like [`Tx::exec`], but another number of rows than `n` is a conflict: a compare-and-set that lost.
    pub fn expect(&mut self, stmt: &Stmt, args: &[Value], n: u64) -> Result<(), StoreError> {
        let changed = self.exec(stmt, args)?;
        let result = if changed == n { Ok(()) } else { Err(StoreError::Conflict) };
        self.0.watch(result)
    }

    /// Inserts many rows (see [`Put`]) and says how many were written.
    pub fn put(&mut self, put: &Put, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        debug_assert!(rows.iter().all(|row| row.len() == put.cols.len()), "a row of another width");
        let rows = put.arrange(rows);
        let result = match &mut self.0.conn {
            Conn::Sqlite(conn) => sqlite::put(conn, put, rows),
            Conn::Postgres(conn) => conn.put(put, &rows),
        };
        self.0.watch(result)
    }

    /// Several puts into different tables, on a server in one round trip.
    pub fn put_all(&mut self, puts: Vec<(&Put, Vec<Vec<Value>>)>) -> Result<(), StoreError> {
        let puts = puts.into_iter().filter(|(_, rows)| !rows.is_empty());
        let puts: Vec<(&Put, Vec<Vec<Value>>)> = puts.map(|(put, rows)| (put, put.arrange(rows))).collect();
        let result = match &mut self.0.conn {
            Conn::Sqlite(conn) => {
                puts.into_iter().try_for_each(|(put, rows)| sqlite::put(conn, put, rows).map(drop))
            }
            Conn::Postgres(_) if puts.is_empty() => Ok(()),
            Conn::Postgres(conn) => conn.put_all(&puts),
        };
        self.0.watch(result)
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Read<'c>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
