//! The usual rhythm of a book's deliveries: events per hour of the week over the last weeks. Pure. Only whole numbers:
//! thousandths of events.

use std::collections::BTreeMap;

pub(super) const HOUR_MS: i64 = 3_600_000;
const WEEK_HOURS: i64 = 168;
/// How far back the rhythm is learned from.
pub(super) const WEEKS: i64 = 8;
/// Before a book is that old, nothing is usual.
const WEEKS_MIN: i64 = 2;

/// How many events a book usually gets from one instant to another, in thousandths. `hours` are its counts, zero where
/// missing; `first_hour` is when its deliveries began. Of three weeks or more the busiest is left out: one import or
/// campaign is no rhythm.
#[must_use]
pub fn usual_events_milli(hours: &BTreeMap<i64, i64>, first_hour: i64, from_at: i64, to_at: i64) -> i64 {
    let mut milli = 0_i64;
    let mut hour = from_at.div_euclid(HOUR_MS);
    while hour.saturating_mul(HOUR_MS) < to_at {
        let starts_at = hour.saturating_mul(HOUR_MS);
        let inside = (to_at.min(starts_at + HOUR_MS) - from_at.max(starts_at)).max(0);
        let usual = usual_of_hour(hours, first_hour, hour);
        milli = milli.saturating_add(usual.saturating_mul(inside) / HOUR_MS);
        hour += 1;
    }
    milli
}

fn usual_of_hour(hours: &BTreeMap<i64, i64>, first_hour: i64, hour: i64) -> i64 {
    let before = (1..=WEEKS).map(|week| hour - week * WEEK_HOURS).take_while(|hour| *hour >= first_hour);
    let mut counts: Vec<i64> = before.map(|hour| hours.get(&hour).copied().unwrap_or(0)).collect();
    let weeks = i64::try_from(counts.len()).unwrap_or(0);
    if weeks < WEEKS_MIN {
        return 0;
    }
    counts.sort_unstable();
    if weeks > WEEKS_MIN {
        counts.pop();
    }
    let weeks = i64::try_from(counts.len()).unwrap_or(1);
    counts.iter().fold(0_i64, |sum, count| sum.saturating_add(*count)).saturating_mul(1000) / weeks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many events in each hour from `first` on, for so many weeks, but for nights if they are quiet.
    fn weeks(per_hour: i64, weeks: i64, first: i64, quiet_nights: bool) -> BTreeMap<i64, i64> {
        let hours = first..first + weeks * WEEK_HOURS;
        hours.filter(|hour| !quiet_nights || hour % 24 >= 8).map(|hour| (hour, per_hour)).collect()
    }

    #[test]
    fn a_rhythm_is_learned_per_hour_of_the_week_and_needs_two_weeks() {
        let day = 24;
        for (what, hours, first, from_h, to_h, milli) in [
            ("nothing ever", BTreeMap::new(), 0, 4 * 168, 4 * 168 + 5, 0),
            ("steady", weeks(6, 4, 0, false), 0, 4 * 168, 4 * 168 + 5, 30_000),
            ("one week only", weeks(6, 1, 0, false), 0, 168, 168 + 5, 0),
            ("two weeks", weeks(6, 2, 0, false), 0, 2 * 168, 2 * 168 + 5, 30_000),
            ("quiet at night", weeks(6, 4, 0, true), 0, 4 * 168, 4 * 168 + 7, 0),
            ("and busy by day", weeks(6, 4, 0, true), 0, 4 * 168, 4 * 168 + day, 96_000),
        ] {
            assert_eq!(usual_events_milli(&hours, first, from_h * HOUR_MS, to_h * HOUR_MS), milli, "{what}");
        }
        let mut burst = weeks(0, 4, 0, false);
        burst.insert(3 * 168 + 2, 100_000);
        assert_eq!(usual_events_milli(&burst, 0, 4 * 168 * HOUR_MS, (4 * 168 + 5) * HOUR_MS), 0, "one burst");
        let half = usual_events_milli(&weeks(6, 4, 0, false), 0, 672 * HOUR_MS, 672 * HOUR_MS + HOUR_MS / 2);
        assert_eq!(half, 3000, "part of an hour counts in part");
    }
}
