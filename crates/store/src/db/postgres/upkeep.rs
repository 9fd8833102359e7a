//! What is done to a server beside transactions: migrations, questions about settings.

use super::{Connection, Pool, classify};
use crate::db::migrate::Migrator;
use crate::db::{Dialect, Stmt, StoreError};

impl Pool {
    pub(in crate::db) fn prepare(&self, stmt: &Stmt) -> Result<Vec<String>, StoreError> {
        let mut lease = self.take()?;
        let types = lease.get().parameter_types(&Dialect::Postgres.statement(stmt.text), stmt.name)?;
        lease.done();
        Ok(types)
    }

    /// Frees what dead rows of a table take for new ones. Nobody waits for it.
    pub(crate) fn vacuum(&self, table: &'static str) -> Result<(), StoreError> {
        let mut lease = self.take()?;
        lease.get().batch(&format!("VACUUM {table}"))?;
        lease.done();
        Ok(())
    }

    pub(in crate::db) fn setting(&self, name: &str) -> Result<String, StoreError> {
        let mut lease = self.take()?;
        let row = lease
            .get()
            .client
            .query_one("SELECT current_setting($1)", &[&name])
            .map_err(|e| classify(&e, name))?;
        lease.done();
        Ok(row.get(0))
    }
}

/// A second process waits for the table lock of the first. No session advisory locks: a pooler between us
/// would lose them.
pub(in crate::db) fn migrate(
    pool: &Pool,
    table: &str,
    mut bring: impl FnMut(&mut dyn Migrator) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut lease = pool.take()?;
    // Two processes that make the first table at once collide in the catalogue; the loser finds it made.
    if lease.get().batch(table).is_err() {
        lease.get().batch(table)?;
    }
    let conn = lease.get();
    conn.batch("BEGIN; SET LOCAL lock_timeout = '120s'; LOCK TABLE migration IN ACCESS EXCLUSIVE MODE")?;
    bring(conn)?;
    conn.batch("COMMIT")?;
    lease.done();
    Ok(())
}

impl Migrator for Connection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn applied(&mut self, part: &str) -> Result<Vec<(i64, String)>, StoreError> {
        self.client
            .query("SELECT version, checksum FROM migration WHERE part = $1 ORDER BY version", &[&part])
            .map(|rows| rows.iter().map(|row| (row.get(0), row.get(1))).collect())
            .map_err(|error| classify(&error, "migration"))
    }

    fn apply(&mut self, text: &str) -> Result<(), StoreError> {
        self.batch(text)
    }
}
