//! Stripe's API over a `World`: a request in, an answer out, nothing else. One file per resource with its
//! routes and what each reads; conventions (keys, versions, idempotency, errors, expansion, paging) are
//! here and in the files beside it. It must not know sockets, nor change a book except through `world`.

mod coupon;
mod form;
mod list;
mod params;
mod route;
mod webhook_endpoint;

pub(crate) use params::Params;
pub(crate) use route::{Call, Reply, Route};

use crate::json::Obj;
use crate::render;
use crate::render::Version;
use crate::world::{BookKey, Refusal, World};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    Get,
    Post,
    Delete,
}

/// A call as it came in. Header values are as sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Without the query: `/v1/coupons`.
    pub path: String,
    pub query: String,
    pub body: Vec<u8>,
    pub authorization: Option<String>,
    /// `Stripe-Version`.
    pub version: Option<String>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `Stripe-Account`.
    pub account: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// Answers one call and lets its effects happen.
pub fn answer(world: &mut World, request: &Request) -> Answer {
    let version = Version::Dahlia20260729;
    let book = BookKey { account: request.account.clone(), livemode: false };
    match served(world, request, book, version) {
        Ok(body) => Answer { status: 200, headers: Vec::new(), body },
        Err(refusal) => Answer { status: refusal.status, headers: Vec::new(), body: error(&refusal) },
    }
}

fn served(world: &mut World, request: &Request, book: BookKey, version: Version) -> Result<String, Refusal> {
    let (route, captured) = route::find(request.method, &request.path)?;
    let params = sent(request)?;
    let livemode = book.livemode;
    let mut call = Call { world, book, version, captured, params };
    let reply = (route.handler)(&mut call)?;
    Ok(match reply {
        Reply::Object(object) => render::json(&object, version, livemode),
        Reply::List(list) => list.render(version, livemode),
        Reply::Deleted { object, id } => Obj::resource(object, &id).bool("deleted", true).close(),
        Reply::Json(text) => text,
    })
}

/// The parameters of a call: in the query of a `GET`, else in the body.
pub(crate) fn sent(request: &Request) -> Result<Params, Refusal> {
    let text = match request.method {
        Method::Get => request.query.as_str(),
        Method::Post | Method::Delete => {
            std::str::from_utf8(&request.body).map_err(|_| Refusal::request("Parameters must be UTF-8"))?
        }
    };
    form::parse(text).map(Params::new).map_err(|bad| Refusal::request(bad.0))
}

/// A refusal as a body.
pub(crate) fn error(refusal: &Refusal) -> String {
    let error = Obj::new()
        .when(refusal.code.is_some(), |error| error.opt_str("code", refusal.code))
        .when(refusal.decline_code.is_some(), |error| error.opt_str("decline_code", refusal.decline_code))
        .str("message", &refusal.message)
        .when(refusal.param.is_some(), |error| error.opt_str("param", refusal.param.as_deref()))
        .str("type", refusal.kind.as_str());
    Obj::new().obj("error", error).close()
}
