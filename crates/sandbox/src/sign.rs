//! Signing a delivery the way Stripe does (STRIPE.md section 1). It must not verify anything: the gate has
//! its own code for that, and the two check each other.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The value of the `Stripe-Signature` header: `t=<seconds>,v1=<hex>`. The key is the whole secret, with
/// its `whsec_`.
#[must_use]
pub fn stripe_signature(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    format!("t={timestamp_s},v1={}", v1(secret, timestamp_s, body))
}

/// The header while a secret is rolled: one `v1` per secret that is still alive.
#[must_use]
pub fn stripe_signature_rolling(secrets: &[&str], timestamp_s: i64, body: &[u8]) -> String {
    let mut header = format!("t={timestamp_s}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&v1(secret, timestamp_s, body));
    }
    header
}

fn v1(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    use std::fmt::Write as _;
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(timestamp_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}";

    #[test]
    fn the_vectors_of_stripe_node_hold() {
        for (secret, at, hex) in [
            ("whsec_test_secret", 12345, "2672d138c9a412830f3bfe2ecc5bfb3277cf6f5b49d0119d77dd6cb64da1257e"),
            (
                "whsec_test_secret",
                1_234_567_890,
                "45969f456b3331a0f76e237ed33423d5f758908f1f0432d30e7d45ba89bb9edd",
            ),
            ("whsec_old", 1_234_567_890, "0805c59157782e4841f6a621e825ec0672fd0ed08cc56d5d665d10b3d2d15e30"),
        ] {
            assert_eq!(stripe_signature(secret, at, BODY), format!("t={at},v1={hex}"));
        }
    }

    #[test]
    fn a_rolled_secret_signs_twice() {
        let header = stripe_signature_rolling(&["whsec_test_secret", "whsec_old"], 1_234_567_890, BODY);
        assert_eq!(header.matches("v1=").count(), 2);
        assert!(header.starts_with("t=1234567890,v1=45969f"));
    }
}
