//! What the server's connections, its clock and its couriers share. It must not know sockets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::state::{Options, Said, State};
use crate::api::Request;
use crate::deliver::{Outcome, Sending};

/// Says what time it is, in unix seconds.
pub type Wall = Arc<dyn Fn() -> i64 + Send + Sync>;

pub struct Sandbox {
    state: Mutex<State>,
    wall: Wall,
    /// Something may be due.
    work: Notify,
    /// Who moves the time in steps; another waits for its turn.
    mover: tokio::sync::Mutex<()>,
}

impl Sandbox {
    #[must_use]
    pub fn new(options: Options, wall: Wall) -> Self {
        let state = Mutex::new(State::new(options, wall()));
        Self { state, wall, work: Notify::new(), mover: tokio::sync::Mutex::default() }
    }

    /// Answers one call, at the present time.
    pub(super) fn call(&self, request: &Request) -> Said {
        let mut state = self.state();
        state.keep_time(self.wall_s());
        let said = state.call(request);
        drop(state);
        self.work.notify_one();
        said
    }

    /// Lets happen what the time has come for, and hands out what is to be sent.
    pub(super) fn due(&self, most: usize) -> Vec<Sending> {
        let mut state = self.state();
        state.keep_time(self.wall_s());
        let State { world, deliveries, chaos, .. } = &mut *state;
        deliveries.take_due(world, chaos, most)
    }

    pub(super) fn answered(&self, ticket: u64, outcome: Outcome) {
        let mut state = self.state();
        let State { world, deliveries, .. } = &mut *state;
        deliveries.answered(world, ticket, outcome);
    }

    /// Returns when there may be something to send.
    pub(super) async fn work(&self) {
        self.work.notified().await;
    }

    /// The turn to move the time: what "three days on" means depends on when nobody else is at it.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.mover.lock().await
    }

    /// Moves the time to `to_s` in steps of at most `step_s`, stopping where a delivery falls due. When
    /// `settle`, each step ends when everything due has been answered. Says whether all was. Whoever calls has the turn.
    pub(super) async fn advance(&self, to_s: i64, step_s: i64, settle: bool) -> bool {
        // What is due already belongs to the time before the first step.
        let mut settled = !settle || self.settle().await;
        loop {
            let arrived = {
                let mut state = self.state();
                state.keep_time(self.wall_s());
                let now_s = state.world.now_s();
                let due_s = state.deliveries.next_due_s().filter(|due_s| settle && *due_s > now_s);
                let next_s = now_s.saturating_add(step_s.max(1)).min(due_s.unwrap_or(i64::MAX)).min(to_s);
                state.advance(next_s);
                state.world.now_s() >= to_s
            };
            self.work.notify_one();
            if settle {
                settled &= self.settle().await;
            }
            if arrived {
                return settled;
            }
        }
    }

    /// Waits until nothing is due or being sent; `false` when that took too long.
    pub(super) async fn settle(&self) -> bool {
        let settled = async {
            loop {
                let done = {
                    let state = self.state();
                    state.deliveries.settled(state.world.now_s())
                };
                if done {
                    return;
                }
                tokio::time::sleep(SETTLE_LOOK).await;
            }
        };
        tokio::time::timeout(SETTLE_TIMEOUT, settled).await.is_ok()
    }

    /// What was delivered and what chaos did, one line each, for a person.
    #[must_use]
    pub fn totals(&self) -> Vec<String> {
        let state = self.state();
        let log = &state.deliveries.log;
        let tries =
            format!("deliveries: {} taken, {} tries failed, {} lost", log.delivered, log.failed, log.lost);
        let chaos =
            state.chaos.report().map(|(mishap, _, count)| format!("chaos: {} {count}", mishap.name()));
        std::iter::once(tries).chain(chaos).collect()
    }

    /// The addresses of pages begin so: `http://127.0.0.1:12111`.
    pub(super) fn reached_at(&self, base_url: String) {
        self.state().base_url = base_url;
    }

    pub(super) fn wall_s(&self) -> i64 {
        (self.wall)()
    }

    /// Looks at the state, for what is printed at the end.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state())
    }

    /// A call that panicked left the world as it was after its last whole step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const SETTLE_LOOK: Duration = Duration::from_millis(2);
const SETTLE_TIMEOUT: Duration = Duration::from_secs(120);
