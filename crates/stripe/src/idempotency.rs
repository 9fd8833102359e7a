//! The name of one intent at Stripe. It is made from what is intended and stored before the first try: a key
//! made of the time or of chance protects nothing.

use std::fmt;

/// Stripe's limit.
pub const KEY_CHARS_MAX: usize = 255;

/// Sent with every try of one write. Stripe keeps a key for at least 24 hours: after a longer silence look up
/// what exists before trying again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// `None` when empty, longer than 255, or with anything but visible ASCII: it goes into a header.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= KEY_CHARS_MAX;
        (fits && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn a_key_that_could_not_be_sent_is_none() {
        for (text, fits) in [
            ("code-create/anna/3/coupon", true),
            (&*"x".repeat(255), true),
            ("", false),
            (&*"x".repeat(256), false),
            ("two words", false),
            ("line\nbreak", false),
            ("schön", false),
        ] {
            assert_eq!(IdempotencyKey::parse(text).is_some(), fits, "{text:?}");
        }
    }
}
