//! The house's two inputs on their way out and in again, a line of JSON for each: events with everything that the inbox
//! knows of them, and the operator log. What is carried over gives the same books, on either engine.

pub mod export;
pub mod line;
pub mod log;
