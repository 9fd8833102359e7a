//! Carries an intent out for somebody who waits for it: tries again while that may help, and says what became of
//! it. It must not know what the intent is.

use std::sync::Arc;
use std::time::Duration;

use engine::House;
use engine::deliver::begin::{Asking, BeginError};
use engine::deliver::run::{Ran, STUCK_MS, run, standing};
use engine::deliver::{IntentView, Stripe};
use kernel::UnixMs;
use serde::Serialize;
use store::intent::State;

use super::{actor, open};
use crate::cli::Common;
use crate::config::Config;
use crate::outgoing::{Codes, Waits};
use crate::{Outcome, Stop, clock, output};

/// The first pause between two tries; each further one is twice as long.
const PAUSE_MS: i64 = 250;
/// How often it is looked whether a courier is done.
const LOOK_MS: u64 = 500;
/// How much of a pause may have gone by when it is looked at.
const LONG_CALL_MS: i64 = 30_000;

/// A house and its way to Stripe.
pub(super) struct Desk {
    pub(super) house: House,
    pub(super) stripe: Codes,
}

impl Desk {
    pub(super) fn open(common: &Common) -> Result<Self, Stop> {
        let config = Config::read(common)?;
        let stripe = Codes::new(&config.stripe, &Arc::new(Waits::default()))?;
        Ok(Self { house: open(&config)?, stripe })
    }

    pub(super) fn asking() -> Asking {
        Asking { actor: actor(), request_key: None, now: clock::now() }
    }

    /// Until it is finished, somebody has to do something, or `wait_s` are over.
    pub(super) fn carry(&self, id: &str, wait_s: i64) -> Result<Ran, Stop> {
        let until = clock::now().saturating_add(wait_s.saturating_mul(1000));
        let (mut said, mut pause_ms) = (false, PAUSE_MS);
        loop {
            let ran = run(&self.house, &self.stripe, id, &clock::now)?;
            if ran.state != State::Open {
                return Ok(ran);
            }
            let now = clock::now();
            if now >= until || for_somebody_to_do(&ran, now) {
                return Ok(ran);
            }
            if ran.busy_until.is_some() && !said {
                output::remark(
                    "another process is at it, or was killed at it; waiting for up to half a minute",
                );
                said = true;
            }
            // Somebody waits, so tries begin closer together than a courier's; the last is made when the
            // waiting is over, however long its pause should have been.
            let soon = ran.next_try_at.min(now + pause_ms);
            self.wait(id, ran.busy_until.unwrap_or(soon).min(until))?;
            pause_ms *= 2;
        }
    }

    /// Until then, or until it is finished: a courier may be done sooner than its lease says.
    fn wait(&self, id: &str, until: UnixMs) -> Result<(), Stop> {
        loop {
            let left_ms = u64::try_from(until - clock::now()).unwrap_or(0);
            if left_ms == 0 {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(left_ms.clamp(20, LOOK_MS)));
            if standing(&self.house, id, clock::now())?.is_some_and(|ran| ran.state != State::Open) {
                return Ok(());
            }
        }
    }
}

/// It is not tried again soon because a key or a permission is missing: waiting does not help.
fn for_somebody_to_do(ran: &Ran, now: UnixMs) -> bool {
    ran.busy_until.is_none() && ran.next_try_at - now > STUCK_MS - LONG_CALL_MS
}

/// What is printed of an intent.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    #[serde(flatten)]
    pub(super) intent: &'a IntentView,
    /// It was not there before this call.
    pub(super) fresh: bool,
}

/// Success, or what is to be done next.
pub(super) fn ended(ran: &Ran, what: &str) -> Outcome {
    let intent = &ran.intent;
    let reason = intent.reason.as_deref().unwrap_or("it has not been tried yet");
    match ran.state {
        State::Done => Ok(()),
        State::Refused => {
            Err(Stop::Found(format!("{what} was refused and nothing is left behind: {reason}")))
        }
        State::Open | State::Parked => Err(Stop::Found(format!(
            "{what} is under way ({}): {reason}. It goes on by itself while `serve` runs with a key, or when this \
             command is repeated; see: countinghouse code intents {}",
            intent.id, intent.id
        ))),
    }
}

pub(super) fn refused(why: BeginError) -> Stop {
    match why {
        BeginError::Engine(why) => why.into(),
        BeginError::Unreachable(why) => Stop::Found(why),
        BeginError::NoPartner(handle) => Stop::Usage(format!(
            "there is no partner {handle}; add one first: countinghouse partner add {handle} --name ... --email ... \
             --rate-bps ..."
        )),
        other => Stop::Usage(other.to_string()),
    }
}

/// Whether a book may be written to at all, said before anything else is asked.
pub(super) fn check_ready(stripe: &dyn Stripe, book: &kernel::Book) -> Outcome {
    stripe.ready(book).map_err(Stop::Usage)
}
