//! What Stripe lists against what was delivered: catch-up, backfill and reconcile over a world that can be listed
//! afterwards. `stripe` alone knows how the world is asked, `business` what happens in it.
#![allow(clippy::print_stdout, reason = "tests print how much they tried")]

mod business;
mod catch_up;
mod changing;
mod equality;
mod money;
mod past;
mod reconcile;
mod stripe;
#[allow(dead_code, reason = "shared with the tests of the books, which use other parts")]
#[path = "../books/world.rs"]
mod world;
mod year;
