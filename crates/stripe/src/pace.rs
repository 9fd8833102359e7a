//! How fast we call: a token bucket that all clones of a client share, so that a backlog of ours never uses up
//! what the business's own calls are allowed.

use std::sync::{Mutex, PoisonError};

const SECOND_US: i64 = 1_000_000;

/// Hands out the moments at which calls may start, `per_s` in a second and a quarter of a second's worth at once.
pub(crate) struct Pace {
    interval_us: i64,
    burst_us: i64,
    /// When the bucket is full again, in microseconds.
    full_at_us: Mutex<i64>,
}

impl Pace {
    pub(crate) fn new(per_s: u32) -> Self {
        Self {
            interval_us: SECOND_US / i64::from(per_s.max(1)),
            burst_us: SECOND_US / 4,
            full_at_us: Mutex::new(0),
        }
    }

    /// Takes a place in the line; returns how long to wait for it, in milliseconds. `Err` with the wait, and no
    /// place taken, when that is longer than `most_ms`.
    pub(crate) fn take(&self, now_ms: i64, most_ms: u64) -> Result<u64, u64> {
        let now_us = now_ms.saturating_mul(1000);
        let mut full_at_us = self.full_at_us.lock().unwrap_or_else(PoisonError::into_inner);
        let full_then_us = (*full_at_us).max(now_us).saturating_add(self.interval_us);
        let wait_us = full_then_us.saturating_sub(now_us).saturating_sub(self.burst_us).max(0);
        let wait_ms = u64::try_from(wait_us.saturating_add(999) / 1000).unwrap_or(0);
        if wait_ms > most_ms {
            return Err(wait_ms);
        }
        *full_at_us = full_then_us;
        Ok(wait_ms)
    }

    /// Stripe said that we are too fast: nobody starts before `until_ms`, and then one after the other.
    pub(crate) fn hold(&self, until_ms: i64) {
        let empty_us = until_ms.saturating_mul(1000).saturating_add(self.burst_us - self.interval_us);
        let mut full_at_us = self.full_at_us.lock().unwrap_or_else(PoisonError::into_inner);
        *full_at_us = (*full_at_us).max(empty_us);
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let pace = Pace::new(20);
        let now_ms = 1_000_000;
        let waits: Vec<u64> = (0..8).filter_map(|_| pace.take(now_ms, 1_000).ok()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 50, 100, 150]);
        assert_eq!(pace.take(now_ms + 10_000, 0), Ok(0), "an idle bucket fills again");
    }

    #[test]
    fn after_too_many_requests_everybody_waits_or_is_told_to() {
        let pace = Pace::new(20);
        pace.hold(5_000);
        assert_eq!(pace.take(1_000, 3_999), Err(4_000));
        assert_eq!(pace.take(1_000, 4_000), Ok(4_000), "who was turned away has taken no place");
        assert_eq!(pace.take(1_000, 9_000), Ok(4_050));
        assert_eq!(pace.take(6_000, 0), Ok(0));
    }
}
