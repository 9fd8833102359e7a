//! What happens to calls of the API: single failures, a limit on their rate, restricted keys, and the account's
//! own version. It must not know what a call does.

use super::Call;
use crate::api::Params;
use crate::json::Obj;
use crate::render::Version;
use crate::world::desk::{KeyRights, Plan, RateLimit};
use crate::world::{Failure, Refusal};

const FAILURES: [(&str, Failure); 6] = [
    ("429", Failure::RateLimited),
    ("409", Failure::LockTimeout),
    ("500", Failure::Broken),
    ("500-after", Failure::BrokenAfter),
    ("cut", Failure::Cut),
    ("cut-after", Failure::CutAfter),
];

/// The next calls that fit go wrong.
pub(super) fn fail(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let failure = failure(&mut params)?;
    let method = params.choice("method", &["GET", "POST", "DELETE"])?;
    let path = params.text("path")?.unwrap_or_default();
    let count =
        |value: Option<i64>, default| value.and_then(|value| u32::try_from(value).ok()).unwrap_or(default);
    let after = count(params.at_least("after", 0)?, 0);
    let times = count(params.at_least("times", 1)?, 1);
    params.finish()?;
    call.state.world.desk.plans.push(Plan { method, path, after, times, failure });
    let plans = i64::try_from(call.state.world.desk.plans.len()).unwrap_or(i64::MAX);
    Ok(Obj::new().int("plans", plans).close())
}

fn failure(params: &mut Params) -> Result<Failure, Refusal> {
    if let Some(seconds) = params.at_least("slow_s", 1)? {
        return Ok(Failure::Slow(seconds));
    }
    let wanted = params.required("with")?;
    let found = FAILURES.iter().find(|(name, _)| *name == wanted);
    found.map(|(_, failure)| *failure).ok_or_else(|| {
        let names: Vec<&str> = FAILURES.iter().map(|(name, _)| *name).collect();
        Refusal::invalid(
            "with",
            format!("Invalid with: must be one of {}, or give slow_s.", names.join(", ")),
        )
    })
}

/// How many calls a second may come; without parameters as many as want.
pub(super) fn limit(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let per_s = params.at_least("per_s", 1)?;
    let burst = params.at_least("burst", 1)?;
    params.finish()?;
    let limit = per_s.map(|per_s| RateLimit { per_s, burst: burst.unwrap_or(per_s) });
    call.state.world.desk.limit = limit;
    Ok(Obj::new().opt_int("per_s", per_s).opt_int("burst", limit.map(|limit| limit.burst)).close())
}

/// A restricted key and what it may do.
pub(super) fn key(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let book = call.key(&mut params)?;
    let key = params.required("key")?;
    let permissions = params.texts("permissions")?.unwrap_or_default();
    params.finish()?;
    if !key.starts_with("rk_") {
        return Err(Refusal::invalid("key", "A restricted key begins with rk_test_ or rk_live_."));
    }
    let odd = permissions.iter().find(|name| !name.ends_with("_read") && !name.ends_with("_write"));
    if let Some(odd) = odd {
        let message =
            format!("'{odd}' is no permission: they are named like rak_coupon_read and rak_coupon_write.");
        return Err(Refusal::invalid("permissions", message));
    }
    call.book(&book)?;
    let shown = Obj::new()
        .bool("livemode", book.livemode)
        .strs("permissions", permissions.iter().map(String::as_str));
    let rights = KeyRights { account: book.account, livemode: book.livemode, permissions };
    call.state.world.desk.keys.insert(key, rights);
    Ok(shown.close())
}

/// What calls without `Stripe-Version` and endpoints without `api_version` get.
pub(super) fn version(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let text = params.required("version")?;
    params.finish()?;
    let version = Version::at(&text)
        .ok_or_else(|| Refusal::invalid("version", format!("Invalid API version: {text}")))?;
    call.state.world.choose_version(version);
    Ok(Obj::new().str("version", version.api_version()).close())
}
