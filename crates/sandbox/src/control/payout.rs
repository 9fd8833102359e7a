//! Payouts from the side of Stripe and of the bank: made now, made each day or never, sent back. It must not know
//! what they are made of.

use super::Call;
use crate::json::Obj;
use crate::render::{self, Version};
use crate::world::{Refusal, payout};

/// Whether payouts are made each day.
pub(super) fn schedule(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let schedule = params.choice("schedule", &["daily", "manual"])?;
    let schedule = schedule.ok_or_else(|| params.absent("schedule"))?;
    params.finish()?;
    call.book(&key)?.payouts.manual = schedule == "manual";
    Ok(Obj::new().str("schedule", schedule).close())
}

/// The day's payouts now, without waiting for midnight.
pub(super) fn run(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    params.finish()?;
    let made = payout::run_now(call.book(&key)?);
    let rows = made.iter().map(|row| render::json(&row.into(), Version::DEFAULT, key.livemode));
    Ok(Obj::new().array("payouts", rows).close())
}

/// The bank sends it back.
pub(super) fn fail(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let codes = payout::FAILURES.map(|(code, _)| code);
    let code = params.choice("failure_code", &codes)?.unwrap_or("account_closed");
    params.finish()?;
    let id = call.captured.to_owned();
    let book = call.book(&key)?;
    let old = payout::get(book, &id)?;
    let failure = payout::FAILURES.into_iter().find(|(known, _)| *known == code);
    let failed = payout::fail(book, &old, failure.unwrap_or(payout::FAILURES[0]))?;
    Ok(render::json(&failed.into(), Version::DEFAULT, key.livemode))
}
