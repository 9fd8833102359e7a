//! The API version that is asked for with every call. It decides which parameters are written and which shapes
//! come back; the facts read every shape, the parameters are chosen here.

use std::fmt;

/// What is asked for unless the configuration says otherwise.
pub const PINNED: &str = "2026-10-28.endive";

/// `2026-10-28.endive`, or a bare date as before acacia.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiVersion(String);

impl ApiVersion {
    /// `None` unless it begins with a date and goes on with a dot and a name, or ends there.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, name) = text.split_at_checked(10)?;
        let dated = date.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let named = match name.strip_prefix('.') {
            Some(word) => !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()),
            None => name.is_empty(),
        };
        (dated && named).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From clover on a promotion code is made for `promotion[type]=coupon`, before for `coupon`.
    pub(crate) fn has_promotion(&self) -> bool {
        self.0.as_str() >= "2025-09-30"
    }

    /// Invoice payments can be listed from basil on.
    #[must_use]
    pub fn has_invoice_payments(&self) -> bool {
        self.0.as_str() >= "2025-03-31"
    }

    /// A discount names its coupon in `source.coupon` from clover on.
    #[must_use]
    pub fn has_discount_source(&self) -> bool {
        self.has_promotion()
    }
}

impl Default for ApiVersion {
    fn default() -> Self {
        Self(PINNED.to_owned())
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_by_date() {
        for (text, promotion) in [
            ("2020-08-27", Some(false)),
            ("2024-10-28.acacia", Some(false)),
            ("2025-08-27.basil", Some(false)),
            ("2025-09-30.clover", Some(true)),
            (PINNED, Some(true)),
            ("latest", None),
            ("2025-09-30.", None),
            ("2025-09-30.clover\r\n", None),
            ("2025/09/30", None),
        ] {
            assert_eq!(ApiVersion::parse(text).map(|version| version.has_promotion()), promotion, "{text}");
        }
    }
}
