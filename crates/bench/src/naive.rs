//! What most integrations do: in the request itself, verify, read, and in one transaction insert the event
//! and do its work; then answer. As durable as the house, with a pool of connections, and kind to itself:
//! prepared statements, no hot row, no call to anybody.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::routing::post;
use kernel::fact::{Body as FactBody, Invoice};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::Engine;
use crate::driver::{PATH, SECRET};
use crate::servers::{answer, now_ms, read};

const POSTGRES_CONNECTIONS: usize = 16;
/// SQLite has one writer at a time. More connections would only wait for each other, and less fairly.
const SQLITE_CONNECTIONS: usize = 1;
const RATE_BPS: i64 = 2000;

const SCHEMA: [&str; 3] = [
    "CREATE TABLE event (id TEXT PRIMARY KEY, type TEXT NOT NULL, received_at BIGINT NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE sale (invoice TEXT PRIMARY KEY, customer TEXT, currency TEXT NOT NULL, total_minor BIGINT NOT NULL)",
    "CREATE TABLE commission (invoice TEXT PRIMARY KEY, partner TEXT NOT NULL, amount_minor BIGINT NOT NULL)",
];
const PUT_EVENT: &str =
    "INSERT INTO event (id, type, received_at, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const PUT_SALE: &str = "INSERT INTO sale (invoice, customer, currency, total_minor) VALUES ($1, $2, $3, $4) \
                        ON CONFLICT (invoice) DO UPDATE SET total_minor = excluded.total_minor";
const PUT_COMMISSION: &str = "INSERT INTO commission (invoice, partner, amount_minor) VALUES ($1, $2, $3) \
                              ON CONFLICT (invoice) DO UPDATE SET amount_minor = excluded.amount_minor";

enum Conn {
    Sqlite(Connection),
    Postgres(Box<Prepared>),
}

struct Prepared {
    client: postgres::Client,
    event: postgres::Statement,
    sale: postgres::Statement,
    commission: postgres::Statement,
}

#[derive(Clone)]
pub(crate) struct Naive(Arc<Pool>);

struct Pool {
    idle: Mutex<Vec<Conn>>,
    freed: Condvar,
}

/// What a request is about to write.
struct Work {
    id: String,
    event_type: String,
    received_at: i64,
    body: Bytes,
    invoices: Vec<(String, Invoice)>,
}

impl Naive {
    pub(crate) fn open(engine: Engine, url: &str) -> Result<Self> {
        let count = match engine {
            Engine::Sqlite => SQLITE_CONNECTIONS,
            Engine::Postgres => POSTGRES_CONNECTIONS,
        };
        let mut idle = Vec::new();
        for number in 0..count {
            idle.push(Conn::open(engine, url, number == 0)?);
        }
        Ok(Self(Arc::new(Pool { idle: Mutex::new(idle), freed: Condvar::new() })))
    }

    pub(crate) fn router(&self) -> Router {
        let naive = self.clone();
        let handler =
            async move |headers: HeaderMap, body: Body| answer(naive.receive(headers, body).await.is_ok());
        Router::new().route(PATH, post(handler))
    }

    async fn receive(&self, headers: HeaderMap, body: Body) -> Result<()> {
        let body = read(body).await?;
        let signature = headers.get("stripe-signature").context("no signature")?.to_str()?;
        let secret = facts::Secret::new(SECRET).context("no secret")?;
        let received_at = now_ms();
        facts::verify(&body, signature, &[secret], received_at / 1000, 300)?;
        let envelope = facts::Envelope::parse(&body)?;
        let said = facts::normalise_event(&body).facts;
        let invoices = said.into_iter().filter_map(|fact| match fact.body {
            FactBody::Invoice(invoice) => Some((fact.object.id.to_string(), *invoice)),
            _ => None,
        });
        let work = Work {
            id: envelope.id.to_string(),
            event_type: envelope.event_type,
            received_at,
            invoices: invoices.collect(),
            body,
        };
        let pool = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || pool.with(|conn| conn.transact(&work))).await?
    }

    /// Events stored.
    pub(crate) fn kept(&self) -> Result<i64> {
        self.0.with(Conn::count)
    }
}

impl Pool {
    fn with<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut conn = loop {
            match idle.pop() {
                Some(conn) => break conn,
                None => idle = self.freed.wait(idle).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(idle);
        let result = work(&mut conn);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        self.freed.notify_one();
        result
    }
}

impl Conn {
    fn open(engine: Engine, url: &str, first: bool) -> Result<Self> {
        match engine {
            Engine::Sqlite => {
                let conn = Connection::open(url.trim_start_matches("sqlite:"))?;
                conn.busy_timeout(Duration::from_secs(10))?;
                conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
                if first {
                    conn.execute_batch(&SCHEMA.join(";"))?;
                }
                Ok(Self::Sqlite(conn))
            }
            Engine::Postgres => {
                let mut client = postgres::Client::connect(url, postgres::NoTls)?;
                client.batch_execute("SET synchronous_commit = on")?;
                if first {
                    client.batch_execute(&SCHEMA.join(";"))?;
                }
                let [event, sale, commission] =
                    [PUT_EVENT, PUT_SALE, PUT_COMMISSION].map(|text| client.prepare(text));
                Ok(Self::Postgres(Box::new(Prepared {
                    client,
                    event: event?,
                    sale: sale?,
                    commission: commission?,
                })))
            }
        }
    }

    fn transact(&mut self, work: &Work) -> Result<()> {
        let Work { id, event_type, received_at, body, invoices } = work;
        let text = std::str::from_utf8(body)?;
        match self {
            Self::Sqlite(conn) => {
                let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let new =
                    tx.prepare_cached(PUT_EVENT)?.execute(params![id, event_type, received_at, text])?;
                for (invoice, state) in invoices.iter().filter(|_| new == 1) {
                    let (customer, currency, total, earned) = booked(state);
                    tx.prepare_cached(PUT_SALE)?.execute(params![invoice, customer, currency, total])?;
                    tx.prepare_cached(PUT_COMMISSION)?.execute(params![invoice, "anna", earned])?;
                }
                Ok(tx.commit()?)
            }
            Self::Postgres(prepared) => {
                let Prepared { client, event, sale, commission } = &mut **prepared;
                let mut tx = client.transaction()?;
                let new = tx.execute(&*event, &[id, event_type, received_at, &text])?;
                for (invoice, state) in invoices.iter().filter(|_| new == 1) {
                    let (customer, currency, total, earned) = booked(state);
                    tx.execute(&*sale, &[invoice, &customer, &currency, &total])?;
                    tx.execute(&*commission, &[invoice, &"anna", &earned])?;
                }
                Ok(tx.commit()?)
            }
        }
    }

    fn count(&mut self) -> Result<i64> {
        let text = "SELECT count(*) FROM event";
        match self {
            Self::Sqlite(conn) => Ok(conn.query_row(text, [], |row| row.get(0))?),
            Self::Postgres(prepared) => Ok(prepared.client.query_one(text, &[])?.get(0)),
        }
    }
}

/// Customer, currency, total, commission: as simple as can be.
fn booked(invoice: &Invoice) -> (Option<String>, String, i64, i64) {
    let customer = invoice.customer.as_ref().map(ToString::to_string);
    let total = invoice.total_minor;
    (customer, invoice.currency.to_string(), total, total.saturating_mul(RATE_BPS) / 10_000)
}
