//! The engine with a server: a small pool of connections, each with its prepared statements. It refuses a
//! server that does not keep what it acknowledges.

mod connection;
mod failure;
mod schema;
mod upkeep;
mod values;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::engine::Attempt;
use super::open::Server;
use super::session::{Conn, Read, Tx};
use super::{Put, Stmt, StoreError, Value};

pub(super) use connection::Connection;
pub(super) use failure::classify;
pub(super) use schema::Kept;
pub(super) use upkeep::migrate;

const CONNECTION_WAIT: Duration = Duration::from_secs(10);
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

    /// One statement that is a transaction by itself: the puts, if the guard finds its row. False says that
    /// nothing was written; the caller's longer way finds out why. `Lost` may be a connection that died while it was
    /// idle, or one that took the answer with it: who calls must be able to look.
    pub(super) fn put_if(
        &self,
        guard: &Stmt,
        args: &[Value],
        puts: &[(&Put, Vec<Vec<Value>>)],
    ) -> Result<bool, StoreError> {
        let mut lease = self.take()?;
        match lease.get().put_if(guard, args, puts) {
            Ok(written) => {
                lease.done();
                Ok(written > 0)
            }
            Err(error) if error == StoreError::Lost || error.is_disk_failure() => Err(error),
            Err(_) => {
                lease.done();
                Ok(false)
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
