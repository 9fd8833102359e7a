//! What goes wrong on purpose: shown with its counts, and changed while running.

use super::Call;
use crate::deliver::Chaos;
use crate::json::Obj;
use crate::world::Refusal;

pub(super) fn show(call: &mut Call<'_>) -> Result<String, Refusal> {
    call.params().finish()?;
    Ok(shown(&call.state.chaos))
}

pub(super) fn set(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let text = params.required("set")?;
    let seed = params.at_least("seed", 0)?.and_then(|seed| u64::try_from(seed).ok());
    params.finish()?;
    let seed = seed.unwrap_or(call.state.seed);
    call.state.chaos = Chaos::parse(&text, seed).map_err(|why| Refusal::invalid("set", why))?;
    Ok(shown(&call.state.chaos))
}

fn shown(chaos: &Chaos) -> String {
    let rows = chaos.report().map(|(mishap, per_mille, count)| {
        Obj::new()
            .str("kind", mishap.name())
            .int("per_mille", i64::try_from(per_mille).unwrap_or(i64::MAX))
            .int("happened", i64::try_from(count).unwrap_or(i64::MAX))
            .close()
    });
    Obj::new().array("chaos", rows).close()
}
