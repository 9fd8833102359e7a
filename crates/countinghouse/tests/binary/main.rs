//! Tests of the real program: started as a process, spoken to over sockets and the command line, killed
//! and asked again. What is inside a room is tested in that room; here only what a user could see counts.
#![allow(clippy::print_stdout, reason = "tests print the figures they found")]

mod house;
mod http;
mod listeners;
mod otlp;
mod street;
mod stripe;
mod tools;
mod webdriver;

mod alerts;
mod backfill;
mod books;
mod browser;
mod calls;
mod catch_up;
mod codes;
mod codes_at_stripe;
mod codes_killed;
mod corpus;
mod fetch;
mod hostile;
mod interrupted;
mod keys;
mod kill;
mod messages;
mod moves;
mod mutants;
mod observed;
mod operate;
mod plaintext;
mod purchase;
mod reconcile;
mod sandbox;
mod sdk;
mod secrets;
mod sentry;
mod thin;
mod traces;
mod walk;
mod webhooks;
