//! All that a running sandbox is, behind its one lock: the world, what is on its way to receivers, what goes
//! wrong on purpose, and how its time follows the wall's. It must not know sockets.

use crate::api::{Answer, Method, Request, answer};
use crate::control;
use crate::deliver::{Chaos, Deliveries, Mishap, Retries};
use crate::json::Obj;
use crate::world::World;

pub struct Options {
    /// The same seed and calls give the same objects.
    pub seed: u64,
    /// Where the world's time begins, in unix seconds.
    pub start_s: i64,
    /// The world's time stands still until it is moved by `/_sandbox/advance`.
    pub frozen: bool,
    pub chaos: Chaos,
    pub retries: Retries,
}

/// What a caller gets to see.
pub(super) enum Said {
    Answer(Answer),
    /// The connection is cut without an answer.
    Cut,
}

pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) deliveries: Deliveries,
    pub(crate) chaos: Chaos,
    pub(crate) seed: u64,
    /// How far the world's time is ahead of the wall's; `None`: it stands still.
    pub(crate) ahead_s: Option<i64>,
    /// The wall's time when it was last looked at.
    wall_s: i64,
    calls: u64,
}

impl State {
    pub(super) fn new(options: Options, wall_s: i64) -> Self {
        Self {
            world: World::new(options.seed, options.start_s),
            deliveries: Deliveries::new(options.retries),
            chaos: options.chaos,
            seed: options.seed,
            ahead_s: (!options.frozen).then(|| options.start_s - wall_s),
            wall_s,
            calls: 0,
        }
    }

    /// Lets happen what the time has come for.
    pub(super) fn keep_time(&mut self, wall_s: i64) {
        self.wall_s = wall_s;
        if let Some(ahead_s) = self.ahead_s {
            self.world.tick(wall_s.saturating_add(ahead_s));
        }
        self.collect();
    }

    /// Moves the world's time to `to_s`, if that is later.
    pub(crate) fn advance(&mut self, to_s: i64) {
        let before_s = self.world.now_s();
        self.world.tick(to_s);
        let moved_s = self.world.now_s() - before_s;
        self.ahead_s = self.ahead_s.map(|ahead_s| ahead_s.saturating_add(moved_s));
        self.collect();
    }

    /// Stops the time, or lets it go on with the wall's from where it is.
    pub(crate) fn freeze(&mut self, frozen: bool) {
        self.ahead_s = (!frozen).then(|| self.world.now_s() - self.wall_s);
    }

    pub(crate) fn collect(&mut self) {
        self.deliveries.collect(&mut self.world, &mut self.chaos);
    }

    /// Answers one call; what chaos does to calls of the API happens here.
    pub(super) fn call(&mut self, request: &Request) -> Said {
        if let Some(answer) = control::answer(self, request) {
            self.collect();
            return Said::Answer(answer);
        }
        self.calls += 1;
        let serial = self.calls;
        for (mishap, said) in [
            (Mishap::ApiReset, None),
            (Mishap::Api429, Some(error(429, Some("rate_limit"), TOO_MANY))),
            (Mishap::Api500, Some(error(500, None, BROKEN))),
        ] {
            if self.chaos.strikes(mishap, serial) {
                return said.map_or(Said::Cut, Said::Answer);
            }
        }
        let answer = self.api(request);
        if answer.cut {
            return Said::Cut;
        }
        if request.method != Method::Get {
            if self.chaos.strikes(Mishap::ApiTimeout, serial) {
                return Said::Cut;
            }
            if self.chaos.strikes(Mishap::Api500After, serial) {
                return Said::Answer(error(500, None, BROKEN));
            }
        }
        Said::Answer(answer)
    }

    /// A call without chaos.
    pub(crate) fn api(&mut self, request: &Request) -> Answer {
        let answer = answer(&mut self.world, request);
        self.collect();
        answer
    }
}

const TOO_MANY: &str = "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.";
const BROKEN: &str = "An unknown error occurred";

fn error(status: u16, code: Option<&str>, message: &str) -> Answer {
    let kind = if status >= 500 { "api_error" } else { "invalid_request_error" };
    let error = Obj::new()
        .when(code.is_some(), |error| error.opt_str("code", code))
        .str("message", message)
        .str("type", kind);
    Answer::new(status, Obj::new().obj("error", error).close())
}
