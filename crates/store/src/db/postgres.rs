//! The engine with a server: a small pool of connections, each with its prepared statements. It refuses a
//! server that does not keep what it acknowledges. The client's own errors are sorted in `classify`.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};

use super::engine::Attempt;
use super::migrate::Migrator;
use super::open::Server;
use super::put::ColType;
use super::session::{Conn, Read, Tx};
use super::{Dialect, Put, Row, Stmt, StoreError, Value};

const CONNECTION_WAIT: Duration = Duration::from_secs(10);
/// The last two are about plans: we look up keys, so tables that were filled a moment ago, before anybody
/// counted their rows, must not be read from end to end.
const SESSION: &str = "SET synchronous_commit = on; SET lock_timeout = '10s'; \
                       SET idle_in_transaction_session_timeout = '5min'; SET client_min_messages = warning; \
                       SET random_page_cost = 1.1; SET jit = off";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// With the promise repeated, so that a pooler between us cannot have lost it.
const BEGIN_WORK: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on";
const BEGIN_SCRATCH: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off";

pub(crate) struct Pool {
    server: Server,
    /// The schema of a scratch database; `None` is the server's own search path.
    schema: Option<String>,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    open: usize,
}

impl Pool {
    pub(crate) fn new(server: Server, schema: Option<String>) -> Arc<Self> {
        Arc::new(Self { server, schema, state: Mutex::new(State::default()), freed: Condvar::new() })
    }

    pub(super) const fn server(&self) -> &Server {
        &self.server
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self) -> Result<Lease<'_>, StoreError> {
        let mut state = self.state();
        loop {
            while let Some(conn) = state.idle.pop() {
                if !conn.client.is_closed() {
                    return Ok(Lease { pool: self, conn: Some(conn), clean: false });
                }
                state.open -= 1;
            }
            if state.open < self.server.connections_max {
                state.open += 1;
                drop(state);
                let mut lease = Lease { pool: self, conn: None, clean: false };
                lease.conn = Some(Connection::open(&self.server, self.schema.as_deref())?);
                return Ok(lease);
            }
            let (woken, waited) =
                self.freed.wait_timeout(state, CONNECTION_WAIT).unwrap_or_else(PoisonError::into_inner);
            if waited.timed_out() {
                return Err(StoreError::Busy);
            }
            state = woken;
        }
    }

    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        work: &mut impl FnMut(&mut Read<'_>) -> Result<T, E>,
    ) -> Attempt<T, E> {
        let mut lease = match self.begin(BEGIN_READ) {
            Ok(lease) => lease,
            Err(error) => return Attempt::failed(error),
        };
        let mut read = Read::new(Conn::Postgres(lease.get()));
        let result = work(&mut read);
        let spoiled = read.spoiled();
        lease.roll_back();
        match Attempt::judge(result, spoiled) {
            Ok(value) => Attempt::Done(Ok(value)),
            Err(end) => end,
        }
    }

    pub(super) fn work<T, E: From<StoreError>>(
        &self,
        work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Attempt<T, E> {
        let begin = if self.schema.is_some() { BEGIN_SCRATCH } else { BEGIN_WORK };
        let mut lease = match self.begin(begin) {
            Ok(lease) => lease,
            Err(error) => return Attempt::failed(error),
        };
        let mut tx = Tx::new(Conn::Postgres(lease.get()));
        let result = work(&mut tx);
        let spoiled = tx.spoiled();
        match Attempt::judge(result, spoiled) {
            Ok(value) => match lease.commit() {
                Ok(()) => Attempt::Done(Ok(value)),
                // Nobody knows whether it was committed, so it must not be done again blindly.
                Err(StoreError::Lost) => Attempt::Done(Err(StoreError::Lost.into())),
                Err(error) => Attempt::failed(error),
            },
            Err(end) => {
                lease.roll_back();
                end
            }
        }
    }

    /// An open transaction. A connection that died while it was idle is replaced once without fuss.
    fn begin(&self, text: &str) -> Result<Lease<'_>, StoreError> {
        let mut lease = self.take()?;
        match lease.get().batch(text) {
            Err(StoreError::Lost) => {
                drop(lease);
                self.drop_idle();
                let mut lease = self.take()?;
                lease.get().batch(text)?;
                Ok(lease)
            }
            Err(error) => Err(error),
            Ok(()) => Ok(lease),
        }
    }

    /// After a server restart every idle connection is dead; finding out one by one would be slow.
    fn drop_idle(&self) {
        let mut state = self.state();
        state.open -= state.idle.len();
        let dead = std::mem::take(&mut state.idle);
        drop(state);
        drop(dead);
    }
}

