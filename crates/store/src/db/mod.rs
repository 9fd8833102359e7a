//! The seam: one text for both engines. A caller writes [`Stmt`]s and [`Put`]s, opens a [`Db`], and does
//! everything inside [`Db::read`] (one snapshot) or [`Db::work`] (one transaction, retried inside).
//!
//! Synchronous on purpose: the engine is plain threads, and on the SQLite side anything else would be a
//! pretence. A caller inside an async runtime must go through `spawn_blocking`.

mod dialect;
mod engine;
mod error;
mod migrate;
mod open;
mod postgres;
pub(crate) mod put;
mod scratch;
mod session;
mod sqlite;
mod statement;
pub(crate) mod value;

pub(crate) use dialect::Dialect;
pub(crate) use engine::Engine;
pub use error::StoreError;
pub use open::Db;
pub use put::{Col, Conflict, Put, blob, int, text};
pub use scratch::Scratch;
pub use session::{Read, Tx};
pub use statement::Stmt;
pub use value::{Row, Value};

/// A sum that may leave 64 bits, as two columns for [`Row::wide`]: of the thousand millions, and of the rest.
macro_rules! wide_sum {
    ($what:literal) => {
        concat!(
            "CAST(sum((",
            $what,
            ") / 1000000000) AS BIGINT), CAST(sum((",
            $what,
            ") % 1000000000) AS BIGINT)"
        )
    };
}

/// `args![book, kind, reference]`: the arguments of a statement, each through `Value::from`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::db::Value::from($value)),*] };
}
