//! A bounded queue with a thread behind it, for what is told to the outside. Whoever puts something in never waits: what has no
//! room is dropped and counted. It must not know what it carries.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use web::SinkCounts;

use crate::clock::Watch;

/// What became of one attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Carried {
    Arrived,
    /// It arrived, and nothing more is wanted for so many milliseconds.
    ArrivedHold(u64),
    /// Not now: after so many milliseconds.
    Hold(u64),
    /// It did not arrive; it may the next time.
    Again,
    /// It never will.
    Refused,
}

/// How much is carried at once, and how patiently.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// Items that may wait.
    pub(super) room: usize,
    /// Items of one attempt.
    pub(super) batch: usize,
    /// How long more is waited for, once there is something.
    pub(super) linger_ms: u64,
}

const TRIES_MAX: u32 = 3;
/// The wait after the first failure; then twice as long each time.
const WAIT_MS: u64 = 1_000;
/// How soon the thread notices that it is to end.
const NOTICE_MS: u64 = 50;
/// How long the end of the program waits for what is still in the queue.
const CLOSE_MS: u64 = 2_000;

/// The way in. Dropping it lets the thread try what is left once, for a bounded time.
pub(super) struct Outlet<T> {
    queue: SyncSender<T>,
    closing: Arc<AtomicBool>,
    over: Receiver<()>,
    counts: Arc<SinkCounts>,
}

/// The same, for those who put in.
pub(super) struct Slot<T> {
    queue: SyncSender<T>,
    counts: Arc<SinkCounts>,
}

impl<T> Slot<T> {
    /// Returns at once.
    pub(super) fn put(&self, item: T) {
        if self.queue.try_send(item).is_err() {
            self.drop_one();
        }
    }

    pub(super) fn drop_one(&self) {
        self.counts.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

impl<T: Send + 'static> Outlet<T> {
    /// `None`: there is no thread to be had.
    pub(super) fn start(
        counts: Arc<SinkCounts>,
        plan: Plan,
        carry: impl Fn(&[T]) -> Carried + Send + 'static,
    ) -> Option<Self> {
        let (queue, items) = sync_channel(plan.room);
        let (ended, over) = sync_channel::<()>(0);
        let closing = Arc::new(AtomicBool::new(false));
        let mut thread = Thread {
            items,
            plan,
            carry,
            closing: Arc::clone(&closing),
            counts: Arc::clone(&counts),
            hold: None,
        };
        let work = move || {
            while let Some(batch) = thread.take() {
                thread.deliver(&batch);
            }
            drop(ended);
        };
        std::thread::Builder::new().name(counts.name.to_owned()).spawn(work).ok()?;
        Some(Self { queue, closing, over, counts })
    }

    pub(super) fn slot(&self) -> Slot<T> {
        Slot { queue: self.queue.clone(), counts: Arc::clone(&self.counts) }
    }
}

impl<T> Drop for Outlet<T> {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // A collector that hangs does not keep the program.
        let _ = self.over.recv_timeout(Duration::from_millis(CLOSE_MS));
    }
}

struct Thread<T, C> {
    items: Receiver<T>,
    plan: Plan,
    carry: C,
    closing: Arc<AtomicBool>,
    counts: Arc<SinkCounts>,
    /// Since when nothing more is wanted, and for how long.
    hold: Option<(Watch, u64)>,
}

impl<T, C: Fn(&[T]) -> Carried> Thread<T, C> {
    /// `None` when the program ends and nothing is left.
    fn take(&mut self) -> Option<Vec<T>> {
        let notice = Duration::from_millis(NOTICE_MS);
        let mut batch = loop {
            match self.items.recv_timeout(notice) {
                Ok(item) => break vec![item],
                Err(RecvTimeoutError::Timeout) if !self.is_closing() => {}
                Err(_) => return None,
            }
        };
        let since = Watch::start();
        while batch.len() < self.plan.batch && (since.ms() < self.plan.linger_ms || self.is_closing()) {
            match self.items.recv_timeout(notice) {
                Ok(item) => batch.push(item),
                Err(_) if self.is_closing() => break,
                Err(_) => {}
            }
        }
        Some(batch)
    }

