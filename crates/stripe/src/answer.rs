//! What came back: the few typed fields, and the bytes as Stripe sent them.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// One object from Stripe. `Debug` does not show the bytes: they may hold a secret or a person's data.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer<T> {
    pub object: T,
    /// The object's JSON, as it was sent.
    pub body: Vec<u8>,
    pub request_ref: Option<String>,
    /// Stripe answered from its memory of the idempotency key: this was done before.
    pub replayed: bool,
    /// When Stripe gave the answer, by its own clock in unix seconds; `None` when it does not say.
    pub answered_at_s: Option<i64>,
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("object", &self.object)
            .field("bytes", &self.body.len())
            .field("request_ref", &self.request_ref)
            .field("replayed", &self.replayed)
            .field("answered_at_s", &self.answered_at_s)
            .finish()
    }
}

/// A secret that Stripe tells once. Printed as `[redacted]`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// For whoever stores it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// `null` where a map or list belongs is an empty one.
pub(crate) fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// An expandable field: the id, whether Stripe sent the id or the whole object.
pub(crate) fn named<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Named {
        Id(String),
        Whole { id: String },
    }
    Ok(Option::deserialize(from)?.map(|named| match named {
        Named::Id(id) | Named::Whole { id } => id,
    }))
}
