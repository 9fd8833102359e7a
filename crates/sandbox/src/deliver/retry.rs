//! When a delivery that failed is tried again: three days in live mode, three times over a few hours in test
//! mode, as Stripe does (it does not publish the steps). It must not know what failed.

const HOUR_S: i64 = 3600;
/// Doubling from five minutes up to twelve hours; together just under three days.
const LIVE_S: [i64; 12] =
    [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 12 * HOUR_S, 12 * HOUR_S, 12 * HOUR_S, 12 * HOUR_S];
const TEST_S: [i64; 3] = [300, HOUR_S, 3 * HOUR_S];

/// Pauses before each further try, in seconds of the sandbox's clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retries {
    live: Vec<i64>,
    test: Vec<i64>,
}

impl Default for Retries {
    fn default() -> Self {
        Self { live: LIVE_S.to_vec(), test: TEST_S.to_vec() }
    }
}

impl Retries {
    /// The same pauses in both modes.
    #[must_use]
    pub fn of(pauses_s: Vec<i64>) -> Self {
        Self { live: pauses_s.clone(), test: pauses_s }
    }

    /// The pause after so many failed tries; `None`: it is given up.
    pub(crate) fn pause_s(&self, livemode: bool, failed: usize) -> Option<i64> {
        let pauses = if livemode { &self.live } else { &self.test };
        pauses.get(failed.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_mode_tries_for_three_days_and_test_mode_three_times() {
        let retries = Retries::default();
        let pauses =
            |livemode| (1..).map_while(|failed| retries.pause_s(livemode, failed)).collect::<Vec<_>>();
        assert_eq!(pauses(false).len(), 3);
        let live_s: i64 = pauses(true).iter().sum();
        assert!((2 * 86_400..=3 * 86_400).contains(&live_s), "{live_s}");
    }
}
