//! Carries an intent out for somebody who waits for it: tries again while that may help, and says what became of
//! it. It must not know what the intent is.

use std::sync::Arc;
use std::time::Duration;

use engine::House;
use engine::deliver::begin::{Asking, BeginError};
use engine::deliver::run::{Ran, Wait, run};
use engine::deliver::{IntentView, Stripe};
use serde::Serialize;
use store::intent::State;

use super::{actor, open};
use crate::cli::Common;
use crate::config::Config;
use crate::outgoing::{Codes, Waits};
use crate::{Outcome, Stop, clock, output};

/// The longest pause between two tries while somebody waits.
const PAUSE_MS_MAX: u64 = 2_000;
/// How often it is asked whether another executor is done, which may be sooner than its lease says.
const LOOK_MS: u64 = 500;

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

    /// Until it is finished, somebody has to do something, or `wait_s` are over. It is tried once more at their end.
    pub(super) fn carry(&self, id: &str, wait_s: i64) -> Result<Ran, Stop> {
        let watch = clock::Watch::start();
        let wait_ms = u64::try_from(wait_s).unwrap_or(0).saturating_mul(1000);
        let mut pause_ms = LOOK_MS;
        let mut said = false;
        loop {
            let ran = run(&self.house, &self.stripe, id, &clock::now)?;
            let again_ms = match (ran.state, ran.wait) {
                (State::Done | State::Refused, _) | (_, Some(Wait::Person)) | (State::Parked, None) => {
                    return Ok(ran);
                }
                (_, Some(Wait::Again)) => {
                    pause_ms = (2 * pause_ms).min(PAUSE_MS_MAX);
                    pause_ms
                }
                // Another executor has it, or had it a moment ago.
                (State::Open, None) => LOOK_MS,
            };
            let left_ms = wait_ms.saturating_sub(watch.ms());
            if left_ms == 0 {
                return Ok(ran);
            }
            if ran.busy_until.is_some() && !said {
                output::remark(
                    "another process is at it, or was killed at it; waiting for up to half a minute",
                );
                said = true;
            }
            std::thread::sleep(Duration::from_millis(again_ms.min(left_ms)));
        }
    }
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
        BeginError::NoPartner(handle) => Stop::Found(format!(
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
