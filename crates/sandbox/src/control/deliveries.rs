//! The delivery log, sending an event again, and the pauses between tries.

use super::Call;
use crate::deliver::Retries;
use crate::json::Obj;
use crate::world::Refusal;

const SHOWN_DEFAULT: i64 = 100;
const PAUSES_MAX: usize = 50;

pub(super) fn list(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let event = params.text("event")?;
    let endpoint = params.text("endpoint")?;
    let limit = params.at_least("limit", 1)?.unwrap_or(SHOWN_DEFAULT);
    params.finish()?;
    let log = &call.state.deliveries.log;
    let is = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
    let rows = log
        .newest()
        .filter(|row| is(&event, &row.event_ref) && is(&endpoint, &row.endpoint_ref))
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .map(crate::deliver::Attempt::json);
    let sum = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let totals = Obj::new()
        .int("delivered", sum(log.delivered))
        .int("failed", sum(log.failed))
        .int("lost", sum(log.lost));
    Ok(Obj::new().array("data", rows).obj("totals", totals).close())
}

pub(super) fn resend(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let endpoint = params.text("endpoint")?;
    params.finish()?;
    let id = call.captured.to_owned();
    let event = call.book(&key)?.events.get(&id).cloned();
    let event = event.ok_or_else(|| Refusal::missing("event", "id", &id))?;
    let state = &mut *call.state;
    let sent = state.deliveries.resend(&mut state.world, &event, endpoint.as_deref());
    Ok(Obj::new().str("event", &id).int("endpoints", i64::try_from(sent).unwrap_or(i64::MAX)).close())
}

pub(super) fn retries(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let pauses = params.texts("pauses_s")?;
    params.finish()?;
    let read = |text: String| text.parse::<i64>().ok().filter(|pause_s| *pause_s >= 0);
    let retries = match pauses {
        None => Retries::default(),
        Some(texts) if texts.len() <= PAUSES_MAX => {
            let pauses: Option<Vec<i64>> = texts.into_iter().map(read).collect();
            Retries::of(pauses.ok_or_else(|| Refusal::invalid("pauses_s", "Pauses are seconds: 0 or more."))?)
        }
        Some(_) => return Err(Refusal::invalid("pauses_s", "At most 50 pauses.")),
    };
    call.state.deliveries.retries = retries;
    Ok(Obj::new().bool("set", true).close())
}
