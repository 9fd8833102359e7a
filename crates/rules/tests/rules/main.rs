//! The rules as tables. `builder` makes what Stripe and the operator said, `check` alone knows the API;
//! everything else is data. Invariants (I24, ...) are numbered in RELIABILITY.md, cases in MONEY.md 7.

mod amounts;
mod attribution;
mod builder;
mod cases;
mod check;
mod earning;
mod payments;
mod properties;
mod registry;
mod status;