    fn deliver(&mut self, batch: &[T]) {
        let mut tries = 0;
        loop {
            if !self.wait_out_hold() {
                return self.count_failed(batch);
            }
            tries += 1;
            let wait_ms = match (self.carry)(batch) {
                Carried::Arrived => return self.count_sent(batch),
                Carried::ArrivedHold(ms) => {
                    self.hold = Some((Watch::start(), ms));
                    return self.count_sent(batch);
                }
                Carried::Hold(ms) => ms,
                Carried::Again => WAIT_MS << tries,
                Carried::Refused => return self.count_failed(batch),
            };
            if tries >= TRIES_MAX || self.is_closing() {
                return self.count_failed(batch);
            }
            self.hold = Some((Watch::start(), wait_ms));
        }
    }

    /// Who asked to be left alone is, also at the end. `false`: the program ends first.
    fn wait_out_hold(&mut self) -> bool {
        if let Some((since, ms)) = &self.hold {
            while since.ms() < *ms {
                if self.is_closing() {
                    return false;
                }
                std::thread::sleep(Duration::from_millis(NOTICE_MS.min(*ms)));
            }
        }
        self.hold = None;
        true
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    fn count_sent(&self, batch: &[T]) {
        self.counts.sent.fetch_add(batch.len() as u64, Ordering::Relaxed);
    }

    fn count_failed(&self, batch: &[T]) {
        let before = self.counts.failed.fetch_add(batch.len() as u64, Ordering::Relaxed);
        if before == 0 {
            tracing::warn!(
                sink = self.counts.name,
                count = batch.len(),
                "could not be sent; see /metrics for how often"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn counts() -> Arc<SinkCounts> {
        Arc::new(SinkCounts::new("test"))
    }

    fn of(counts: &SinkCounts) -> (u64, u64, u64) {
        let read = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::SeqCst);
        (read(&counts.sent), read(&counts.dropped), read(&counts.failed))
    }

    const PLAN: Plan = Plan { room: 4, batch: 2, linger_ms: 0 };

    #[test]
    fn what_was_put_in_is_carried_in_batches_before_the_end() {
        let (counts, heard) = (counts(), Arc::new(Mutex::new(Vec::new())));
        let ear = Arc::clone(&heard);
        let carry = move |batch: &[u8]| {
            ear.lock().expect("sound").extend_from_slice(batch);
            Carried::Arrived
        };
        let outlet = Outlet::start(Arc::clone(&counts), PLAN, carry).expect("a thread");
        let slot = outlet.slot();
        for item in 0..4 {
            slot.put(item);
        }
        drop(outlet);
        assert_eq!(*heard.lock().expect("sound"), [0, 1, 2, 3]);
        assert_eq!(of(&counts), (4, 0, 0));
    }

    #[test]
    fn a_full_queue_drops_and_a_collector_that_hangs_keeps_nobody() {
        let counts = counts();
        let (hang, release) = sync_channel::<()>(0);
        let release = Mutex::new(release);
        let carry = move |_: &[u8]| {
            let _ = release.lock().expect("sound").recv();
            Carried::Arrived
        };
        let outlet = Outlet::start(Arc::clone(&counts), PLAN, carry).expect("a thread");
        let slot = outlet.slot();
        for item in 0..100 {
            slot.put(item);
        }
        let (sent, dropped, failed) = of(&counts);
        assert_eq!((sent, failed), (0, 0));
        assert!((94..=96).contains(&dropped), "room for four, and up to two on their way: {dropped}");
        drop(outlet);
        drop(hang);
    }

    #[test]
    fn what_is_refused_is_counted_and_not_tried_again() {
        let (counts, tries) = (counts(), Arc::new(Mutex::new(0)));
        let tried = Arc::clone(&tries);
        let carry = move |_: &[u8]| {
            *tried.lock().expect("sound") += 1;
            Carried::Refused
        };
        let outlet = Outlet::start(Arc::clone(&counts), PLAN, carry).expect("a thread");
        outlet.slot().put(1);
        drop(outlet);
        assert_eq!((of(&counts), *tries.lock().expect("sound")), ((0, 0, 1), 1));
    }
}
