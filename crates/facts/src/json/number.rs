//! JSON numbers as integers, read digit by digit from their text: no floating point, no rounding unseen.
//! `1000`, `1000.0` and `1e3` are the same whole number; `12.5` is one only when scaled.

/// What a number's text comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Number {
    Whole(i64),
    /// Digits were cut off; the value is rounded towards zero.
    Cut(i64),
    /// Not within 64 bits.
    OutOfRange,
}

/// More digits than any 64-bit number has: a larger exponent is as good as this one.
const EXPONENT_LIMIT: i64 = 1 << 40;

/// The number times ten to the power `places`. The text is a well-formed JSON number.
pub(crate) fn scaled(text: &str, places: i64) -> Number {
    if places == 0
        && let Ok(whole) = text.parse()
    {
        return Number::Whole(whole);
    }
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = whole.chars().chain(fraction.chars()).collect();
    let digits = digits.trim_start_matches('0');
    let shift = power(exponent).saturating_sub(length(fraction)).saturating_add(places);
    let value = shifted(digits, shift);
    match value {
        Number::Whole(value) if negative => Number::Whole(-value),
        Number::Cut(value) if negative => Number::Cut(-value),
        other => other,
    }
}

/// `digits` (no leading zero) times ten to the power `shift`.
fn shifted(digits: &str, shift: i64) -> Number {
    if digits.is_empty() {
        return Number::Whole(0);
    }
    if shift >= 0 {
        let fits = length(digits).saturating_add(shift) <= 19;
        let zeros = usize::try_from(shift).ok().filter(|_| fits);
        let padded = zeros.map(|zeros| format!("{digits}{}", "0".repeat(zeros)));
        return padded.and_then(|text| text.parse().ok()).map_or(Number::OutOfRange, Number::Whole);
    }
    let keep = usize::try_from(length(digits).saturating_add(shift)).unwrap_or(0);
    let (kept, cut) = digits.split_at(keep);
    let value = if kept.is_empty() { Some(0) } else { kept.parse().ok() };
    match value {
        None => Number::OutOfRange,
        Some(value) if cut.bytes().all(|digit| digit == b'0') => Number::Whole(value),
        Some(value) => Number::Cut(value),
    }
}

fn power(exponent: &str) -> i64 {
    let limit = if exponent.starts_with('-') { -EXPONENT_LIMIT } else { EXPONENT_LIMIT };
    exponent.parse().map_or(limit, |power: i64| power.clamp(-EXPONENT_LIMIT, EXPONENT_LIMIT))
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(EXPONENT_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        for (text, places, number) in [
            ("0", 0, Number::Whole(0)),
            ("-0", 0, Number::Whole(0)),
            ("-0.0", 0, Number::Whole(0)),
            ("1000.0", 0, Number::Whole(1000)),
            ("1e3", 0, Number::Whole(1000)),
            ("-1.50E+1", 0, Number::Whole(-15)),
            ("120e-1", 0, Number::Whole(12)),
            ("9223372036854775807", 0, Number::Whole(i64::MAX)),
            ("-9223372036854775808", 0, Number::Whole(i64::MIN)),
            ("12.5", 2, Number::Whole(1250)),
            ("33.333", 2, Number::Cut(3333)),
            ("0.001", 2, Number::Cut(0)),
            ("-1.5", 0, Number::Cut(-1)),
            ("9223372036854775808", 0, Number::OutOfRange),
            ("1e400", 0, Number::OutOfRange),
            ("1e99999999999999999999", 0, Number::OutOfRange),
            ("0e99999999999999999999", 0, Number::Whole(0)),
            ("1e-99999999999999999999", 0, Number::Cut(0)),
        ] {
            assert_eq!(scaled(text, places), number, "{text}");
        }
    }
}
