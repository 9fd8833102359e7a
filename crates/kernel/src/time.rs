//! Instants as whole milliseconds since 1970, and their spelling as RFC 3339. It never asks what time
//! it is: the present is always an argument.

use jiff::Timestamp;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type UnixMs = i64;

pub const SECOND_MS: i64 = 1000;
/// The last second that can be written as a date, in the year 9999: a number beyond it is no time.
pub const SECONDS_MAX: i64 = 253_402_207_200;
pub const DAY_MS: i64 = 86_400 * SECOND_MS;

/// `2026-11-20T21:57:00Z`; fractions of a second appear only when there are any.
#[must_use]
pub fn rfc3339(at: UnixMs) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| format!("@{at}ms"), |stamp| stamp.to_string())
}

/// Reads an RFC 3339 instant, or a plain date `YYYY-MM-DD` as its midnight in UTC.
#[must_use]
pub fn parse(text: &str) -> Option<UnixMs> {
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(stamp.as_millisecond());
    }
    let date = text.parse::<jiff::civil::Date>().ok()?;
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// The UTC date of an instant, `2026-11-20`.
#[must_use]
pub fn date(at: UnixMs) -> String {
    let text = rfc3339(at);
    text.split('T').next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_instants_are_read_and_written() {
        assert_eq!(parse("2026-01-01"), Some(1_767_225_600_000));
        assert_eq!(parse("2026-01-01T00:00:00Z"), Some(1_767_225_600_000));
        assert_eq!(parse("tomorrow"), None);
        assert_eq!(rfc3339(1_767_225_600_000), "2026-01-01T00:00:00Z");
        assert_eq!(date(1_767_225_600_001), "2026-01-01");
        assert_eq!(rfc3339(i64::MAX), "@9223372036854775807ms");
        assert_eq!(rfc3339(SECONDS_MAX * SECOND_MS), "9999-12-30T22:00:00Z");
        assert_eq!(rfc3339((SECONDS_MAX + 1) * SECOND_MS), "@253402207201000ms");
    }
}
