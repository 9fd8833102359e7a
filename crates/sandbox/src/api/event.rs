//! `/v1/events`: what happened in the last 30 days, each event in the version it was made in, whatever version the
//! call asks for. It must not know who was told.

use std::sync::Arc;

use super::list::{self, Page, Span};
use super::{Call, Method, Reply, Route};
use crate::model::ModelEvent;
use crate::render;
use crate::world::{Book, Refusal, World};

const PATH: &str = "/v1/events";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: "/v1/events/{}", handler: retrieve },
    Route { method: Method::Get, path: "/v2/core/events/{}", handler: retrieve_thin },
];

const TYPES_MAX: usize = 20;

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let found = call.book()?.events.get(&id).cloned();
    let json = found.and_then(|event| json(call, &event));
    json.map(Reply::Json).ok_or_else(|| Refusal::missing("event", "id", &id))
}

/// The thin twin of an event, with what its notification leaves out.
fn retrieve_thin(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let snapshot = render::snapshot_of(&id);
    let found = match snapshot {
        Some(snapshot) => call.book()?.events.get(&snapshot).cloned(),
        None => None,
    };
    let json = found.map(|event| render::thin_whole(&event));
    json.map(Reply::Json).ok_or_else(|| Refusal::missing("event", "id", &id))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let one = params.text("type")?;
    let several = params.texts("types")?;
    let delivered = params.bool("delivery_success")?;
    params.finish()?;
    if one.is_some() && several.is_some() {
        return Err(Refusal::request("You may only specify one of these parameters: type, types."));
    }
    if several.as_ref().is_some_and(|types| types.len() > TYPES_MAX) {
        let message = format!("You may specify at most {TYPES_MAX} types.");
        return Err(Refusal::invalid("types", message));
    }
    let wanted = |kind: &str| match (&one, &several) {
        (Some(pattern), _) => fits(pattern, kind),
        (None, Some(types)) => types.iter().any(|known| known == kind),
        (None, None) => true,
    };
    let key = call.book.clone();
    let version = |world: &World, book: &Book, event: &ModelEvent| {
        world.desk.version_at(&key, book.events.place(&event.id).unwrap_or(0))
    };
    call.book()?;
    let world = &*call.world;
    let Some(book) = world.look(&key) else { return Ok(Reply::Json(String::new())) };
    let (rows, has_more) = page.cut("event", &book.events, |event| {
        created.holds(event.created_s)
            && render::event_type(event, version(world, book, event)).is_some_and(wanted)
            && delivered.is_none_or(|delivered| delivered != book.undelivered.contains_key(&event.id))
    })?;
    let rows: Vec<String> = rows.iter().filter_map(|event| json(call, event)).collect();
    Ok(Reply::Json(list::written(PATH, rows.into_iter(), has_more)))
}

/// `invoice.*` fits `invoice.paid`.
fn fits(pattern: &str, kind: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => {
            kind.len() >= before.len() + after.len() && kind.starts_with(before) && kind.ends_with(after)
        }
        None => pattern == kind,
    }
}

/// The event as it was made; `None` when its version had no such event.
fn json(call: &Call<'_>, event: &Arc<ModelEvent>) -> Option<String> {
    let book = call.world.look(&call.book)?;
    let version = call.world.desk.version_at(&call.book, book.events.place(&event.id)?);
    let pending = book.undelivered.get(&event.id).copied().unwrap_or(0);
    let delivery = render::deliver_pending(event, version, pending)?;
    String::from_utf8(delivery.body).ok()
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn one_star_stands_for_anything() {
        let rows = [
            ("invoice.*", "invoice.paid", true),
            ("*", "coupon.created", true),
            ("*.created", "coupon.created", true),
            ("invoice.*", "invoice_payment.paid", false),
            ("invoice.paid", "invoice.paid", true),
            ("invoice.paid*paid", "invoice.paid", false),
        ];
        for (pattern, kind, expected) in rows {
            assert_eq!(fits(pattern, kind), expected, "{pattern} {kind}");
        }
    }
}
