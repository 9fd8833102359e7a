//! Every event type that is handled, made from the registry: what it says, and what of it has come in to this book.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::types::{TypeRow, types};
use serde::Deserialize;

use super::form::render;
use super::frame::{Frame, Scene};
use super::show::{Moment, count, encode, moment_of};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub event_type: String,
    /// The events of this type.
    pub href: String,
    pub object: &'static str,
    pub does: String,
    pub subscribed: bool,
    pub received: String,
    pub last: Option<Moment>,
    pub versions: String,
    pub parked: String,
}

#[derive(Template)]
#[template(path = "types.html")]
pub struct TypesPage {
    pub frame: Frame,
    pub read: usize,
    pub lines: Vec<Line>,
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/events/types", query.book);
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let rows = types(house, &frame.known.book)?;
        let read = rows.iter().filter(|row| row.object.is_some()).count();
        let lines = rows.iter().map(|row| line(row, &frame)).collect();
        Ok(TypesPage { frame, read, lines })
    });
    render(&page.await?)
}

fn line(row: &TypeRow, frame: &Frame) -> Line {
    Line {
        event_type: row.event_type.clone(),
        href: format!("/events{}&type={}", frame.query(), encode(&row.event_type)),
        object: row.object.unwrap_or(""),
        does: row.does.clone(),
        subscribed: row.subscribed,
        received: count(row.received),
        last: row.last_received_at.as_deref().map(moment_of),
        versions: row.versions.join(", "),
        parked: count(row.parked),
    }
}

impl TypesPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/events/types", "live");
        let row = TypeRow {
            event_type: odd.into(),
            object: Some("invoice"),
            does: odd.into(),
            subscribed: true,
            received: 12,
            last_received_at: Some("2026-01-01T00:00:00Z".into()),
            versions: vec![odd.into()],
            parked: 1,
        };
        let none = TypeRow { object: None, subscribed: false, last_received_at: None, ..row.clone() };
        let lines = vec![line(&row, &frame), line(&none, &frame)];
        Self { frame, read: 1, lines }
    }
}
