//! What tests stand on (development only): real databases of both engines, made fresh for each test.

pub mod database;
pub mod postgres;

pub use database::TestDatabase;
pub use postgres::Postgres;
