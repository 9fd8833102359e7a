//! Copies the inbox's log back into its file on a thread of its own, where the engine keeps such a log, so
//! that the writer's commits seldom have to wait for it. Only for speed: the writer does it when nobody did.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::Inbox;
use crate::db::StoreError;

/// Bodies appended between two checkpoints. Small, so that each is short and little is left to the writer.
const BYTES: usize = 4 << 20;

pub(super) struct Checkpointer {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Signal {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    /// Appended since the last checkpoint began.
    bytes: usize,
    closed: bool,
}

impl Checkpointer {
    /// `None` where the engine writes back by itself.
    pub(super) fn start(inbox: &Inbox) -> Result<Option<Self>, StoreError> {
        if !inbox.keeps_log() {
            return Ok(None);
        }
        let signal = Arc::<Signal>::default();
        let thread = std::thread::Builder::new()
            .name("inbox-checkpoint".into())
            .spawn({
                let (signal, inbox) = (Arc::clone(&signal), inbox.clone());
                move || run(&inbox, &signal)
            })
            .map_err(|error| StoreError::Unusable(format!("no thread for the inbox's log: {error}")))?;
        Ok(Some(Self { signal, thread: Some(thread) }))
    }

    pub(super) fn appended(&self, bytes: usize) {
        let mut inner = self.signal.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.bytes += bytes;
        if inner.bytes >= BYTES {
            self.signal.changed.notify_one();
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.signal.inner.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.signal.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(inbox: &Inbox, signal: &Signal) {
    loop {
        let inner = signal.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = signal.changed.wait_while(inner, |inner| inner.bytes < BYTES && !inner.closed);
        let mut inner = waited.unwrap_or_else(PoisonError::into_inner);
        if inner.closed {
            return;
        }
        inner.bytes = 0;
        drop(inner);
        // A disk that failed here has failed the writer too; anything else passes, and the log only grows.
        if let Err(error) = inbox.checkpoint() {
            tracing::warn!(%error, "the inbox's log could not be copied back");
        }
    }
}
