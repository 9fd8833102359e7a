//! A call of the API that nobody is told about: its events are made and thrown away, as when Stripe fails to
//! generate them. What finds it later is reconciliation.

use super::Call;
use crate::api::{self, Request};
use crate::json::Obj;
use crate::world::{Kind, Refusal};

pub(super) fn call(call: &mut Call<'_>) -> Result<String, Refusal> {
    let request = Request { path: format!("/{}", call.captured), ..call.request.clone() };
    if !request.path.starts_with("/v1/") {
        let message = "Only calls of the API can be silent: /_sandbox/silently/v1/...";
        return Err(Refusal::plain(404, Kind::InvalidRequest, message));
    }
    let world = &mut call.state.world;
    let authorization = request.authorization.clone().or_else(|| Some("Bearer sk_test_control".to_owned()));
    let answer = api::answer(world, &Request { authorization, ..request });
    let swallowed = world.forget_events();
    let count = i64::try_from(swallowed).unwrap_or(i64::MAX);
    Ok(Obj::new()
        .int("status", i64::from(answer.status))
        .int("events_not_told", count)
        .raw("answer", &answer.body)
        .close())
}
