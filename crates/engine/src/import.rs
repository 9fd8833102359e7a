//! `events import`: events from a file enter the inbox like deliveries (source `import`). They carry no
//! signature: whoever may run this command may write the database anyway.

use kernel::{Book, Ref, UnixMs};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::inbox::QuarantineRow;
use store::{Append, Appended, Source};

use crate::house::{EngineError, House};

/// Lines per transaction.
const BATCH: usize = 500;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Imported {
    pub new: u64,
    pub known: u64,
    pub quarantined: u64,
}

pub enum ImportLine {
    Taken,
    Blank,
    /// Not an event that fits a book; kept in quarantine with this reason.
    Refused(String),
}

/// Takes lines one by one and appends them in batches.
pub struct Import<'a> {
    house: &'a House,
    account: Option<Ref>,
    waiting: Vec<Append>,
    done: Imported,
}

impl<'a> Import<'a> {
    /// `account`: the connected account of events that do not name one themselves.
    #[must_use]
    pub fn new(house: &'a House, account: Option<Ref>) -> Self {
        Self { house, account, waiting: Vec::new(), done: Imported::default() }
    }

    /// One event, one in the envelope of EventBridge or Event Grid, or an array of them.
    pub fn line(&mut self, line: &[u8], now: UnixMs) -> Result<ImportLine, EngineError> {
        let line = line.trim_ascii();
        let mut taken = ImportLine::Blank;
        if line.is_empty() {
            return Ok(taken);
        }
        for body in facts::unwrapped(line) {
            match self.event(&body, now)? {
                refused @ ImportLine::Refused(_) => taken = refused,
                other if matches!(taken, ImportLine::Blank) => taken = other,
                _ => {}
            }
        }
        Ok(taken)
    }

    fn event(&mut self, body: &[u8], now: UnixMs) -> Result<ImportLine, EngineError> {
        let body_hash: [u8; 32] = Sha256::digest(body).into();
        match facts::Envelope::parse(body) {
            Ok(envelope) => {
                let account = envelope.account.clone().or_else(|| self.account.clone());
                self.waiting.push(Append {
                    book: Book { account, livemode: envelope.livemode },
                    event_ref: envelope.id.clone(),
                    event_type: envelope.event_type.clone(),
                    api_version: envelope.api_version.clone(),
                    created_s: envelope.created_s,
                    received_at: now,
                    source: Source::Import,
                    headers: "{}".to_owned(),
                    body: body.to_vec(),
                    body_hash,
                });
                if self.waiting.len() >= BATCH {
                    self.flush()?;
                }
                Ok(ImportLine::Taken)
            }
            Err(why) => {
                let reason = why.to_string();
                self.house.inbox().quarantine(&QuarantineRow {
                    reason: reason.clone(),
                    event_ref: None,
                    event_type: None,
                    account: None,
                    livemode: None,
                    received_at: now,
                    headers: "{}".to_owned(),
                    body: body.to_vec(),
                    body_hash,
                })?;
                self.done.quarantined += 1;
                Ok(ImportLine::Refused(reason))
            }
        }
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        let batch = std::mem::take(&mut self.waiting);
        for appended in self.house.inbox().append(&batch)? {
            match appended {
                Appended::New { .. } | Appended::Conflict { .. } => self.done.new += 1,
                Appended::Duplicate { .. } => self.done.known += 1,
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<Imported, EngineError> {
        self.flush()?;
        Ok(self.done)
    }
}
