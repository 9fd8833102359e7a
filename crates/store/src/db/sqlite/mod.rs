//! The embedded engine: one file, one writer, a few readers. WAL with `synchronous = FULL`, because
//! `NORMAL` loses acknowledged rows in a power cut (measured), and `STRICT` tables.

mod connect;
mod failure;
mod statements;
mod upkeep;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::StoreError;
use super::engine::Attempt;
use super::session::{Conn, Read, Tx};

pub(crate) use connect::Durability;
use connect::connect;
pub(super) use failure::classify;
pub(super) use statements::{each, exec, put};
pub(super) use upkeep::{migrate, random_name};

const READERS_KEPT_MAX: usize = 8;

/// A database file with its writer and its readers.
pub(crate) struct File {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// Copies the log back into the file while the writer writes; opened when first asked to.
    checkpointer: Mutex<Option<Connection>>,
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
            checkpointer: Mutex::new(None),
            durability,
            failed: Mutex::new(None),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn note(&self, error: &StoreError) {
        let mut failed = lock(&self.failed);
        if error.is_disk_failure() && failed.is_none() {
            tracing::error!(%error, part = self.part(), "the disk failed; nothing more is written here");
            *failed = Some(error.clone());
        }
    }

    /// Which of the two files it is. The log does not say where somebody keeps them.
    fn part(&self) -> &'static str {
        if self.path.extension().is_some_and(|extension| extension == "inbox") { "inbox" } else { "books" }
    }

    /// Copies into the file what its log holds so far, beside a writer that goes on. What it has copied the
    /// writer need not copy itself, with everybody waiting, when the log has become long.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        if let Some(error) = lock(&self.failed).clone() {
            return Err(error);
        }
        let mut slot = lock(&self.checkpointer);
        let conn = match slot.take() {
            Some(conn) => conn,
            None => connect(&self.path, self.durability, false)?,
        };
        let outcome = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        let outcome = outcome.map_err(|error| classify(&error, "checkpoint"));
        *slot = Some(conn);
        if let Err(error) = &outcome {
            self.note(error);
        }
        outcome
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use rusqlite::ffi;

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
    fn a_checkpoint_copies_the_log_into_the_file_and_after_a_failed_disk_none_is_made() {
        let path = std::env::temp_dir().join(format!("countinghouse-{}.db", random_name().expect("a name")));
        let file = File::open(&path, Durability::Full).expect("opens");
        lock(&file.writer).execute_batch("CREATE TABLE t (a BLOB)").expect("a table");
        let insert = "INSERT INTO t SELECT randomblob(100000)";
        lock(&file.writer).execute_batch(insert).expect("a row");
        let bytes = || std::fs::metadata(&path).expect("a file").len();
        let before = bytes();
        file.checkpoint().expect("a checkpoint");
        assert!(before < 100_000 && bytes() > 100_000, "{before} {}", bytes());
        let error = failure(ffi::SQLITE_IOERR_FSYNC);
        file.note(&error);
        assert_eq!(file.checkpoint(), Err(error));
        drop(file);
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
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
