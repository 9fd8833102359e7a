//! A fresh, empty database for one test, of either engine.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::postgres::Postgres;

/// Gone with everything in it when dropped.
pub struct TestDatabase {
    /// What the program takes as its database address.
    pub url: String,
    pub engine: &'static str,
    dir: Option<TempDir>,
}

impl TestDatabase {
    #[must_use]
    pub fn sqlite() -> Self {
        Self::sqlite_in(&std::env::temp_dir())
    }

    fn sqlite_in(place: &Path) -> Self {
        let dir = TempDir::new(place);
        let url = format!("sqlite:{}", dir.path.join("house.db").display());
        Self { url, engine: "sqlite", dir: Some(dir) }
    }

    /// `None`, with a line saying why, where there is no PostgreSQL and none can be had.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        match Postgres::shared() {
            Ok(server) => Some(Self { url: server.fresh_database(), engine: "postgres", dir: None }),
            Err(why) => {
                eprintln!("NOT TESTED on PostgreSQL: {why}");
                None
            }
        }
    }

    /// One of each engine that can be had.
    #[must_use]
    pub fn each() -> Vec<Self> {
        std::iter::once(Self::sqlite()).chain(Self::postgres()).collect()
    }

    /// Like [`TestDatabase::each`], for tests that want hundreds: with a schema instead of a database on
    /// PostgreSQL, and files in memory where Linux has a folder of such.
    #[must_use]
    pub fn each_of_many() -> Vec<Self> {
        let schema = Postgres::shared().ok().map(|server| Self {
            url: server.fresh_schema(),
            engine: "postgres",
            dir: None,
        });
        let memory = Path::new("/dev/shm");
        let sqlite = if memory.is_dir() { Self::sqlite_in(memory) } else { Self::sqlite() };
        std::iter::once(sqlite).chain(schema).collect()
    }

    /// Names of scratch books beside this database's, with their companions.
    ///
    /// # Panics
    /// When the database cannot be asked.
    #[must_use]
    pub fn scratch_books(&self) -> Vec<String> {
        let Some(dir) = self.dir() else {
            let server = Postgres::shared().expect("the server that made it");
            return server.scratch_schemas(&self.url);
        };
        let names = std::fs::read_dir(dir).expect("a folder").filter_map(Result::ok);
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| name.contains(".scratch-")).collect()
    }

    /// The folder of the files, where there are files.
    #[must_use]
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_ref().map(|dir| dir.path.as_path())
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.engine == "postgres"
            && let Ok(server) = Postgres::shared()
        {
            if self.url.contains("search_path") {
                server.drop_schema(&self.url);
            } else {
                server.drop_database(&self.url);
            }
        }
    }
}

struct TempDir {
    path: PathBuf,
}

impl TempDir {
    fn new(place: &Path) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let name =
                format!("countinghouse-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = place.join(name);
            match std::fs::create_dir(&path) {
                Ok(()) => return Self { path },
                // Left behind by a process of the same number that was killed.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("no temporary folder {}: {error}", path.display()),
            }
        }
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
