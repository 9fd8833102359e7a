//! `events import`: events from a file enter the inbox like deliveries (source `import`), and lines of an export as
//! what they were. They carry no signature: whoever may run this command may write the database anyway.

use kernel::{Book, Ref, UnixMs};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::inbox::{Deliveries, QuarantineRow};
use store::{Append, Appended, Source};

use crate::carry::line::{self, Carried};
use crate::house::{EngineError, House};

/// Lines per transaction: so many that the wait for the disk is shared by all of them.
const BATCH: usize = 2_000;

/// Bytes of bodies per transaction, but for the last one: what is in memory at most.
const BATCH_BYTES: usize = 16 << 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Imported {
    pub new: u64,
    pub known: u64,
    pub quarantined: u64,
    /// Lines of an export that are not what they say; not kept.
    pub refused: u64,
}

pub enum ImportLine {
    Taken,
    Blank,
    /// Not an event that fits a book; kept in quarantine with this reason.
    Refused(String),
    /// A line of an export that is not what it says; not kept, for this reason.
    Spoilt(String),
}

/// Takes lines one by one and appends them in batches.
pub struct Import<'a> {
    house: &'a House,
    account: Option<Ref>,
    waiting: Vec<Append>,
    /// Rows of another inbox, with their deliveries.
    carried: Vec<(Append, Deliveries)>,
    /// Of the bodies in both.
    bytes: usize,
    done: Imported,
}

impl<'a> Import<'a> {
    /// `account`: the connected account of events that do not name one themselves.
    #[must_use]
    pub fn new(house: &'a House, account: Option<Ref>) -> Self {
        Self { house, account, waiting: Vec::new(), carried: Vec::new(), bytes: 0, done: Imported::default() }
    }

    /// One event, one in the envelope of EventBridge or Event Grid, an array of them, or one line of an export.
    pub fn line(&mut self, line: &[u8], now: UnixMs) -> Result<ImportLine, EngineError> {
        let line = line.trim_ascii();
        let mut taken = ImportLine::Blank;
        if line.is_empty() {
            return Ok(taken);
        }
        if line::is_carried(line) {
            return self.carried(line);
        }
        for body in facts::unwrapped(line) {
            match self.event(&body, now)? {
                refused @ (ImportLine::Refused(_) | ImportLine::Spoilt(_)) => taken = refused,
                other if matches!(taken, ImportLine::Blank) => taken = other,
                _ => {}
            }
        }
        Ok(taken)
    }

    /// A line of an export. Rows keep the order in which they come, whatever they are.
    fn carried(&mut self, line: &[u8]) -> Result<ImportLine, EngineError> {
        match line::read(line) {
            Ok(Carried::Event { event, deliveries, .. }) => {
                if !self.waiting.is_empty() {
                    self.flush()?;
                }
                self.bytes += event.body.len();
                self.carried.push((event, deliveries));
                self.flush_if_full()?;
                Ok(ImportLine::Taken)
            }
            Ok(Carried::Quarantined { row, deliveries }) => {
                self.house.inbox().quarantine_carried(&row, deliveries)?;
                self.done.quarantined += 1;
                Ok(ImportLine::Taken)
            }
            Err(why) => {
                self.done.refused += 1;
                Ok(ImportLine::Spoilt(why))
            }
        }
    }

    fn event(&mut self, body: &[u8], now: UnixMs) -> Result<ImportLine, EngineError> {
        let body_hash: [u8; 32] = Sha256::digest(body).into();
        match facts::Envelope::parse(body) {
            Ok(envelope) => {
                let account = envelope.account.clone().or_else(|| self.account.clone());
                if !self.carried.is_empty() {
                    self.flush()?;
                }
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
                self.bytes += body.len();
                self.flush_if_full()?;
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

    fn flush_if_full(&mut self) -> Result<(), EngineError> {
        let is_full = self.waiting.len().max(self.carried.len()) >= BATCH || self.bytes >= BATCH_BYTES;
        if is_full { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        let inbox = self.house.inbox();
        self.bytes = 0;
        let mut appended = inbox.append_kept(&std::mem::take(&mut self.carried))?;
        appended.extend(inbox.append(&std::mem::take(&mut self.waiting))?);
        for appended in appended {
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
