//! `/_sandbox`: what a test or a demo does to the sandbox that no caller of Stripe could: move the time, make
//! things go wrong, look behind. Form parameters in, JSON out, no key needed. One file per capability. It
//! must not change a book except through `api` or `world`.

mod account;
mod bank;
mod business;
mod calls;
mod chaos;
mod clock;
mod deliveries;
mod dump;
mod endpoint;
mod oracle;
mod payout;
mod routes;
mod silent;
mod thing;
mod trigger;

pub(crate) use clock::{Timing, shown as clock};
pub use trigger::example;

use crate::api::{self, Answer, Params, Request};
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

/// Answers a call under `/_sandbox`; `None` for any other.
pub(crate) fn answer(state: &mut State, request: &Request) -> Option<Answer> {
    let below = request.path.strip_prefix("/_sandbox")?;
    (below.is_empty() || below.starts_with('/')).then(|| written(served(state, request)))
}

fn served(state: &mut State, request: &Request) -> Result<String, Refusal> {
    let found = routes::find(request.method, &request.path);
    let Some((handler, captured)) = found else {
        let message = format!(
            "There is no {} {}; GET /_sandbox lists what there is.",
            request.method.name(),
            request.path
        );
        return Err(Refusal::plain(404, Kind::InvalidRequest, message));
    };
    // The parameters of a silent call are those of the call it makes.
    let params = if captured.contains('/') { Params::new(Vec::new()) } else { params(request)? };
    handler(&mut Call { state, request, captured, params })
}

/// Form parameters of the body, or of the query for `GET`.
pub(crate) fn params(request: &Request) -> Result<Params, Refusal> {
    api::sent(request)
}

pub(crate) fn written(done: Result<String, Refusal>) -> Answer {
    match done {
        Ok(body) => Answer::new(200, body),
        Err(refusal) => Answer::new(refusal.status, api::error(&refusal)),
    }
}
