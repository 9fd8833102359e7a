//! The thread that fetches. One is enough: what it may do is bounded by the rate of calls, and other instances'
//! claims keep it away from what they fetch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Fetcher, Fetching};
use crate::house::House;
use crate::lasting::{Lasting, step};
use crate::outward::Outward;
use crate::worker::{Bell, Clock};

/// How long it waits at the end of the list.
const IDLE_MS: u64 = 1_000;

/// A running fetcher. Dropping it stops it after the object it is at, or while Stripe does not answer.
pub struct FetchWorker {
    stop: Arc<AtomicBool>,
    own_bell: Bell,
    thread: Outward,
}

impl FetchWorker {
    /// `bell` wakes whoever applies what is fetched.
    #[must_use]
    pub fn start(house: &House, fetcher: &Arc<dyn Fetcher>, clock: &Clock, bell: &Bell) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let own_bell = Bell::default();
        let (house, fetcher, clock, bell) = (house.clone(), Arc::clone(fetcher), clock.clone(), bell.clone());
        let (stopped, rest) = (Arc::clone(&stop), own_bell.clone());
        let work = move || {
            let mut fetching = Fetching::default();
            let mut trouble = Lasting::new("fetcher");
            while !stopped.load(Ordering::SeqCst) {
                match step(|| fetching.round(&house, &*fetcher, &*clock)) {
                    Ok(looked) => {
                        trouble.over();
                        if looked.fetched > 0 {
                            bell.ring();
                        }
                        if looked.waiting == 0 {
                            rest.wait_ms(IDLE_MS);
                        }
                    }
                    Err(why) => {
                        trouble.failed(&why);
                        rest.wait_ms(IDLE_MS);
                    }
                }
            }
        };
        let thread = Outward::start("fetcher", work);
        Self { stop, own_bell, thread }
    }
}

impl Drop for FetchWorker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.own_bell.ring();
        self.thread.leave();
    }
}
