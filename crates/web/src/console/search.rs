//! Search by whatever id, code, or address of a partner or a customer a person has in hand. One hit opens at once.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use engine::search::{Hit, find};
use serde::Deserialize;

use super::form::render;
use super::frame::{Frame, Scene};
use super::show::encode;
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
    #[serde(default)]
    q: String,
}

#[derive(Clone, Debug)]
pub struct Found {
    pub what: &'static str,
    pub name: String,
    pub book: String,
    pub href: String,
}

#[derive(Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    pub frame: Frame,
    pub asked: String,
    pub hits: Vec<Found>,
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Response, Trouble> {
    let scene = Scene::new(&app, &asker, "/events/search", query.book);
    let page = app
        .ask(move |house| -> Result<_, Trouble> {
            let frame = scene.frame(house)?;
            let hits = find(house, &query.q)?.iter().map(|hit| found(hit, &frame)).collect();
            Ok(SearchPage { frame, asked: query.q, hits })
        })
        .await?;
    if let [only] = page.hits.as_slice() {
        return Ok(Redirect::to(&only.href).into_response());
    }
    Ok(render(&page)?.into_response())
}

fn found(hit: &Hit, frame: &Frame) -> Found {
    let of = |book: &kernel::Book| (book.label(), format!("?book={}", encode(&book.label())));
    let (what, name, (book, query), path) = match hit {
        Hit::Event { id } => ("event", id, (String::new(), frame.query()), "/events"),
        Hit::Sale { id, book } => ("sale", id, of(book), "/sales"),
        Hit::Customer { id, book } => ("customer", id, of(book), "/sales/customer"),
        Hit::Partner { handle } => ("partner", handle, (String::new(), frame.query()), "/partners"),
    };
    Found { what, name: name.clone(), book, href: format!("{path}/{}{query}", encode(name)) }
}

impl SearchPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let hit = Found { what: "event", name: odd.into(), book: odd.into(), href: "/events/evt_1".into() };
        Self { frame: Frame::sample("/events/search", "test"), asked: odd.into(), hits: vec![hit] }
    }
}
