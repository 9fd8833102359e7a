//! `/_sandbox`: what a test or a demo does to the sandbox that no caller of Stripe could: move the time, make
//! things go wrong, look behind. Form parameters in, JSON out, no key needed. One file per capability. It
//! must not change a book except through `api` or `world`.

mod chaos;
mod clock;
mod deliveries;
mod endpoint;
mod silent;

use std::fmt::Write as _;

pub(crate) use clock::{Timing, shown as clock};

use crate::api::{self, Answer, Method, Params, Request};
use crate::json::Obj;
use crate::serve::State;
use crate::world::{Book, BookKey, Kind, Refusal};

/// One call of the control.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) request: &'a Request,
    /// What the `{}` of the path stands for.
    pub(crate) captured: &'a str,
    pub(crate) params: Params,
}

impl Call<'_> {
    /// The parameters, to read and `finish` before anything is changed.
    fn params(&mut self) -> Params {
        std::mem::replace(&mut self.params, Params::new(Vec::new()))
    }

    /// Which book is meant: `account` and `livemode`, the own account's test mode by default.
    fn key(&self, params: &mut Params) -> Result<BookKey, Refusal> {
        let account = params.text("account")?.or_else(|| self.request.account.clone());
        Ok(BookKey { account, livemode: params.bool("livemode")?.unwrap_or(false) })
    }

    fn book(&mut self, key: &BookKey) -> Result<&mut Book, Refusal> {
        let account = key.account.clone().unwrap_or_default();
        self.state.world.book(key).ok_or_else(|| Refusal::missing("account", "account", &account))
    }
}

type Handler = fn(&mut Call<'_>) -> Result<String, Refusal>;

struct Route {
    method: Method,
    /// `{}` is one segment, `{*}` the rest.
    path: &'static str,
    about: &'static str,
    /// `None`: it waits for deliveries and is answered by the server.
    handler: Option<Handler>,
}

const fn route(method: Method, path: &'static str, about: &'static str, handler: Option<Handler>) -> Route {
    Route { method, path, about, handler }
}

const ROUTES: &[Route] = &[
    route(Method::Get, "/_sandbox", "this list", Some(index)),
    route(Method::Get, "/_sandbox/clock", "the sandbox's time", Some(clock::show)),
    route(Method::Post, "/_sandbox/clock", "frozen=true|false", Some(clock::freeze)),
    route(
        Method::Post,
        "/_sandbox/advance",
        "seconds, hours, days, months or to=DATE; step_s, settle=false",
        None,
    ),
    route(Method::Post, "/_sandbox/settle", "waits until everything due has been answered", None),
    route(
        Method::Get,
        "/_sandbox/deliveries",
        "every try, the newest first: event, endpoint, limit",
        Some(deliveries::list),
    ),
    route(
        Method::Post,
        "/_sandbox/events/{}/resend",
        "delivers it again: endpoint",
        Some(deliveries::resend),
    ),
    route(
        Method::Post,
        "/_sandbox/retries",
        "pauses_s[]: seconds before each further try",
        Some(deliveries::retries),
    ),
    route(Method::Get, "/_sandbox/chaos", "what goes wrong, and how often it did", Some(chaos::show)),
    route(Method::Post, "/_sandbox/chaos", "set=mild|wild|none|duplicate=5%,...; seed", Some(chaos::set)),
    route(
        Method::Post,
        "/_sandbox/webhook_endpoints/{}/roll",
        "a new secret; the old one signs along for keep_s more",
        Some(endpoint::roll),
    ),
    route(
        Method::Get,
        "/_sandbox/webhook_endpoints/{}/secrets",
        "the secrets alive",
        Some(endpoint::secrets),
    ),
    route(
        Method::Post,
        "/_sandbox/silently/{*}",
        "does that call of the API and tells nobody",
        Some(silent::call),
    ),
    route(Method::Delete, "/_sandbox/silently/{*}", "the same for a deletion", Some(silent::call)),
];

/// Answers a call under `/_sandbox`; `None` for any other.
pub(crate) fn answer(state: &mut State, request: &Request) -> Option<Answer> {
    let below = request.path.strip_prefix("/_sandbox")?;
    (below.is_empty() || below.starts_with('/')).then(|| written(served(state, request)))
}

fn served(state: &mut State, request: &Request) -> Result<String, Refusal> {
    let found = ROUTES.iter().filter(|route| route.method == request.method).find_map(|route| {
        let captured = captured(route.path, &request.path)?;
        Some((route.handler?, captured))
    });
    let Some((handler, captured)) = found else {
        let message =
            format!("There is no {:?} {}; GET /_sandbox lists what there is.", request.method, request.path);
        return Err(Refusal::plain(404, Kind::InvalidRequest, message));
    };
    // The parameters of a silent call are those of the call it makes.
    let params = if captured.contains('/') { Params::new(Vec::new()) } else { params(request)? };
    handler(&mut Call { state, request, captured, params })
}

fn captured<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let path = path.trim_end_matches('/');
    let Some((before, after)) = pattern.split_once('{') else { return (pattern == path).then_some("") };
    let (rest, end) = after.split_once('}')?;
    let captured = path.strip_prefix(before)?.strip_suffix(end)?;
    (!captured.is_empty() && (rest == "*" || !captured.contains('/'))).then_some(captured)
}

/// Form parameters of the body, or of the query for `GET`.
pub(crate) fn params(request: &Request) -> Result<Params, Refusal> {
    api::sent(request)
}

pub(crate) fn written(done: Result<String, Refusal>) -> Answer {
    match done {
        Ok(body) => Answer { status: 200, headers: Vec::new(), body },
        Err(refusal) => Answer { status: refusal.status, headers: Vec::new(), body: api::error(&refusal) },
    }
}

fn index(call: &mut Call<'_>) -> Result<String, Refusal> {
    call.params().finish()?;
    let row = |route: &Route| {
        let mut name = String::new();
        // Writing to a text cannot fail.
        let _ = write!(name, "{:?}", route.method);
        Obj::new()
            .str("method", &name.to_ascii_uppercase())
            .str("path", route.path)
            .str("about", route.about)
            .close()
    };
    Ok(Obj::new().array("routes", ROUTES.iter().map(row)).close())
}

#[cfg(test)]
mod tests {
    use super::captured;

    #[test]
    fn a_path_has_at_most_one_variable_part() {
        let rows = [
            ("/_sandbox", "/_sandbox/", Some("")),
            ("/_sandbox/events/{}/resend", "/_sandbox/events/evt_1/resend", Some("evt_1")),
            ("/_sandbox/events/{}/resend", "/_sandbox/events/a/b/resend", None),
            ("/_sandbox/events/{}/resend", "/_sandbox/events//resend", None),
            ("/_sandbox/silently/{*}", "/_sandbox/silently/v1/coupons/X", Some("v1/coupons/X")),
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(captured(pattern, path), expected, "{path}");
        }
    }
}
