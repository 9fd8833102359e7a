//! The generic hook: the message as JSON, signed the way Stripe signs its own.

use engine::alert::{Message, Sink};
use kernel::UnixMs;

use super::post::Poster;

pub(super) struct Hook {
    poster: Poster,
    secret: facts::Secret,
}

impl Hook {
    pub(super) fn new(url: &str, secret: &facts::Secret) -> Self {
        Self { poster: Poster::new(url), secret: secret.clone() }
    }
}

impl Sink for Hook {
    fn name(&self) -> &'static str {
        "hook"
    }

    fn send(&self, message: &Message, now: UnixMs) -> Result<(), String> {
        let body = serde_json::to_string(message).map_err(|why| why.to_string())?;
        let signature = facts::sign(body.as_bytes(), &self.secret, now.div_euclid(1000));
        let headers =
            [("countinghouse-signature", signature.as_str()), ("countinghouse-message", message.id.as_str())];
        self.poster.post(&headers, &body)
    }
}
