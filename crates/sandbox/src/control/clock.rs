//! The sandbox's time: shown, frozen, let go, and how far a call asks to move it.

use jiff::{Span, Timestamp, tz::TimeZone};

use super::Call;
use crate::api::Params;
use crate::json::Obj;
use crate::serve::State;
use crate::world::Refusal;

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;
/// Nothing needs to look further ahead at once.
const MONTHS_MAX: i64 = 1200;

/// How far the time is to move, and how.
pub(crate) struct Timing {
    pub(crate) to_s: i64,
    pub(crate) step_s: i64,
    pub(crate) settle: bool,
}

impl Timing {
    pub(crate) fn read(params: &mut Params, now_s: i64) -> Result<Self, Refusal> {
        let mut to_s = now_s;
        for (name, unit_s) in [("seconds", 1), ("hours", HOUR_S), ("days", DAY_S)] {
            let count = params.at_least(name, 0)?.unwrap_or(0);
            to_s = to_s.saturating_add(count.saturating_mul(unit_s));
        }
        if let Some(months) = params.at_least("months", 0)? {
            let later = (months <= MONTHS_MAX).then(|| months_later(to_s, months)).flatten();
            to_s = later.ok_or_else(|| Refusal::invalid("months", "At most 1200 months at once."))?;
        }
        if let Some(text) = params.text("to")? {
            to_s = moment(&text).ok_or_else(|| {
                Refusal::invalid("to", format!("'{text}' is no time: YYYY-MM-DD, RFC 3339 or unix seconds."))
            })?;
        }
        if to_s < now_s || to_s > kernel::time::SECONDS_MAX {
            return Err(Refusal::invalid("to", "Time moves forwards only, and to the year 9999 at most."));
        }
        let step_s = params.at_least("step_s", 1)?.unwrap_or(DAY_S);
        Ok(Self { to_s, step_s, settle: params.bool("settle")?.unwrap_or(true) })
    }
}

fn months_later(from_s: i64, months: i64) -> Option<i64> {
    let from = Timestamp::from_second(from_s).ok()?.to_zoned(TimeZone::UTC);
    let span = Span::new().try_months(months).ok()?;
    Some(from.checked_add(span).ok()?.timestamp().as_second())
}

fn moment(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| Some(kernel::time::parse(text)? / kernel::time::SECOND_MS))
}

pub(super) fn show(call: &mut Call<'_>) -> Result<String, Refusal> {
    call.params().finish()?;
    Ok(shown(call.state))
}

pub(super) fn freeze(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let frozen = params.bool("frozen")?.ok_or_else(|| params.absent("frozen"))?;
    params.finish()?;
    call.state.freeze(frozen);
    Ok(shown(call.state))
}

/// Lets so many seconds go by at once, without waiting for deliveries.
pub(super) fn tick(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let now_s = call.state.world.now_s();
    let to_s = Timing::read(&mut params, now_s)?.to_s;
    params.finish()?;
    call.state.advance(to_s);
    Ok(shown(call.state))
}

pub(crate) fn shown(state: &State) -> String {
    let now_s = state.world.now_s();
    let (queued, under_way) = state.deliveries.waiting();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Obj::new()
        .int("now", now_s)
        .str("date", &kernel::time::rfc3339(now_s.saturating_mul(kernel::time::SECOND_MS)))
        .bool("frozen", state.ahead_s.is_none())
        .int("seed", i64::try_from(state.seed).unwrap_or(i64::MAX))
        .int("deliveries_waiting", count(queued))
        .int("deliveries_under_way", count(under_way))
        .close()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_calendar_months() {
        let at = |text: &str| moment(text).expect("a time");
        let rows = [
            ("2026-01-31", 1, "2026-02-28"),
            ("2026-01-15", 12, "2027-01-15"),
            ("2024-01-31", 1, "2024-02-29"),
        ];
        for (from, months, to) in rows {
            assert_eq!(months_later(at(from), months), Some(at(to)), "{from} + {months}");
        }
    }
}
