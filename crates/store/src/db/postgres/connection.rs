//! One connection and its prepared statements.

use std::collections::HashMap;

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{Client, Statement};

use super::classify;
use super::values::{cell, column};
use crate::db::open::Server;
use crate::db::{Dialect, Put, Row, Stmt, StoreError, Value};

/// The last two are about plans: we look up keys, so tables that were filled a moment ago, before anybody
/// counted their rows, must not be read from end to end.
const SESSION: &str = "SET synchronous_commit = on; SET lock_timeout = '10s'; \
                       SET idle_in_transaction_session_timeout = '15s'; SET client_min_messages = warning; \
                       SET random_page_cost = 1.1; SET jit = off";

pub(in crate::db) struct Connection {
    pub(super) client: Client,
    prepared: HashMap<String, Statement>,
}

impl Connection {
    pub(super) fn open(server: &Server, schema: Option<&str>) -> Result<Self, StoreError> {
        let client = server.connect()?;
        let mut conn = Self { client, prepared: HashMap::new() };
        conn.batch(SESSION)?;
        // Bodies are compressed by the server, and its default takes longer over it than over all the rest.
        // A server that was built without this keeps its default.
        let _ = conn.batch("SET default_toast_compression = lz4");
        if let Some(schema) = schema {
            conn.batch(&format!("SET search_path = {schema}"))?;
        }
        conn.refuse_unsafe()?;
        Ok(conn)
    }

    fn refuse_unsafe(&mut self) -> Result<(), StoreError> {
        for (setting, wanted) in [("fsync", "on"), ("full_page_writes", "on"), ("server_encoding", "UTF8")] {
            let row = self
                .client
                .query_one("SELECT current_setting($1)", &[&setting])
                .map_err(|e| classify(&e, setting))?;
            let value: &str = row.get(0);
            if value != wanted {
                return Err(StoreError::Unusable(format!(
                    "the PostgreSQL server runs with {setting} = {value}; it must be {wanted}, or acknowledged events can be lost"
                )));
            }
        }
        Ok(())
    }

    /// Several statements without parameters in one round trip.
    pub(in crate::db) fn batch(&mut self, text: &str) -> Result<(), StoreError> {
        self.client.batch_execute(text).map_err(|error| classify(&error, "batch"))
    }

    fn prepare(&mut self, text: &str, name: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).map_err(|error| classify(&error, name))?;
        self.prepared.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(in crate::db) fn each(
        &mut self,
        stmt: &Stmt,
        args: &[Value],
        take: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.prepare(&Dialect::Postgres.statement(stmt.text), stmt.name)?;
        let params = args.iter().map(|value| value as &(dyn ToSql + Sync));
        let wrong = |error| classify(&error, stmt.name);
        let mut rows = self.client.query_raw(&statement, params.collect::<Vec<_>>()).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            let cells: Result<Vec<Value>, StoreError> =
                (0..row.len()).map(|index| cell(&row, index)).collect();
            take(Row(cells?))?;
        }
        Ok(())
    }

    pub(in crate::db) fn exec(&mut self, stmt: &Stmt, args: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepare(&Dialect::Postgres.statement(stmt.text), stmt.name)?;
        let params: Vec<&(dyn ToSql + Sync)> =
            args.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.client.execute(&statement, &params).map_err(|error| classify(&error, stmt.name))
    }

    pub(in crate::db) fn put(&mut self, put: &Put, rows: &[Vec<Value>]) -> Result<u64, StoreError> {
        let statement = self.prepare(&Dialect::Postgres.insert(put), put.table)?;
        let columns: Vec<Box<dyn ToSql + Sync + '_>> =
            put.cols.iter().enumerate().map(|(index, col)| column(rows, index, col.kind)).collect();
        let params: Vec<&(dyn ToSql + Sync)> =
            columns.iter().map(|column| &**column as &(dyn ToSql + Sync)).collect();
        self.client.execute(&statement, &params).map_err(|error| classify(&error, put.table))
    }

    pub(in crate::db) fn put_all(&mut self, puts: &[(&Put, Vec<Vec<Value>>)]) -> Result<(), StoreError> {
        let tables: Vec<&Put> = puts.iter().map(|(put, _)| *put).collect();
        let doing = tables.first().map_or("put", |put| put.table);
        let statement = self.prepare(&Dialect::Postgres.inserts(&tables), doing)?;
        self.execute(&statement, &[], puts).map(drop).map_err(|error| classify(&error, doing))
    }

    /// The puts behind a guard, as one statement. Says how many rows the last of them wrote: none if the guard
    /// found no row.
    pub(super) fn put_if(
        &mut self,
        guard: &Stmt,
        args: &[Value],
        puts: &[(&Put, Vec<Vec<Value>>)],
    ) -> Result<u64, StoreError> {
        let tables: Vec<&Put> = puts.iter().map(|(put, _)| *put).collect();
        let statement =
            self.prepare(&Dialect::Postgres.inserts_if(guard, args.len(), &tables), guard.name)?;
        self.execute(&statement, args, puts).map_err(|error| classify(&error, guard.name))
    }

    fn execute(
        &mut self,
        statement: &Statement,
        args: &[Value],
        puts: &[(&Put, Vec<Vec<Value>>)],
    ) -> Result<u64, postgres::Error> {
        let columns: Vec<Box<dyn ToSql + Sync + '_>> = puts
            .iter()
            .flat_map(|(put, rows)| {
                put.cols.iter().enumerate().map(move |(index, col)| column(rows, index, col.kind))
            })
            .collect();
        let args = args.iter().map(|value| value as &(dyn ToSql + Sync));
        let params: Vec<&(dyn ToSql + Sync)> =
            args.chain(columns.iter().map(|column| &**column as &(dyn ToSql + Sync))).collect();
        self.client.execute(statement, &params)
    }

    /// The types of a statement's parameters as the server infers them.
    pub(in crate::db) fn parameter_types(
        &mut self,
        text: &str,
        name: &str,
    ) -> Result<Vec<String>, StoreError> {
        Ok(self.prepare(text, name)?.params().iter().map(|kind| kind.name().to_owned()).collect())
    }
}
