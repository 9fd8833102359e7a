//! The control calls that wait for deliveries: moving the time, and waiting for everything due to be
//! answered. It must not know what happens meanwhile.

use super::Sandbox;
use crate::api::{Answer, Method, Params, Request};
use crate::control::{self, Timing};
use crate::json::Obj;
use crate::world::Refusal;

/// `None` when the call is not one of these.
pub(super) async fn answer(sandbox: &Sandbox, request: &Request) -> Option<Answer> {
    if request.method != Method::Post {
        return None;
    }
    let done = match request.path.as_str() {
        "/_sandbox/advance" => advance(sandbox, request).await,
        "/_sandbox/settle" => settle(sandbox, request).await,
        _ => return None,
    };
    Some(control::written(done))
}

async fn advance(sandbox: &Sandbox, request: &Request) -> Result<String, Refusal> {
    let mut params = control::params(request)?;
    let _turn = sandbox.turn().await;
    let now_s = sandbox.look(|state| state.world.now_s());
    let timing = Timing::read(&mut params, now_s)?;
    params.finish()?;
    let settled = sandbox.advance(timing.to_s, timing.step_s, timing.settle).await;
    Ok(shown(sandbox, settled && timing.settle))
}

async fn settle(sandbox: &Sandbox, request: &Request) -> Result<String, Refusal> {
    Params::finish(control::params(request)?)?;
    let settled = sandbox.settle().await;
    Ok(shown(sandbox, settled))
}

fn shown(sandbox: &Sandbox, settled: bool) -> String {
    let clock = sandbox.look(|state| control::clock(state));
    Obj::new().raw("clock", &clock).bool("settled", settled).close()
}
