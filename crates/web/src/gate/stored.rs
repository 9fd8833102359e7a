//! The letter box that the house has: deliveries go to the inbox's group-commit writer, those that fit no
//! book to the quarantine. Each answer comes after the commit.

use kernel::Ref;
use store::inbox::QuarantineRow;
use store::{Append, Appended, Inbox, InboxWriter, Source, StoreError};

use super::letterbox::{Delivery, Done, Kept, LetterBox, NotKept, Place};

pub struct StoredBox {
    inbox: Inbox,
    writer: InboxWriter,
}

impl StoredBox {
    /// Starts the writer's thread; dropping the box finishes what was accepted.
    pub fn start(inbox: Inbox) -> Result<Self, StoreError> {
        Ok(Self { writer: InboxWriter::start(inbox.clone())?, inbox })
    }

    /// Why nothing is accepted any more, if so.
    #[must_use]
    pub fn failed(&self) -> Option<StoreError> {
        self.writer.failed()
    }
}

impl LetterBox for StoredBox {
    fn submit(&self, delivery: Delivery, done: Done) {
        let Delivery { place, received_at, headers, body, body_hash } = delivery;
        match place {
            Place::Inbox { book, envelope } => {
                let append = Append {
                    book,
                    event_ref: envelope.id,
                    event_type: envelope.event_type,
                    api_version: envelope.api_version,
                    created_s: envelope.created_s,
                    received_at,
                    source: Source::Webhook,
                    headers,
                    body: body.into(),
                    body_hash,
                };
                self.writer.submit(append, Box::new(move |result| done(result.map(kept).map_err(not_kept))));
            }
            Place::Quarantine { reason, envelope } => {
                let row = QuarantineRow {
                    body_hash,
                    reason: reason.to_owned(),
                    event_ref: envelope.as_ref().map(|envelope| envelope.id.to_string()),
                    event_type: envelope.as_ref().map(|envelope| envelope.event_type.clone()),
                    account: envelope
                        .as_ref()
                        .and_then(|envelope| envelope.account.as_ref().map(Ref::to_string)),
                    livemode: envelope.as_ref().map(|envelope| envelope.livemode),
                    received_at,
                    headers,
                    body: body.into(),
                };
                let inbox = self.inbox.clone();
                // Rare, so a commit of its own on a thread where blocking is allowed.
                tokio::task::spawn_blocking(move || {
                    done(inbox.quarantine(&row).map(|()| Kept::Quarantined).map_err(not_kept));
                });
            }
        }
    }
}

const fn kept(appended: Appended) -> Kept {
    match appended {
        Appended::New { .. } | Appended::Conflict { .. } => Kept::New,
        Appended::Duplicate { .. } => Kept::Duplicate,
    }
}

fn not_kept(error: StoreError) -> NotKept {
    tracing::error!(%error, "a verified delivery could not be stored; Stripe will send it again");
    NotKept
}
