//! Group commit: one thread appends what many requests submit, and answers each after the commit that
//! holds it. While one batch is being synced the next one gathers; nobody waits for company on purpose.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::append::Prepared;
use super::at_once::Appender;
use super::checkpoint::Checkpointer;
use super::{Append, Appended, Inbox};
use crate::db::StoreError;

pub const BATCH_EVENTS_MAX: usize = 256;
pub const BATCH_BYTES_MAX: usize = 8 << 20;
const QUEUE_EVENTS_MAX: usize = 4096;
const QUEUE_BYTES_MAX: usize = 64 << 20;

/// Called once, after the commit or instead of it. It runs on the writer's thread: hand over, don't work.
pub type Answer = Box<dyn FnOnce(Result<Appended, StoreError>) + Send>;

/// The one way of the gate into the inbox. Dropping it finishes what was accepted.
pub struct InboxWriter {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

struct Queue {
    inner: Mutex<Inner>,
    filled: Condvar,
}

#[derive(Default)]
struct Inner {
    waiting: VecDeque<(Prepared, Answer)>,
    bytes: usize,
    closed: bool,
    /// The disk failed, or the writer: nothing is accepted any more, for good.
    failed: Option<StoreError>,
}

impl InboxWriter {
    pub fn start(inbox: Inbox) -> Result<Self, StoreError> {
        let checkpointer = Checkpointer::start(&inbox)?;
        let queue = Arc::new(Queue { inner: Mutex::new(Inner::default()), filled: Condvar::new() });
        let thread = std::thread::Builder::new()
            .name("inbox-writer".into())
            .spawn({
                let queue = Arc::clone(&queue);
                move || {
                    let running = || run(&inbox, &queue, checkpointer.as_ref());
                    if catch_unwind(AssertUnwindSafe(running)).is_err() {
                        queue.give_up();
                    }
                }
            })
            .map_err(|error| StoreError::Unusable(format!("no thread for the inbox: {error}")))?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Queues an event, packed on the caller's thread. `answer` is called in every case: at once with `Busy` when
    /// the queue is full, or with the disk's failure after there was one.
    pub fn submit(&self, event: Append, answer: Answer) {
        let event = Prepared::new(&event);
        let mut inner = self.queue.lock();
        let refused = if let Some(error) = &inner.failed {
            Some(error.clone())
        } else if inner.waiting.len() >= QUEUE_EVENTS_MAX || inner.bytes + event.bytes > QUEUE_BYTES_MAX {
            Some(StoreError::Busy)
        } else {
            None
        };
        if let Some(error) = refused {
            drop(inner);
            return answer(Err(error));
        }
        inner.bytes += event.bytes;
        inner.waiting.push_back((event, answer));
        drop(inner);
        self.queue.filled.notify_one();
    }

    /// Why nothing is accepted any more, if so: the process should say so and be restarted.
    #[must_use]
    pub fn failed(&self) -> Option<StoreError> {
        self.queue.lock().failed.clone()
    }

    /// Events accepted and not yet answered.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.lock().waiting.len()
    }
}

impl Drop for InboxWriter {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.filled.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After a panic, which has been told: nobody would answer any more, so nobody is left waiting, and nothing is
    /// accepted.
    fn give_up(&self) {
        let mut inner = self.lock();
        inner.failed.get_or_insert_with(|| StoreError::Io("the inbox's writer panicked".to_owned()));
        drop(std::mem::take(&mut inner.waiting));
        inner.bytes = 0;
    }

    /// Everything there is, up to a batch; `None` when closed and empty.
    fn take(&self) -> Option<Batch> {
        let mut inner = self.lock();
        while inner.waiting.is_empty() {
            if inner.closed {
                return None;
            }
            inner = self.filled.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        let (mut events, mut answers, mut bytes) = (Vec::new(), Vec::new(), 0);
        while let Some((event, _)) = inner.waiting.front() {
            let full = events.len() >= BATCH_EVENTS_MAX || bytes + event.bytes > BATCH_BYTES_MAX;
            if full && !events.is_empty() {
                break;
            }
            let Some((event, answer)) = inner.waiting.pop_front() else { break };
            bytes += event.bytes;
            events.push(event);
            answers.push(answer);
        }
        inner.bytes -= bytes;
        Some(Batch { events, answers })
    }
}

/// What is committed together.
struct Batch {
    events: Vec<Prepared>,
    answers: Vec<Answer>,
}

fn run(inbox: &Inbox, queue: &Queue, checkpointer: Option<&Checkpointer>) {
    let mut appender = Appender::new(inbox.clone());
    while let Some(Batch { events, answers }) = queue.take() {
        let results = append(inbox, &mut appender, &events);
        let failed =
            results.iter().find_map(|result| result.as_ref().err().filter(|why| why.is_disk_failure()));
        if let Some(error) = failed {
            let mut inner = queue.lock();
            if inner.failed.is_none() {
                tracing::error!(%error, "the inbox stops accepting events");
                inner.failed = Some(error.clone());
            }
        }
        for (answer, result) in answers.into_iter().zip(results) {
            answer(result);
        }
        if let Some(checkpointer) = checkpointer {
            checkpointer.appended(events.iter().map(|event| event.bytes).sum());
        }
    }
}

/// One commit for all. If the database refuses the batch for what is in it, each event is tried alone, so
/// that one of them cannot keep the others out.
fn append(inbox: &Inbox, appender: &mut Appender, events: &[Prepared]) -> Vec<Result<Appended, StoreError>> {
    match appender.append(events) {
        Ok(appended) => appended.into_iter().map(Ok).collect(),
        Err(StoreError::Constraint(_) | StoreError::Statement(_)) if events.len() > 1 => events
            .iter()
            .map(|event| inbox.append_prepared(std::slice::from_ref(event)).map(|appended| appended[0]))
            .collect(),
        Err(error) => events.iter().map(|_| Err(error.clone())).collect(),
    }
}
