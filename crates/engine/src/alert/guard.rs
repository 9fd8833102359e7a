//! The thread that looks and sends. Any number may run, in any number of processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rules::Thresholds;
use super::send::{Sink, round};
use super::watch::watch;
use crate::house::{EngineError, House};
use crate::lasting::{Lasting, step};
use crate::outward::Outward;
use crate::worker::{Bell, Clock};

/// How often messages are looked for that are due.
const IDLE_MS: u64 = 2_000;

/// A running guard. Dropping it stops it after the message it is at, or before that is over: then it is said again, under
/// its name, by whoever comes next.
pub struct Guard {
    stop: Arc<AtomicBool>,
    bell: Bell,
    thread: Outward,
}

impl Guard {
    #[must_use]
    pub fn start(house: &House, thresholds: Thresholds, sinks: Vec<Box<dyn Sink>>, clock: &Clock) -> Self {
        let (stop, bell) = (Arc::new(AtomicBool::new(false)), Bell::default());
        let (house, clock) = (house.clone(), Arc::clone(clock));
        let (stopped, rung) = (Arc::clone(&stop), bell.clone());
        let work = move || {
            let stopped = || stopped.load(Ordering::SeqCst);
            let mut trouble = Lasting::new("guard");
            while !stopped() {
                match step(|| turn(&house, &thresholds, &sinks, &clock, &stopped)) {
                    Ok(()) => trouble.over(),
                    Err(why) => trouble.failed(&why),
                }
                rung.wait_ms(IDLE_MS);
            }
        };
        let thread = Outward::start("guard", work);
        Self { stop, bell, thread }
    }
}

fn turn(
    house: &House,
    thresholds: &Thresholds,
    sinks: &[Box<dyn Sink>],
    clock: &Clock,
    stopped: &dyn Fn() -> bool,
) -> Result<(), EngineError> {
    let names: Vec<&str> = sinks.iter().map(|sink| sink.name()).collect();
    watch(house, thresholds, &names, clock())?;
    round(house, sinks, &**clock, stopped).map(drop)
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.bell.ring();
        self.thread.leave();
    }
}
