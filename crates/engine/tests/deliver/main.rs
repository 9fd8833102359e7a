//! Codes made at Stripe without loss (RELIABILITY.md I34, F27): every step run twice, failed, silent after its
//! effect, killed between any two steps; in memory exhaustively, then on both engines with the real executor.
#![allow(clippy::print_stdout, reason = "tests print how much they tried")]

mod ask;
mod drift;
mod fake;
mod house;
mod memory;
mod outcome;
mod plans;
mod requests;
mod together;
