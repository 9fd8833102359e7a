//! A connection to a file, with the settings that make its commits a promise.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::classify;
use crate::db::StoreError;

const STATEMENTS_CACHED: usize = 256;
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// How much a commit promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Durability {
    /// Survives a power cut.
    Full,
    /// For what is thrown away afterwards anyway.
    Scratch,
}

pub(super) fn connect(path: &Path, durability: Durability, reader: bool) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | if reader { OpenFlags::empty() } else { OpenFlags::SQLITE_OPEN_CREATE };
    let is_new = !reader && !path.exists();
    let conn = Connection::open_with_flags(path, flags).map_err(|error| match classify(&error, "open") {
        StoreError::Statement(_) => StoreError::Unusable(format!("{} cannot be opened", path.display())),
        other => other,
    })?;
    if is_new {
        make_private(path);
    }
    conn.busy_timeout(BUSY_WAIT).map_err(|error| classify(&error, "busy_timeout"))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // One plan for a statement, whatever is bound: else it is planned again with each new argument.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| classify(&error, "settings"))?;
    let cache_kib = if reader { 4_000 } else { 64_000 };
    let sync = if durability == Durability::Full { "FULL" } else { "OFF" };
    let settings = format!(
        "PRAGMA synchronous = {sync}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; \
         PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; \
         PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864; \
         PRAGMA wal_autocheckpoint = 8000;"
    );
    conn.execute_batch(&settings).map_err(|error| classify(&error, "settings"))?;
    if reader {
        conn.execute_batch("PRAGMA query_only = ON").map_err(|error| classify(&error, "settings"))?;
    } else {
        enter_wal(&conn)?;
    }
    Ok(conn)
}

/// Customers' names and addresses are in it, so a file that is made here is its owner's alone; SQLite gives its companions
/// the same rights. Whoever widens them later means it. By name: a handle of ours would give up SQLite's locks when closed.
fn make_private(path: &Path) {
    #[cfg(unix)]
    {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        if let Err(why) = std::fs::set_permissions(path, owner_only) {
            tracing::warn!(error = %why, "a new database file may be readable by others on this machine");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Turning WAL on needs the file for itself for a moment and does not wait for it by itself.
fn enter_wal(conn: &Connection) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(StoreError::Unusable(format!("the file stays in journal mode {mode}, not wal")));
            }
            Err(error) => match classify(&error, "journal_mode") {
                StoreError::Busy if attempts < 100 => std::thread::sleep(Duration::from_millis(20)),
                other => return Err(other),
            },
        }
    }
}
