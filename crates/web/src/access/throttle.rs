//! Slows down guessing at the operator's password: per caller exponentially, and for all callers together
//! by a budget. A stranger cannot lock the owner out for longer than a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kernel::UnixMs;

const FREE_TRIES: u32 = 4;
const WAIT_MS_MAX: i64 = 60_000;
const FORGET_MS: i64 = 15 * 60_000;
const CALLERS_MAX: usize = 10_000;
const WINDOW_MS: i64 = 60_000;
const WINDOW_TRIES_MAX: u32 = 60;

#[derive(Default)]
struct State {
    /// Caller -> failures in a row, and when the last was.
    failures: HashMap<String, (u32, UnixMs)>,
    window_start: UnixMs,
    window_tries: u32,
}

#[derive(Default)]
pub struct Throttle(Mutex<State>);

impl Throttle {
    /// `Err(ms)`: not now, try again after that long. `Ok` counts as a try and, until
    /// [`Throttle::succeeded`], as a failure.
    pub fn admit(&self, caller: &str, now: UnixMs) -> Result<(), i64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now - state.window_start >= WINDOW_MS {
            (state.window_start, state.window_tries) = (now, 0);
        }
        if state.window_tries >= WINDOW_TRIES_MAX {
            return Err(WINDOW_MS - (now - state.window_start));
        }
        state.failures.retain(|_, (_, last)| now - *last < FORGET_MS);
        if let Some((count, last)) = state.failures.get(caller) {
            let wait = wait_ms(*count) - (now - last);
            if wait > 0 {
                return Err(wait);
            }
        }
        if state.failures.len() >= CALLERS_MAX {
            state.failures.clear();
        }
        state.window_tries += 1;
        let failure = state.failures.entry(caller.to_owned()).or_insert((0, now));
        *failure = (failure.0.saturating_add(1), now);
        Ok(())
    }

    pub fn succeeded(&self, caller: &str) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures.remove(caller);
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
    fn many_callers_together_have_a_budget() {
        let throttle = Throttle::default();
        for caller in 0..WINDOW_TRIES_MAX {
            assert_eq!(throttle.admit(&caller.to_string(), 0), Ok(()));
        }
        assert_eq!(throttle.admit("one more", 10_000), Err(50_000));
        assert_eq!(throttle.admit("one more", 60_000), Ok(()));
    }
}
