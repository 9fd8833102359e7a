//! The operator's password: given as plain text or as an Argon2 hash, compared without telling by time
//! how much of it was right. It knows no sessions and no HTTP.

use argon2::{Argon2, PasswordHash, PasswordVerifier};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a given password is compared with; never the password itself.
#[derive(Clone)]
pub struct Password(Kept);

#[derive(Clone)]
enum Kept {
    /// SHA-256 of a password that stood in the environment in plain text.
    Digest([u8; 32]),
    /// A PHC string, `$argon2id$v=19$...`.
    Argon2(String),
}

const PASSWORD_BYTES_MIN: usize = 12;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("the operator password has fewer than {PASSWORD_BYTES_MIN} characters; choose a longer one")]
    Short,
    #[error("the operator password looks like an Argon2 hash but cannot be read; make it again")]
    Hash,
}

impl Password {
    /// A text that starts with `$argon2` is a hash; anything else is the password itself.
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        if text.starts_with("$argon2") {
            PasswordHash::new(text).map_err(|_| PasswordError::Hash)?;
            return Ok(Self(Kept::Argon2(text.to_owned())));
        }
        if text.len() < PASSWORD_BYTES_MIN {
            return Err(PasswordError::Short);
        }
        Ok(Self(Kept::Digest(digest(text))))
    }

    /// Slow on purpose when a hash was given: call it where blocking is allowed.
    #[must_use]
    pub fn matches(&self, given: &str) -> bool {
        match &self.0 {
            Kept::Digest(kept) => digest(given).ct_eq(kept).into(),
            Kept::Argon2(hash) => PasswordHash::new(hash)
                .is_ok_and(|parsed| Argon2::default().verify_password(given.as_bytes(), &parsed).is_ok()),
        }
    }
}

pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Equal in time that depends on neither text.
pub(crate) fn same_secret(given: &str, kept: &str) -> bool {
    digest(given).ct_eq(&digest(kept)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_password_matches_only_itself() {
        let password = Password::parse("correct horse battery").expect("long enough");
        assert!(password.matches("correct horse battery"));
        assert!(!password.matches("correct horse batterz"));
        assert!(!password.matches(""));
        assert_eq!(Password::parse("short").err(), Some(PasswordError::Short));
    }

    #[test]
    fn an_argon2_hash_is_verified_and_a_broken_one_refused() {
        let hash = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$aPOkHW2l32NUjUKGyRb0Kg";
        let parsed = Password::parse(hash).expect("a hash");
        assert!(!parsed.matches("not it"));
        assert_eq!(Password::parse("$argon2id$nonsense").err(), Some(PasswordError::Hash));
    }
}
