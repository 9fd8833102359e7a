//! Opening a database by its address. An address may carry a password: it is never kept in an error, a
//! `Debug` or a log line.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use postgres::Client;
use postgres::config::{Host, SslMode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::sqlite::{Durability, File};
use super::{Engine, Read, Stmt, StoreError, Tx, migrate, postgres as pg};
use crate::inbox::Inbox;

const CONNECTIONS_MAX: usize = 8;

/// The books and the letter box, open and migrated. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(super) books: Engine,
    pub(super) inbox: Engine,
}

impl Db {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. The latter understands, beside the usual
    /// parameters, `sslrootcert=FILE` and `pool_max=N`.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let db = if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_files(Path::new(path))?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let engine = Engine::Postgres(pg::Pool::new(Server::parse(url)?, None));
            Self { books: engine.clone(), inbox: engine }
        } else {
            return Err(StoreError::Unusable(
                "the database address must begin with sqlite: or postgres://".into(),
            ));
        };
        migrate::run(&db.inbox, &migrate::INBOX)?;
        migrate::run(&db.books, &migrate::BOOKS)?;
        Ok(db)
    }

    fn open_files(path: &Path) -> Result<Self, StoreError> {
        if path.as_os_str().is_empty() {
            return Err(StoreError::Unusable("sqlite: needs the path of a file".into()));
        }
        if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty() && !it.is_dir()) {
            let message =
                format!("there is no folder {}: make it, or name a file elsewhere", folder.display());
            return Err(StoreError::Unusable(message));
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".inbox");
        let open =
            |path: &Path| File::open(path, Durability::Full).map(|file| Engine::Sqlite(Arc::new(file)));
        Ok(Self { inbox: open(&PathBuf::from(beside))?, books: open(path)? })
    }

    /// `sqlite` or `postgres`, for people.
    #[must_use]
    pub const fn engine_name(&self) -> &'static str {
        match self.books {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// Everything read inside is of one moment.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnMut(&mut Read<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.books.read(work)
    }

    /// One transaction on the books; an error rolls back. The closure runs again after a conflict, so it
    /// must not do anything outside of `tx`. Never call `work` inside `work`: SQLite has one writer.
    pub fn work<T, E: From<StoreError>>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.books.work(work)
    }

    #[must_use]
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.inbox.clone())
    }

    /// One transaction on the letter box, for tests that write what no program of this version would.
    #[doc(hidden)]
    pub fn work_on_inbox<T>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.inbox.work(work)
    }

    /// What an engine infers for the parameters of a statement; for the test that prepares every one.
    #[doc(hidden)]
    pub fn prepare(&self, stmt: &Stmt) -> Result<Vec<String>, StoreError> {
        let on = |engine: &Engine| match engine {
            Engine::Sqlite(file) => file.prepare(stmt),
            Engine::Postgres(pool) => pool.prepare(stmt),
        };
        on(&self.books).or_else(|error| match self.books {
            Engine::Sqlite(_) => on(&self.inbox),
            Engine::Postgres(_) => Err(error),
        })
    }

    /// Rows written to the books since they were opened, for the benchmark. A server counts otherwise.
    #[doc(hidden)]
    #[must_use]
    pub fn row_writes(&self) -> Option<u64> {
        match &self.books {
            Engine::Sqlite(file) => Some(file.row_writes()),
            Engine::Postgres(_) => None,
        }
    }

    /// One setting of the engine as a person would ask for it (`PRAGMA`/`SHOW`), of books and inbox.
    #[doc(hidden)]
    pub fn settings(&self, name: &str) -> Result<Vec<String>, StoreError> {
        [&self.books, &self.inbox]
            .map(|engine| match engine {
                Engine::Sqlite(file) => file.setting(name),
                Engine::Postgres(pool) => pool.setting(name),
            })
            .into_iter()
            .collect()
    }
}

/// Where a server is and how to talk to it.
#[derive(Clone)]
pub(crate) struct Server {
    config: postgres::Config,
    tls: MakeRustlsConnect,
    pub(super) connections_max: usize,
}

impl Server {
    fn parse(url: &str) -> Result<Self, StoreError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut kept = Vec::new();
        let (mut extra_ca, mut connections_max, mut mode_given) = (None, CONNECTIONS_MAX, false);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=').unwrap_or((pair, "")) {
                ("sslrootcert", file) => extra_ca = Some(file.replace("%2F", "/").replace("%2f", "/")),
                ("pool_max", number) => {
                    connections_max = number.parse().ok().filter(|n| *n >= 2).ok_or_else(|| {
                        StoreError::Unusable(
                            "pool_max in the database address must be a number from 2".into(),
                        )
                    })?;
                }
                ("sslmode", mode) => {
                    mode_given = true;
                    // Certificates are always checked, so the stricter modes of others mean the same here.
                    kept.push(if mode.starts_with("verify-") { "sslmode=require" } else { pair });
                }
                _ => kept.push(pair),
            }
        }
        let text = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
        let mut config: postgres::Config = text.parse().map_err(|_| {
            StoreError::Unusable("the database address cannot be read; see the manual for its form".into())
        })?;
        if !mode_given && config.get_hosts().iter().all(is_here) {
            config.ssl_mode(SslMode::Disable);
        }
        config.application_name("countinghouse").connect_timeout(Duration::from_secs(10));
        config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(30));
        Ok(Self { config, tls: tls(extra_ca.as_deref())?, connections_max })
    }

    pub(super) fn connect(&self) -> Result<Client, StoreError> {
        self.config.connect(self.tls.clone()).map_err(|error| {
            if is_distrust(&error) {
                StoreError::Unusable(
                    "the database's TLS certificate is not trusted: add sslrootcert=FILE with its authority, \
                     or sslmode=disable on a network you trust"
                        .into(),
                )
            } else {
                pg::classify(&error, "connecting")
            }
        })
    }
}

/// A handshake that failed for what was said in it, not for the network.
fn is_distrust(error: &postgres::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::InvalidData)
}

/// On this machine, where encrypting would only cost.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
    }
}

fn tls(extra_ca: Option<&str>) -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(file) = extra_ca {
        let unusable = |_| StoreError::Unusable(format!("sslrootcert: {file} holds no readable certificate"));
        for certificate in CertificateDer::pem_file_iter(file).map_err(unusable)? {
            roots
                .add(certificate.map_err(unusable)?)
                .map_err(|error| StoreError::Unusable(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Unusable(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
