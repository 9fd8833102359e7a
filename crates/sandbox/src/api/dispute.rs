//! `/v1/disputes` and early fraud warnings. It must not know who is right.

use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route};
use crate::model::{Dispute, EarlyFraudWarning};
use crate::render::EVIDENCE;
use crate::world::Refusal;
use crate::world::dispute::{self, Answer};

const PATH: &str = "/v1/disputes";
const ONE: &str = "/v1/disputes/{}";
const WARNINGS: &str = "/v1/radar/early_fraud_warnings";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Post, path: "/v1/disputes/{}/close", handler: close },
    Route { method: Method::Get, path: WARNINGS, handler: warnings },
    Route { method: Method::Get, path: "/v1/radar/early_fraud_warnings/{}", handler: warning },
];

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(dispute::get(call.book()?, &id)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = dispute::get(call.book()?, &id)?;
    let answer = Answer {
        evidence: evidence(&mut params)?,
        metadata: params.metadata_on(&old.metadata)?,
        submit: params.bool("submit")?.unwrap_or(true),
    };
    params.finish()?;
    Ok(Reply::Object(dispute::update(call.book()?, &old, answer)?.into()))
}

fn evidence(params: &mut Params) -> Result<Vec<(&'static str, String)>, Refusal> {
    let Some(mut map) = params.map("evidence")? else { return Ok(Vec::new()) };
    let mut said = Vec::new();
    for name in EVIDENCE {
        match map.change(name)? {
            super::params::Change::Keep => {}
            super::params::Change::Unset => said.push((*name, String::new())),
            super::params::Change::Set(text) => said.push((*name, text)),
        }
    }
    map.finish()?;
    Ok(said)
}

fn close(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let old = dispute::get(call.book()?, &id)?;
    Ok(Reply::Object(dispute::give_up(call.book()?, &old)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let of = |dispute: &Dispute| {
        charge.as_ref().is_none_or(|charge| *charge == dispute.charge)
            && (intent.is_none() || dispute.intent == intent)
            && created.holds(dispute.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("dispute", PATH, &book.disputes, of)?))
}

fn warnings(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
    params.finish()?;
    let of = |warning: &EarlyFraudWarning| {
        charge.as_ref().is_none_or(|charge| *charge == warning.charge)
            && (intent.is_none() || warning.intent == intent)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("early fraud warning", WARNINGS, &book.early_fraud_warnings, of)?))
}

fn warning(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let found = call.book()?.early_fraud_warnings.get(&id).cloned();
    Ok(Reply::Object(found.ok_or_else(|| Refusal::missing("early fraud warning", "id", &id))?.into()))
}
