//! Errors to a Sentry-compatible server: what is logged as an error, once, with the fields of the list. It never waits, and must
//! not know what is behind the outlet.

mod brake;
mod dsn;
mod envelope;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use kernel::UnixMs;
use sha2::{Digest, Sha256};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::fields::{Kept, is_ours};
use super::outlet::Slot;
use brake::Brake;
use envelope::{Report, envelope};

pub(super) use dsn::Dsn;
pub(super) use envelope::Origin;

pub(super) struct Errors {
    origin: Origin,
    clock: fn() -> UnixMs,
    seed: [u8; 32],
    next: AtomicU64,
    brake: Mutex<Brake>,
    out: Slot<Vec<u8>>,
}

impl Errors {
    /// `seed` is of no other process.
    pub(super) fn new(origin: Origin, clock: fn() -> UnixMs, seed: [u8; 32], out: Slot<Vec<u8>>) -> Self {
        Self { origin, clock, seed, next: AtomicU64::new(0), brake: Mutex::default(), out }
    }

    fn fresh_id(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let hash =
            Sha256::new().chain_update(b"report").chain_update(self.seed).chain_update(number).finalize();
        hash.iter().take(16).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl<S: Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        if !is_ours(about.target()) {
            return;
        }
        let (now, place) = ((self.clock)(), (about.file().unwrap_or_default(), about.line().unwrap_or(0)));
        if !self.brake.lock().unwrap_or_else(PoisonError::into_inner).lets(place, now) {
            return self.out.drop_one();
        }
        let mut kept = Kept::default();
        event.record(&mut kept);
        let report = Report { id: self.fresh_id(), at: now, room: about.target(), kept: &kept };
        match envelope(&self.origin, &report) {
            Some(envelope) => self.out.put(envelope),
            None => self.out.drop_one(),
        }
    }
}
