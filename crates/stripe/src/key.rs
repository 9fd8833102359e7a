//! An API key: which mode it belongs to, what kind it is, and a text that is never printed.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

/// A secret or restricted key. `Debug` shows its kind and mode, nothing shows its text.
#[derive(Clone)]
pub struct Key {
    text: Zeroizing<String>,
    kind: KeyKind,
    livemode: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// `sk_`: may do everything.
    Secret,
    /// `rk_`: may do what it was made for.
    Restricted,
}

/// Why a text is no key. None of these repeats the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum KeyError {
    #[error("is a publishable key (pk_...), which can read nothing; a restricted key (rk_...) belongs here")]
    Publishable,
    #[error(
        "is a webhook's signing secret (whsec_...), not an API key; a restricted key (rk_...) belongs here"
    )]
    WebhookSecret,
    #[error("is not a Stripe API key: those begin with rk_live_, rk_test_, sk_live_ or sk_test_")]
    Unknown,
}

const KINDS: [(&str, KeyKind, bool); 4] = [
    ("sk_live_", KeyKind::Secret, true),
    ("sk_test_", KeyKind::Secret, false),
    ("rk_live_", KeyKind::Restricted, true),
    ("rk_test_", KeyKind::Restricted, false),
];

impl Key {
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.starts_with("pk_") {
            return Err(KeyError::Publishable);
        }
        if text.starts_with("whsec_") {
            return Err(KeyError::WebhookSecret);
        }
        let known = KINDS.iter().find(|(prefix, ..)| text.starts_with(prefix));
        // Only such characters: the text goes into a header.
        let clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match known {
            Some((prefix, kind, livemode)) if clean && text.len() > prefix.len() && text.len() <= 512 => {
                Ok(Self { text: Zeroizing::new(text.to_owned()), kind: *kind, livemode: *livemode })
            }
            _ => Err(KeyError::Unknown),
        }
    }

    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    #[must_use]
    pub const fn livemode(&self) -> bool {
        self.livemode
    }

    /// For the one header it is sent in.
    pub(crate) fn bearer(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Bearer {}", self.text.as_str()))
    }

    /// `text` with every occurrence of the key taken out: for whatever comes back from outside.
    pub(crate) fn scrub(&self, text: &str) -> String {
        text.replace(self.text.as_str(), "[key]")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.livemode { "live" } else { "test" };
        write!(f, "Key({:?}, {mode}, [redacted])", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_its_kind_and_mode_and_nothing_else() {
        for (text, kind, livemode) in [
            ("sk_test_canary", KeyKind::Secret, false),
            ("sk_live_canary", KeyKind::Secret, true),
            (" rk_test_canary\n", KeyKind::Restricted, false),
            ("rk_live_canary", KeyKind::Restricted, true),
        ] {
            let key = Key::parse(text).unwrap();
            assert_eq!((key.kind(), key.livemode()), (kind, livemode));
            assert!(!format!("{key:?} {key:#?}").contains("canary"), "{key:?}");
            assert_eq!(key.scrub(&format!("Invalid key: {}!", text.trim())), "Invalid key: [key]!");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        for (text, why) in [
            ("", KeyError::Unknown),
            ("sk_test_", KeyError::Unknown),
            ("sk_canary", KeyError::Unknown),
            ("sk_test_canary\r\nHost: x", KeyError::Unknown),
            ("pk_live_canary", KeyError::Publishable),
            ("whsec_canary", KeyError::WebhookSecret),
        ] {
            let error = Key::parse(text).unwrap_err();
            assert_eq!(error, why, "{text}");
            assert!(!error.to_string().contains("canary"));
        }
    }
}