impl Drop for Pool {
    /// Closing a connection blocks, which an async runtime's thread may not; another thread may.
    fn drop(&mut self) {
        let idle = std::mem::take(&mut self.state().idle);
        if !idle.is_empty() {
            let _ = std::thread::spawn(move || drop(idle)).join();
        }
    }
}

/// A connection out of the pool. It goes back only when its transaction is known to be over.
pub(super) struct Lease<'p> {
    pool: &'p Pool,
    conn: Option<Connection>,
    clean: bool,
}

impl Lease<'_> {
    pub(super) fn get(&mut self) -> &mut Connection {
        self.conn.as_mut().expect("a lease holds its connection until it is dropped")
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let result = self.get().batch("COMMIT");
        match &result {
            Ok(()) => self.clean = true,
            Err(_) => self.roll_back(),
        }
        result
    }

    fn roll_back(&mut self) {
        self.clean = self.get().batch("ROLLBACK").is_ok();
    }

    pub(super) const fn done(&mut self) {
        self.clean = true;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let conn = self.conn.take().filter(|conn| self.clean && !conn.client.is_closed());
        let mut state = self.pool.state();
        match conn {
            Some(conn) => state.idle.push(conn),
            None => state.open -= 1,
        }
        drop(state);
        self.pool.freed.notify_one();
    }
}

pub(super) struct Connection {
    client: Client,
    prepared: HashMap<String, Statement>,
}

impl Connection {
    fn open(server: &Server, schema: Option<&str>) -> Result<Self, StoreError> {
        let client = server.connect()?;
        let mut conn = Self { client, prepared: HashMap::new() };
        conn.batch(SESSION)?;
        if let Some(schema) = schema {
            conn.batch(&format!("SET search_path = {schema}"))?;
        }
        conn.refuse_unsafe()?;
        Ok(conn)
    }

    fn refuse_unsafe(&mut self) -> Result<(), StoreError> {
        for (setting, wanted) in [("fsync", "on"), ("full_page_writes", "on"), ("server_encoding", "UTF8")] {
            let row = self
                .client
                .query_one("SELECT current_setting($1)", &[&setting])
                .map_err(|e| classify(&e, setting))?;
            let value: &str = row.get(0);
            if value != wanted {
                return Err(StoreError::Unusable(format!(
                    "the PostgreSQL server runs with {setting} = {value}; it must be {wanted}, or acknowledged events can be lost"
                )));
            }
        }
        Ok(())
    }

    /// Several statements without parameters in one round trip.
    pub(super) fn batch(&mut self, text: &str) -> Result<(), StoreError> {
        self.client.batch_execute(text).map_err(|error| classify(&error, "batch"))
    }

