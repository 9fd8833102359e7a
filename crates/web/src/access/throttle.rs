//! Slows down guessing at the operator's password, exponentially and for each address by itself: what strangers
//! do elsewhere never keeps the owner out. How many guesses are worked on at once is bounded for all together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kernel::UnixMs;
use tokio::sync::Semaphore;

const FREE_TRIES: u32 = 4;
const WAIT_MS_MAX: i64 = 60_000;
const FORGET_MS: i64 = 15 * 60_000;
const CALLERS_MAX: usize = 10_000;
/// Hashing a password takes a core for as long as it takes: the gate must keep one.
const AT_ONCE_MAX: usize = 2;

pub struct Throttle {
    /// Caller -> failures in a row, and when the last was.
    failures: Mutex<HashMap<String, (u32, UnixMs)>>,
    /// Held while a guess is compared.
    pub at_once: Semaphore,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { failures: Mutex::default(), at_once: Semaphore::new(AT_ONCE_MAX) }
    }
}

impl Throttle {
    /// `Err(ms)`: not now, try again after that long. `Ok` counts as a try and, until
    /// [`Throttle::succeeded`], as a failure.
    pub fn admit(&self, caller: &str, now: UnixMs) -> Result<(), i64> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, (_, last)| now - *last < FORGET_MS);
        if let Some((count, last)) = failures.get(caller) {
            let wait = wait_ms(*count) - (now - last);
            if wait > 0 {
                return Err(wait);
            }
        }
        if failures.len() >= CALLERS_MAX && !failures.contains_key(caller) {
            // Whoever tried longest ago: to be forgotten takes as many addresses, and as many tries.
            let oldest = failures.iter().min_by_key(|(_, (_, last))| *last).map(|(caller, _)| caller.clone());
            oldest.map(|caller| failures.remove(&caller));
        }
        let failure = failures.entry(caller.to_owned()).or_insert((0, now));
        *failure = (failure.0.saturating_add(1), now);
        Ok(())
    }

    pub fn succeeded(&self, caller: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(caller);
    }
}

/// 0 for the first tries, then 1 s, 2 s, 4 s ... up to a minute.
fn wait_ms(failures: u32) -> i64 {
    match failures.checked_sub(FREE_TRIES) {
        None | Some(0) => 0,
        Some(over) => (1000i64 << (over - 1).min(10)).min(WAIT_MS_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_gets_slower_and_never_stops_for_longer_than_a_minute() {
        let throttle = Throttle::default();
        for _ in 0..=FREE_TRIES {
            assert_eq!(throttle.admit("a", 0), Ok(()));
        }
        assert_eq!(throttle.admit("a", 0), Err(1000));
        assert_eq!(throttle.admit("b", 0), Ok(()), "another caller is not slowed");
        assert_eq!(throttle.admit("a", 1000), Ok(()));
        assert_eq!(throttle.admit("a", 1000), Err(2000));
        assert_eq!(wait_ms(u32::MAX), WAIT_MS_MAX);
        throttle.succeeded("a");
        assert_eq!(throttle.admit("a", 1000), Ok(()));
    }

    #[test]
    fn however_many_strangers_guess_the_owner_is_let_in() {
        let throttle = Throttle::default();
        for _ in 0..=FREE_TRIES {
            assert_eq!(throttle.admit("stubborn", 0), Ok(()));
        }
        for stranger in 0..CALLERS_MAX + 5 {
            assert_eq!(throttle.admit(&stranger.to_string(), 1), Ok(()));
        }
        assert_eq!(throttle.admit("owner", 1), Ok(()));
        assert!(throttle.failures.lock().expect("not poisoned").len() <= CALLERS_MAX);
        assert_eq!(throttle.admit(&(CALLERS_MAX + 4).to_string(), 1), Ok(()), "remembered, still free");
    }
}
