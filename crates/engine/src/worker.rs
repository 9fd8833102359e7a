//! The threads that keep the books: as many projectors as wanted, each stepping until there is nothing to
//! do, then waiting for news or a short while. Stopped by dropping or asking; killed at any time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use kernel::UnixMs;

use crate::house::House;
use crate::lasting::{Lasting, step};
use crate::project;

/// The time, as an argument.
pub type Clock = Arc<dyn Fn() -> UnixMs + Send + Sync>;

/// How long an idle worker waits without news. Another instance may have taken an event.
const IDLE: Duration = Duration::from_millis(250);

/// Under constant load nothing is ever idle: after so many busy rounds the mirror has a turn all the same.
const MIRROR_EVERY: u32 = 16;

/// Wakes workers: the gate rings after each commit.
#[derive(Clone, Default)]
pub struct Bell {
    inner: Arc<(Mutex<bool>, Condvar)>,
}

impl Bell {
    pub fn ring(&self) {
        let (rung, waiting) = &*self.inner;
        *rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        waiting.notify_all();
    }

    pub(crate) fn wait_ms(&self, at_most_ms: u64) {
        self.wait(Duration::from_millis(at_most_ms));
    }

    fn wait(&self, at_most: Duration) {
        let (rung, waiting) = &*self.inner;
        let guard = rung.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = waiting.wait_timeout_while(guard, at_most, |rung| !*rung);
        let (mut guard, _) = outcome.unwrap_or_else(PoisonError::into_inner);
        *guard = false;
    }
}

/// Running workers. Dropping it stops them after their current step.
pub struct Workers {
    stop: Arc<AtomicBool>,
    bell: Bell,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    #[must_use]
    pub fn start(house: &House, count: usize, clock: &Clock, bell: &Bell) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = (0..count.max(1))
            .filter_map(|number| {
                let (house, clock, bell, stop) = (house.clone(), clock.clone(), bell.clone(), stop.clone());
                let name = format!("projector-{number}");
                let alone = count < 2;
                let run = move || run(&house, &clock, &bell, &stop, alone);
                std::thread::Builder::new().name(name).spawn(run).ok()
            })
            .collect();
        Self { stop, bell: bell.clone(), threads }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.bell.ring();
        for thread in self.threads.drain(..) {
            self.bell.ring();
            let _ = thread.join();
        }
    }
}

fn run(house: &House, clock: &Clock, bell: &Bell, stop: &AtomicBool, alone: bool) {
    let (mut failures, mut busy) = (0_u32, 0_u32);
    let (mut trouble, mut mirror_trouble) = (Lasting::new("projector"), Lasting::new("mirror"));
    while !stop.load(Ordering::SeqCst) {
        match step(|| project::step(house, clock())) {
            Ok(progress) => {
                failures = 0;
                trouble.over();
                busy = if progress.mirrored > 0 { 0 } else { busy + 1 };
                if progress.applied > 0 && !alone {
                    // There are marks now, more than one projector may want.
                    bell.ring();
                }
                if progress.idle() {
                    busy = 0;
                    bell.wait(IDLE);
                } else if busy >= MIRROR_EVERY {
                    busy = 0;
                    match step(|| project::mirror::mirror(house)) {
                        Ok(_) => mirror_trouble.over(),
                        Err(why) => mirror_trouble.failed(&why),
                    }
                }
            }
            Err(why) => {
                failures = (failures + 1).min(6);
                trouble.failed(&why);
                bell.wait(Duration::from_millis(100 << failures));
            }
        }
    }
}
