//! Real calendar time: billing periods begin at their anchor's day and time, in shorter months at the last
//! day. It must not know what is billed.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

use crate::model::Price;

pub(crate) const DAY_S: i64 = 86_400;

/// How often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Every {
    unit: &'static str,
    count: i64,
}

impl Every {
    /// Of a recurring price.
    pub(crate) fn of(price: &Price) -> Option<Self> {
        price.interval.map(|unit| Self { unit, count: price.interval_count })
    }

    /// The first boundary after that instant, counted from the anchor.
    pub(crate) fn boundary_after(self, anchor_s: i64, after_s: i64) -> i64 {
        let mut steps = self.steps_between(anchor_s, after_s) - 1;
        loop {
            let at_s = self.step(anchor_s, steps);
            if at_s > after_s {
                return at_s;
            }
            steps += 1;
        }
    }

    /// The last boundary before that instant.
    pub(crate) fn boundary_before(self, anchor_s: i64, before_s: i64) -> i64 {
        let mut steps = self.steps_between(anchor_s, before_s) + 1;
        while self.step(anchor_s, steps + 1) < before_s {
            steps += 1;
        }
        loop {
            let at_s = self.step(anchor_s, steps);
            if at_s < before_s {
                return at_s;
            }
            steps -= 1;
        }
    }

    /// About how many steps fit between, never too many by more than one.
    fn steps_between(self, anchor_s: i64, after_s: i64) -> i64 {
        let step_s = match self.unit {
            "day" => DAY_S,
            "week" => 7 * DAY_S,
            "year" => 366 * DAY_S,
            _ => 31 * DAY_S,
        };
        (after_s - anchor_s).div_euclid(step_s * self.count.max(1))
    }

    /// The boundary so many steps from the anchor.
    fn step(self, anchor_s: i64, steps: i64) -> i64 {
        let units = steps * self.count;
        match self.unit {
            "day" => anchor_s + units * DAY_S,
            "week" => anchor_s + units * 7 * DAY_S,
            "year" => months_after(anchor_s, units * 12),
            _ => months_after(anchor_s, units),
        }
    }
}

/// The same day and time so many months later, or that month's last day.
pub(crate) fn months_after(at_s: i64, months: i64) -> i64 {
    let later = || -> Option<i64> {
        let civil: DateTime = Offset::UTC.to_datetime(Timestamp::from_second(at_s).ok()?);
        let span = Span::new().try_months(months).ok()?;
        let later = civil.checked_add(span).ok()?;
        Some(Offset::UTC.to_timestamp(later).ok()?.as_second())
    };
    later().unwrap_or(at_s + months * 30 * DAY_S)
}

/// The next midnight, UTC, that begins a day on which banks work.
pub(crate) const fn working_day_after(at_s: i64) -> i64 {
    let mut day = at_s.div_euclid(DAY_S) + 1;
    // Day 0 was a Thursday: 2 and 3 of a week counted from it are Saturday and Sunday.
    while matches!(day.rem_euclid(7), 2 | 3) {
        day += 1;
    }
    day * DAY_S
}

/// The calendar year and month at that time.
pub(crate) fn year_month(at_s: i64) -> (i64, i64) {
    match Timestamp::from_second(at_s) {
        Ok(at) => {
            let civil = Offset::UTC.to_datetime(at);
            (i64::from(civil.year()), i64::from(civil.month()))
        }
        Err(_) => (0, 0),
    }
}

/// `15 Jan 2026`, as invoices write dates.
pub(crate) fn day(at_s: i64) -> String {
    match Timestamp::from_second(at_s) {
        Ok(at) => Offset::UTC.to_datetime(at).strftime("%d %b %Y").to_string(),
        Err(_) => at_s.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Every, working_day_after};

    fn s(at: &str) -> i64 {
        kernel::time::parse(at).expect("a date") / 1000
    }

    #[test]
    fn periods_keep_their_anchors_day_or_take_the_last_of_the_month() {
        let rows = [
            ("month", 1, "2026-01-31", "2026-01-31", "2026-02-28"),
            ("month", 1, "2026-01-31", "2026-02-28", "2026-03-31"),
            ("month", 1, "2026-01-31", "2028-02-01", "2028-02-29"),
            ("month", 3, "2026-01-15", "2026-04-14", "2026-04-15"),
            ("year", 1, "2024-02-29", "2024-02-29", "2025-02-28"),
            ("year", 1, "2024-02-29", "2027-06-01", "2028-02-29"),
            ("week", 2, "2026-01-01", "2026-01-01", "2026-01-15"),
            ("day", 1, "2026-01-01", "2026-03-05T12:00:00Z", "2026-03-06"),
            ("month", 1, "2026-06-10", "2026-05-20", "2026-06-10"),
        ];
        for (unit, count, anchor, after, next) in rows {
            let every = Every { unit, count };
            assert_eq!(every.boundary_after(s(anchor), s(after)), s(next), "{unit} {anchor} {after}");
            assert!(every.boundary_before(s(anchor), s(next)) <= s(after), "{unit} {anchor} {after}");
        }
    }
    #[test]
    fn banks_rest_on_saturdays_and_sundays() {
        let rows = [
            ("2026-01-01", "2026-01-02"),
            ("2026-01-02T10:00:00Z", "2026-01-05"),
            ("2026-01-03", "2026-01-05"),
            ("2026-01-04T23:59:59Z", "2026-01-05"),
            ("2026-01-05", "2026-01-06"),
        ];
        for (at, next) in rows {
            assert_eq!(working_day_after(s(at)), s(next), "{at}");
        }
    }
}
