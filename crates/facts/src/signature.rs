//! The `Stripe-Signature` header: who signed these bytes, and when. HMAC-SHA256 over `"{t}." + body`, the
//! key being the whole secret text, prefix included. It must not know what the body says, which secret
//! belongs to which book, or what time it is (the present is an argument).
//!
//! Stricter than Stripe's libraries in two points: a timestamp too far in the *future* is refused as well,
//! and `t` must be plain decimal digits.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use thiserror::Error;

/// A longer header is refused unread. It leaves room for some 240 signatures; Stripe sends one for each
/// secret being rolled. The number of signatures costs no further HMAC: one is computed for each secret.
const HEADER_BYTES_MAX: usize = 16 * 1024;

/// Digits of `t`: nineteen are the most that fit in 64 bits.
const TIMESTAMP_DIGITS_MAX: usize = 19;

const DIGEST_BYTES: usize = 32;

/// A webhook endpoint's signing secret. It cannot be printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// `None` when the text is empty or blank: such a key would let everybody sign. Nothing is trimmed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (!text.trim().is_empty()).then_some(Self(text))
    }
}

impl AsRef<Self> for Secret {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The first secret that made one of the signatures, and the time that was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    pub secret_index: usize,
    pub t_s: i64,
}

/// Every secret that made one of the signatures: never empty, ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedAll {
    pub secret_indices: Vec<usize>,
    pub t_s: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum SignatureError {
    #[error("the body is empty")]
    EmptyBody,
    #[error("the Stripe-Signature header is missing or empty")]
    EmptyHeader,
    #[error("the Stripe-Signature header is too long")]
    HeaderTooLong,
    #[error("the Stripe-Signature header has no readable timestamp")]
    NoTimestamp,
    #[error("the Stripe-Signature header has no v1 signature")]
    NoSignature,
    #[error("no signature matches a configured secret")]
    NoMatch,
    #[error("the timestamp is outside the tolerance")]
    OutsideTolerance,
}

/// Cheap reasons to refuse come first (length, syntax, age), the HMAC over the whole body last.
/// Accepts when any `v1` was made with any of `secrets` and `|now - t| <= tolerance`.
pub fn verify<S: AsRef<Secret>>(
    body: &[u8],
    header: &str,
    secrets: &[S],
    now_s: i64,
    tolerance_s: i64,
) -> Result<Verified, SignatureError> {
    let header = Header::parse(body, header)?;
    header.check_age(now_s, tolerance_s)?;
    let found = secrets.iter().position(|secret| header.is_signed_by(secret.as_ref(), body));
    let secret_index = found.ok_or(SignatureError::NoMatch)?;
    Ok(Verified { secret_index, t_s: header.t_s })
}

/// Like [`verify`], but names all the secrets that match: one delivery may belong to the books of several.
pub fn verify_all<S: AsRef<Secret>>(
    body: &[u8],
    header: &str,
    secrets: &[S],
    now_s: i64,
    tolerance_s: i64,
) -> Result<VerifiedAll, SignatureError> {
    let header = Header::parse(body, header)?;
    header.check_age(now_s, tolerance_s)?;
    let signed = secrets.iter().enumerate().filter(|(_, secret)| header.is_signed_by(secret.as_ref(), body));
    let secret_indices: Vec<usize> = signed.map(|(index, _)| index).collect();
    if secret_indices.is_empty() {
        return Err(SignatureError::NoMatch);
    }
    Ok(VerifiedAll { secret_indices, t_s: header.t_s })
}

/// The header that Stripe would send for this body.
#[must_use]
pub fn sign(body: &[u8], secret: &Secret, t_s: i64) -> String {
    let t = t_s.to_string();
    let digest = digest(secret, &t, body).unwrap_or_default();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={t},v1={hex}")
}

struct Header<'a> {
    /// As received: these very characters were signed.
    t: &'a str,
    t_s: i64,
    signatures: Vec<[u8; DIGEST_BYTES]>,
}

impl<'a> Header<'a> {
    /// Everything that can be refused without computing an HMAC.
    fn parse(body: &[u8], header: &'a str) -> Result<Self, SignatureError> {
        if body.is_empty() {
            return Err(SignatureError::EmptyBody);
        }
        if header.is_empty() {
            return Err(SignatureError::EmptyHeader);
        }
        if header.len() > HEADER_BYTES_MAX {
            return Err(SignatureError::HeaderTooLong);
        }
        let (mut t, mut schemes, mut signatures) = (None, 0u32, Vec::new());
        for (key, value) in header.split(',').filter_map(|item| item.split_once('=')) {
            match key {
                "t" => t = Some(value),
                "v1" => {
                    schemes += 1;
                    signatures.extend(unhex(value));
                }
                _ => {}
            }
        }
        let t = t.ok_or(SignatureError::NoTimestamp)?;
        let t_s = seconds(t).ok_or(SignatureError::NoTimestamp)?;
        match (schemes, signatures.is_empty()) {
            (0, _) => Err(SignatureError::NoSignature),
            (_, true) => Err(SignatureError::NoMatch),
            (_, false) => Ok(Self { t, t_s, signatures }),
        }
    }

    fn is_signed_by(&self, secret: &Secret, body: &[u8]) -> bool {
        let Some(expected) = digest(secret, self.t, body) else { return false };
        let compare = |found: &[u8; DIGEST_BYTES]| found.ct_eq(&expected);
        self.signatures.iter().map(compare).fold(subtle::Choice::from(0), |any, one| any | one).into()
    }

    fn check_age(&self, now_s: i64, tolerance_s: i64) -> Result<(), SignatureError> {
        let age = i128::from(now_s) - i128::from(self.t_s);
        let fits = age.abs() <= i128::from(tolerance_s);
        if fits { Ok(()) } else { Err(SignatureError::OutsideTolerance) }
    }
}

/// `None` cannot happen: HMAC takes a key of any length.
fn digest(secret: &Secret, t: &str, body: &[u8]) -> Option<[u8; DIGEST_BYTES]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.0.as_bytes()).ok()?;
    mac.update(t.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac.finalize().into_bytes().into())
}

fn seconds(t: &str) -> Option<i64> {
    let decimal =
        (1..=TIMESTAMP_DIGITS_MAX).contains(&t.len()) && t.bytes().all(|byte| byte.is_ascii_digit());
    decimal.then(|| t.parse().ok()).flatten()
}

/// Exactly 64 lower-case hexadecimal digits, or nothing.
fn unhex(text: &str) -> Option<[u8; DIGEST_BYTES]> {
    let digits = text.as_bytes();
    let mut bytes = [0; DIGEST_BYTES];
    if digits.len() != 2 * DIGEST_BYTES {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
