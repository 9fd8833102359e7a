//! Books beside the books: the place where a replay rebuilds everything and compares. Empty at first, with
//! the live letter box behind it, gone when dropped, and without the promise of durability.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use super::sqlite::{Durability, File};
use super::{Db, Engine, StoreError, migrate, postgres, sqlite};

/// Empty books that see the same inbox. Read the inbox through it; never append.
pub struct Scratch {
    db: Db,
    clean_up: CleanUp,
}

enum CleanUp {
    Files(PathBuf),
    Schema(Arc<postgres::Pool>, String),
}

impl Db {
    pub fn scratch_like(&self) -> Result<Scratch, StoreError> {
        let (books, clean_up) = match &self.books {
            Engine::Sqlite(file) => {
                let mut path = file.path().as_os_str().to_owned();
                path.push(format!(".scratch-{}", sqlite::random_name()?));
                let path = PathBuf::from(path);
                let scratch = File::open(&path, Durability::Scratch)?;
                (Engine::Sqlite(Arc::new(scratch)), CleanUp::Files(path))
            }
            Engine::Postgres(pool) => {
                let schema = pool.make_schema()?;
                let scratch = postgres::Pool::new(pool.server().clone(), Some(schema.clone()));
                (Engine::Postgres(scratch), CleanUp::Schema(Arc::clone(pool), schema))
            }
        };
        let scratch = Scratch { db: Self { books, inbox: self.inbox.clone() }, clean_up };
        migrate::run(&scratch.db.books, &migrate::BOOKS)?;
        Ok(scratch)
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
        match &self.clean_up {
            CleanUp::Files(path) => {
                for suffix in ["", "-wal", "-shm"] {
                    let mut file = path.as_os_str().to_owned();
                    file.push(suffix);
                    let _ = std::fs::remove_file(file);
                }
            }
            CleanUp::Schema(pool, schema) => {
                if let Err(error) = pool.drop_schema(schema) {
                    tracing::warn!(%error, schema, "a scratch schema stays behind");
                }
            }
        }
    }
}
