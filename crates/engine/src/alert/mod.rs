//! Alerts: what is wrong with the house, found by [`rules`] from figures that exist anyway, opened and closed once
//! each ([`watch`]), and told to whoever the operator named ([`send`]). A message is stored before its first attempt.
//! It must not know what a hook or a mail is: sinks are arguments.

mod guard;
mod rhythm;
mod rules;
mod send;
mod watch;

pub use guard::Guard;
pub use rhythm::usual_events_milli;
pub use rules::{DeliveryRate, Firing, Readings, Retention, Silence, Thresholds, firing};
pub use send::{MESSAGE_ATTEMPTS_MAX, Message, Sink, round};
pub use watch::{AlertView, list, watch};
