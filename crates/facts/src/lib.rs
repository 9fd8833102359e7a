//! The wall against Stripe's API versions: signature check, envelope, and the reading of every shape that
//! Stripe has sent into facts free of versions. Past this crate there is no Stripe JSON.
//!
//! It must not know commissions, tables, HTTP or the clock. Whatever arrives, reading it ends in facts and
//! notes: never in an error, never in a panic.

mod address;
mod bridge;
mod envelope;
mod json;
mod normalise;
mod object;
mod registry;
mod signature;
mod stub;
mod thin;
#[cfg(test)]
mod trace;

pub use address::{address, addresses};
pub use bridge::unwrapped;
pub use envelope::{Envelope, EnvelopeError, Payload, Related};
pub use kernel::fact::FACTS_VERSION;
pub use normalise::{normalise_event, normalise_object};
pub use registry::{
    HANDLES, Handle, LISTABLE, Listable, Listing, Means, NOT_SUBSCRIBED, Row, handles, listing, snapshot_row,
    snapshot_rows, subscribed, thin_row, thin_rows,
};
pub use signature::{Secret, SignatureError, Verified, VerifiedAll, sign, verify, verify_all};
pub use stub::Stub;
pub use thin::{Thin, thin};