    fn prepare(&mut self, text: &str, name: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).map_err(|error| classify(&error, name))?;
        self.prepared.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn each(
        &mut self,
        stmt: &Stmt,
        args: &[Value],
        take: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.prepare(&Dialect::Postgres.statement(stmt.text), stmt.name)?;
        let params = args.iter().map(|value| value as &(dyn ToSql + Sync));
        let wrong = |error| classify(&error, stmt.name);
        let mut rows = self.client.query_raw(&statement, params.collect::<Vec<_>>()).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            let cells: Result<Vec<Value>, StoreError> =
                (0..row.len()).map(|index| cell(&row, index)).collect();
            take(Row(cells?))?;
        }
        Ok(())
    }

    pub(super) fn exec(&mut self, stmt: &Stmt, args: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepare(&Dialect::Postgres.statement(stmt.text), stmt.name)?;
        let params: Vec<&(dyn ToSql + Sync)> =
            args.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.client.execute(&statement, &params).map_err(|error| classify(&error, stmt.name))
    }

    pub(super) fn put(&mut self, put: &Put, rows: &[Vec<Value>]) -> Result<u64, StoreError> {
        let statement = self.prepare(&Dialect::Postgres.insert(put), put.table)?;
        let columns: Vec<Box<dyn ToSql + Sync + '_>> =
            put.cols.iter().enumerate().map(|(index, col)| column(rows, index, col.kind)).collect();
        let params: Vec<&(dyn ToSql + Sync)> =
            columns.iter().map(|column| &**column as &(dyn ToSql + Sync)).collect();
        self.client.execute(&statement, &params).map_err(|error| classify(&error, put.table))
    }

    /// The types of a statement's parameters as the server infers them.
    pub(super) fn parameter_types(&mut self, text: &str, name: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.prepare(text, name)?.params().iter().map(|kind| kind.name().to_owned()).collect())
    }
}

/// One column of many rows as an array.
fn column(rows: &[Vec<Value>], index: usize, kind: ColType) -> Box<dyn ToSql + Sync + '_> {
    let cells = rows.iter().map(move |row| &row[index]);
    match kind {
        ColType::Int => Box::new(
            cells.map(|cell| if let Value::Int(v) = cell { Some(*v) } else { None }).collect::<Vec<_>>(),
        ),
        ColType::Text => Box::new(
            cells
                .map(|cell| if let Value::Text(v) = cell { Some(v.as_str()) } else { None })
                .collect::<Vec<_>>(),
        ),
        ColType::Blob => Box::new(
            cells
                .map(|cell| if let Value::Bytes(v) = cell { Some(v.as_slice()) } else { None })
                .collect::<Vec<_>>(),
        ),
    }
}

