//! The slot between the gate and the letter box: what is handed in, and what comes back once it is
//! durable. The gate knows only this; whether a file or a server lies behind it is wired up elsewhere.

use axum::body::Bytes;
use kernel::{Book, UnixMs};

/// A verified delivery, ready to be kept.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub place: Place,
    pub received_at: UnixMs,
    /// JSON: what is kept of the headers, never a secret or a signature.
    pub headers: String,
    pub body: Bytes,
    pub body_hash: [u8; 32],
}

#[derive(Clone, Debug)]
pub enum Place {
    Inbox { book: Book, envelope: facts::Envelope },
    Quarantine { reason: &'static str, envelope: Option<facts::Envelope> },
}

/// Committed, in one of three ways.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    New,
    Duplicate,
    Quarantined,
}

/// It is not kept, and the sender must be told to come again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotKept;

/// Called once, after the commit (or its failure).
pub type Done = Box<dyn FnOnce(Result<Kept, NotKept>) + Send>;

pub trait LetterBox: Send + Sync {
    /// Must return at once. Dropping `done` uncalled counts as not kept.
    fn submit(&self, delivery: Delivery, done: Done);
}
