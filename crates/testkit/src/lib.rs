//! What tests stand on (development only): real databases of both engines, made fresh for each test, and a real
//! browser.

pub mod browser;
pub mod database;
mod machine;
pub mod postgres;

pub use browser::Browser;
pub use database::TestDatabase;
pub use postgres::Postgres;
