//! Where Stripe is. Everything but this machine must be reached by TLS, since each call carries the key.

use std::net::IpAddr;

use thiserror::Error;

/// The address in front of `/v1/...`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Base(String);

#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum BaseError {
    #[error("is not an address like https://api.stripe.com or http://127.0.0.1:8420")]
    Unreadable,
    #[error("would send the key unencrypted: http:// is for this machine only (localhost, 127.0.0.1, [::1])")]
    Plain,
    #[error("must not contain /v1: every call adds it, so give the address in front of it")]
    Version,
}

const STRIPE: &str = "https://api.stripe.com";

impl Base {
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        let text = text.trim().trim_end_matches('/');
        let (scheme, rest) = text.split_once("://").ok_or(BaseError::Unreadable)?;
        let authority = rest.split('/').next().unwrap_or_default();
        // A login would be sent, a query or fragment would swallow the path.
        let odd = |c: char| c.is_whitespace() || c.is_control() || "@?#\\".contains(c);
        if authority.is_empty() || rest.contains(odd) || !rest.is_ascii() {
            return Err(BaseError::Unreadable);
        }
        if rest.split('/').skip(1).any(|part| part == "v1") {
            return Err(BaseError::Version);
        }
        match scheme {
            "https" => Ok(Self(text.to_owned())),
            "http" if is_loopback(authority) => Ok(Self(text.to_owned())),
            "http" => Err(BaseError::Plain),
            _ => Err(BaseError::Unreadable),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_stripe(&self) -> bool {
        self.0 == STRIPE
    }

    /// On this machine: no proxy leads there.
    pub(crate) fn is_loopback(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        is_loopback(rest.split('/').next().unwrap_or_default())
    }
}

impl Default for Base {
    fn default() -> Self {
        Self(STRIPE.to_owned())
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_sent_unencrypted_to_this_machine_only() {
        for (text, expected) in [
            ("https://api.stripe.com/", Ok("https://api.stripe.com")),
            ("https://proxy.example:8443/stripe", Ok("https://proxy.example:8443/stripe")),
            ("http://127.0.0.1:8420", Ok("http://127.0.0.1:8420")),
            ("http://[::1]:8420/", Ok("http://[::1]:8420")),
            ("http://localhost", Ok("http://localhost")),
            ("http://api.stripe.com", Err(BaseError::Plain)),
            ("http://localhost.evil.example", Err(BaseError::Plain)),
            ("http://127.0.0.1.evil.example", Err(BaseError::Plain)),
            ("http://127.0.0.1@evil.example", Err(BaseError::Unreadable)),
            ("https://user:pass@host", Err(BaseError::Unreadable)),
            ("https://host?x=", Err(BaseError::Unreadable)),
            ("https://api.stripe.com/v1", Err(BaseError::Version)),
            ("http://127.0.0.1:8420/v1/", Err(BaseError::Version)),
            ("https://", Err(BaseError::Unreadable)),
            ("api.stripe.com", Err(BaseError::Unreadable)),
            ("ftp://127.0.0.1", Err(BaseError::Unreadable)),
        ] {
            let read = Base::parse(text);
            assert_eq!(read.as_ref().map(Base::as_str), expected.as_ref().map(|text| *text), "{text}");
        }
    }
}
