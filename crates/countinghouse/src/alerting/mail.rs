//! Mail over SMTP. Every attempt of one message has the same Message-ID, so that a mailbox can tell.

use std::time::Duration;

use engine::alert::{Message, Sink};
use kernel::UnixMs;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Mailboxes};
use lettre::{SmtpTransport, Transport};

use super::settings::MailSettings;

pub(super) struct Mail {
    transport: SmtpTransport,
    from: Mailbox,
    to: Mailboxes,
}

impl Mail {
    /// The error names the setting, never its value.
    pub(super) fn try_new(settings: &MailSettings) -> Result<Self, String> {
        let builder = SmtpTransport::from_url(&settings.smtp_url).map_err(|_| {
            "COUNTINGHOUSE_SMTP_URL cannot be used; write smtps://USER:PASSWORD@HOST, or \
             smtp://HOST:25 for a relay on this machine"
                .to_owned()
        })?;
        let from = settings.from.parse().map_err(|_| {
            "COUNTINGHOUSE_ALERT_MAIL_FROM is no mail address; write books@example.com".to_owned()
        })?;
        let to = settings.to.parse().map_err(|_| {
            "COUNTINGHOUSE_ALERT_MAIL_TO holds no mail addresses; write a@example.com, b@example.com"
                .to_owned()
        })?;
        Ok(Self { transport: builder.timeout(Some(Duration::from_secs(20))).build(), from, to })
    }
}

impl Sink for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn send(&self, message: &Message, _: UnixMs) -> Result<(), String> {
        let rule = message.alert.as_ref().map_or("test", |alert| alert.rule.as_str());
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .subject(format!("[Countinghouse] {}: {rule}", message.kind))
            .message_id(Some(format!("<{}@countinghouse>", message.id)))
            .header(ContentType::TEXT_PLAIN);
        for to in self.to.clone() {
            builder = builder.to(to);
        }
        let mail = builder.body(plain(message)).map_err(|why| why.to_string())?;
        self.transport.send(&mail).map(drop).map_err(|why| why.to_string())
    }
}

/// The message as a person reads it.
pub(super) fn plain(message: &Message) -> String {
    let since =
        message.alert.as_ref().map(|alert| format!(" (since {})", alert.opened_at)).unwrap_or_default();
    let begins = match message.kind.as_str() {
        "closed" => "Over: ",
        "reminder" => "Still so: ",
        _ => "",
    };
    format!("{begins}{}{since}", message.words)
}
