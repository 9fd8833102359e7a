//! Wires the gate's slot to the inbox writer, and rings the workers after each commit.

use engine::worker::Bell;
use store::inbox::QuarantineRow;
use store::{Append, Appended, Inbox, InboxWriter, Source};
use web::gate::{Delivery, Done, Kept, LetterBox, NotKept, Place};

pub(crate) struct Slot {
    pub(crate) writer: InboxWriter,
    pub(crate) inbox: Inbox,
    pub(crate) bell: Bell,
}

impl LetterBox for Slot {
    fn submit(&self, delivery: Delivery, done: Done) {
        match delivery.place {
            Place::Inbox { book, envelope } => {
                let (of, event) = (book.label(), envelope.id.clone());
                let append = Append {
                    book,
                    event_ref: envelope.id,
                    event_type: envelope.event_type,
                    api_version: envelope.api_version,
                    created_s: envelope.created_s,
                    received_at: delivery.received_at,
                    source: Source::Webhook,
                    headers: delivery.headers,
                    body: delivery.body.to_vec(),
                    body_hash: delivery.body_hash,
                };
                let bell = self.bell.clone();
                self.writer.submit(
                    append,
                    Box::new(move |answer| {
                        let kept = match answer {
                            Ok(Appended::New { .. } | Appended::Conflict { .. }) => {
                                bell.ring();
                                Ok(Kept::New)
                            }
                            Ok(Appended::Duplicate { .. }) => Ok(Kept::Duplicate),
                            Err(why) => {
                                let (book, event) = (of.as_str(), event.as_str());
                                tracing::error!(book, event, error = %why, "a delivery could not be kept; its sender is told to retry");
                                Err(NotKept)
                            }
                        };
                        done(kept);
                    }),
                );
            }
            Place::Quarantine { reason, envelope } => {
                let row = quarantine_row(
                    reason,
                    envelope,
                    delivery.received_at,
                    delivery.headers,
                    &delivery.body,
                    delivery.body_hash,
                );
                let inbox = self.inbox.clone();
                // Rare, and never on the gate's own thread: a full disk must not stall other deliveries.
                let spawned = std::thread::Builder::new().name("quarantine".into()).spawn(move || {
                    done(inbox.quarantine(&row).map(|_| Kept::Quarantined).map_err(|why| {
                        tracing::error!(error = %why, "a delivery could not be quarantined; its sender is told to retry");
                        NotKept
                    }));
                });
                drop(spawned);
            }
        }
    }
}

fn quarantine_row(
    reason: &'static str,
    envelope: Option<facts::Envelope>,
    received_at: kernel::UnixMs,
    headers: String,
    body: &[u8],
    body_hash: [u8; 32],
) -> QuarantineRow {
    QuarantineRow {
        reason: reason.to_owned(),
        event_ref: envelope.as_ref().map(|envelope| envelope.id.to_string()),
        event_type: envelope.as_ref().map(|envelope| envelope.event_type.clone()),
        account: envelope.as_ref().and_then(|envelope| envelope.account.as_ref().map(ToString::to_string)),
        livemode: envelope.as_ref().map(|envelope| envelope.livemode),
        received_at,
        headers,
        body: body.to_vec(),
        body_hash,
    }
}
