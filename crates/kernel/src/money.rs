//! Money as Stripe writes it: a whole number of minor units and a currency. Two currencies never meet
//! in one sum. It does not know exchange rates, and scales only to show an amount to a person.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A three-letter currency code in lower case, as Stripe spells it (`usd`, `jpy`, `kwd`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Currencies whose minor unit is the currency itself. Source: Stripe's currencies page, 2026.
const ZERO_DECIMAL: [&str; 16] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof",
    "xpf",
];

/// Currencies with a thousand minor units to one.
const THREE_DECIMAL: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

impl Currency {
    /// Reads a code in either case; `None` unless it is exactly three ASCII letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| Self(bytes.map(|byte| byte.to_ascii_lowercase())))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("xxx")
    }

    /// Decimal places to show: 0, 2 or 3. Display only; amounts are never scaled inside.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        match self.as_str() {
            code if ZERO_DECIMAL.contains(&code) => 0,
            code if THREE_DECIMAL.contains(&code) => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a currency code"))
    }
}

/// An amount in minor units of one currency. May be negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// `12.34 usd`, `500 jpy`, `1.234 kwd`: exact, by integer division.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", decimal(self.minor, self.currency), self.currency)
    }
}

/// The amount alone in decimal notation, exact.
#[must_use]
pub fn decimal(minor: impl Into<i128>, currency: Currency) -> String {
    let minor = minor.into();
    let places = currency.decimals();
    if places == 0 {
        return minor.to_string();
    }
    let scale = 10u128.pow(places);
    let (whole, rest) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{whole}.{rest:0width$}", width = places as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_with_the_decimals_of_their_currency() {
        for (minor, code, shown) in [
            (1234, "usd", "12.34 usd"),
            (-5, "EUR", "-0.05 eur"),
            (500, "jpy", "500 jpy"),
            (5120, "kwd", "5.120 kwd"),
            (i64::MIN, "usd", "-92233720368547758.08 usd"),
        ] {
            let currency = Currency::parse(code).expect("a code");
            assert_eq!(Money { minor, currency }.to_string(), shown);
        }
        assert_eq!(Currency::parse("us"), None);
        assert_eq!(Currency::parse("u$d"), None);
    }
}
