//! What is done to a file beside transactions: migrations, questions about settings.

use rusqlite::Connection;

use super::statements::cell;
use super::{File, begin, classify, lock, roll_back};
use crate::db::migrate::Migrator;
use crate::db::{Dialect, Stmt, StoreError, Value};

impl File {
    /// A statement's parameters, all of them of any type: only that it can be prepared is of interest.
    pub(in crate::db) fn prepare(&self, stmt: &Stmt) -> Result<Vec<String>, StoreError> {
        let conn = lock(&self.writer);
        conn.prepare(&Dialect::Sqlite.statement(stmt.text)).map_err(|error| classify(&error, stmt.name))?;
        Ok(Vec::new())
    }

    /// Writes the file anew without the pages that hold nothing. Takes as much space again while it works.
    pub(crate) fn vacuum(&self) -> Result<(), StoreError> {
        let conn = lock(&self.writer);
        let outcome = conn.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
        let outcome = outcome.map_err(|error| classify(&error, "vacuum"));
        if let Err(error) = &outcome {
            self.note(error);
        }
        outcome
    }

    /// Rows inserted, changed or deleted by the writer since the file was opened.
    pub(in crate::db) fn row_writes(&self) -> u64 {
        lock(&self.writer).total_changes()
    }

    pub(in crate::db) fn setting(&self, name: &str) -> Result<String, StoreError> {
        let conn = lock(&self.writer);
        conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get_ref(0).map(cell))
            .map_err(|error| classify(&error, name))?
            .map(|value| match value {
                Value::Int(value) => value.to_string(),
                Value::Text(value) => value,
                other => format!("{other:?}"),
            })
    }
}

pub(in crate::db) fn random_name() -> Result<String, StoreError> {
    Connection::open_in_memory()
        .and_then(|conn| conn.query_row("SELECT lower(hex(randomblob(8)))", [], |row| row.get(0)))
        .map_err(|error| classify(&error, "random_name"))
}

/// Migrations run on the writer inside one `BEGIN IMMEDIATE`: a second process waits for the first.
pub(in crate::db) fn migrate(
    file: &File,
    table: &str,
    mut bring: impl FnMut(&mut dyn Migrator) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut conn = lock(&file.writer);
    begin(&conn)?;
    let result = conn
        .execute_batch(table)
        .map_err(|error| classify(&error, "migration"))
        .and_then(|()| bring(&mut *conn))
        .and_then(|()| conn.execute_batch("COMMIT").map_err(|error| classify(&error, "commit")));
    if result.is_err() {
        roll_back(&conn);
    }
    result
}

impl Migrator for Connection {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn applied(&mut self, part: &str) -> Result<Vec<(i64, String)>, StoreError> {
        let wrong = |error| classify(&error, "migration");
        let mut stmt = self
            .prepare("SELECT version, checksum FROM migration WHERE part = ?1 ORDER BY version")
            .map_err(wrong)?;
        let rows = stmt.query_map([part], |row| Ok((row.get(0)?, row.get(1)?))).map_err(wrong)?;
        rows.collect::<Result<_, _>>().map_err(wrong)
    }

    fn apply(&mut self, text: &str) -> Result<(), StoreError> {
        self.execute_batch(text).map_err(|error| classify(&error, "migration"))
    }
}
