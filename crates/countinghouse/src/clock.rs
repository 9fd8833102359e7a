//! The only place that asks what time it is.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use kernel::UnixMs;

/// Milliseconds since 1970 by the machine's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the binary's clock; everything else takes time as an argument"
)]
pub(crate) fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs::try_from(since.as_millis()).unwrap_or(UnixMs::MAX)
}

/// Nanoseconds since 1970: where something begins and ends within a trace.
#[expect(clippy::disallowed_methods, reason = "this is the binary's clock")]
pub(crate) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// How long somebody has waited, whatever is done to the machine's clock meanwhile.
pub(crate) struct Watch(Instant);

impl Watch {
    #[expect(clippy::disallowed_methods, reason = "a wait is measured, nothing is dated by it")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start.
    pub(crate) fn ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The clock as an argument for the rooms.
pub(crate) fn clock() -> engine::worker::Clock {
    Arc::new(now)
}
