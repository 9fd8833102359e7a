//! The thread that carries out what nobody waits for: intents whose executor was killed, and those that have to
//! be tried again. Any number may run, in any number of processes: the lease decides.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::UnixMs;

use super::run::run;
use super::stripe::Stripe;
use crate::house::{EngineError, House};
use crate::lasting::{Lasting, step};
use crate::outward::Outward;
use crate::worker::{Bell, Clock};

/// How often it looks without being rung for.
const IDLE_MS: u64 = 1_000;
const BATCH: i64 = 20;

/// A running courier. Dropping it stops it after the move it is at, or while Stripe does not answer.
pub struct Courier {
    stop: Arc<AtomicBool>,
    bell: Bell,
    thread: Outward,
}

impl Courier {
    #[must_use]
    pub fn start(house: &House, stripe: &Arc<dyn Stripe>, clock: &Clock, bell: &Bell) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (house, stripe, clock) = (house.clone(), Arc::clone(stripe), Arc::clone(clock));
        let (stopped, rung) = (Arc::clone(&stop), bell.clone());
        let work = move || {
            let mut trouble = Lasting::new("courier");
            while !stopped.load(Ordering::SeqCst) {
                match step(|| round(&house, &*stripe, &*clock)) {
                    Ok(carried) => {
                        trouble.over();
                        if carried == 0 {
                            rung.wait_ms(IDLE_MS);
                        }
                    }
                    Err(why) => {
                        trouble.failed(&why);
                        rung.wait_ms(IDLE_MS);
                    }
                }
            }
        };
        let thread = Outward::start("courier", work);
        Self { stop, bell: bell.clone(), thread }
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.bell.ring();
        self.thread.leave();
    }
}

/// Carries out what is due; says how many of them moved on. Intents of books without a key wait.
pub fn round(house: &House, stripe: &dyn Stripe, clock: &dyn Fn() -> UnixMs) -> Result<usize, EngineError> {
    let due = house.db().read(|read| -> Result<_, EngineError> {
        let books = store::book::all(read)?;
        let books = books.into_iter().filter(|(_, book)| stripe.ready(book).is_ok());
        let ready: Vec<i64> = books.map(|(id, _)| id).collect();
        Ok(store::intent::due(read, clock(), BATCH, &ready)?)
    })?;
    for id in &due {
        let ran = run(house, stripe, id, clock)?;
        tracing::info!(intent = id, state = ran.state.as_str(), reason = ran.intent.reason, "carried out");
    }
    Ok(due.len())
}
