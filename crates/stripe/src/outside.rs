//! What the client asks of the world besides the network: the time, to wait, and chance for the jitter. They
//! are arguments, so that retries and rates can be tested without a clock.

/// Given by the binary; tests give one whose time passes only by waiting.
pub trait Outside: Send + Sync {
    /// Unix milliseconds.
    fn now_ms(&self) -> i64;

    /// Waits. `false` when the house is closing and the call should be given up.
    fn pause(&self, ms: u64) -> bool;

    /// Any number; used for jitter only.
    fn chance(&self) -> u64;
}
