//! The embedded engine: one file, one writer, a few readers. WAL with `synchronous = FULL`, because
//! `NORMAL` loses acknowledged rows in a power cut (measured), and `STRICT` tables.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::engine::Attempt;
use super::migrate::Migrator;
use super::session::{Conn, Read, Tx};
use super::{Dialect, Put, Row, Stmt, StoreError, Value};

const READERS_KEPT_MAX: usize = 8;
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

/// A database file with its writer and its readers.
pub(crate) struct File {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    durability: Durability,
    /// Set by the first failure of the disk. After a failed fsync the kernel may forget what it could not
    /// write and call the next fsync a success, so this process must not write here any more.
    failed: Mutex<Option<StoreError>>,
}

impl File {
    pub(crate) fn open(path: &Path, durability: Durability) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(connect(path, durability, false)?),
            readers: Mutex::new(Vec::new()),
            durability,
            failed: Mutex::new(None),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn note(&self, error: &StoreError) {
        if error.is_disk_failure() {
            tracing::error!(%error, file = %self.path.display(), "the disk failed; nothing more is written here");
            lock(&self.failed).get_or_insert_with(|| error.clone());
        }
    }

    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        work: &mut impl FnMut(&mut Read<'_>) -> Result<T, E>,
    ) -> Attempt<T, E> {
        let reader = lock(&self.readers).pop();
        let conn = match reader.map_or_else(|| connect(&self.path, self.durability, true), Ok) {
            Ok(conn) => conn,
            Err(error) => return Attempt::failed(error),
        };
        if let Err(error) = conn.execute_batch("BEGIN DEFERRED") {
            return Attempt::failed(classify(&error, "begin"));
        }
        let mut read = Read::new(Conn::Sqlite(&conn));
        let result = work(&mut read);
        let spoiled = read.spoiled();
        if conn.execute_batch("ROLLBACK").is_ok() {
            let mut kept = lock(&self.readers);
            if kept.len() < READERS_KEPT_MAX {
                kept.push(conn);
            }
        }
        match Attempt::judge(result, spoiled) {
            Ok(value) => Attempt::Done(Ok(value)),
            Err(end) => end,
        }
    }

    pub(super) fn work<T, E: From<StoreError>>(
        &self,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Attempt<T, E> {
        let conn = lock(&self.writer);
        if let Some(error) = lock(&self.failed).clone() {
            return Attempt::Done(Err(error.into()));
        }
        if let Err(error) = begin(&conn) {
            self.note(&error);
            return Attempt::failed(error);
        }
        let mut tx = Tx::new(Conn::Sqlite(&conn));
        let result = work(&mut tx);
        let spoiled = tx.spoiled();
        if let Some(error) = &spoiled {
            self.note(error);
        }
        match Attempt::judge(result, spoiled) {
            Ok(value) => match conn.execute_batch("COMMIT") {
                Ok(()) => Attempt::Done(Ok(value)),
                Err(error) => {
                    let error = classify(&error, "commit");
                    self.note(&error);
                    roll_back(&conn);
                    Attempt::failed(error)
                }
            },
            Err(end) => {
                roll_back(&conn);
                end
            }
        }
    }
}

/// A closure that panicked leaves its lock poisoned and its transaction open; [`begin`] cleans up.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn begin(conn: &Connection) -> Result<(), StoreError> {
    roll_back(conn);
    conn.execute_batch("BEGIN IMMEDIATE").map_err(|error| classify(&error, "begin"))
}

fn roll_back(conn: &Connection) {
    if !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
}

fn connect(path: &Path, durability: Durability, reader: bool) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | if reader { OpenFlags::empty() } else { OpenFlags::SQLITE_OPEN_CREATE };
    let conn = Connection::open_with_flags(path, flags).map_err(|error| match classify(&error, "open") {
        StoreError::Statement(_) => StoreError::Unusable(format!("{} cannot be opened", path.display())),
        other => other,
    })?;
    conn.busy_timeout(BUSY_WAIT).map_err(|error| classify(&error, "busy_timeout"))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    let cache_kib = if reader { 4_000 } else { 16_000 };
    let sync = if durability == Durability::Full { "FULL" } else { "OFF" };
    let settings = format!(
        "PRAGMA synchronous = {sync}; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; \
         PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; \
         PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;"
    );
    conn.execute_batch(&settings).map_err(|error| classify(&error, "settings"))?;
    if reader {
        conn.execute_batch("PRAGMA query_only = ON").map_err(|error| classify(&error, "settings"))?;
    } else {
        enter_wal(&conn)?;
    }
    Ok(conn)
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

