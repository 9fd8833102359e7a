//! Books beside the books: the place where a replay rebuilds everything and compares. Empty at first, with
//! the live letter box behind it, gone when dropped, and without the promise of durability. What a killed
//! process left behind is removed by the next one that wants some.

use std::ffi::OsString;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::sqlite::{Durability, File};
use super::{Db, Engine, StoreError, migrate, postgres, sqlite};

/// Empty books that see the same inbox. Read the inbox through it; never append.
pub struct Scratch {
    db: Db,
    clean_up: CleanUp,
}

enum CleanUp {
    Files(Taken),
    Schema(Arc<postgres::Pool>, Box<postgres::Kept>),
}

impl Db {
    pub fn scratch_like(&self) -> Result<Scratch, StoreError> {
        self.sweep_scratch();
        let (books, clean_up) = match &self.books {
            Engine::Sqlite(file) => {
                let taken = take(&with(file.path(), &format!("{MIDDLE}{}", sqlite::random_name()?)));
                let scratch = File::open(&taken.path, Durability::Scratch)?;
                (Engine::Sqlite(Arc::new(scratch)), CleanUp::Files(taken))
            }
            Engine::Postgres(pool) => {
                let kept = pool.make_schema()?;
                let scratch = postgres::Pool::new(pool.server().clone(), Some(kept.name.clone()));
                (Engine::Postgres(scratch), CleanUp::Schema(Arc::clone(pool), Box::new(kept)))
            }
        };
        let scratch = Scratch { db: Self { books, inbox: self.inbox.clone() }, clean_up };
        migrate::run(&scratch.db.books, &migrate::BOOKS)?;
        Ok(scratch)
    }

    /// Removes scratch books whose process is gone. Failing here only leaves them where they are.
    fn sweep_scratch(&self) {
        let removed = match &self.books {
            Engine::Sqlite(file) => sweep_files(file.path()).map_err(|error| error.to_string()),
            Engine::Postgres(pool) => pool.sweep_schemas().map_err(|error| error.to_string()),
        };
        match removed {
            Ok(names) => {
                for name in names {
                    tracing::info!(schema = name, "removed the scratch books of a replay that was killed");
                }
            }
            Err(error) => tracing::warn!(error, "scratch books may have stayed behind"),
        }
    }
}

impl Deref for Scratch {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match &mut self.clean_up {
            CleanUp::Files(taken) => remove(&taken.path),
            CleanUp::Schema(pool, kept) => {
                if let Err(error) = pool.drop_schema(kept) {
                    tracing::warn!(%error, schema = kept.name, "a scratch schema stays behind");
                }
            }
        }
    }
}

/// A scratch file's name is the books' name, this, and sixteen hexadecimal digits.
const MIDDLE: &str = ".scratch-";

/// A scratch file of ours: the lock on the file beside it is gone when this process is.
struct Taken {
    path: PathBuf,
    _lock: Option<fs::File>,
}

/// Locked before the scratch file is there. Where files cannot be locked, nothing is ever swept either.
fn take(path: &Path) -> Taken {
    let lock = fs::File::create(with(path, "-lock")).ok();
    Taken { path: path.to_owned(), _lock: lock.filter(|lock| lock.lock().is_ok()) }
}

/// Removes the scratch files beside these books that nobody holds any more; says which.
fn sweep_files(books: &Path) -> std::io::Result<Vec<String>> {
    let Some(file_name) = books.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    let folder = books.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_ours = |name: &str| {
        let tail = name.strip_prefix(file_name).and_then(|rest| rest.strip_prefix(MIDDLE));
        tail.is_some_and(|tail| tail.len() == 16 && tail.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let mut removed = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().filter(|name| is_ours(name)).map(str::to_owned) else {
            continue;
        };
        let lock = fs::File::create(with(&entry.path(), "-lock"))?;
        if lock.try_lock().is_ok() {
            remove(&entry.path());
            removed.push(name);
        }
    }
    Ok(removed)
}

/// The file that a sweep looks for goes last but for its lock: one that is interrupted leaves it to be found.
fn remove(path: &Path) {
    for suffix in ["-wal", "-shm", "", "-lock"] {
        let _ = fs::remove_file(with(path, suffix));
    }
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}
