//! A real PostgreSQL for tests: found or installed, started in a temporary folder, gone with this process.
//!
//! One cluster serves a whole test process, and `postgres-for-tests COMMAND` one for a whole run. It keeps
//! `fsync` on, since the program refuses a server without.

mod cluster;
mod programs;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use cluster::Cluster;

/// Names a server that is there already; then none is started.
pub const SERVER_VARIABLE: &str = "COUNTINGHOUSE_TEST_POSTGRES";

/// A server on which tests may make databases.
pub struct Postgres {
    /// `postgres://USER@HOST:PORT`, without a database.
    base: String,
    cluster: Option<Cluster>,
}

impl Postgres {
    /// The server of this process: the one named by the environment, or one started now.
    pub fn shared() -> Result<&'static Self, &'static str> {
        static SHARED: OnceLock<Result<Postgres, String>> = OnceLock::new();
        SHARED.get_or_init(Self::given_or_started).as_ref().map_err(String::as_str)
    }

    #[expect(clippy::disallowed_methods, reason = "tests have no configuration of their own")]
    fn given_or_started() -> Result<Self, String> {
        match std::env::var(SERVER_VARIABLE) {
            Ok(url) => Ok(Self { base: without_database(&url), cluster: None }),
            Err(_) => Self::start(),
        }
    }

    /// A cluster of its own, which ends when this value is dropped or this process dies.
    pub fn start() -> Result<Self, String> {
        Self::start_with(&[])
    }

    /// The same with these settings switched off, for tests of what the program refuses.
    pub fn start_with(off: &[&str]) -> Result<Self, String> {
        let cluster = Cluster::start(off)?;
        Ok(Self { base: cluster.base_url(), cluster: Some(cluster) })
    }

    /// The address of the server's own database.
    #[must_use]
    pub fn url(&self) -> String {
        self.named("postgres")
    }

    /// Where the server lives, if it was started here: tests that kill it need to know.
    #[must_use]
    pub fn postmaster(&self) -> Option<u32> {
        self.cluster.as_ref().map(Cluster::postmaster)
    }

    /// A new database; its address.
    ///
    /// # Panics
    /// When the server cannot make one: there is nothing to test then.
    #[must_use]
    pub fn fresh_database(&self) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        self.batch(&[
            &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
        ])
        .unwrap_or_else(|error| panic!("no database for a test: {error}"));
        self.named(&name)
    }

    /// Best effort, and only what [`Postgres::fresh_database`] made.
    pub fn drop_database(&self, url: &str) {
        if let Some(name) = url.rsplit('/').next().filter(|name| name.starts_with("test_")) {
            let _ = self.batch(&[&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]);
        }
    }

    /// An empty schema of its own in the server's one database: much cheaper than a database (dropping one of
    /// those forces a checkpoint), for tests that want hundreds.
    ///
    /// # Panics
    /// When the server cannot make one: there is nothing to test then.
    #[must_use]
    pub fn fresh_schema(&self) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        self.batch(&[&format!("DROP SCHEMA IF EXISTS {name} CASCADE"), &format!("CREATE SCHEMA {name}")])
            .unwrap_or_else(|error| panic!("no schema for a test: {error}"));
        format!("{}?options=-csearch_path%3D{name}", self.url())
    }

    /// Best effort, and only what [`Postgres::fresh_schema`] made.
    pub fn drop_schema(&self, url: &str) {
        if let Some((_, name)) = url.rsplit_once("%3D").filter(|(_, name)| name.starts_with("test_")) {
            let _ = self.batch(&[&format!("DROP SCHEMA IF EXISTS {name} CASCADE")]);
        }
    }

    /// Schemas of scratch books in that database.
    ///
    /// # Panics
    /// When it cannot be asked.
    #[must_use]
    pub fn scratch_schemas(&self, url: &str) -> Vec<String> {
        let mut client = postgres::Client::connect(url, postgres::NoTls).expect("connected");
        let rows = client.simple_query("TABLE pg_namespace").expect("asked");
        let name = |message: &postgres::SimpleQueryMessage| match message {
            postgres::SimpleQueryMessage::Row(row) => row.get("nspname").map(str::to_owned),
            _ => None,
        };
        rows.iter().filter_map(name).filter(|name| name.starts_with("scratch_")).collect()
    }

    fn named(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }

    /// Each statement on its own: databases cannot be made inside a transaction.
    fn batch(&self, statements: &[&str]) -> Result<(), postgres::Error> {
        let mut client = postgres::Client::connect(&self.url(), postgres::NoTls)?;
        statements.iter().try_for_each(|statement| client.batch_execute(statement))
    }
}

/// `postgres://u@h:1/name` -> `postgres://u@h:1`
fn without_database(url: &str) -> String {
    let scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[scheme..].find('/').map_or(url.len(), |at| scheme + at);
    url[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_cut_off_an_address() {
        assert_eq!(without_database("postgres://u@h:1/name"), "postgres://u@h:1");
        assert_eq!(without_database("postgres://u:p@%2Ftmp%2Fx:1"), "postgres://u:p@%2Ftmp%2Fx:1");
    }
}
