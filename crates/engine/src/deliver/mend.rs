//! Mends differences between our codes and Stripe's, each by an intent like any other change.

use kernel::{Book, UnixMs};
use serde::Serialize;

use super::begin::{Asking, BeginError, begin};
use super::drift::{Drift, Mend};
use super::run::{keep, run};
use super::stripe::{CodeSeen, Reply, Stripe};
use crate::house::House;

/// What came of mending one difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Mended {
    pub code: String,
    pub fix: &'static str,
    pub intent: String,
    pub state: String,
    pub reason: Option<String>,
}

/// Takes what Stripe showed into the inbox where the mirror says something else; says of how many codes.
pub fn refresh(house: &House, book: &Book, drift: &Drift, now: UnixMs) -> Result<usize, BeginError> {
    for code in &drift.shown {
        keep(house, book, &Reply::Code(code.clone()), now)?;
    }
    Ok(drift.shown.len())
}

/// Mends what can be mended, one intent each. What has to wait goes on by itself.
pub fn fix(
    house: &House,
    stripe: &dyn Stripe,
    book: &Book,
    drift: &Drift,
    asking: &Asking,
    clock: &dyn Fn() -> UnixMs,
) -> Result<Vec<Mended>, BeginError> {
    let mut mended = Vec::new();
    for difference in &drift.differences {
        let (Some(mend), Some(fix)) = (&difference.mend, difference.fix) else { continue };
        let plan = match mend {
            Mend::Intent(plan) => &**plan,
            Mend::Keep(seen) => {
                keep(house, book, &Reply::Code(CodeSeen::clone(seen)), clock())?;
                let (code, state) = (difference.code.clone(), "done".to_owned());
                mended.push(Mended { code, fix, intent: String::new(), state, reason: None });
                continue;
            }
        };
        let begun = match begin(house, book, plan, asking) {
            Ok(begun) => begun,
            Err(BeginError::Conflict(why)) => {
                let (code, state) = (difference.code.clone(), "waiting".to_owned());
                mended.push(Mended { code, fix, intent: String::new(), state, reason: Some(why) });
                continue;
            }
            Err(why) => return Err(why),
        };
        let ran = run(house, stripe, &begun.intent.id, clock)?;
        mended.push(Mended {
            code: difference.code.clone(),
            fix,
            intent: ran.intent.id,
            state: ran.intent.state,
            reason: ran.intent.reason,
        });
    }
    Ok(mended)
}
