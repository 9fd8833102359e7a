//! A chat's incoming URL, as Slack has them and others understand: `{"text": ...}`.

use engine::alert::{Message, Sink};
use kernel::UnixMs;

use super::post::Poster;

pub(super) struct Slack {
    poster: Poster,
}

impl Slack {
    pub(super) fn new(url: &str) -> Self {
        Self { poster: Poster::new(url) }
    }
}

impl Sink for Slack {
    fn name(&self) -> &'static str {
        "slack"
    }

    fn send(&self, message: &Message, _: UnixMs) -> Result<(), String> {
        let text = super::mail::plain(message);
        // The three characters that such a chat reads as markup.
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        self.poster.post(&[], &serde_json::json!({ "text": text }).to_string())
    }
}
