//! The words every other room speaks: money, rates, times, ids, books, and the facts that Stripe's
//! events become. It knows no Stripe JSON, no SQL, no clock, no randomness and no floating point.

pub mod apportion;
pub mod book;
pub mod fact;
pub mod hash;
pub mod key;
pub mod money;
pub mod note;
pub mod operator;
pub mod time;

pub use apportion::{ArithmeticOverflow, apportion, mul_div_floor};
pub use book::Book;
pub use fact::{Body, Normalised, Observed};
pub use key::{Kind, ObjectKey, Ref};
pub use money::{Currency, Money};
pub use note::{Note, NoteCode};
pub use time::UnixMs;
