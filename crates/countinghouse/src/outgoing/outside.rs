//! Time, waiting and chance for the clients. One bell ends every wait when the house closes.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Waits that can all be ended at once.
#[derive(Default)]
pub(crate) struct Waits {
    closing: Mutex<bool>,
    bell: Condvar,
}

impl Waits {
    pub(crate) fn close(&self) {
        *self.closing.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_all();
    }
}

impl stripe::Outside for Waits {
    fn now_ms(&self) -> i64 {
        crate::clock::now()
    }

    fn pause(&self, ms: u64) -> bool {
        let guard = self.closing.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = self.bell.wait_timeout_while(guard, Duration::from_millis(ms), |closing| !*closing);
        let (guard, _) = outcome.unwrap_or_else(PoisonError::into_inner);
        !*guard
    }

    /// Every `RandomState` has keys of its own; for jitter that is chance enough.
    fn chance(&self) -> u64 {
        RandomState::new().hash_one(0)
    }
}
