//! Reading and working on either engine, and the one place where work is retried.

use std::sync::Arc;
use std::time::Duration;

use super::session::{Read, Tx};
use super::{Put, Stmt, StoreError, Value, postgres, sqlite};

const CONFLICT_ATTEMPTS_MAX: u32 = 12;
const BUSY_ATTEMPTS_MAX: u32 = 3;

#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite(Arc<sqlite::File>),
    Postgres(Arc<postgres::Pool>),
}

/// How one attempt ended. `Again` carries what kind of passing failure it was beside the caller's error.
pub(super) enum Attempt<T, E> {
    Done(Result<T, E>),
    Again(StoreError, E),
}

impl<T, E: From<StoreError>> Attempt<T, E> {
    /// Before anything was committed: worth another attempt if the cause may pass.
    pub(super) fn failed(error: StoreError) -> Self {
        if error.is_passing() {
            Self::Again(error.clone(), E::from(error))
        } else {
            Self::Done(Err(error.into()))
        }
    }

    /// Judges a closure that ran: `Ok` of it to be committed, or the attempt's end.
    pub(super) fn judge(result: Result<T, E>, spoiled: Option<StoreError>) -> Result<T, Self> {
        match (result, spoiled) {
            (Ok(value), None) => Ok(value),
            (Ok(_), Some(error)) => Err(Self::failed(error)),
            (Err(error), Some(cause)) if cause.is_passing() => Err(Self::Again(cause, error)),
            (Err(error), _) => Err(Self::Done(Err(error))),
        }
    }
}

impl Engine {
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        mut work: impl FnMut(&mut Read<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        persist(|| match self {
            Self::Sqlite(file) => file.read(&mut work),
            Self::Postgres(pool) => pool.read(&mut work),
        })
    }

    pub(crate) fn work<T, E: From<StoreError>>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        persist(|| match self {
            Self::Sqlite(file) => file.work(&mut work),
            Self::Postgres(pool) => pool.work(&mut work),
        })
    }
}

impl Engine {
    /// Where a round trip costs something, a whole transaction in one: the puts, if `guard` finds its row. False
    /// says that nothing was written, be it because there is nothing to save here (a file); `Lost`, that nobody knows
    /// whether it was.
    pub(crate) fn put_if(
        &self,
        guard: &Stmt,
        args: &[Value],
        puts: &[(&Put, Vec<Vec<Value>>)],
    ) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(pool) => pool.put_if(guard, args, puts),
        }
    }
}

fn persist<T, E>(mut attempt: impl FnMut() -> Attempt<T, E>) -> Result<T, E> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match attempt() {
            Attempt::Done(result) => return result,
            Attempt::Again(cause, error) => {
                let most =
                    if cause == StoreError::Conflict { CONFLICT_ATTEMPTS_MAX } else { BUSY_ATTEMPTS_MAX };
                if attempts >= most {
                    return Err(error);
                }
                tracing::debug!(attempts, error = %cause, "a transaction is tried again");
                std::thread::sleep(pause(attempts));
            }
        }
    }
}

/// 1, 2, 4 ... 128 ms, spread by thread so that two that met do not meet again.
fn pause(attempts: u32) -> Duration {
    let spread = kernel::hash::fnv1a(format!("{:?}", std::thread::current().id()).as_bytes()) % 1000;
    Duration::from_micros((1000 + spread) << (attempts - 1).min(7))
}
