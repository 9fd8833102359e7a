//! How figures, times and states look to a person. Display only: nothing here is ever computed with again.

use kernel::{Currency, UnixMs, money, time};

/// An amount with its currency; `text` is grouped by thousands and exact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amount {
    pub text: String,
    pub currency: String,
    pub negative: bool,
}

#[must_use]
pub fn amount(minor: impl Into<i128>, currency: &str) -> Amount {
    let minor = minor.into();
    let decimal = match Currency::parse(currency) {
        Some(currency) => money::decimal(minor, currency),
        None => minor.to_string(),
    };
    let text = grouped(&decimal).replace('-', "\u{2212}");
    Amount { text, currency: currency.to_owned(), negative: minor < 0 }
}

/// `1234567.89` as `1,234,567.89`.
fn grouped(decimal: &str) -> String {
    let (sign, rest) = decimal.strip_prefix('-').map_or(("", decimal), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A whole number, grouped.
#[must_use]
pub fn count(number: i64) -> String {
    grouped(&number.to_string())
}

/// `1500` as `15 %`, `1250` as `12.5 %`.
#[must_use]
pub fn rate(bps: i64) -> String {
    let (whole, rest) = (bps / 100, (bps % 100).abs());
    let fraction = format!("{rest:02}");
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{whole} %") } else { format!("{whole}.{fraction} %") }
}

/// An instant: for machines, and for people in UTC.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Moment {
    pub iso: String,
    pub text: String,
}

#[must_use]
pub fn moment(at: UnixMs) -> Moment {
    let iso = time::rfc3339(at);
    let text = match (iso.get(..10), iso.get(11..16)) {
        (Some(date), Some(clock)) => format!("{date} {clock} UTC"),
        _ => iso.clone(),
    };
    Moment { iso, text }
}

/// The same from RFC 3339, as the engine writes it.
#[must_use]
pub fn moment_of(text: &str) -> Moment {
    time::parse(text).map_or_else(|| Moment { iso: text.to_owned(), text: text.to_owned() }, moment)
}

/// To the second, for what happens many times a minute.
#[must_use]
pub fn exact_moment_of(text: &str) -> Moment {
    let mut moment = moment_of(text);
    if let (Some(date), Some(clock)) = (text.get(..10), text.get(11..19)) {
        moment.text = format!("{date} {clock} UTC");
    }
    moment
}

/// A span of time in its largest unit: `4 s`, `12 min`, `3 h`, `5 days`.
#[must_use]
pub fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A state as words, with a sign and a colour class that say the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pill {
    pub class: &'static str,
    pub sign: &'static str,
    pub text: String,
}

#[must_use]
pub fn pill(state: &str) -> Pill {
    let (class, sign) = match state {
        "done" | "available" | "active" | "settled" | "level" | "holds" => ("good", "✓"),
        "pending" | "catching up" | "unbound" | "later" => ("wait", "…"),
        "held" => ("odd", "‖"),
        "parked" | "quarantined" | "reversed" | "conflict" => ("bad", "!"),
        _ => ("off", "–"),
    };
    Pill { class, sign, text: state.replace('_', " ") }
}

/// Text for the path or query of a URL.
#[must_use]
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_and_exact() {
        for (minor, currency, shown) in [
            (123_456_789, "usd", "1,234,567.89"),
            (-5, "eur", "\u{2212}0.05"),
            (100_000, "jpy", "100,000"),
            (999, "usd", "9.99"),
            (1_234_567, "kwd", "1,234.567"),
            (7, "?", "7"),
            (i128::from(i64::MAX) * 3, "usd", "276,701,161,105,643,274.21"),
        ] {
            assert_eq!(amount(minor, currency).text, shown);
        }
        assert_eq!((rate(1500), rate(1250), rate(5)), ("15 %".into(), "12.5 %".into(), "0.05 %".into()));
        assert_eq!(count(12_345), "12,345");
    }

    #[test]
    fn times_and_links_are_readable_and_safe() {
        assert_eq!(moment(1_767_225_600_000).text, "2026-01-01 00:00 UTC");
        assert_eq!(moment_of("2026-01-01T00:00:00Z").iso, "2026-01-01T00:00:00Z");
        assert_eq!(moment_of("odd").text, "odd");
        assert_eq!(exact_moment_of("2026-01-01T00:00:07.5Z").text, "2026-01-01 00:00:07 UTC");
        assert_eq!((span(4000), span(720_000), span(-1)), ("4 s".into(), "12 min".into(), "0 s".into()));
        assert_eq!(encode("acct_1:test&\"é"), "acct_1%3Atest%26%22%C3%A9");
    }
}
