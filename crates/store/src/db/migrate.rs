//! Brings a database to this program's schema: numbered texts, each applied once and remembered with its
//! checksum. Safe when two processes start at once, and it refuses a database newer than the program.

use sha2::{Digest, Sha256};

use super::{Dialect, Engine, Row, Stmt, StoreError, postgres, sqlite};
use crate::args;

/// The migrations of one part of the database, version 1 first.
pub(crate) struct Part {
    name: &'static str,
    texts: &'static [&'static str],
}

pub(crate) const INBOX: Part = Part {
    name: "inbox",
    texts: &[
        include_str!("../../migrations/inbox_0001.sql"),
        include_str!("../../migrations/inbox_0002.sql"),
        include_str!("../../migrations/inbox_0003.sql"),
        include_str!("../../migrations/inbox_0004.sql"),
    ],
};
pub(crate) const BOOKS: Part = Part {
    name: "books",
    texts: &[
        include_str!("../../migrations/books_0001.sql"),
        include_str!("../../migrations/books_0002.sql"),
        include_str!("../../migrations/books_0003.sql"),
        include_str!("../../migrations/books_0004.sql"),
        include_str!("../../migrations/books_0005.sql"),
        include_str!("../../migrations/books_0006.sql"),
        include_str!("../../migrations/books_0007.sql"),
        include_str!("../../migrations/books_0008.sql"),
        include_str!("../../migrations/books_0009.sql"),
        include_str!("../../migrations/books_0010.sql"),
    ],
};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (part {text} NOT NULL, version {int} NOT NULL, \
                     checksum {text} NOT NULL, PRIMARY KEY (part, version)) {strict}";

/// One connection in a transaction that holds the migration table for itself.
pub(super) trait Migrator {
    fn dialect(&self) -> Dialect;
    /// `(version, checksum)` of what was applied, in order.
    fn applied(&mut self, part: &str) -> Result<Vec<(i64, String)>, StoreError>;
    fn apply(&mut self, text: &str) -> Result<(), StoreError>;
}

const APPLIED: Stmt = Stmt::new(
    "migration.applied",
    "SELECT version, checksum FROM migration WHERE part = $1 ORDER BY version",
);

/// Whether nothing is to be done, found out without a write lock: a verb beside a busy server opens at once
/// and does not wait for the one writer.
fn is_current(engine: &Engine, part: &Part) -> bool {
    let rows = engine.read(|r| -> Result<_, StoreError> { r.rows(&APPLIED, &args![part.name]) });
    let Ok(rows) = rows else { return false };
    let known = |row: &Row| Some((row.int(0).ok()?, row.text(1).ok()?));
    let applied: Vec<_> = rows.iter().filter_map(known).collect();
    let wanted: Vec<_> = (1_i64..).zip(part.texts.iter().map(|text| checksum(text))).collect();
    applied == wanted
}

pub(crate) fn run(engine: &Engine, part: &Part) -> Result<(), StoreError> {
    if matches!(engine, Engine::Sqlite(_)) && is_current(engine, part) {
        return Ok(());
    }
    match engine {
        Engine::Sqlite(file) => sqlite::migrate(file, &Dialect::Sqlite.schema(TABLE), |m| bring(m, part)),
        Engine::Postgres(pool) => {
            postgres::migrate(pool, &Dialect::Postgres.schema(TABLE), |m| bring(m, part))
        }
    }
}

fn bring(migrator: &mut dyn Migrator, part: &Part) -> Result<(), StoreError> {
    let applied = migrator.applied(part.name)?;
    if applied.len() > part.texts.len() {
        return Err(StoreError::Unusable(format!(
            "the database is newer than this program ({} version {}, known up to {}): use the newer program",
            part.name,
            applied.len(),
            part.texts.len()
        )));
    }
    for (index, text) in part.texts.iter().enumerate() {
        let version = i64::try_from(index).unwrap_or(i64::MAX) + 1;
        let checksum = checksum(text);
        match applied.get(index) {
            Some((at, known)) if *at == version && *known == checksum => {}
            Some(_) => {
                return Err(StoreError::Unusable(format!(
                    "the database was made by a program with another {} version {version}: it cannot be continued by this one",
                    part.name
                )));
            }
            None => {
                migrator.apply(&migrator.dialect().schema(text))?;
                migrator.apply(&format!(
                    "INSERT INTO migration (part, version, checksum) VALUES ('{}', {version}, '{checksum}')",
                    part.name
                ))?;
                tracing::info!(part = part.name, version, "schema brought up");
            }
        }
    }
    Ok(())
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
