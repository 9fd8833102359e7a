//! The auditors: [`verify`] checks the books against their own rules, [`replay`] rebuilds them from the
//! inputs and compares. Neither calls the other, nor changes the books.

mod replay;
mod verify;

pub use replay::{Replayed, rebuild, replay};
pub use verify::{Finding, Report, verify};
