//! How often reports are made: of one kind at most one a minute, and thirty in all. A failure that repeats itself is told once,
//! and the rest is counted. Pure.

use std::collections::BTreeMap;

use kernel::UnixMs;

const MINUTE_MS: i64 = 60_000;
const A_MINUTE_MAX: usize = 30;

/// What has been reported within the last minute: kinds are places in the source, so there are few.
#[derive(Default)]
pub(super) struct Brake {
    last: BTreeMap<(&'static str, u32), UnixMs>,
}

impl Brake {
    /// Whether a failure said at this place of the source is to be reported.
    pub(super) fn lets(&mut self, place: (&'static str, u32), now: UnixMs) -> bool {
        // A clock that was set back forgets.
        self.last.retain(|_, at| (0..MINUTE_MS).contains(&now.saturating_sub(*at)));
        if self.last.contains_key(&place) || self.last.len() >= A_MINUTE_MAX {
            return false;
        }
        self.last.insert(place, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_kind_a_minute_and_thirty_of_all_kinds() {
        let mut brake = Brake::default();
        assert!(brake.lets(("a.rs", 1), 0));
        assert!(!brake.lets(("a.rs", 1), 59_999));
        assert!(brake.lets(("a.rs", 2), 59_999));
        assert!(brake.lets(("a.rs", 1), 60_000));
        assert!(brake.lets(("a.rs", 1), 0), "the clock was set back");
        let mut brake = Brake::default();
        assert_eq!((0..100).filter(|line| brake.lets(("b.rs", *line), 5)).count(), A_MINUTE_MAX);
    }
}
