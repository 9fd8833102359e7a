//! The windows of the house: the webhook gate, the JSON API with its OpenAPI description, and the console.
//!
//! - [`gate`]: signature, book, durable, 2xx; nothing else happens in that request.
//! - [`api`]: one table of routes, from which the router and the OpenAPI description are both made.
//! - [`console`]: pages made on the server, one file per page.
//! - [`access`], `guard`: who may look, and which requests may change something.
//!
//! It must not know SQL, the inside of Stripe's objects, or how a commission comes about. It asks no
//! clock and no environment: both are handed over in [`Setup`].

pub mod access;
pub mod api;
mod change;
pub mod config;
pub mod console;
mod error;
mod extract;
pub mod gate;
mod guard;
pub mod metrics;
mod misfit;
mod rim;
pub mod router;
mod serve;
mod state;
#[cfg(test)]
mod stripe_testing;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod traceparent;

pub use config::{AccessConfig, Limits, Modes, Scope, Secret};
pub use metrics::SinkCounts;
pub use serve::{Listeners, serve, serve_router};
pub use state::{App, Clock, Setup};
pub use traceparent::TraceParent;
