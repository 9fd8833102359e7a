//! `/v1/webhook_endpoints`. It must not know how a delivery is sent.

use super::list::Page;
use super::params::{Change, Params};
use super::{Call, Method, Reply, Route};
use crate::model::{WebhookEndpoint, event_type};
use crate::render::{self, Version};
use crate::world::Refusal;
use crate::world::webhook_endpoint::{self, NewEndpoint};

const PATH: &str = "/v1/webhook_endpoints";
const ONE: &str = "/v1/webhook_endpoints/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Delete, path: ONE, handler: delete },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let new = NewEndpoint {
        url: url(params.required("url")?)?,
        enabled_events: enabled_events(&mut params)?.ok_or_else(|| params.absent("enabled_events"))?,
        api_version: api_version(&mut params)?,
        connect: params.bool("connect")?.unwrap_or(false),
        description: params.text("description")?,
        metadata: params.metadata()?,
    };
    params.finish()?;
    let livemode = call.book.livemode;
    let endpoint = webhook_endpoint::create(call.book()?, new)?;
    Ok(Reply::Json(render::webhook_endpoint_with_secret(&endpoint, livemode)))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(webhook_endpoint::get(call.book()?, &id)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = webhook_endpoint::get(call.book()?, &id)?;
    let url = params.text("url")?.map(url).transpose()?;
    let enabled_events = enabled_events(&mut params)?;
    let disabled = params.bool("disabled")?;
    let description = params.change("description")?;
    let metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    let new = WebhookEndpoint {
        url: url.unwrap_or_else(|| old.url.clone()),
        enabled_events: enabled_events.unwrap_or_else(|| old.enabled_events.clone()),
        disabled: disabled.unwrap_or(old.disabled),
        description: Change::on(description, old.description.clone()),
        metadata,
        ..WebhookEndpoint::clone(&old)
    };
    Ok(Reply::Object(webhook_endpoint::change(call.book()?, new).into()))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    webhook_endpoint::delete(call.book()?, &id)?;
    Ok(Reply::Deleted { object: "webhook_endpoint", id })
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    params.finish()?;
    let book = call.book()?;
    Ok(Reply::List(page.of("webhook endpoint", PATH, &book.webhook_endpoints, |_| true)?))
}

/// The sandbox delivers by plain http; that is the machine it runs on.
fn url(text: String) -> Result<String, Refusal> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let fits = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text);
    }
    let message = "Invalid URL: An explicit scheme (such as https) must be provided.";
    Err(Refusal::invalid("url", message).code("url_invalid"))
}

fn enabled_events(params: &mut Params) -> Result<Option<Vec<String>>, Refusal> {
    let Some(names) = params.texts("enabled_events")? else { return Ok(None) };
    if names.is_empty() {
        return Err(Refusal::invalid("enabled_events", "enabled_events must contain at least one event."));
    }
    for (index, name) in names.iter().enumerate() {
        if name != "*" && event_type(name).is_none() {
            let param = format!("enabled_events[{index}]");
            let message = format!("Invalid {param}: {name} is not an event type.");
            return Err(Refusal::invalid(&param, message));
        }
    }
    Ok(Some(names))
}

fn api_version(params: &mut Params) -> Result<Option<String>, Refusal> {
    let Some(text) = params.text("api_version")? else { return Ok(None) };
    if Version::at(&text).is_none() {
        return Err(Refusal::invalid("api_version", format!("Invalid API version: {text}")));
    }
    Ok(Some(text))
}
