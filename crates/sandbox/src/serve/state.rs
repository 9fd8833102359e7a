//! All that a running sandbox is, behind its one lock: the world, what is on its way to receivers, what goes
//! wrong on purpose, and how its time follows the wall's. It must not know sockets.

use crate::api::{Answer, Request, answer};
use crate::checkout;
use crate::control;
use crate::deliver::{Chaos, Deliveries, Mishap, Retries};
use crate::rng::Rng;
use crate::world::desk::Plan;
use crate::world::{Failure, World};

pub struct Options {
    /// The same seed, start and calls give the same objects.
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
    /// Not before so many seconds.
    Late(Answer, u64),
    /// The connection is cut without an answer.
    Cut,
}

pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) deliveries: Deliveries,
    pub(crate) chaos: Chaos,
    pub(crate) seed: u64,
    /// Where it is reached, for the addresses of pages.
    pub(super) base_url: String,
    /// How far the world's time is ahead of the wall's; `None`: it stands still.
    pub(crate) ahead_s: Option<i64>,
    /// The wall's time when it was last looked at.
    wall_s: i64,
    calls: u64,
}

/// The seed of everything's names. A sandbox started anew is another Stripe: under the names of the one before, a
/// receiver that heard of that one would take new events for those it has.
fn named_after(seed: u64, start_s: i64) -> u64 {
    seed ^ Rng::new(start_s.cast_unsigned()).bits()
}

impl State {
    pub(crate) fn new(options: Options, wall_s: i64) -> Self {
        Self {
            world: World::new(named_after(options.seed, options.start_s), options.start_s),
            deliveries: Deliveries::new(options.retries),
            chaos: options.chaos,
            seed: options.seed,
            base_url: String::new(),
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
        // Again for every call: accounts may have been added.
        if !self.base_url.is_empty() {
            self.world.reach_at(&self.base_url);
        }
        if let Some(answer) = control::answer(self, request) {
            self.collect();
            return Said::Answer(answer);
        }
        if let Some(answer) = checkout::answer(&mut self.world, request) {
            self.collect();
            return Said::Answer(answer);
        }
        self.calls += 1;
        let plan = self.mishap().map(|failure| Plan { failure, ..Plan::next() });
        if let Some(plan) = &plan {
            self.world.desk.plans.insert(0, plan.clone());
        }
        let answer = answer(&mut self.world, request);
        // A call that was refused at the door did not come to what was planned for it.
        if plan.is_some() && self.world.desk.plans.first() == plan.as_ref() {
            self.world.desk.plans.remove(0);
        }
        self.collect();
        match u64::try_from(answer.slow_s) {
            _ if answer.cut => Said::Cut,
            Ok(seconds @ 1..) => Said::Late(answer, seconds),
            _ => Said::Answer(answer),
        }
    }

    /// What chaos does to this call.
    fn mishap(&mut self) -> Option<Failure> {
        let (chaos, serial) = (&mut self.chaos, self.calls);
        let kinds = [
            (Mishap::ApiReset, Failure::Cut),
            (Mishap::Api429, Failure::RateLimited),
            (Mishap::Api500, Failure::Broken),
            (Mishap::ApiTimeout, Failure::CutAfter),
            (Mishap::Api500After, Failure::BrokenAfter),
        ];
        kinds.into_iter().find(|(mishap, _)| chaos.strikes(*mishap, serial)).map(|(_, failure)| failure)
    }

    /// A call of the control's own: nothing goes wrong on purpose.
    pub(crate) fn api(&mut self, request: &Request) -> Answer {
        if let Some(answer) = checkout::answer(&mut self.world, request) {
            self.collect();
            return answer;
        }
        let plans = std::mem::take(&mut self.world.desk.plans);
        let limit = self.world.desk.limit.take();
        let answer = answer(&mut self.world, request);
        self.world.desk.plans = plans;
        self.world.desk.limit = limit;
        self.collect();
        answer
    }
}