pub(super) fn each(
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

fn cell(value: ValueRef<'_>) -> Result<Value, StoreError> {
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

pub(super) fn exec(conn: &Connection, stmt: &Stmt, args: &[Value]) -> Result<u64, StoreError> {
    let wrong = |error| classify(&error, stmt.name);
    let mut prepared = conn.prepare_cached(&Dialect::Sqlite.statement(stmt.text)).map_err(wrong)?;
    prepared.execute(rusqlite::params_from_iter(args)).map(|changed| changed as u64).map_err(wrong)
}

pub(super) fn put(conn: &Connection, put: &Put, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
    let wrong = |error| classify(&error, put.table);
    let mut prepared = conn.prepare_cached(&Dialect::Sqlite.insert(put)).map_err(wrong)?;
    let mut written = 0;
    for row in rows {
        written += prepared.execute(rusqlite::params_from_iter(row)).map_err(wrong)? as u64;
    }
    Ok(written)
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
            Self::KeyList(values) => list(serde_json::to_string(values)),
            Self::PairList(values) => list(serde_json::to_string(values)),
        }
    }
}

pub(super) fn classify(error: &rusqlite::Error, doing: &str) -> StoreError {
    let rusqlite::Error::SqliteFailure(code, message) = error else {
        return StoreError::Statement(format!("{doing}: {error}"));
    };
    let text = || message.clone().unwrap_or_else(|| code.to_string());
    match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Busy
        }
        ErrorCode::DiskFull => StoreError::Full,
        // The index of the log could not grow: that is a full disk, not a failing one.
        ErrorCode::SystemIoFailure if code.extended_code == ffi::SQLITE_IOERR_SHMSIZE => StoreError::Full,
        ErrorCode::SystemIoFailure => StoreError::Io(format!("{doing}: {}", text())),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(text()),
        ErrorCode::ConstraintViolation => StoreError::Constraint(constraint(&text())),
        ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            StoreError::Unusable(format!("the database file cannot be written: {}", text()))
        }
        _ => StoreError::Statement(format!("{doing}: {}", text())),
    }
}

/// `CHECK constraint failed: posting_amount` -> `posting_amount`.
fn constraint(message: &str) -> String {
    message.rsplit_once("failed: ").map_or(message, |(_, name)| name).to_owned()
}

impl File {
    /// A statement's parameters, all of them of any type: only that it can be prepared is of interest.
    pub(super) fn prepare(&self, stmt: &Stmt) -> Result<Vec<String>, StoreError> {
        let conn = lock(&self.writer);
        conn.prepare(&Dialect::Sqlite.statement(stmt.text)).map_err(|error| classify(&error, stmt.name))?;
        Ok(Vec::new())
    }

    pub(super) fn setting(&self, name: &str) -> Result<String, StoreError> {
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

pub(super) fn random_name() -> Result<String, StoreError> {
    Connection::open_in_memory()
        .and_then(|conn| conn.query_row("SELECT lower(hex(randomblob(8)))", [], |row| row.get(0)))
        .map_err(|error| classify(&error, "random_name"))
}

/// Migrations run on the writer inside one `BEGIN IMMEDIATE`: a second process waits for the first.
pub(super) fn migrate(
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;
    use crate::db::Engine;
    use crate::{Inbox, InboxWriter};

    fn failure(code: i32) -> StoreError {
        classify(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None), "test")
    }

    #[test]
    fn a_full_disk_passes_but_a_failed_sync_does_not() {
        assert_eq!(failure(ffi::SQLITE_FULL), StoreError::Full);
        assert_eq!(failure(ffi::SQLITE_IOERR_SHMSIZE), StoreError::Full);
        assert_eq!(failure(ffi::SQLITE_BUSY_SNAPSHOT), StoreError::Busy);
        for code in
            [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB]
        {
            assert!(failure(code).is_disk_failure(), "{code}");
        }
    }

    #[test]
    fn after_a_failed_sync_nothing_is_written_and_nothing_accepted_any_more() {
        let path = std::env::temp_dir().join(format!("countinghouse-{}.db", random_name().expect("a name")));
        let file = Arc::new(File::open(&path, Durability::Full).expect("opens"));
        let engine = Engine::Sqlite(Arc::clone(&file));
        crate::db::migrate::run(&engine, &crate::db::migrate::INBOX).expect("migrated");
        let writer = InboxWriter::start(Inbox::new(engine)).expect("a writer");
        let submit = || {
            let (tell, told) = mpsc::channel();
            writer.submit(crate::inbox::sample(), Box::new(move |result| drop(tell.send(result))));
            told.recv().expect("an answer")
        };
        submit().expect("kept");
        let error = failure(ffi::SQLITE_IOERR_FSYNC);
        file.note(&error);
        assert_eq!(submit(), Err(error.clone()));
        assert_eq!(writer.failed(), Some(error.clone()));
        assert_eq!(submit(), Err(error));
        drop(writer);
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
        }
    }
}
