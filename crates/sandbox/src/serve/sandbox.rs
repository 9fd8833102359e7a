//! What the server's connections share: one world behind one lock, and how its time follows the wall's. It
//! must not know sockets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::api::{Answer, Request, answer};
use crate::world::World;

/// Says what time it is, in unix seconds.
pub type Wall = Arc<dyn Fn() -> i64 + Send + Sync>;

pub struct Options {
    /// The same seed and calls give the same objects.
    pub seed: u64,
    /// Where the world's time begins, in unix seconds.
    pub start_s: i64,
    /// The world's time stands still until it is moved by `/_sandbox/advance`.
    pub frozen: bool,
}

pub struct Sandbox {
    state: Mutex<State>,
    wall: Wall,
}

struct State {
    world: World,
    /// How far the world's time is ahead of the wall's; `None`: it stands still.
    ahead_s: Option<i64>,
}

impl Sandbox {
    #[must_use]
    pub fn new(options: &Options, wall: Wall) -> Self {
        let world = World::new(options.seed, options.start_s);
        let ahead_s = (!options.frozen).then(|| options.start_s - wall());
        Self { state: Mutex::new(State { world, ahead_s }), wall }
    }

    /// Answers one call, at the present time.
    pub(super) fn call(&self, request: &Request) -> Answer {
        let mut state = self.state();
        state.keep_time((self.wall)());
        answer(&mut state.world, request)
    }

    /// Lets happen what the time has come for.
    pub(super) fn tick(&self) {
        self.state().keep_time((self.wall)());
    }

    /// A call that panicked left the world as it was after its last whole step.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep_time(&mut self, wall_s: i64) {
        if let Some(ahead_s) = self.ahead_s {
            self.world.tick(wall_s.saturating_add(ahead_s));
        }
    }
}
