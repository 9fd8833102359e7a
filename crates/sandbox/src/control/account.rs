//! Connected accounts from the side of their owners and of Stripe: everything told, more wanted. It must not know
//! what they sell.

use super::Call;
use crate::render::{self, Version};
use crate::world::{Refusal, account};

/// Its owner has told everything.
pub(super) fn onboard(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let livemode = params.bool("livemode")?.unwrap_or(false);
    params.finish()?;
    let id = call.captured.to_owned();
    let done = account::onboard(&mut call.state.world, livemode, &id)?;
    Ok(render::json(&done.into(), Version::DEFAULT, livemode))
}

/// Stripe wants to know more and lets it do nothing until then.
pub(super) fn restrict(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let livemode = params.bool("livemode")?.unwrap_or(false);
    let due = params.texts("due")?.unwrap_or_else(|| vec!["individual.id_number".to_owned()]);
    params.finish()?;
    let id = call.captured.to_owned();
    let world = &mut call.state.world;
    let done = account::restrict(world, livemode, &id, &due, "requirements.past_due")?;
    Ok(render::json(&done.into(), Version::DEFAULT, livemode))
}
