//! One call from beginning to end: who calls, in which version, how often already, whether it was answered before;
//! then the route, and what it says written down. It must not know what any call does.

use super::auth::{self, Caller};
use super::idempotency::{self, Before};
use super::params::Params;
use super::{Answer, Call, Method, Reply, Request, error, expand, route, sent};
use crate::json::Obj;
use crate::model::Cause;
use crate::render::{self, Version};
use crate::world::{Failure, Kind, Refusal, World};

/// Answers one call and lets its effects happen.
pub fn answer(world: &mut World, request: &Request) -> Answer {
    let request_ref = world.desk.request_ref();
    let version = negotiated(world, request);
    let shown = *version.as_ref().unwrap_or(&world.desk.version);
    let answered = match (auth::caller(world, request), version) {
        (Err(refusal), _) | (Ok(_), Err(refusal)) => Err(refusal),
        (Ok(caller), Ok(version)) => admitted(world, request, &caller, version, &request_ref),
    };
    let mut answer = answered.unwrap_or_else(|refusal| {
        Answer::new(refusal.status, error::body(&refusal, None, shown, &request_ref))
    });
    answer.headers.insert(0, ("Request-Id", request_ref));
    // Objects that are listed or fetched are dated by it: it is the sandbox's time, like the events'.
    answer.headers.push(("Date", date(world.now_s())));
    let asked = request.version.clone().unwrap_or_else(|| shown.api_version().to_owned());
    answer.headers.push(("Stripe-Version", asked));
    answer.headers.extend(request.idempotency_key.clone().map(|key| ("Idempotency-Key", key)));
    answer.headers.extend(request.account.clone().map(|account| ("Stripe-Account", account)));
    answer
}

/// The version asked for, else the account's.
fn negotiated(world: &World, request: &Request) -> Result<Version, Refusal> {
    let Some(asked) = request.version.as_deref().filter(|asked| !asked.is_empty()) else {
        return Ok(world.desk.version);
    };
    Version::at(asked).ok_or_else(|| {
        let message =
            format!("Invalid Stripe API version: {asked}. It begins with a date, as 2026-07-29.dahlia does.");
        Refusal::request(message)
    })
}

/// A call whose caller is known: how many may come, what goes wrong on purpose, what was answered before.
fn admitted(
    world: &mut World,
    request: &Request,
    caller: &Caller,
    version: Version,
    request_ref: &str,
) -> Result<Answer, Refusal> {
    let now_s = world.now_s();
    if !world.desk.admit(&caller.book, now_s) {
        return Err(too_many());
    }
    let before = idempotency::look(world, request, caller, version)?;
    let key = match before {
        Before::Answered(answer) => return Ok(answer),
        Before::New(key) => key,
    };
    let failure = world.desk.failure(request.method.name(), &request.path);
    match failure {
        Some(Failure::RateLimited) => return Err(too_many()),
        Some(Failure::LockTimeout) => return Err(locked()),
        Some(Failure::Broken) => return Err(error::broken()),
        Some(Failure::Cut) => return Ok(Answer { cut: true, ..Answer::new(0, String::new()) }),
        Some(Failure::BrokenAfter | Failure::CutAfter | Failure::Slow(_)) | None => {}
    }
    let cause = Cause { id: request_ref.to_owned(), idempotency_key: request.idempotency_key.clone() };
    set_cause(world, caller, (request.method != Method::Get).then_some(cause));
    let done = served(world, request, caller, version);
    set_cause(world, caller, None);
    if let Some(book) = world.book(&caller.book) {
        book.catch_up();
    }
    world.cross();
    let failed = failure == Some(Failure::BrokenAfter);
    let done = if failed { done.and(Err(error::broken())) } else { done };
    let keep = done.as_ref().map_or_else(error::had_begun, |_| true);
    let answer = match done {
        Ok(body) => Answer::new(200, body),
        Err(refusal) => {
            let book = world.book(&caller.book);
            Answer::new(refusal.status, error::body(&refusal, book.as_deref(), version, request_ref))
        }
    };
    let slow_s = if let Some(Failure::Slow(seconds)) = failure { seconds } else { 0 };
    if keep && let Some(key) = key {
        key.keep(world, &answer, request_ref, slow_s > 0);
    }
    Ok(Answer { cut: failure == Some(Failure::CutAfter), slow_s, ..answer })
}

fn set_cause(world: &mut World, caller: &Caller, cause: Option<Cause>) {
    if let Some(book) = world.book(&caller.book) {
        book.cause = cause;
    }
}

fn served(
    world: &mut World,
    request: &Request,
    caller: &Caller,
    version: Version,
) -> Result<String, Refusal> {
    let (route, captured) = route::find(request.method, &request.path)?;
    caller.may(world.own_account(), request.method, &request.path)?;
    let mut params: Params = sent(request)?;
    let expanded = expand::read(&mut params)?;
    let (key, livemode) = (caller.book.clone(), caller.book.livemode);
    let mut call = Call { world, book: key, version, captured, params };
    let reply = (route.handler)(&mut call).map_err(|refusal| refusal.unless_in(&call.captured))?;
    let body = match reply {
        Reply::Object(object) => render::json(&object, version, livemode),
        Reply::List(list) => list.render(version, livemode),
        Reply::Deleted { object, id } => Obj::resource(object, &id).bool("deleted", true).close(),
        Reply::Json(text) => text,
    };
    expand::apply(call.book()?, version, body, &expanded)
}

/// As HTTP writes it: `Thu, 01 Jan 2026 00:00:00 GMT`.
fn date(at_s: i64) -> String {
    let at = jiff::Timestamp::from_second(at_s).unwrap_or_default();
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn too_many() -> Refusal {
    let message = "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.";
    Refusal::plain(429, Kind::InvalidRequest, message).code("rate_limit")
}

fn locked() -> Refusal {
    let message = "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.";
    Refusal::plain(409, Kind::InvalidRequest, message).code("lock_timeout")
}