fn cell(row: &postgres::Row, index: usize) -> Result<Value, StoreError> {
    let wrong = |error| classify(&error, "reading a row");
    let kind = row.columns()[index].type_();
    Ok(match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map_err(wrong)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).map_err(wrong)?.map(i64::from).into(),
        Type::BOOL => row.try_get::<_, Option<bool>>(index).map_err(wrong)?.into(),
        Type::TEXT | Type::VARCHAR | Type::NAME => {
            row.try_get::<_, Option<&str>>(index).map_err(wrong)?.into()
        }
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(index).map_err(wrong)?.into(),
        _ => return Err(StoreError::Unreadable(format!("a column of type {kind}"))),
    })
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *kind == Type::INT4 => i32::try_from(*value)?.to_sql(kind, out),
            Self::Int(value) if *kind == Type::INT8 => value.to_sql(kind, out),
            Self::Text(value) if *kind == Type::TEXT => value.to_sql(kind, out),
            Self::Bytes(value) if *kind == Type::BYTEA => value.to_sql(kind, out),
            Self::IntList(values) if *kind == Type::INT8_ARRAY => values.to_sql(kind, out),
            Self::TextList(values) if *kind == Type::TEXT_ARRAY => values.to_sql(kind, out),
            Self::KeyList(values) if *kind == Type::TEXT => serde_json::to_string(values)?.to_sql(kind, out),
            Self::PairList(values) if *kind == Type::TEXT => serde_json::to_string(values)?.to_sql(kind, out),
            _ => Err(format!("a value that is no {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(super) fn classify(error: &postgres::Error, doing: &str) -> StoreError {
    let Some(db) = error.as_db_error() else {
        let broken =
            error.is_closed() || std::error::Error::source(error).is_some_and(|e| e.is::<std::io::Error>());
        return if broken { StoreError::Lost } else { StoreError::Statement(format!("{doing}: {error}")) };
    };
    let code = db.code().code();
    let text = || format!("{doing}: {} ({code})", db.message());
    match (&code[..2], code) {
        (_, "40001" | "40P01") => StoreError::Conflict,
        (_, "55P03" | "53300" | "57014") => StoreError::Busy,
        (_, "53100" | "53200") => StoreError::Full,
        (_, "XX001" | "XX002") => StoreError::Corrupt(text()),
        // 25P03: an idle transaction was ended; 57P01..: the server is going down or coming up.
        (_, "25P03") | ("08", _) | ("57", _) => StoreError::Lost,
        ("23", _) => StoreError::Constraint(db.constraint().unwrap_or_else(|| db.message()).to_owned()),
        ("28" | "3D" | "42", "28000" | "28P01" | "3D000" | "42501") | ("25", "25006") => {
            StoreError::Unusable(text())
        }
        ("58", _) => StoreError::Io(text()),
        _ => StoreError::Statement(text()),
    }
}

impl Pool {
    pub(super) fn prepare(&self, stmt: &Stmt) -> Result<Vec<String>, StoreError> {
        let mut lease = self.take()?;
        let types = lease.get().parameter_types(&Dialect::Postgres.statement(stmt.text), stmt.name)?;
        lease.done();
        Ok(types)
    }

    pub(super) fn setting(&self, name: &str) -> Result<String, StoreError> {
        let mut lease = self.take()?;
        let row = lease
            .get()
            .client
            .query_one("SELECT current_setting($1)", &[&name])
            .map_err(|e| classify(&e, name))?;
        lease.done();
        Ok(row.get(0))
    }

    pub(super) fn make_schema(&self) -> Result<String, StoreError> {
        let mut lease = self.take()?;
        let name = lease
            .get()
            .client
            .query_one("SELECT 'scratch_' || replace(gen_random_uuid()::text, '-', '')", &[])
            .map_err(|error| classify(&error, "schema"))?;
        let name: String = name.get(0);
        lease.get().batch(&format!("CREATE SCHEMA {name}"))?;
        lease.done();
        Ok(name)
    }

    pub(super) fn drop_schema(&self, name: &str) -> Result<(), StoreError> {
        let mut lease = self.take()?;
        lease.get().batch(&format!("DROP SCHEMA {name} CASCADE"))?;
        lease.done();
        Ok(())
    }
}

/// A second process waits for the table lock of the first. No session advisory locks: a pooler between us
/// would lose them.
pub(super) fn migrate(
    pool: &Pool,
    table: &str,
    mut bring: impl FnMut(&mut dyn Migrator) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut lease = pool.take()?;
    // Two processes that make the first table at once collide in the catalogue; the loser finds it made.
    if lease.get().batch(table).is_err() {
        lease.get().batch(table)?;
    }
    let conn = lease.get();
    conn.batch("BEGIN; SET LOCAL lock_timeout = '120s'; LOCK TABLE migration IN ACCESS EXCLUSIVE MODE")?;
    bring(conn)?;
    conn.batch("COMMIT")?;
    lease.done();
    Ok(())
}

impl Migrator for Connection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn applied(&mut self, part: &str) -> Result<Vec<(i64, String)>, StoreError> {
        self.client
            .query("SELECT version, checksum FROM migration WHERE part = $1 ORDER BY version", &[&part])
            .map(|rows| rows.iter().map(|row| (row.get(0), row.get(1))).collect())
            .map_err(|error| classify(&error, "migration"))
    }

    fn apply(&mut self, text: &str) -> Result<(), StoreError> {
        self.batch(text)
    }
}
